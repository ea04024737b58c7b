//! OffsetFetch (key 9), versions 1-10: stored positions of groups.
//!
//! | version | adds |
//! |---|---|
//! | 2 | all partitions of a group, an error for the whole answer |
//! | 3 | throttling |
//! | 5 | leader epochs |
//! | 6 | flexible |
//! | 7 | positions that no open transaction may change (KIP-447) |
//! | 8 | several groups (KIP-709) |
//! | 9 | members of the new protocol (KIP-848) |
//! | 10 | topics by id only (KIP-848) |
//!
//! A group that is not there has no positions, and the empty group id is a group like others.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::{ErrorCode, Uuid};
use klamm_coordinator::group::contract::GroupAnswer;
use klamm_wire::offset_fetch::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics, OffsetFetchResponseGroup,
    OffsetFetchResponsePartition, OffsetFetchResponsePartitions, OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
};
use klamm_wire::{ApiKey, OffsetFetchRequest, OffsetFetchResponse};

use super::ask;
use crate::answer::Room;
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::OffsetFetch,
    versions: 1..=10,
    owner: Owner::GroupCoordinator,
    listeners: Listeners::BROKER,
    authorisation: &[
        Authorisation::All(Operation::Describe, ResourceType::Group),
        Authorisation::All(Operation::Describe, ResourceType::Topic),
    ],
    quota: QuotaClass::Request,
};

/// So many partitions of a group are told as often as they are named.
const REPEATED_MAX: usize = 1_000;
/// What a partition takes besides its text.
const PARTITION_BYTES: usize = 64;
/// From this version on the answer has an error that is not a partition's.
const FIRST_WITH_GROUP_ERROR: i16 = 2;
/// From this version on several groups may be asked for.
const FIRST_BATCHED: i16 = 8;
/// From this version on topics are named by their ids.
const FIRST_WITH_TOPIC_IDS: i16 = 10;

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: OffsetFetchRequest,
) -> OffsetFetchResponse {
    let require_stable = request.require_stable;
    if context.api_version >= FIRST_BATCHED {
        let mut groups = Vec::with_capacity(request.groups.len());
        let mut room = Room::new(broker.response_max);
        for group in request.groups {
            let answer = match room.is_full() {
                false => fetch(broker, context, group, require_stable).await,
                true => refused_group(group, ErrorCode::PolicyViolation, context.api_version),
            };
            room.take(size_of(&answer));
            groups.push(answer);
        }
        return OffsetFetchResponse { groups, ..OffsetFetchResponse::default() };
    }
    alone(fetch(broker, context, only_group(request), require_stable).await)
}

/// About as many bytes as a group's offsets take in the answer.
fn size_of(group: &OffsetFetchResponseGroup) -> usize {
    let partition = |partition: &OffsetFetchResponsePartitions| {
        partition.metadata.as_ref().map_or(0, String::len) + PARTITION_BYTES
    };
    let topic = |topic: &OffsetFetchResponseTopics| {
        topic.partitions.iter().map(partition).sum::<usize>() + topic.name.len() + PARTITION_BYTES
    };
    group.topics.iter().map(topic).sum::<usize>() + group.group_id.len() + PARTITION_BYTES
}

/// Of a long list each partition once, the first time: its text may be far longer than its number, so that what is named
/// often must not be told often. In a short one it is told as often as it is named, as by Kafka.
fn once(topics: &mut [OffsetFetchRequestTopics]) {
    if topics.iter().map(|topic| topic.partition_indexes.len()).sum::<usize>() <= REPEATED_MAX {
        return;
    }
    let mut seen: BTreeMap<(String, Uuid), BTreeSet<i32>> = BTreeMap::new();
    for topic in topics.iter_mut() {
        let seen = seen.entry((topic.name.clone(), topic.topic_id)).or_default();
        topic.partition_indexes.retain(|index| seen.insert(*index));
    }
}

/// The one group of a version that has no list of them.
fn only_group(request: OffsetFetchRequest) -> OffsetFetchRequestGroup {
    let topics = request.topics.map(|topics| {
        let topics = topics.into_iter().map(|topic| OffsetFetchRequestTopics {
            name: topic.name,
            partition_indexes: topic.partition_indexes,
            ..OffsetFetchRequestTopics::default()
        });
        topics.collect()
    });
    OffsetFetchRequestGroup { group_id: request.group_id, topics, ..OffsetFetchRequestGroup::default() }
}

