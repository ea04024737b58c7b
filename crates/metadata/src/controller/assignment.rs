//! The first state of new partitions: placed, or as the client wants them. Kafka:
//! `ReplicationControlManager.createTopic`, `createPartitions`, `validateManualPartitionAssignment`.
//!
//! A refused placement is worded differently for a new topic and for an old one that grows.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::ErrorCode;
use klamm_base::rng::Rng;
use klamm_wire::create_topics::CreatableReplicaAssignment;

use super::decision::ApiError;
use super::view::View;
use crate::image::{LeaderRecoveryState, PartitionRegistration};
use crate::placement::{self, PlacementSpec};

/// Partitions in the order of their numbers.
pub(super) type NewPartitions = Vec<PartitionRegistration>;

/// The partitions of a new topic, with replicas where the placement puts them.
pub(super) fn placed(
    view: &View<'_>,
    spec: PlacementSpec,
    rng: &mut dyn Rng,
) -> Result<NewPartitions, ApiError> {
    let placements = placement::place(spec, view.usable_brokers(), rng)
        .map_err(|fault| not_replicable(spec, &fault.to_string()))?;
    in_sync(view, spec, placements)
}

/// More partitions for a topic, with replicas where the placement puts them.
pub(super) fn added_as_placed(
    view: &View<'_>,
    spec: PlacementSpec,
    rng: &mut dyn Rng,
) -> Result<NewPartitions, ApiError> {
    let placements = placement::place(spec, view.usable_brokers(), rng)
        .map_err(|fault| ApiError::new(ErrorCode::InvalidReplicationFactor, fault.to_string()))?;
    in_sync(view, spec, placements)
}

fn in_sync(
    view: &View<'_>,
    spec: PlacementSpec,
    placements: Vec<Vec<i32>>,
) -> Result<NewPartitions, ApiError> {
    let all_away = || not_replicable(spec, "All brokers are currently fenced or in controlled shutdown.");
    placements.into_iter().map(|replicas| new_partition(view, replicas).ok_or_else(all_away)).collect()
}

fn not_replicable(spec: PlacementSpec, why: &str) -> ApiError {
    let message = format!("Unable to replicate the partition {} time(s): {why}", spec.replication_factor);
    ApiError::new(ErrorCode::InvalidReplicationFactor, message)
}

/// More partitions for a topic from number `first` on, with `factor` replicas each, where the client
/// wants them.
pub(super) fn added_as_assigned<'a>(
    view: &View<'_>,
    first: i32,
    factor: usize,
    assignments: impl Iterator<Item = &'a [i32]>,
) -> Result<NewPartitions, ApiError> {
    let assigned = |(index, replicas): (i32, &[i32])| {
        check(view, replicas, Some(factor))?;
        new_partition(view, replicas.to_vec()).map_or_else(|| refused(all_fenced(index)), Ok)
    };
    (first..).zip(assignments).map(assigned).collect()
}

fn all_fenced(index: i32) -> String {
    format!(
        "All brokers specified in the manual partition assignment for partition {index} are fenced or in controlled shutdown."
    )
}

/// The partitions of a new topic, with replicas where the client wants them.
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
            return refused(all_fenced(index));
        };
        partitions.insert(index, partition);
    }
    if !partitions.keys().copied().eq(0..partitions.len() as i32) {
        return refused("partitions should be a consecutive 0-based integer sequence".to_owned());
    }
    Ok(partitions.into_values().collect())
}

/// Whether these replicas are possible, and as many as `factor` says.
pub(super) fn check(view: &View<'_>, replicas: &[i32], factor: Option<usize>) -> Result<(), ApiError> {
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
