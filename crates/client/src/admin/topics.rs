//! Topics (Kafka: `Admin.listTopics`, `describeTopics`, `createTopics`, `createPartitions`, `deleteTopics`).

use std::collections::BTreeMap;

use klamm_base::{ErrorCode, Uuid};
pub use klamm_wire::create_partitions::CreatePartitionsTopic;
pub use klamm_wire::create_topics::{CreatableTopic, CreatableTopicResult};
use klamm_wire::delete_topics::DeleteTopicState;
use klamm_wire::describe_topic_partitions::request::{Cursor, TopicRequest};
use klamm_wire::describe_topic_partitions::response;
use klamm_wire::metadata::{MetadataRequestTopic, MetadataResponsePartition, MetadataResponseTopic};
use klamm_wire::{
    ApiKey, CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest,
    DescribeTopicPartitionsRequest, MetadataRequest,
};

use crate::{ClientFault, Cluster};

/// Each topic's own result.
pub type ByTopic<T> = BTreeMap<String, Result<T, ClientFault>>;

/// A topic in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicListing {
    pub name: String,
    pub id: Uuid,
    pub is_internal: bool,
}

/// A topic with its partitions, by index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicDescription {
    pub name: String,
    pub id: Uuid,
    pub is_internal: bool,
    pub partitions: Vec<PartitionDescription>,
}

/// A partition and its replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionDescription {
    pub index: i32,
    pub leader: Option<i32>,
    pub leader_epoch: i32,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    /// KIP-966; `None` where the broker does not say.
    pub eligible_leaders: Option<Vec<i32>>,
    pub last_known_elr: Option<Vec<i32>>,
}

/// All topics, by name.
///
/// # Errors
/// [`ClientFault`]
pub async fn list_topics(cluster: &Cluster) -> Result<Vec<TopicListing>, ClientFault> {
    let all =
        MetadataRequest { topics: None, allow_auto_topic_creation: false, ..MetadataRequest::default() };
    let answer = cluster.retry(|| cluster.metadata(&all)).await?;
    let listing = |topic: MetadataResponseTopic| {
        Some(TopicListing { name: topic.name?, id: topic.topic_id, is_internal: topic.is_internal })
    };
    let mut topics: Vec<TopicListing> = answer.topics.into_iter().filter_map(listing).collect();
    topics.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(topics)
}

/// Describes topics in answers of at most `partitions_per_answer` partitions (KIP-966); of brokers that do not know
/// such answers, in one. Kafka's default is 2000.
///
/// # Errors
/// [`ClientFault`]; an unknown topic has its own, UNKNOWN_TOPIC_OR_PARTITION, at once.
pub async fn describe_topics(
    cluster: &Cluster,
    names: &[String],
    partitions_per_answer: i32,
) -> Result<ByTopic<TopicDescription>, ClientFault> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let any = cluster.retry(|| cluster.any()).await?;
    if !any.ranges().serves(ApiKey::DescribeTopicPartitions, 0) {
        let asked =
            names.iter().map(|name| MetadataRequestTopic { name: Some(name.clone()), ..Default::default() });
        return describe_by_metadata(cluster, asked.collect()).await;
    }
    let mut names = names.to_vec();
    names.sort_unstable();
    let topics: Vec<TopicRequest> = names.into_iter().map(|name| TopicRequest { name }).collect();
    let mut request = DescribeTopicPartitionsRequest {
        topics,
        response_partition_limit: partitions_per_answer,
        cursor: None,
    };
    let mut found = BTreeMap::new();
    loop {
        let answer = cluster.ask_any(&request).await?;
        for topic in answer.topics {
            add_described(&mut found, topic);
        }
        let Some(next) = answer.next_cursor else { return Ok(found) };
        let at = (next.topic_name, next.partition_index);
        // An answer that does not get on would be asked for without end.
        let before = request.cursor.take().map(|cursor| (cursor.topic_name, cursor.partition_index));
        if before.is_some_and(|before| at <= before) {
            return Err(ClientFault::refused(ErrorCode::UnknownServerError));
        }
        request.topics.retain(|topic| topic.name >= at.0);
        request.cursor = Some(Cursor { topic_name: at.0, partition_index: at.1 });
    }
}

fn add_described(
    found: &mut ByTopic<TopicDescription>,
    topic: response::DescribeTopicPartitionsResponseTopic,
) {
    let Some(name) = topic.name else { return };
    if let Err(fault) = ClientFault::check(topic.error_code, None) {
        found.insert(name, Err(fault));
        return;
    }
    let partitions = topic.partitions.into_iter().map(|partition| PartitionDescription {
        index: partition.partition_index,
        leader: (partition.leader_id >= 0).then_some(partition.leader_id),
        leader_epoch: partition.leader_epoch,
        replicas: partition.replica_nodes,
        isr: partition.isr_nodes,
        eligible_leaders: partition.eligible_leader_replicas,
        last_known_elr: partition.last_known_elr,
    });
    let fresh = || {
        let (id, is_internal) = (topic.topic_id, topic.is_internal);
        Ok(TopicDescription { name: name.clone(), id, is_internal, partitions: Vec::new() })
    };
    // The rest of a topic comes with the next answer.
    if let Ok(description) = found.entry(name.clone()).or_insert_with(fresh) {
        description.partitions.extend(partitions);
        description.partitions.sort_by_key(|partition| partition.index);
    }
}

