//! Topics and who leads their partitions (Kafka: `Metadata`).

use std::collections::{BTreeMap, BTreeSet};
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
        let mut topics = self.topics(&BTreeSet::from([name.to_owned()]), create).await?;
        let unknown = Err(ClientFault::refused(ErrorCode::UnknownTopicOrPartition));
        topics.remove(name).unwrap_or(unknown)
    }

    /// Several topics, those that are not in memory with one question.
    ///
    /// # Errors
    /// [`ClientFault`]: nobody has answered. Faults of single topics are with them, as in [`Cluster::topic`].
    pub async fn topics(
        &self,
        names: &BTreeSet<String>,
        create: bool,
    ) -> Result<BTreeMap<String, Result<Arc<Topic>, ClientFault>>, ClientFault> {
        let max_age = self.options().metadata_max_age;
        let (mut found, mut old, mut missing) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for name in names {
            match self.known().topics.get(name) {
                Some(known) if known.told.elapsed() < max_age => {
                    found.insert(name.clone(), Ok(known.topic.clone()));
                    continue;
                }
                Some(known) => drop(old.insert(name.clone(), Ok(known.topic.clone()))),
                None => {}
            }
            missing.push(name.clone());
        }
        if missing.is_empty() {
            return Ok(found);
        }
        match self.ask_topics(&missing, create).await {
            Ok(told) => found.extend(told),
            // What is known is better than nothing while nobody answers.
            Err(fault) if fault.is_retriable() && old.len() == missing.len() => found.extend(old),
            Err(fault) => return Err(fault),
        }
        Ok(found)
    }

    async fn ask_topics(
        &self,
        names: &[String],
        create: bool,
    ) -> Result<BTreeMap<String, Result<Arc<Topic>, ClientFault>>, ClientFault> {
        let asked = names.iter().map(|name| metadata::MetadataRequestTopic {
            name: Some(name.clone()),
            ..metadata::MetadataRequestTopic::default()
        });
        let request = MetadataRequest {
            topics: Some(asked.collect()),
            allow_auto_topic_creation: create,
            ..MetadataRequest::default()
        };
        let answer = self.metadata(&request).await?;
        let mut found = BTreeMap::new();
        for told in answer.topics {
            let Some(name) = told.name.clone() else { continue };
            let topic = match ErrorCode::from_code(told.error_code) {
                ErrorCode::None => Ok(Arc::new(topic_of(&name, told))),
                error => Err(ClientFault::refused(error)),
            };
            if let Ok(topic) = &topic {
                let known = KnownTopic { topic: topic.clone(), told: Instant::now() };
                self.known().topics.insert(name.clone(), known);
            }
            found.insert(name, topic);
        }
        Ok(found)
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
