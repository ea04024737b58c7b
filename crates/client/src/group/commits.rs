//! Offsets that groups have committed (Kafka: `OffsetCommitRequest`, `ListConsumerGroupOffsetsHandler`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use klamm_base::{ErrorCode, TopicPartition, Uuid};
use klamm_wire::offset_commit::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use klamm_wire::offset_fetch::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics, OffsetFetchResponseGroup,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use klamm_wire::{OffsetCommitRequest, OffsetFetchRequest, OffsetFetchResponse};

use crate::{ClientFault, Cluster, CoordinatorType, Topic};

/// The last versions that name topics; later ones have an id for each (KIP-848).
const LAST_VERSION_WITH_NAMES: i16 = 9;
/// From here on a request asks for several groups.
const FIRST_BATCHED_FETCH: i16 = 8;

/// What a group has committed for a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    pub offset: i64,
    /// -1 when it is not known.
    pub leader_epoch: i32,
    pub metadata: String,
}

/// Who commits.
#[derive(Clone, Copy, Debug)]
pub struct Committer<'a> {
    pub group_id: &'a str,
    /// -1 and an empty member id for somebody outside.
    pub generation_id: i32,
    pub member_id: &'a str,
    pub group_instance_id: Option<&'a str>,
}

impl<'a> Committer<'a> {
    /// A tool, or a consumer that was given its partitions; the group must be empty.
    pub fn outside(group_id: &'a str) -> Committer<'a> {
        Committer { group_id, generation_id: -1, member_id: "", group_instance_id: None }
    }
}

/// The ids of topics, for versions that name none. Empty unless every topic has one.
#[derive(Default)]
struct Ids {
    by_name: BTreeMap<String, Uuid>,
}

impl Ids {
    async fn of(cluster: &Cluster, partitions: impl IntoIterator<Item = &TopicPartition>) -> Ids {
        let names = partitions.into_iter().map(|partition| partition.topic.to_string()).collect();
        let Ok(topics) = cluster.topics(&names, false).await else { return Ids::default() };
        let id = |(name, topic): (String, Result<Arc<Topic>, ClientFault>)| {
            let id = topic.ok()?.id;
            (id != Uuid::ZERO).then_some((name, id))
        };
        // A topic that is not there can only be named.
        Ids { by_name: topics.into_iter().map(id).collect::<Option<_>>().unwrap_or_default() }
    }

    fn version_max(&self) -> i16 {
        if self.by_name.is_empty() { LAST_VERSION_WITH_NAMES } else { i16::MAX }
    }

    fn of_topic(&self, name: &str) -> Uuid {
        self.by_name.get(name).copied().unwrap_or(Uuid::ZERO)
    }