/// Describes topics by their ids.
///
/// # Errors
/// [`ClientFault`]; an id that nobody has has its own, UNKNOWN_TOPIC_ID, under the id's text.
pub async fn describe_topics_by_id(
    cluster: &Cluster,
    ids: &[Uuid],
) -> Result<ByTopic<TopicDescription>, ClientFault> {
    const FIRST_VERSION_WITH_IDS: i16 = 12;
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let any = cluster.retry(|| cluster.any()).await?;
    any.ranges().at_least(ApiKey::Metadata, FIRST_VERSION_WITH_IDS)?;
    let asked = ids.iter().map(|id| MetadataRequestTopic { topic_id: *id, name: None });
    describe_by_metadata(cluster, asked.collect()).await
}

async fn describe_by_metadata(
    cluster: &Cluster,
    topics: Vec<MetadataRequestTopic>,
) -> Result<ByTopic<TopicDescription>, ClientFault> {
    let request = MetadataRequest {
        topics: Some(topics),
        allow_auto_topic_creation: false,
        ..MetadataRequest::default()
    };
    let answer = cluster.retry(|| cluster.metadata(&request)).await?;
    let described = answer.topics.into_iter().map(|topic| {
        let name = topic.name.clone().unwrap_or_else(|| topic.topic_id.to_string());
        let checked = ClientFault::check(topic.error_code, None);
        (name.clone(), checked.map(|()| description_of(name, topic)))
    });
    Ok(described.collect())
}

fn description_of(name: String, topic: MetadataResponseTopic) -> TopicDescription {
    let partition = |partition: MetadataResponsePartition| PartitionDescription {
        index: partition.partition_index,
        leader: (partition.leader_id >= 0).then_some(partition.leader_id),
        leader_epoch: partition.leader_epoch,
        replicas: partition.replica_nodes,
        isr: partition.isr_nodes,
        eligible_leaders: None,
        last_known_elr: None,
    };
    let mut partitions: Vec<PartitionDescription> = topic.partitions.into_iter().map(partition).collect();
    partitions.sort_by_key(|partition| partition.index);
    TopicDescription { name, id: topic.topic_id, is_internal: topic.is_internal, partitions }
}

/// Creates topics; -1 stands for the cluster's own number of partitions or replicas.
///
/// # Errors
/// [`ClientFault`]
pub async fn create_topics(
    cluster: &Cluster,
    topics: Vec<CreatableTopic>,
    validate_only: bool,
) -> Result<ByTopic<CreatableTopicResult>, ClientFault> {
    let request = CreateTopicsRequest { topics, timeout_ms: timeout_ms(cluster), validate_only };
    let error_of = |topics: &[CreatableTopicResult]| topics.first().map_or(0, |topic| topic.error_code);
    let answer = cluster.ask_controller(&request, |answer| error_of(&answer.topics)).await?;
    let result = |topic: CreatableTopicResult| {
        let checked = ClientFault::check(topic.error_code, topic.error_message.clone());
        (topic.name.clone(), checked.map(|()| topic))
    };
    Ok(answer.topics.into_iter().map(result).collect())
}

/// Gives topics more partitions; `count` is what they have then.
///
/// # Errors
/// [`ClientFault`]
pub async fn create_partitions(
    cluster: &Cluster,
    topics: Vec<CreatePartitionsTopic>,
    validate_only: bool,
) -> Result<ByTopic<()>, ClientFault> {
    let request = CreatePartitionsRequest { topics, timeout_ms: timeout_ms(cluster), validate_only };
    let answer = cluster
        .ask_controller(&request, |answer| answer.results.first().map_or(0, |topic| topic.error_code))
        .await?;
    let results = answer.results.into_iter();
    Ok(results.map(|topic| (topic.name, ClientFault::check(topic.error_code, topic.error_message))).collect())
}

/// Deletes topics by name.
///
/// # Errors
/// [`ClientFault`]
pub async fn delete_topics(cluster: &Cluster, names: &[String]) -> Result<ByTopic<()>, ClientFault> {
    const FIRST_VERSION_WITH_STATES: i16 = 6;
    let any = cluster.retry(|| cluster.any()).await?;
    let has_states = any.ranges().serves(ApiKey::DeleteTopics, FIRST_VERSION_WITH_STATES);
    let states = names.iter().map(|name| DeleteTopicState { name: Some(name.clone()), topic_id: Uuid::ZERO });
    let request = DeleteTopicsRequest {
        topics: if has_states { states.collect() } else { Vec::new() },
        topic_names: if has_states { Vec::new() } else { names.to_vec() },
        timeout_ms: timeout_ms(cluster),
    };
    let answer = cluster
        .ask_controller(&request, |answer| answer.responses.first().map_or(0, |topic| topic.error_code))
        .await?;
    let results = answer.responses.into_iter();
    let named = results
        .filter_map(|topic| Some((topic.name?, ClientFault::check(topic.error_code, topic.error_message))));
    Ok(named.collect())
}

fn timeout_ms(cluster: &Cluster) -> i32 {
    i32::try_from(cluster.options().connection.request_timeout.as_millis()).unwrap_or(i32::MAX)
}
