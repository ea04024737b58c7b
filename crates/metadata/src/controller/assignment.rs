//! The first state of the partitions of a new topic: placed, or as the client wants them. Kafka:
//! `ReplicationControlManager.createTopic`, `validateManualPartitionAssignment`.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::ErrorCode;
use klamm_base::rng::Rng;
use klamm_wire::create_topics::CreatableReplicaAssignment;

use super::decision::ApiError;
use super::view::View;
use crate::image::{LeaderRecoveryState, PartitionRegistration};
use crate::placement::{self, PlacementSpec};

/// Partitions 0, 1, ... of a new topic.
pub(super) type NewPartitions = Vec<PartitionRegistration>;

/// Replicas where the placement puts them.
pub(super) fn placed(
    view: &View<'_>,
    spec: PlacementSpec,
    rng: &mut dyn Rng,
) -> Result<NewPartitions, ApiError> {
    let factor = spec.replication_factor;
    let refused = |why: String| {
        let message = format!("Unable to replicate the partition {factor} time(s): {why}");
        ApiError::new(ErrorCode::InvalidReplicationFactor, message)
    };
    let placements =
        placement::place(spec, view.usable_brokers(), rng).map_err(|fault| refused(fault.to_string()))?;
    let all_away = || refused("All brokers are currently fenced or in controlled shutdown.".to_owned());
    placements.into_iter().map(|replicas| new_partition(view, replicas).ok_or_else(all_away)).collect()
}

/// Replicas where the client wants them.
pub(super) fn manual(
    view: &View<'_>,
    assignments: &[CreatableReplicaAssignment],
) -> Result<NewPartitions, ApiError> {
    let mut partitions = BTreeMap::new();
    let mut factor = None;
    for assignment in assignments {
        let index = assignment.partition_index;
        if partitions.contains_key(&index) {
            return refused(format!("Found multiple manual partition assignments for partition {index}"));
        }
        check(view, &assignment.broker_ids, factor)?;
        factor = Some(assignment.broker_ids.len());
        let Some(partition) = new_partition(view, assignment.broker_ids.clone()) else {
            return refused(format!(
                "All brokers specified in the manual partition assignment for partition {index} are fenced or in controlled shutdown."
            ));
        };
        partitions.insert(index, partition);
    }
    if !partitions.keys().copied().eq(0..partitions.len() as i32) {
        return refused("partitions should be a consecutive 0-based integer sequence".to_owned());
    }
    Ok(partitions.into_values().collect())
}

fn check(view: &View<'_>, replicas: &[i32], factor: Option<usize>) -> Result<(), ApiError> {
    const ASSIGNMENT: &str = "The manual partition assignment includes";
    if replicas.is_empty() {
        return refused(format!("{ASSIGNMENT} an empty replica list."));
    }
    let sorted: BTreeSet<i32> = replicas.iter().copied().collect();
    for id in sorted {
        let Some(broker) = view.image.cluster.broker(id) else {
            return refused(format!("{ASSIGNMENT} broker {id}, but no such broker is registered."));
        };
        if !broker.has_uncordoned_directories() {
            return refused(format!("{ASSIGNMENT} broker {id}, but all its log directories are cordoned."));
        }
        if replicas.iter().filter(|&&replica| replica == id).count() > 1 {
            return refused(format!("{ASSIGNMENT} the broker {id} more than once."));
        }
    }
    match factor {
        Some(factor) if factor != replicas.len() => refused(format!(
            "{ASSIGNMENT} a partition with {} replica(s), but this is not consistent with previous partitions, which have {factor} replica(s).",
            replicas.len()
        )),
        _ => Ok(()),
    }
}

/// `None` if none of the replicas can be in sync now.
fn new_partition(view: &View<'_>, replicas: Vec<i32>) -> Option<PartitionRegistration> {
    let isr: Vec<i32> = replicas.iter().copied().filter(|&id| view.image.cluster.is_active(id)).collect();
    let &leader = isr.first()?;
    Some(PartitionRegistration {
        directories: replicas.iter().map(|&id| view.default_directory(id)).collect(),
        replicas,
        isr,
        removing_replicas: Vec::new(),
        adding_replicas: Vec::new(),
        elr: Vec::new(),
        last_known_elr: Vec::new(),
        leader,
        leader_recovery_state: LeaderRecoveryState::Recovered,
        leader_epoch: 0,
        partition_epoch: 0,
    })
}

fn refused<T>(message: String) -> Result<T, ApiError> {
    Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message))
}