    /// The name in an answer, which holds either that or the id.
    fn name_of(&self, name: String, id: Uuid) -> String {
        if !name.is_empty() {
            return name;
        }
        let found = self.by_name.iter().find(|(_, known)| **known == id);
        found.map(|(name, _)| name.clone()).unwrap_or_default()
    }
}

/// Commits; each partition has its own code.
///
/// # Errors
/// [`ClientFault`] when nothing was answered.
pub async fn commit(
    cluster: &Cluster,
    committer: Committer<'_>,
    offsets: &BTreeMap<TopicPartition, Committed>,
) -> Result<BTreeMap<TopicPartition, ErrorCode>, ClientFault> {
    let ids = Ids::of(cluster, offsets.keys()).await;
    let mut topics: Vec<OffsetCommitRequestTopic> = Vec::new();
    for (partition, committed) in offsets {
        let committed = OffsetCommitRequestPartition {
            partition_index: partition.partition,
            committed_offset: committed.offset,
            committed_leader_epoch: committed.leader_epoch,
            committed_metadata: Some(committed.metadata.clone()),
        };
        match topics.last_mut().filter(|last| *last.name == *partition.topic) {
            Some(last) => last.partitions.push(committed),
            None => topics.push(OffsetCommitRequestTopic {
                name: partition.topic.to_string(),
                topic_id: ids.of_topic(&partition.topic),
                partitions: vec![committed],
            }),
        }
    }
    let request = OffsetCommitRequest {
        group_id: committer.group_id.to_owned(),
        generation_id_or_member_epoch: committer.generation_id,
        member_id: committer.member_id.to_owned(),
        group_instance_id: committer.group_instance_id.map(str::to_owned),
        topics,
        ..OffsetCommitRequest::default()
    };
    let answer = cluster
        .ask_coordinator_at_most(
            CoordinatorType::Group,
            committer.group_id,
            &request,
            ids.version_max(),
            |answer| {
                let mut all = answer.topics.iter().flat_map(|topic| &topic.partitions);
                all.next().map_or(0, |partition| partition.error_code)
            },
        )
        .await?;
    let topics = answer.topics.into_iter();
    let partitions = topics.flat_map(|topic| {
        let name = ids.name_of(topic.name, topic.topic_id);
        topic.partitions.into_iter().map(move |partition| {
            let place = TopicPartition::new(name.as_str(), partition.partition_index);
            (place, ErrorCode::from_code(partition.error_code))
        })
    });
    let codes: BTreeMap<TopicPartition, ErrorCode> = partitions.collect();
    for (partition, _) in codes.iter().filter(|(_, code)| **code == ErrorCode::UnknownTopicId) {
        // Deleted, and perhaps made anew under another id.
        cluster.forget_topic(&partition.topic);
    }
    Ok(codes)
}

/// The offsets of a group: of some partitions, or of all that it has committed.
///
/// # Errors
/// [`ClientFault`]: that of the group, or of the first partition that has one.
pub async fn fetch(
    cluster: &Cluster,
    group_id: &str,
    partitions: Option<&BTreeSet<TopicPartition>>,
    require_stable: bool,
) -> Result<BTreeMap<TopicPartition, Committed>, ClientFault> {
    let ids = match partitions {
        Some(partitions) => Ids::of(cluster, partitions).await,
        None => Ids::default(),
    };
    let request = |is_batched: bool| {
        let topics = partitions.map(by_topic);
        OffsetFetchRequest {
            require_stable,
            group_id: if is_batched { String::new() } else { group_id.to_owned() },
            topics: if is_batched { Some(Vec::new()) } else { topics.clone().map(old_topics) },
            groups: match is_batched {
                true => vec![OffsetFetchRequestGroup {
                    group_id: group_id.to_owned(),
                    topics: topics.map(|topics| new_topics(topics, &ids)),
                    ..OffsetFetchRequestGroup::default()
                }],
                false => Vec::new(),
            },
        }
    };
    let kind = CoordinatorType::Group;
    let coordinator = cluster.retry(|| async { cluster.coordinator(kind, group_id).await }).await?;
    let is_batched = coordinator.ranges().serves(klamm_wire::ApiKey::OffsetFetch, FIRST_BATCHED_FETCH);
    let error_of = |answer: &OffsetFetchResponse| match answer.groups.first() {
        Some(group) => group.error_code,
        None => answer.error_code,
    };
    let version_max = ids.version_max();
    let answer =
        cluster.ask_coordinator_at_most(kind, group_id, &request(is_batched), version_max, error_of).await?;
    ClientFault::check(error_of(&answer), None)?;
    let topics = match answer.groups.into_iter().next() {
        Some(OffsetFetchResponseGroup { topics, .. }) => topics,
        None => answer.topics.into_iter().map(as_new_topic).collect(),
    };
    let mut found = BTreeMap::new();
    for topic in topics {
        let name = ids.name_of(topic.name, topic.topic_id);
        for partition in topic.partitions {
            ClientFault::check(partition.error_code, None)?;
            if partition.committed_offset >= 0 {
                let committed = Committed {
                    offset: partition.committed_offset,
                    leader_epoch: partition.committed_leader_epoch,
                    metadata: partition.metadata.unwrap_or_default(),
                };
                found.insert(TopicPartition::new(name.as_str(), partition.partition_index), committed);
            }
        }
    }
    Ok(found)
}

fn by_topic(partitions: &BTreeSet<TopicPartition>) -> BTreeMap<String, Vec<i32>> {
    let mut topics = BTreeMap::<String, Vec<i32>>::new();
    for partition in partitions {
        topics.entry(partition.topic.to_string()).or_default().push(partition.partition);
    }
    topics
}

fn old_topics(topics: BTreeMap<String, Vec<i32>>) -> Vec<OffsetFetchRequestTopic> {
    let topic = |(name, partition_indexes)| OffsetFetchRequestTopic { name, partition_indexes };
    topics.into_iter().map(topic).collect()
}

fn new_topics(topics: BTreeMap<String, Vec<i32>>, ids: &Ids) -> Vec<OffsetFetchRequestTopics> {
    let topic = |(name, partition_indexes): (String, Vec<i32>)| OffsetFetchRequestTopics {
        topic_id: ids.of_topic(&name),
        name,
        partition_indexes,
    };
    topics.into_iter().map(topic).collect()
}

fn as_new_topic(topic: klamm_wire::offset_fetch::OffsetFetchResponseTopic) -> OffsetFetchResponseTopics {
    let partitions = topic.partitions.into_iter().map(|partition| OffsetFetchResponsePartitions {
        partition_index: partition.partition_index,
        committed_offset: partition.committed_offset,
        committed_leader_epoch: partition.committed_leader_epoch,
        metadata: partition.metadata,
        error_code: partition.error_code,
    });
    OffsetFetchResponseTopics {
        name: topic.name,
        partitions: partitions.collect(),
        ..OffsetFetchResponseTopics::default()
    }
}
