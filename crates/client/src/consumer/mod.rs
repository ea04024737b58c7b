//! Reads records of partitions that it is given (Kafka: `KafkaConsumer`, `Fetcher`, `OffsetFetcher`).
//!
//! - [`record`]: what is read
//! - [`position`]: where reading begins and goes on
//! - [`fetch`]: one request to one replica; [`collect`]: records out of its answer
//! - [`offsets`]: offsets by time, first and last ones
//!
//! [`crate::group`] shares partitions among several consumers.

mod collect;
mod fetch;
mod offsets;
mod position;
mod record;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use klamm_base::{ErrorCode, TopicPartition};
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use offsets::{FoundOffset, OffsetSpec, list_offsets};
pub use position::{OffsetReset, Position, StartAt};
pub use record::{ConsumedRecord, TimestampType};

use crate::{ClientFault, Cluster};
use fetch::{Answer, Asked, Fetch, Fetched};

/// What a reader may see of transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsolationLevel {
    ReadUncommitted = 0,
    ReadCommitted = 1,
}

/// How records are read. Defaults are those of Kafka's consumer.
#[derive(Clone, Debug)]
pub struct ConsumerOptions {
    pub isolation_level: IsolationLevel,
    pub fetch_min_bytes: i32,
    pub fetch_max_bytes: i32,
    pub max_partition_fetch_bytes: i32,
    pub fetch_max_wait: Duration,
    /// Where to go on when an offset is not there (any more).
    pub offset_reset: OffsetReset,
    /// A missing topic may be made by the cluster.
    pub create_topics: bool,
    /// Batches whose checksum is wrong are an error.
    pub check_crcs: bool,
    /// Where this reader stands, for a replica nearby (KIP-392); empty: nowhere.
    pub rack: String,
}

impl Default for ConsumerOptions {
    fn default() -> ConsumerOptions {
        ConsumerOptions {
            isolation_level: IsolationLevel::ReadUncommitted,
            fetch_min_bytes: 1,
            fetch_max_bytes: 50 << 20,
            max_partition_fetch_bytes: 1 << 20,
            fetch_max_wait: Duration::from_millis(500),
            offset_reset: OffsetReset::To(OffsetSpec::Latest),
            create_topics: true,
            check_crcs: true,
            rack: String::new(),
        }
    }
}

/// A consumer of given partitions.
pub struct Consumer {
    cluster: Cluster,
    options: ConsumerOptions,
    positions: BTreeMap<TopicPartition, Position>,
    /// Nodes that have been asked and have not answered.
    asked: BTreeSet<i32>,
    fetches: JoinSet<Fetched>,
    /// Read and not handed out yet, by partition and in order.
    buffered: VecDeque<ConsumedRecord>,
}

impl Consumer {
    pub fn new(cluster: Cluster, options: ConsumerOptions) -> Consumer {
        Consumer {
            cluster,
            options,
            positions: BTreeMap::new(),
            asked: BTreeSet::new(),
            fetches: JoinSet::new(),
            buffered: VecDeque::new(),
        }
    }

    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// A missing topic may be made by the cluster.
    pub fn creates_topics(&self) -> bool {
        self.options.create_topics
    }

    /// Where it goes on when an offset is not there.
    pub fn reset(&self) -> Option<OffsetSpec> {
        self.options.offset_reset.spec()
    }

    /// Reads these partitions from now on and no others. Partitions that stay go on where they are.
    pub fn assign(&mut self, partitions: impl IntoIterator<Item = (TopicPartition, StartAt)>) {
        let mut old = std::mem::take(&mut self.positions);
        for (partition, start) in partitions {
            let position = old.remove(&partition).unwrap_or_else(|| Position::new(start));
            self.positions.insert(partition, position);
        }
        let positions = &self.positions;
        self.buffered.retain(|record| positions.contains_key(&record.partition));
    }

    /// Goes to another place of one partition; what was read of it and not handed out is forgotten.
    pub fn seek(&mut self, partition: &TopicPartition, to: StartAt) {
        if let Some(position) = self.positions.get_mut(partition) {
            *position = Position::new(to);
            self.buffered.retain(|record| record.partition != *partition);
        }
    }

    /// The partitions that are read, and the offset of the next record that [`Consumer::poll`] hands out of each,
    /// where it is known.
    pub fn positions(&self) -> BTreeMap<TopicPartition, Option<i64>> {
        let mut next: BTreeMap<_, _> = self
            .positions
            .iter()
            .map(|(partition, position)| (partition.clone(), position.next_offset()))
            .collect();
        for record in self.buffered.iter().rev() {
            next.insert(record.partition.clone(), Some(record.offset));
        }
        next
    }

    /// The leader's epoch of the last record handed out, for a commit; `None` when nothing was read.
    pub fn leader_epoch(&self, partition: &TopicPartition) -> Option<i32> {
        self.positions.get(partition).and_then(Position::last_epoch)
    }

