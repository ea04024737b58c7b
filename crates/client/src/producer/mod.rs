//! Sends records: batches by partition, one request in flight for each, acknowledged one by one
//! (Kafka: `KafkaProducer`, `RecordAccumulator`, `Sender`).
//!
//! ```text
//! send ─► partition ─► batch of the partition ─► full, or lingered ─► Produce to the leader ─► each record's answer
//!                      └── stays first in line, with its sequence, while a failure may pass by itself ──┘
//! ```
//!
//! Up to five batches of a partition are on their way at a time. An idempotent producer keeps their order over
//! failures; one that numbers nothing may send the second before the first that failed, as Kafka's does.
//!
//! - [`record`]: what is sent and what comes back; [`batch`]: records that travel together
//! - [`accumulator`]: batches that wait; [`numbers`]: what an idempotent producer numbers them with
//! - [`sender`]: the task that sends them

mod accumulator;
mod batch;
mod numbers;
mod record;
mod sender;

use std::sync::Arc;
use std::time::Duration;

use klamm_base::ErrorCode;
use klamm_base::rng::Rng;
use klamm_records::{Compression, Header};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

pub use crate::partitioner::Partitioner;
pub use record::{Delivered, NewRecord, ProduceFault, RecordRef};

use crate::clock::now_ms;
use crate::{ClientFault, Cluster, Topic};
use accumulator::{Accumulator, NeedsMemory, Placed};
use batch::Answers;
use sender::Sender;

/// What must have happened before a record counts as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acks {
    /// Nothing; no answer is sent.
    None = 0,
    /// The leader has appended it.
    Leader = 1,
    /// All in-sync replicas have it.
    All = -1,
}

/// How records are sent. Defaults are those of Kafka's producer.
#[derive(Clone, Debug)]
pub struct ProducerOptions {
    pub acks: Acks,
    pub compression: Compression,
    /// How long a batch waits for more records (KIP-1030: 5 ms).
    pub linger: Duration,
    /// Bytes of a batch before compression at which it is closed.
    pub batch_size: usize,
    /// Bytes of all records that wait; more make [`Producer::send`] wait.
    pub buffer_memory: usize,
    /// From `send` to the answer, all tries included (KIP-91).
    pub delivery_timeout: Duration,
    /// How long [`Producer::send`] waits for metadata (Kafka: `max.block.ms`).
    pub block_timeout: Duration,
    /// The largest record, and the largest batch before compression (Kafka: `max.request.size`).
    pub request_size_max: usize,
    /// How often a batch is sent again at most.
    pub retries: u32,
    /// Batches of a partition on their way at a time (Kafka: `max.in.flight.requests.per.connection`); five at most
    /// for an idempotent producer.
    pub in_flight_max: usize,
    /// Numbers its batches, so that none is stored twice. Needs [`Acks::All`].
    pub idempotent: bool,
    pub partitioner: Partitioner,
    /// Places every record as if it had no key (Kafka: `partitioner.ignore.keys`).
    pub ignore_keys: bool,
    /// A missing topic may be made by the cluster.
    pub create_topics: bool,
}

impl Default for ProducerOptions {
    fn default() -> ProducerOptions {
        ProducerOptions {
            acks: Acks::All,
            compression: Compression::NONE,
            linger: Duration::from_millis(5),
            batch_size: 16384,
            buffer_memory: 32 << 20,
            delivery_timeout: Duration::from_secs(120),
            block_timeout: Duration::from_secs(60),
            request_size_max: 1 << 20,
            retries: i32::MAX as u32,
            in_flight_max: 5,
            idempotent: true,
            partitioner: Partitioner::BuiltIn,
            ignore_keys: false,
            create_topics: true,
        }
    }
}

/// A producer. Records still waiting are given up when it is dropped: [`Producer::flush`] first.
pub struct Producer {
    shared: Arc<Shared>,
    sender: JoinHandle<()>,
}

struct Shared {
    cluster: Cluster,
    options: ProducerOptions,
    accumulator: Accumulator,
    /// Something may have become ready to be sent.
    ready: Notify,
}

/// The way to a record's answer.
pub struct Delivery {
    answers: Arc<Answers>,
    place: usize,
    partition: i32,
    timestamp_ms: i64,
}

impl Delivery {
    /// Waits for the answer.
    ///
    /// # Errors
    /// [`ProduceFault`]
    pub async fn delivered(self) -> Result<Delivered, ProduceFault> {
        self.answers.of(self.place, self.partition, self.timestamp_ms).await
    }
}

/// The way to the answers of many records, each by its place among them.
#[derive(Default)]
pub struct Deliveries {
    placed: Vec<(usize, Delivery)>,
    refused: Vec<(usize, ProduceFault)>,
}

impl Deliveries {
    /// Waits for all answers; returns the records that were not sent, by their places.
    pub async fn failed(self) -> Vec<(usize, ProduceFault)> {
        let mut failed = self.refused;
        for (index, delivery) in self.placed {
            if let Err(fault) = delivery.delivered().await {
                failed.push((index, fault));
            }
        }
        failed.sort_by_key(|(index, _)| *index);
        failed
    }
}

