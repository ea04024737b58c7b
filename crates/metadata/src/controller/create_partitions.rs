//! More partitions for existing topics. Kafka: `ControllerApis.createPartitions`,
//! `ReplicationControlManager.createPartitions`, KIP-195.
//!
//! Each topic stands for itself: one that is refused does not hinder the others. The records of the
//! whole request go into one batch, and one request makes no more of them than fit into it: Kafka
//! would make some of the partitions then and call it UNKNOWN_SERVER_ERROR.

use std::collections::BTreeSet;

use klamm_base::ErrorCode;
use klamm_base::rng::Rng;
use klamm_wire::create_partitions::{CreatePartitionsTopic, CreatePartitionsTopicResult};
use klamm_wire::{CreatePartitionsRequest, CreatePartitionsResponse};

use super::assignment::{self, NewPartitions};
use super::create_topics::check_cluster_size;
use super::decision::{ApiError, Decision, MAX_RECORDS_PER_BATCH, check_fits_one_batch};
use super::rights::TopicRights;
use super::view::View;
use crate::image::TopicImage;
use crate::placement::PlacementSpec;
use crate::record::VersionedRecord;

pub(super) fn decide(
    view: &View<'_>,
    rights: &TopicRights<'_>,
    request: &CreatePartitionsRequest,
    rng: &mut dyn Rng,
) -> Result<Decision<CreatePartitionsResponse>, ApiError> {
    let duplicates = duplicate_names(request);
    let twice = |name: &&str| {
        let error = ApiError::new(ErrorCode::InvalidRequest, "Duplicate topic name.");
        result(name, error)
    };
    let mut results: Vec<CreatePartitionsTopicResult> = duplicates.iter().map(twice).collect();
    let once = |topic: &&CreatePartitionsTopic| !duplicates.contains(topic.name.as_str());
    let (allowed, denied): (Vec<_>, Vec<_>) =
        request.topics.iter().filter(once).partition(|topic| (rights.may_change)(&topic.name));
    let denial = || ApiError::bare(ErrorCode::TopicAuthorizationFailed);
    results.extend(denied.into_iter().map(|topic| result(&topic.name, denial())));
    let mut records = Vec::new();
    for topic in allowed {
        let error = match extend(view, topic, MAX_RECORDS_PER_BATCH - records.len(), rng) {
            Ok(more) => {
                records.extend(more);
                ApiError::bare(ErrorCode::None)
            }
            Err(error) => error,
        };
        results.push(result(&topic.name, error));
    }
    check_fits_one_batch(&records)?;
    if request.validate_only {
        records.clear();
    }
    Ok(Decision::atomic(records, CreatePartitionsResponse { results, ..Default::default() }))
}

/// The records of a topic's new partitions, at most `limit` of them.
fn extend(
    view: &View<'_>,
    request: &CreatePartitionsTopic,
    limit: usize,
    rng: &mut dyn Rng,
) -> Result<Vec<VersionedRecord>, ApiError> {
    let unknown = || ApiError::bare(ErrorCode::UnknownTopicOrPartition);
    let topic = view.image.topics.by_name(&request.name).ok_or_else(unknown)?;
    let first = topic.num_partitions() as i32;
    let additional = additional(request, first)?;
    if additional as usize > limit {
        let message = "Excessively large number of partitions per request.";
        return Err(ApiError::new(ErrorCode::PolicyViolation, message));
    }
    check_cluster_size(view, MAX_RECORDS_PER_BATCH - limit + additional as usize)?;
    let partitions = partitions_of(view, topic, request, additional, rng)?;
    let options = view.options();
    let record = |(id, partition): (i32, &crate::image::PartitionRegistration)| {
        partition.to_record(topic.id, id, &options)
    };
    Ok((first..).zip(&partitions).map(record).collect())
}

/// How many partitions are wanted on top of `current`.
fn additional(request: &CreatePartitionsTopic, current: i32) -> Result<i32, ApiError> {
    let CreatePartitionsTopic { name, count, assignments } = request;
    let refused = |message: String| Err(ApiError::new(ErrorCode::InvalidPartitions, message));
    if *count == current {
        return refused(format!("Topic already has {current} partition(s)."));
    } else if *count < current {
        return refused(format!(
            "The topic {name} currently has {current} partition(s); {count} would not be an increase."
        ));
    }
    let additional = count - current;
    match assignments {
        Some(assignments) if assignments.len() != additional as usize => Err(ApiError::new(
            ErrorCode::InvalidReplicaAssignment,
            format!(
                "Attempted to add {additional} additional partition(s), but only {} assignment(s) were specified.",
                assignments.len()
            ),
        )),
        _ => Ok(additional),
    }
}

fn partitions_of(
    view: &View<'_>,
    topic: &TopicImage,
    request: &CreatePartitionsTopic,
    num_partitions: i32,
    rng: &mut dyn Rng,
) -> Result<NewPartitions, ApiError> {
    let (_, example) = topic.partitions().next().expect("a topic is made with a partition at least");
    let factor = example.replicas.len();
    match &request.assignments {
        Some(assignments) => {
            let replicas = assignments.iter().map(|assignment| &assignment.broker_ids[..]);
            assignment::added_as_assigned(view, topic.num_partitions() as i32, factor, replicas)
        }
        None => {
            let spec = PlacementSpec { num_partitions, replication_factor: factor as i16 };
            assignment::added_as_placed(view, spec, rng)
        }
    }
}

fn duplicate_names(request: &CreatePartitionsRequest) -> BTreeSet<&str> {
    let mut seen = BTreeSet::new();
    request.topics.iter().map(|topic| topic.name.as_str()).filter(|name| !seen.insert(*name)).collect()
}

fn result(name: &str, error: ApiError) -> CreatePartitionsTopicResult {
    CreatePartitionsTopicResult {
        name: name.to_owned(),
        error_code: error.error.code(),
        error_message: error.message,
    }
}