/// The answer of a version that has no list of groups.
fn alone(group: OffsetFetchResponseGroup) -> OffsetFetchResponse {
    let partition = |partition: OffsetFetchResponsePartitions| OffsetFetchResponsePartition {
        partition_index: partition.partition_index,
        committed_offset: partition.committed_offset,
        committed_leader_epoch: partition.committed_leader_epoch,
        metadata: partition.metadata,
        error_code: partition.error_code,
    };
    let topics = group.topics.into_iter().map(|topic| OffsetFetchResponseTopic {
        name: topic.name,
        partitions: topic.partitions.into_iter().map(partition).collect(),
    });
    OffsetFetchResponse {
        topics: topics.collect(),
        error_code: group.error_code,
        ..OffsetFetchResponse::default()
    }
}

async fn fetch(
    broker: &Broker,
    context: &RequestContext,
    mut group: OffsetFetchRequestGroup,
    require_stable: bool,
) -> OffsetFetchResponseGroup {
    let by_id = context.api_version >= FIRST_WITH_TOPIC_IDS;
    let mut unknown = Vec::new();
    if let Some(topics) = &mut group.topics {
        once(topics);
    }
    if let Some(topics) = group.topics.as_mut().filter(|_| by_id) {
        let image = broker.image.get();
        topics.retain_mut(|topic| match image.topics.by_id(topic.topic_id) {
            Some(found) => {
                topic.name = found.name.to_string();
                true
            }
            None => {
                unknown.push(refused_topic(topic, ErrorCode::UnknownTopicId));
                false
            }
        });
    }
    let fetched = if require_stable {
        fetch_stable(broker, context, &group).await
    } else {
        broker
            .group_coordinators
            .read(&broker.settings(), &group.group_id, |shard| shard.fetch_offsets(&group))
    };
    match fetched {
        Ok(mut answer) if answer.error_code == ErrorCode::None.code() => {
            if by_id && group.topics.is_none() {
                name_by_id(broker, &mut answer);
            }
            answer.topics.extend(unknown);
            answer
        }
        Ok(refused) => refused,
        Err(error) => refused_group(group, error, context.api_version),
    }
}

/// Waits for what is on its way into the log, so that the answer holds.
async fn fetch_stable(
    broker: &Broker,
    context: &RequestContext,
    group: &OffsetFetchRequestGroup,
) -> Result<OffsetFetchResponseGroup, ErrorCode> {
    let take = |answer| match answer {
        GroupAnswer::OffsetFetch(answer) => Some(answer),
        _ => None,
    };
    ask(broker, context, &group.group_id, take, |shard, id, _, _| shard.fetch_stable_offsets(id, group)).await
}

/// The ids that the topics have now; without one a topic cannot be told of.
fn name_by_id(broker: &Broker, answer: &mut OffsetFetchResponseGroup) {
    let image = broker.image.get();
    answer.topics.retain_mut(|topic| {
        topic.topic_id = image.topic_id(&topic.name);
        topic.topic_id != Uuid::ZERO
    });
}

fn refused_topic(topic: &OffsetFetchRequestTopics, error: ErrorCode) -> OffsetFetchResponseTopics {
    let refused = |index: &i32| OffsetFetchResponsePartitions {
        partition_index: *index,
        committed_offset: -1,
        committed_leader_epoch: -1,
        metadata: Some(String::new()),
        error_code: error.code(),
    };
    OffsetFetchResponseTopics {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: topic.partition_indexes.iter().map(refused).collect(),
    }
}

/// Version 1 has no place for an error but the partitions.
fn refused_group(group: OffsetFetchRequestGroup, error: ErrorCode, version: i16) -> OffsetFetchResponseGroup {
    let refused =
        OffsetFetchResponseGroup { group_id: group.group_id, ..OffsetFetchResponseGroup::default() };
    if version >= FIRST_WITH_GROUP_ERROR {
        return OffsetFetchResponseGroup { error_code: error.code(), ..refused };
    }
    let topics = group.topics.unwrap_or_default();
    OffsetFetchResponseGroup {
        topics: topics.iter().map(|topic| refused_topic(topic, error)).collect(),
        ..refused
    }
}
