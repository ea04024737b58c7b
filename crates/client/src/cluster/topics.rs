//! Topics and who leads their partitions (Kafka: `Metadata`).

use std::sync::Arc;

use klamm_base::{ErrorCode, Uuid};
use klamm_wire::{MetadataRequest, MetadataResponse, metadata};
use tokio::time::Instant;

use super::{Cluster, node_of};
use crate::ClientFault;

/// A topic and who leads its partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    pub name: String,
    /// Zero when the cluster is older than topic ids.
    pub id: Uuid,
    pub is_internal: bool,
    /// Sorted by index; the place is the index where none is missing.
    pub partitions: Vec<PartitionLeader>,
}

/// Who leads a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionLeader {
    pub index: i32,
    /// `None` while there is none.
    pub leader: Option<i32>,
    pub leader_epoch: i32,
}

impl Topic {
    pub fn partition(&self, index: i32) -> Option<&PartitionLeader> {
        self.partitions.iter().find(|partition| partition.index == index)
    }
}

/// What was told, and when.
pub(super) struct KnownTopic {
    topic: Arc<Topic>,
    told: Instant,
}

impl Cluster {
    /// One Metadata exchange with any node; what it says about nodes is remembered.
    ///
    /// # Errors
    /// [`ClientFault`]; errors of single topics are in the answer.
    pub async fn metadata(&self, request: &MetadataRequest) -> Result<MetadataResponse, ClientFault> {
        let answer = self.any().await?.call(request).await?;
        ClientFault::check(answer.error_code, None)?;
        let nodes = answer.brokers.iter().filter_map(node_of).collect();
        self.note_nodes(nodes, answer.controller_id);
        Ok(answer)
    }

    /// A topic, from memory where it was told before; `create` lets the cluster make a missing one, if it does so.
    ///
    /// # Errors
    /// [`ClientFault`]: UNKNOWN_TOPIC_OR_PARTITION and LEADER_NOT_AVAILABLE may pass by themselves.
    pub async fn topic(&self, name: &str, create: bool) -> Result<Arc<Topic>, ClientFault> {
        let max_age = self.options().metadata_max_age;
        let known = self.known().topics.get(name).map(|known| (known.topic.clone(), known.told.elapsed()));
        match known {
            Some((topic, age)) if age < max_age => Ok(topic),
            // What is known is better than nothing while nobody answers.
            Some((topic, _)) => match self.ask_topic(name, create).await {
                Err(fault) if fault.is_retriable() && fault.error_code().is_none() => Ok(topic),
                told => told,
            },
            None => self.ask_topic(name, create).await,
        }
    }

    async fn ask_topic(&self, name: &str, create: bool) -> Result<Arc<Topic>, ClientFault> {
        let asked = metadata::MetadataRequestTopic { name: Some(name.to_owned()), ..Default::default() };
        let request = MetadataRequest {
            topics: Some(vec![asked]),
            allow_auto_topic_creation: create,
            ..MetadataRequest::default()
        };
        let answer = self.metadata(&request).await?;
        let unknown = || ClientFault::refused(ErrorCode::UnknownTopicOrPartition);
        let told = answer.topics.into_iter().next().ok_or_else(unknown)?;
        ClientFault::check(told.error_code, None)?;
        let topic = Arc::new(topic_of(name, told));
        let known = KnownTopic { topic: topic.clone(), told: Instant::now() };
        self.known().topics.insert(name.to_owned(), known);
        Ok(topic)
    }

    /// Forgets a topic, after its leader was not where it was looked for.
    pub fn forget_topic(&self, name: &str) {
        self.known().topics.remove(name);
    }
}

fn topic_of(name: &str, told: metadata::MetadataResponseTopic) -> Topic {
    let leader_of = |partition: metadata::MetadataResponsePartition| PartitionLeader {
        index: partition.partition_index,
        leader: (partition.leader_id >= 0).then_some(partition.leader_id),
        leader_epoch: partition.leader_epoch,
    };
    let mut partitions: Vec<PartitionLeader> = told.partitions.into_iter().map(leader_of).collect();
    partitions.sort_by_key(|partition| partition.index);
    Topic { name: name.to_owned(), id: told.topic_id, is_internal: told.is_internal, partitions }
}
