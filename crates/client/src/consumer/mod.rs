//! Reads records of partitions that it is given (Kafka: `KafkaConsumer`, `Fetcher`, `OffsetFetcher`).
//!
//! - [`record`]: what is read
//! - [`position`]: where reading begins and goes on
//! - [`fetch`]: one request to one leader, and its answer as records
//! - [`offsets`]: offsets by time, first and last ones
//!
//! [`crate::group`] shares partitions among several consumers.

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
use fetch::{Fetch, Fetched};

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
    /// Leaders that have been asked and have not answered.
    asked: BTreeSet<i32>,
    fetches: JoinSet<Fetched>,
    /// Read and not handed out yet, by partition and in order.
    buffered: VecDeque<ConsumedRecord>,
    /// Changes with every assignment: answers to older ones are not looked at.
    assignment: u64,
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
            assignment: 0,
        }
    }

    pub fn cluster(&self) -> &Cluster {
        &self.cluster
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
        self.assignment += 1;
        let positions = &self.positions;
        self.buffered.retain(|record| positions.contains_key(&record.partition));
    }

    /// Goes to another place of one partition.
    pub fn seek(&mut self, partition: &TopicPartition, to: StartAt) {
        if let Some(position) = self.positions.get_mut(partition) {
            *position = Position::new(to);
            self.assignment += 1;
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
            let wait = match self.ask_leaders().await {
                Ok(()) => deadline,
                Err(fault) if fault.is_retriable() => {
                    deadline.min(Instant::now() + self.cluster.options().retry_backoff)
                }
                Err(fault) => return Err(fault),
            };
            if self.fetches.is_empty() {
                tokio::time::sleep_until(wait).await;
            } else if let Ok(Some(fetched)) = tokio::time::timeout_at(wait, self.fetches.join_next()).await {
                let fetched = fetched.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
                self.take(fetched)?;
            }
        }
        // The next answers arrive while these records are looked at.
        if let Err(fault) = self.ask_leaders().await
            && !fault.is_retriable()
            && self.buffered.is_empty()
        {
            return Err(fault);
        }
        Ok(std::mem::take(&mut self.buffered))
    }

    /// Sends a fetch to every leader that has none, for those partitions whose place is known.
    async fn ask_leaders(&mut self) -> Result<(), ClientFault> {
        offsets::find_positions(&self.cluster, &self.options, &mut self.positions).await?;
        let mut by_leader = BTreeMap::<i32, Fetch>::new();
        for (partition, position) in &self.positions {
            let Some(offset) = position.next_offset() else { continue };
            let topic = self.cluster.topic(&partition.topic, self.options.create_topics).await?;
            let leader = topic.partition(partition.partition).and_then(|found| found.leader);
            let Some(leader) = leader else {
                self.cluster.forget_topic(&partition.topic);
                continue;
            };
            if !self.asked.contains(&leader) {
                let fetch = by_leader
                    .entry(leader)
                    .or_insert_with(|| Fetch::new(leader, self.assignment, self.options.clone()));
                fetch.add(partition.clone(), topic.id, offset);
            }
        }
        for (leader, fetch) in by_leader {
            self.asked.insert(leader);
            self.fetches.spawn(fetch.run(self.cluster.clone()));
        }
        Ok(())
    }

    /// Takes what a leader has answered.
    fn take(&mut self, fetched: Fetched) -> Result<(), ClientFault> {
        self.asked.remove(&fetched.leader);
        if fetched.assignment != self.assignment {
            return Ok(());
        }
        let partitions = match fetched.result {
            Ok(partitions) => partitions,
            Err(fault) => {
                for partition in fetched.partitions {
                    self.cluster.forget_topic(&partition.topic);
                }
                return if fault.is_retriable() { Ok(()) } else { Err(fault) };
            }
        };
        for (partition, answer) in partitions {
            let Some(position) = self.positions.get_mut(&partition) else { continue };
            match answer {
                Ok(read) => {
                    position.advance(read.next_offset, read.last_epoch);
                    self.buffered.extend(read.records);
                }
                Err(ClientFault::Refused { error: ErrorCode::OffsetOutOfRange, message }) => {
                    let Some(reset) = self.options.offset_reset.spec() else {
                        return Err(ClientFault::Refused { error: ErrorCode::OffsetOutOfRange, message });
                    };
                    *position = Position::new(StartAt::Spec(reset));
                }
                Err(fault) if fault.is_retriable() => self.cluster.forget_topic(&partition.topic),
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }
}
