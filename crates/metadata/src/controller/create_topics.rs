//! New topics. Kafka: `ReplicationControlManager.createTopics`, `ControllerApis.createTopics`,
//! KIP-464, KIP-525.
//!
//! Each topic stands for itself: one that is refused does not hinder the others. The records of the
//! whole request go into one batch.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::rng::{Rng, random_uuid};
use klamm_base::{ErrorCode, Uuid};
use klamm_wire::create_topics::{CreatableTopic, CreatableTopicConfigs, CreatableTopicResult};
use klamm_wire::{CreateTopicsRequest, CreateTopicsResponse};

use super::assignment::{self, NewPartitions};
use super::configs;
use super::decision::{ApiError, Decision, check_fits_one_batch};
use super::rights::TopicRights;
use super::view::View;
use crate::placement::PlacementSpec;
use crate::record::VersionedRecord;
use crate::records::TopicRecord;
use crate::topic_name;

/// Most partitions one request may ask for.
const MAX_PARTITIONS_PER_REQUEST: i64 = 10_000;

/// A topic that can be made.
struct NewTopic {
    records: Vec<VersionedRecord>,
    partitions: usize,
    result: CreatableTopicResult,
}

pub(super) fn decide(
    view: &View<'_>,
    rights: &TopicRights<'_>,
    request: &CreateTopicsRequest,
    rng: &mut dyn Rng,
) -> Result<Decision<CreateTopicsResponse>, ApiError> {
    let duplicates = duplicate_names(request);
    let allowed = |topic: &&CreatableTopic| {
        !duplicates.contains(topic.name.as_str())
            && topic.name != topic_name::CLUSTER_METADATA
            && (rights.may_change)(&topic.name)
    };
    let topics: Vec<&CreatableTopic> = request.topics.iter().filter(allowed).collect();
    check_partition_count(view, &topics)?;
    let mut response = CreateTopicsResponse::default();
    let mut records = Vec::new();
    let mut partitions = 0;
    for topic in topics {
        let created = create(view, rights, topic, rng).and_then(|new| {
            check_cluster_size(view, partitions + new.partitions)?;
            Ok(new)
        });
        match created {
            Ok(new) => {
                partitions += new.partitions;
                records.extend(new.records);
                response.topics.push(new.result);
            }
            Err(error) => response.topics.push(failed(&topic.name, error)),
        }
    }
    check_fits_one_batch(&records)?;
    response.topics.extend(refused_names(request, rights, &duplicates));
    if request.validate_only {
        records.clear();
    }
    Ok(Decision::atomic(records, response))
}

fn create(
    view: &View<'_>,
    rights: &TopicRights<'_>,
    topic: &CreatableTopic,
    rng: &mut dyn Rng,
) -> Result<NewTopic, ApiError> {
    check_name(view, &topic.name)?;
    let configs = configs_of(topic)?;
    let config_records = configs::of_new_topic(view, &topic.name, &configs)?;
    let partitions = partitions_of(view, topic, rng)?;
    let topic_id = random_uuid(rng);
    let mut result = CreatableTopicResult {
        name: topic.name.clone(),
        topic_id,
        error_message: None,
        ..CreatableTopicResult::default()
    };
    if (rights.may_describe_configs)(&topic.name) {
        describe(view, &configs, &partitions, &mut result);
    } else {
        result.topic_config_error_code = ErrorCode::TopicAuthorizationFailed.code();
    }
    let mut records = vec![VersionedRecord::new(TopicRecord { name: topic.name.clone(), topic_id }, 0)];
    records.extend(config_records);
    records.extend(partition_records(view, topic_id, &partitions));
    Ok(NewTopic { records, partitions: partitions.len(), result })
}

fn check_name(view: &View<'_>, name: &str) -> Result<(), ApiError> {
    let topics = &view.image.topics;
    if topics.id(name).is_some() {
        return Err(ApiError::new(ErrorCode::TopicAlreadyExists, format!("Topic '{name}' already exists.")));
    }
    topic_name::validate(name)
        .map_err(|fault| ApiError::new(ErrorCode::InvalidTopicException, fault.to_string()))?;
    match topics.colliding_with(name) {
        Some(existing) => Err(ApiError::new(
            ErrorCode::InvalidTopicException,
            format!("Topic '{name}' collides with existing topic: {existing}"),
        )),
        None => Ok(()),
    }
}

fn configs_of(topic: &CreatableTopic) -> Result<BTreeMap<String, String>, ApiError> {
    let nulls: Vec<&str> = topic
        .configs
        .iter()
        .filter(|config| config.value.is_none())
        .map(|config| config.name.as_str())
        .collect();
    if !nulls.is_empty() {
        let message = format!("Null value not supported for topic configs: {}", nulls.join(","));
        return Err(ApiError::new(ErrorCode::InvalidConfig, message));
    }
    let pairs = topic.configs.iter().filter_map(|config| Some((config.name.clone(), config.value.clone()?)));
    Ok(pairs.collect())
}

