//! Replicas move to other brokers. Kafka: `ReplicationControlManager.alterPartitionReassignments`,
//! `listPartitionReassignments`, `PartitionReassignmentReplicas`, `PartitionReassignmentRevert`,
//! KIP-455, KIP-860.
//!
//! ```text
//! asked: [3, 4], was: [1, 3] ─► replicas [3, 4, 1], adding [4], removing [1]
//! 4 joins the ISR            ─► replicas [3, 4]            (any change of the partition looks for this)
//! called off before that     ─► replicas [3, 1]
//! ```

use std::collections::BTreeSet;

use klamm_base::ErrorCode;
use klamm_wire::alter_partition_reassignments::{
    ReassignablePartition, ReassignablePartitionResponse, ReassignableTopicResponse,
};
use klamm_wire::list_partition_reassignments::{OngoingPartitionReassignment, OngoingTopicReassignment};
use klamm_wire::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
};

use super::Controller;
use super::assignment;
use super::decision::{ApiError, Decision, check_fits_one_batch};
use super::leadership;
use super::partition_change::{Election, Target};
use super::view::View;
use crate::image::{PartitionRegistration, TopicImage};
use crate::record::VersionedRecord;

impl Controller {
    /// AlterPartitionReassignments. `Err` is the answer for all partitions of the request.
    pub fn alter_partition_reassignments(
        &self,
        request: &AlterPartitionReassignmentsRequest,
    ) -> Result<Decision<AlterPartitionReassignmentsResponse>, ApiError> {
        self.check_active()?;
        alter(&self.view(), request)
    }

    /// ListPartitionReassignments.
    pub fn list_partition_reassignments(
        &self,
        request: &ListPartitionReassignmentsRequest,
    ) -> Result<Decision<ListPartitionReassignmentsResponse>, ApiError> {
        self.check_active()?;
        Ok(Decision::answer(list(&self.view(), request)))
    }
}

fn alter(
    view: &View<'_>,
    request: &AlterPartitionReassignmentsRequest,
) -> Result<Decision<AlterPartitionReassignmentsResponse>, ApiError> {
    let allow_other_factor = request.allow_replication_factor_change;
    let mut records = Vec::new();
    let mut responses = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let partitions = topic.partitions.iter().map(|target| {
            let altered = alter_one(view, &topic.name, target, allow_other_factor);
            let error = match altered {
                Ok(record) => {
                    records.extend(record);
                    ApiError::bare(ErrorCode::None)
                }
                Err(error) => error,
            };
            ReassignablePartitionResponse {
                partition_index: target.partition_index,
                error_code: error.error.code(),
                error_message: error.message,
            }
        });
        let partitions = partitions.collect();
        responses.push(ReassignableTopicResponse { name: topic.name.clone(), partitions });
    }
    check_fits_one_batch(&records)?;
    let response = AlterPartitionReassignmentsResponse {
        allow_replication_factor_change: allow_other_factor,
        error_message: None,
        responses,
        ..AlterPartitionReassignmentsResponse::default()
    };
    Ok(Decision::atomic(records, response))
}

fn alter_one(
    view: &View<'_>,
    name: &str,
    target: &ReassignablePartition,
    allow_other_factor: bool,
) -> Result<Option<VersionedRecord>, ApiError> {
    let id = target.partition_index;
    let unknown =
        |what: String| ApiError::new(ErrorCode::UnknownTopicOrPartition, format!("Unable to find {what}."));
    let topic = view.image.topics.by_name(name).ok_or_else(|| unknown(format!("a topic named {name}")))?;
    let partition = topic.partition(id).ok_or_else(|| unknown(format!("partition {name}:{id}")))?;
    match &target.replicas {
        Some(replicas) => start(view, topic, (id, partition), replicas, allow_other_factor),
        None => cancel(view, topic, (id, partition)),
    }
}

