//! Sends records: batches by partition, one request in flight for each, acknowledged one by one
//! (Kafka: `KafkaProducer`, `RecordAccumulator`, `Sender`).
//!
//! ```text
//! send ─► partition ─► batch of the partition ─► full, or lingered ─► Produce to the leader ─► each record's answer
//!                      └── stays first in line, with its sequence, while a failure may pass by itself ──┘
//! ```
//!
//! One request at a time for each partition keeps the order without further care; many partitions go side by side.
//!
//! - [`record`]: what is sent and what comes back
//! - [`accumulator`]: batches that wait
//! - [`sender`]: the task that sends them

mod accumulator;
mod record;
mod sender;

use std::sync::Arc;
use std::time::Duration;

use klamm_base::rng::Rng;
use klamm_records::Compression;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

pub use record::{Delivered, NewRecord, ProduceFault};

use crate::partitioner::partition_for_key;
use crate::{ClientFault, Cluster};
use accumulator::{Accumulator, Sent};
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
    /// Numbers its batches, so that none is stored twice. Needs [`Acks::All`].
    pub idempotent: bool,
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
            idempotent: true,
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
    answer: oneshot::Receiver<Sent>,
}

impl Delivery {
    /// Waits for the answer.
    ///
    /// # Errors
    /// [`ProduceFault`]
    pub async fn delivered(self) -> Result<Delivered, ProduceFault> {
        self.answer.await.unwrap_or(Err(ProduceFault::Closed))
    }
}

impl Producer {
    /// Must be called on a tokio runtime. `rng` chooses partitions for records without a key.
    pub fn new(cluster: Cluster, mut options: ProducerOptions, rng: Box<dyn Rng + Send>) -> Producer {
        // Without the answers of all replicas no number is worth anything.
        options.idempotent &= options.acks == Acks::All;
        let accumulator = Accumulator::new(options.batch_size, options.buffer_memory, rng);
        let shared = Arc::new(Shared { cluster, options, accumulator, ready: Notify::new() });
        let sender = tokio::spawn(Sender::new(shared.clone()).run());
        Producer { shared, sender }
    }

    /// Puts a record into the batch of its partition. Returns when it is there, not when it is sent.
    ///
    /// # Errors
    /// [`ProduceFault`]: no such topic or partition, no metadata in time.
    pub async fn send(&self, record: NewRecord) -> Result<Delivery, ProduceFault> {
        let Shared { cluster, options, accumulator, ready } = &*self.shared;
        let find = || async { cluster.topic(&record.topic, options.create_topics).await };
        let found = tokio::time::timeout(options.block_timeout, cluster.retry(find)).await;
        let topic = found.map_err(|_| ProduceFault::NoMetadata { topic: record.topic.clone() })??;
        let partitions = topic.partitions.len() as i32;
        if partitions == 0 {
            return Err(ClientFault::refused(klamm_base::ErrorCode::LeaderNotAvailable).into());
        }
        let partition = match (record.partition, &record.key) {
            (Some(asked), _) if topic.partition(asked).is_none() => {
                return Err(ProduceFault::NoSuchPartition { topic: record.topic, partition: asked });
            }
            (Some(asked), _) => asked,
            (None, Some(key)) if !options.ignore_keys => partition_for_key(key, partitions),
            (None, _) => accumulator.sticky(&record.topic, record.size(), partitions),
        };
        let answer = accumulator.append(record, partition).await;
        ready.notify_one();
        Ok(Delivery { answer })
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