    /// Records that are there, or the first that arrive before `timeout`. An empty answer is no end.
    ///
    /// # Errors
    /// [`ClientFault`] that does not pass by itself; OFFSET_OUT_OF_RANGE without a place to go on at.
    pub async fn poll(&mut self, timeout: Duration) -> Result<VecDeque<ConsumedRecord>, ClientFault> {
        let deadline = Instant::now() + timeout;
        while self.buffered.is_empty() && Instant::now() < deadline {
            let is_all_asked = self.ask_nodes().await?;
            let wait = match is_all_asked {
                true => deadline,
                false => deadline.min(Instant::now() + self.cluster.options().retry_backoff),
            };
            if self.fetches.is_empty() {
                tokio::time::sleep_until(wait).await;
            } else if let Ok(Some(fetched)) = tokio::time::timeout_at(wait, self.fetches.join_next()).await {
                let fetched = fetched.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
                self.take(fetched)?;
            }
        }
        // The next answers arrive while these records are looked at.
        if let Err(fault) = self.ask_nodes().await
            && self.buffered.is_empty()
        {
            return Err(fault);
        }
        Ok(std::mem::take(&mut self.buffered))
    }

    /// Sends a fetch to every node that has none, for those partitions whose place is known. False when some
    /// partition has to wait for its place or its leader.
    async fn ask_nodes(&mut self) -> Result<bool, ClientFault> {
        let mut is_all_asked =
            offsets::find_positions(&self.cluster, &self.options, &mut self.positions).await?;
        let names = self.positions.keys().map(|partition| partition.topic.to_string()).collect();
        let topics = match self.cluster.topics(&names, self.options.create_topics).await {
            Ok(topics) => topics,
            Err(fault) if fault.is_retriable() => return Ok(false),
            Err(fault) => return Err(fault),
        };
        let (mut by_node, now) = (BTreeMap::<i32, Fetch>::new(), Instant::now());
        for (partition, position) in &self.positions {
            let Some(offset) = position.next_offset() else { continue };
            let topic = match topics.get(&*partition.topic) {
                Some(Ok(topic)) => topic,
                Some(Err(fault)) if !fault.is_retriable() => return Err(fault.clone()),
                _ => {
                    is_all_asked = false;
                    continue;
                }
            };
            let known = topic.partition(partition.partition);
            let Some((leader, leader_epoch)) = known.and_then(|at| Some((at.leader?, at.leader_epoch)))
            else {
                self.cluster.forget_topic(&partition.topic);
                is_all_asked = false;
                continue;
            };
            let node = position.preferred(now).unwrap_or(leader);
            if !self.asked.contains(&node) {
                let fetch = by_node.entry(node).or_insert_with(|| Fetch::new(node, self.options.clone()));
                fetch.add(partition.clone(), Asked { topic_id: topic.id, offset, leader_epoch });
            }
        }
        for (node, fetch) in by_node {
            self.asked.insert(node);
            self.fetches.spawn(fetch.run(self.cluster.clone()));
        }
        Ok(is_all_asked)
    }

    /// Takes what a node has answered, for those partitions that are still read at the place that was asked for.
    fn take(&mut self, fetched: Fetched) -> Result<(), ClientFault> {
        self.asked.remove(&fetched.node);
        let answers = match fetched.result {
            Ok(answers) => answers,
            Err(fault) => {
                for partition in fetched.asked.keys() {
                    self.cluster.forget_topic(&partition.topic);
                    if let Some(position) = self.positions.get_mut(partition) {
                        position.prefer_leader();
                    }
                }
                return if fault.is_retriable() { Ok(()) } else { Err(fault) };
            }
        };
        for (partition, answer) in answers {
            let asked = fetched.asked.get(&partition).map(|asked| asked.offset);
            let position = self.positions.get_mut(&partition).filter(|at| at.next_offset() == asked);
            let Some(position) = position else { continue };
            match answer {
                Ok(Answer { read, preferred }) => {
                    if let Some(node) = preferred {
                        position.prefer(node, Instant::now() + self.cluster.options().metadata_max_age);
                    }
                    position.advance(read.next_offset, read.last_epoch);
                    self.buffered.extend(read.records);
                }
                Err(fault) => {
                    let is_nearby = position.preferred(Instant::now()).is_some();
                    position.prefer_leader();
                    self.cluster.forget_topic(&partition.topic);
                    let reset = self.options.offset_reset.spec();
                    match (fault.error_code(), reset) {
                        // The leader may have what the replica nearby has not.
                        (Some(ErrorCode::OffsetOutOfRange), _) if is_nearby => {}
                        (Some(ErrorCode::OffsetOutOfRange), Some(reset)) => {
                            *position = Position::new(StartAt::Spec(reset));
                        }
                        _ if fault.is_retriable() => {}
                        _ => return Err(fault),
                    }
                }
            }
        }
        Ok(())
    }
}
