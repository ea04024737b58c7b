//! One request to one replica, and its answer as records (Kafka: `AbstractFetch`).

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use klamm_base::codec::Records;
use klamm_base::{TopicPartition, Uuid};
use klamm_wire::FetchRequest;
use klamm_wire::fetch::{FetchPartition, FetchTopic, PartitionData};

use super::collect::{Read, read_batches};
use super::{ConsumerOptions, IsolationLevel};
use crate::{ClientFault, Cluster};

/// From this version on topics go by id.
const FIRST_VERSION_WITH_IDS: i16 = 13;

/// What is asked of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub topic_id: Uuid,
    pub offset: i64,
    pub leader_epoch: i32,
}

/// A request under construction.
pub struct Fetch {
    node: i32,
    options: ConsumerOptions,
    partitions: BTreeMap<TopicPartition, Asked>,
}

/// What came of a request.
pub struct Fetched {
    pub node: i32,
    pub asked: BTreeMap<TopicPartition, Asked>,
    pub result: Result<Answers, ClientFault>,
}

/// What was answered for each partition.
pub type Answers = Vec<(TopicPartition, Result<Answer, ClientFault>)>;

/// What was answered for one partition.
pub struct Answer {
    pub read: Read,
    /// The replica that shall be asked instead (KIP-392).
    pub preferred: Option<i32>,
}

impl Fetch {
    pub fn new(node: i32, options: ConsumerOptions) -> Fetch {
        Fetch { node, options, partitions: BTreeMap::new() }
    }

    pub fn add(&mut self, partition: TopicPartition, asked: Asked) {
        self.partitions.insert(partition, asked);
    }

    pub async fn run(self, cluster: Cluster) -> Fetched {
        let result = self.exchange(&cluster).await;
        Fetched { node: self.node, asked: self.partitions, result }
    }

    async fn exchange(&self, cluster: &Cluster) -> Result<Answers, ClientFault> {
        let connection = cluster.node(self.node).await?;
        let has_ids = self.partitions.values().all(|asked| asked.topic_id != Uuid::ZERO);
        let version_max = if has_ids { i16::MAX } else { FIRST_VERSION_WITH_IDS - 1 };
        let timeout = cluster.options().connection.request_timeout + self.options.fetch_max_wait;
        let (answer, _) = connection.call_within(&self.request(), version_max, timeout).await?;
        ClientFault::check(answer.error_code, None)?;
        let mut all = Vec::new();
        for topic in answer.responses {
            for data in topic.partitions {
                let found = self.partitions.iter().find(|(partition, asked)| {
                    partition.partition == data.partition_index
                        && (*partition.topic == *topic.topic
                            || (topic.topic.is_empty() && topic.topic_id == asked.topic_id))
                });
                if let Some((partition, asked)) = found {
                    all.push((partition.clone(), self.read(partition, asked.offset, data)));
                }
            }
        }
        Ok(all)
    }

    fn request(&self) -> FetchRequest {
        let mut topics: Vec<FetchTopic> = Vec::new();
        for (partition, asked) in &self.partitions {
            let wanted = FetchPartition {
                partition: partition.partition,
                current_leader_epoch: asked.leader_epoch,
                fetch_offset: asked.offset,
                last_fetched_epoch: -1,
                log_start_offset: -1,
                partition_max_bytes: self.options.max_partition_fetch_bytes,
                ..FetchPartition::default()
            };
            match topics.last_mut().filter(|last| *last.topic == *partition.topic) {
                Some(last) => last.partitions.push(wanted),
                None => topics.push(FetchTopic {
                    topic: partition.topic.to_string(),
                    topic_id: asked.topic_id,
                    partitions: vec![wanted],
                }),
            }
        }
        FetchRequest {
            replica_id: -1,
            max_wait_ms: millis(self.options.fetch_max_wait),
            min_bytes: self.options.fetch_min_bytes,
            max_bytes: self.options.fetch_max_bytes,
            isolation_level: self.options.isolation_level as i8,
            session_id: 0,
            session_epoch: -1,
            topics,
            rack_id: self.options.rack.clone(),
            ..FetchRequest::default()
        }
    }

    fn read(
        &self,
        partition: &TopicPartition,
        offset: i64,
        data: PartitionData,
    ) -> Result<Answer, ClientFault> {
        ClientFault::check(data.error_code, None)?;
        let bytes = match data.records {
            Records::Bytes(bytes) => bytes,
            _ => Bytes::new(),
        };
        let aborted = match self.options.isolation_level {
            IsolationLevel::ReadCommitted => data.aborted_transactions.unwrap_or_default(),
            IsolationLevel::ReadUncommitted => Vec::new(),
        };
        let read = read_batches(partition, offset, &bytes, aborted, self.options.check_crcs)?;
        let preferred = (data.preferred_read_replica >= 0).then_some(data.preferred_read_replica);
        Ok(Answer { read, preferred })
    }
}

fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