fn partitions_of(
    view: &View<'_>,
    topic: &CreatableTopic,
    rng: &mut dyn Rng,
) -> Result<NewPartitions, ApiError> {
    let refused = |error, message: &str| Err(ApiError::new(error, message));
    if !topic.assignments.is_empty() {
        const MANUAL: &str = "A manual partition assignment was specified, but";
        if topic.replication_factor != -1 {
            let message = format!("{MANUAL} replication factor was not set to -1.");
            return refused(ErrorCode::InvalidRequest, &message);
        }
        if topic.num_partitions != -1 {
            return refused(ErrorCode::InvalidRequest, &format!("{MANUAL} numPartitions was not set to -1."));
        }
        return assignment::manual(view, &topic.assignments);
    }
    if topic.replication_factor < -1 || topic.replication_factor == 0 {
        return refused(
            ErrorCode::InvalidReplicationFactor,
            "Replication factor must be larger than 0, or -1 to use the default value.",
        );
    }
    if topic.num_partitions < -1 || topic.num_partitions == 0 {
        return refused(
            ErrorCode::InvalidPartitions,
            "Number of partitions was set to an invalid non-positive value.",
        );
    }
    let defaults = &view.settings.topics;
    let spec = PlacementSpec {
        num_partitions: or_default(topic.num_partitions, defaults.num_partitions),
        replication_factor: or_default(topic.replication_factor, defaults.default_replication_factor),
    };
    assignment::placed(view, spec, rng)
}

fn or_default<T: PartialEq + From<i8>>(asked: T, default: T) -> T {
    if asked == T::from(-1) { default } else { asked }
}

/// An upper bound, checked before anything is built: topics that will be refused count too.
fn check_partition_count(view: &View<'_>, topics: &[&CreatableTopic]) -> Result<(), ApiError> {
    let partitions = |topic: &&CreatableTopic| match topic.assignments.len() as i64 {
        0 => i64::from(or_default(topic.num_partitions, view.settings.topics.num_partitions)).max(0),
        count => count,
    };
    if topics.iter().map(partitions).sum::<i64>() > MAX_PARTITIONS_PER_REQUEST {
        let message = "Excessively large number of partitions per request.";
        return Err(ApiError::new(ErrorCode::PolicyViolation, message));
    }
    Ok(())
}

/// Whether the cluster may have so many partitions more. (Kafka has no bound.)
pub(super) fn check_cluster_size(view: &View<'_>, more: usize) -> Result<(), ApiError> {
    let max = view.settings.limits.partitions;
    if view.image.topics.num_partitions().saturating_add(more) <= max {
        return Ok(());
    }
    let message =
        format!("The cluster would have more than {max} partitions, as klamm.max.partitions allows.");
    Err(ApiError::new(ErrorCode::PolicyViolation, message))
}

/// What the topic has come to be (KIP-525).
fn describe(
    view: &View<'_>,
    configs: &BTreeMap<String, String>,
    partitions: &NewPartitions,
    result: &mut CreatableTopicResult,
) {
    result.num_partitions = partitions.len() as i32;
    result.replication_factor = partitions.first().map_or(0, |partition| partition.replicas.len()) as i16;
    let entries = view.settings.describe_topic(configs).into_iter().map(|entry| CreatableTopicConfigs {
        name: entry.name.to_owned(),
        value: entry.value,
        read_only: entry.read_only,
        config_source: entry.source as i8,
        is_sensitive: entry.sensitive,
    });
    result.configs = Some(entries.collect());
}

fn partition_records<'a>(
    view: &View<'_>,
    topic_id: Uuid,
    partitions: &'a NewPartitions,
) -> impl Iterator<Item = VersionedRecord> + 'a {
    let options = view.options();
    (0..).zip(partitions).map(move |(id, partition)| partition.to_record(topic_id, id, &options))
}

fn duplicate_names(request: &CreateTopicsRequest) -> BTreeSet<&str> {
    let mut seen = BTreeSet::new();
    request.topics.iter().map(|topic| topic.name.as_str()).filter(|name| !seen.insert(*name)).collect()
}

/// The names that never got as far as being looked at.
fn refused_names(
    request: &CreateTopicsRequest,
    rights: &TopicRights<'_>,
    duplicates: &BTreeSet<&str>,
) -> Vec<CreatableTopicResult> {
    let twice = |name: &&str| failed(name, ApiError::new(ErrorCode::InvalidRequest, "Duplicate topic name."));
    let mut results: Vec<CreatableTopicResult> = duplicates.iter().map(twice).collect();
    for name in
        request.topics.iter().map(|topic| &topic.name).filter(|name| !duplicates.contains(name.as_str()))
    {
        if name == topic_name::CLUSTER_METADATA {
            let message = format!("Creation of internal topic {name} is prohibited.");
            results.push(failed(name, ApiError::new(ErrorCode::InvalidRequest, message)));
        } else if !(rights.may_change)(name) {
            let message = "Authorization failed.";
            results.push(failed(name, ApiError::new(ErrorCode::TopicAuthorizationFailed, message)));
        }
    }
    results
}

fn failed(name: &str, error: ApiError) -> CreatableTopicResult {
    CreatableTopicResult {
        name: name.to_owned(),
        error_code: error.error.code(),
        error_message: error.message,
        ..CreatableTopicResult::default()
    }
}