fn start(
    view: &View<'_>,
    topic: &TopicImage,
    (id, partition): (i32, &PartitionRegistration),
    asked: &[i32],
    allow_other_factor: bool,
) -> Result<Option<VersionedRecord>, ApiError> {
    assignment::check(view, asked, None)?;
    let factor = factor_in_the_end(partition);
    if !allow_other_factor && factor != asked.len() {
        let message = format!("The replication factor is changed from {factor} to {}", asked.len());
        return Err(ApiError::new(ErrorCode::InvalidReplicationFactor, message));
    }
    let current = &partition.replicas;
    let without = |list: &[i32], others: &[i32]| -> Vec<i32> {
        let left: BTreeSet<i32> = list.iter().copied().filter(|id| !others.contains(id)).collect();
        left.into_iter().collect()
    };
    let (removing, adding) = (without(current, asked), without(asked, current));
    let or_as_it_was = |new: Vec<i32>, old: &Vec<i32>| if new.is_empty() { old.clone() } else { new };
    let target = Target {
        replicas: asked.iter().chain(&removing).copied().collect(),
        removing: or_as_it_was(removing, &partition.removing_replicas),
        adding: or_as_it_was(adding, &partition.adding_replicas),
    };
    Ok(leadership::change(view, topic, (id, partition), |change| change.target = Some(target)))
}

/// How many replicas there are when what is under way is through.
fn factor_in_the_end(partition: &PartitionRegistration) -> usize {
    let replicas: BTreeSet<i32> =
        partition.replicas.iter().chain(&partition.adding_replicas).copied().collect();
    replicas.iter().filter(|id| !partition.removing_replicas.contains(id)).count()
}

fn cancel(
    view: &View<'_>,
    topic: &TopicImage,
    (id, partition): (i32, &PartitionRegistration),
) -> Result<Option<VersionedRecord>, ApiError> {
    if !is_in_progress(partition) {
        return Err(ApiError::bare(ErrorCode::NoReassignmentInProgress));
    }
    let stays = |list: &[i32]| -> Vec<i32> {
        list.iter().copied().filter(|id| !partition.adding_replicas.contains(id)).collect()
    };
    let (replicas, mut isr) = (stays(&partition.replicas), stays(&partition.isr));
    let refused = |message: String| Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message));
    let unclean = view.topic_config(&topic.name).unclean_leader_election_enable;
    if isr.is_empty() {
        // Only the new ones are in sync: the first of the old would lead without what they have.
        let Some(&first) = replicas.first() else {
            return refused("Invalid replica assignment: addingReplicas contains all replicas.".to_owned());
        };
        if !unclean {
            return refused(format!(
                "Unable to revert partition assignment for {}:{id} because it would require an unclean leader election.",
                topic.name
            ));
        }
        isr.push(first);
    }
    let target = Target { replicas, removing: Vec::new(), adding: Vec::new() };
    Ok(leadership::change(view, topic, (id, partition), |change| {
        change.election = if unclean { Election::Unclean } else { Election::Online };
        change.target_isr = isr;
        change.target = Some(target);
    }))
}

fn is_in_progress(partition: &PartitionRegistration) -> bool {
    !(partition.adding_replicas.is_empty() && partition.removing_replicas.is_empty())
}

fn list(view: &View<'_>, request: &ListPartitionReassignmentsRequest) -> ListPartitionReassignmentsResponse {
    let topics = &view.image.topics;
    let listed = match &request.topics {
        Some(asked) => asked
            .iter()
            .filter_map(|asked| {
                let topic = topics.by_name(&asked.name)?;
                ongoing(topic, asked.partition_indexes.iter().copied())
            })
            .collect(),
        None => {
            topics.iter().filter_map(|topic| ongoing(topic, topic.partitions().map(|(id, _)| id))).collect()
        }
    };
    ListPartitionReassignmentsResponse { error_message: None, topics: listed, ..Default::default() }
}

/// `None` if none of the partitions moves.
fn ongoing(topic: &TopicImage, ids: impl Iterator<Item = i32>) -> Option<OngoingTopicReassignment> {
    let moves = ids.filter_map(|partition_index| {
        let partition = topic.partition(partition_index).filter(|partition| is_in_progress(partition))?;
        Some(OngoingPartitionReassignment {
            partition_index,
            replicas: partition.replicas.clone(),
            adding_replicas: partition.adding_replicas.clone(),
            removing_replicas: partition.removing_replicas.clone(),
        })
    });
    let partitions: Vec<_> = moves.collect();
    (!partitions.is_empty()).then(|| OngoingTopicReassignment { name: topic.name.to_string(), partitions })
}