impl Producer {
    /// Must be called on a tokio runtime. `rng` chooses partitions for records without a key.
    pub fn new(cluster: Cluster, mut options: ProducerOptions, rng: Box<dyn Rng + Send>) -> Producer {
        const IN_FLIGHT_MAX_IDEMPOTENT: usize = 5;
        // Without the answers of all replicas no number is worth anything.
        options.idempotent &= options.acks == Acks::All;
        if options.idempotent {
            options.in_flight_max = options.in_flight_max.min(IN_FLIGHT_MAX_IDEMPOTENT);
        }
        let accumulator = Accumulator::new(options.clone(), rng);
        let shared = Arc::new(Shared { cluster, options, accumulator, ready: Notify::new() });
        let sender = tokio::spawn(Sender::new(shared.clone()).run());
        Producer { shared, sender }
    }

    /// Puts a record into the batch of its partition. Returns when it is there, not when it is sent.
    ///
    /// # Errors
    /// [`ProduceFault`]: no such topic or partition, no metadata or memory in time, too large.
    pub async fn send(&self, record: NewRecord) -> Result<Delivery, ProduceFault> {
        let headers: Vec<Header<'_>> = record
            .headers
            .iter()
            .map(|(key, value)| Header { key: key.as_bytes(), value: value.as_deref() })
            .collect();
        let one = RecordRef {
            partition: record.partition,
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            headers: &headers,
            timestamp_ms: record.timestamp_ms,
        };
        let mut sent = self.send_all(&record.topic, &[one]).await?;
        match (sent.placed.pop(), sent.refused.pop()) {
            (Some((_, delivery)), _) => Ok(delivery),
            (None, Some((_, fault))) => Err(fault),
            (None, None) => Err(ProduceFault::Closed),
        }
    }

    /// Puts many records of one topic into the batches of their partitions, in their order. Cheaper than
    /// [`Producer::send`] for each.
    ///
    /// # Errors
    /// [`ProduceFault`]: no such topic in time. What keeps a single record from being sent is with its answer.
    pub async fn send_all(&self, topic: &str, records: &[RecordRef<'_>]) -> Result<Deliveries, ProduceFault> {
        let started = tokio::time::Instant::now();
        let mut partitions = self.partitions(topic, None).await?;
        let now_ms = now_ms();
        let mut sent = Deliveries { placed: Vec::with_capacity(records.len()), refused: Vec::new() };
        let mut fit = Vec::with_capacity(records.len());
        for (index, record) in records.iter().enumerate() {
            if record.partition.is_some_and(|asked| asked >= partitions) {
                partitions = self.partitions(topic, record.partition).await.unwrap_or(partitions);
            }
            match self.refusal(topic, partitions, record) {
                Some(fault) => sent.refused.push((index, fault)),
                None => fit.push((index, *record)),
            }
        }
        let (mut fit, mut memory) = (fit.into_iter().peekable(), None);
        loop {
            let placed = |index: usize, Placed { answers, place, partition }| {
                let timestamp_ms = records.get(index).and_then(|record| record.timestamp_ms);
                let timestamp_ms = timestamp_ms.unwrap_or(now_ms);
                sent.placed.push((index, Delivery { answers, place, partition, timestamp_ms }));
            };
            let appended =
                self.shared.accumulator.append((topic, partitions), &mut fit, memory.take(), now_ms, placed);
            self.shared.ready.notify_one();
            let Err(NeedsMemory { size }) = appended else { return Ok(sent) };
            let patience = self.shared.options.block_timeout.saturating_sub(started.elapsed());
            match self.shared.accumulator.memory(size, patience).await {
                Ok(room) => memory = Some(room),
                Err(fault) => {
                    sent.refused.extend(fit.map(|(index, _)| (index, fault.clone())));
                    return Ok(sent);
                }
            }
        }
    }

    /// How many partitions the topic has; waits until it is there, and until it has the one that is `asked` for.
    async fn partitions(&self, topic: &str, asked: Option<i32>) -> Result<i32, ProduceFault> {
        let Shared { cluster, options, .. } = &*self.shared;
        let has = |found: &Topic| {
            let count = i32::try_from(found.partitions.len()).unwrap_or(i32::MAX);
            let is_enough = count > 0 && asked.is_none_or(|asked| asked < count);
            is_enough.then_some(count)
        };
        let find = || async {
            let found = cluster.topic(topic, options.create_topics).await?;
            has(&found).ok_or_else(|| {
                cluster.forget_topic(topic);
                ClientFault::refused(ErrorCode::LeaderNotAvailable)
            })
        };
        let found = tokio::time::timeout(options.block_timeout, cluster.retry(find)).await;
        found.map_err(|_| ProduceFault::NoMetadata { topic: topic.to_owned() })?.map_err(ProduceFault::from)
    }

    /// Why a record cannot be sent at all.
    fn refusal(&self, topic: &str, partitions: i32, record: &RecordRef<'_>) -> Option<ProduceFault> {
        let ProducerOptions { request_size_max, buffer_memory, .. } = self.shared.options;
        let size = record.size();
        match record.partition {
            Some(partition) if !(0..partitions).contains(&partition) => {
                Some(ProduceFault::NoSuchPartition { topic: topic.to_owned(), partition })
            }
            _ if size > request_size_max => Some(ProduceFault::TooLarge { size, max: request_size_max }),
            _ if size > buffer_memory => Some(ProduceFault::LargerThanMemory { size, max: buffer_memory }),
            _ => None,
        }
    }

    /// Sends everything that waits, and waits until each record has its answer.
    pub async fn flush(&self) {
        self.shared.accumulator.flush(&self.shared.ready).await;
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.sender.abort();
    }
}
