//! Batches that wait for their turn (Kafka: `RecordAccumulator`).

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use klamm_base::TopicPartition;
use klamm_base::rng::Rng;
use klamm_records::{BatchBuilder, BatchOptions, Compression, Header, Scratch};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::Instant;

use super::{Delivered, NewRecord, ProduceFault};
use crate::clock::now_ms;
use crate::partitioner::StickyPartition;

/// A record's answer.
pub type Sent = Result<Delivered, ProduceFault>;

/// All batches of a producer.
pub struct Accumulator {
    batch_size: usize,
    /// Bytes that may still come in.
    memory: Arc<Semaphore>,
    memory_max: usize,
    state: Mutex<State>,
    /// Nothing waits and nothing is under way.
    emptied: Notify,
}

struct State {
    queues: BTreeMap<TopicPartition, Queue>,
    sticky: BTreeMap<String, StickyPartition>,
    rng: Box<dyn Rng + Send>,
    /// Records without an answer.
    unanswered: usize,
    /// Callers of `flush`: while there are any, nothing lingers.
    flushing: usize,
}

#[derive(Default)]
struct Queue {
    batches: VecDeque<Batch>,
    /// Its first batch is on its way.
    in_flight: bool,
    /// After a failure that may pass.
    not_before: Option<Instant>,
}

/// Records that travel together.
pub struct Batch {
    pub partition: TopicPartition,
    records: Vec<Pending>,
    bytes: usize,
    created: Instant,
    /// Given with the first try and kept over the others.
    pub sequence: Option<Sequence>,
}

/// What an idempotent producer numbers a batch with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub base_sequence: i32,
}

struct Pending {
    record: NewRecord,
    timestamp_ms: i64,
    answer: oneshot::Sender<Sent>,
    _memory: OwnedSemaphorePermit,
}

impl Batch {
    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn age(&self) -> Duration {
        self.created.elapsed()
    }

    /// The batch as it goes over the wire.
    pub fn encode(&self, compression: Compression, scratch: &mut Scratch) -> Bytes {
        let mut options = BatchOptions { compression, ..BatchOptions::default() };
        if let Some(sequence) = self.sequence {
            options.producer_id = sequence.producer_id;
            options.producer_epoch = sequence.producer_epoch;
            options.base_sequence = sequence.base_sequence;
        }
        let mut builder = BatchBuilder::new(options);
        for Pending { record, timestamp_ms, .. } in &self.records {
            let headers = record.headers.iter();
            let headers: Vec<Header<'_>> =
                headers.map(|(key, value)| Header { key: key.as_bytes(), value: value.as_deref() }).collect();
            builder
                .append(*timestamp_ms, record.key.as_deref(), record.value.as_deref(), &headers)
                .unwrap_or_else(|fault| panic!("a record does not fit into its batch: {fault:?}"));
        }
        builder.build(scratch)
    }

    /// Two batches of half the records each, for a batch that is too large for the broker; `None` for a single record.
    fn halves(mut self) -> Result<[Batch; 2], Batch> {
        if self.records.len() < 2 {
            return Err(self);
        }
        let second = self.records.split_off(self.records.len() / 2);
        let batch = |records: Vec<Pending>| Batch {
            partition: self.partition.clone(),
            bytes: records.iter().map(|pending| pending.record.size()).sum(),
            records,
            created: self.created,
            sequence: None,
        };
        Ok([batch(std::mem::take(&mut self.records)), batch(second)])
    }
}

/// What became of a batch that was sent.
pub enum Outcome {
    /// Offset of its first record, and the time that the broker has set, or -1.
    Delivered {
        base_offset: i64,
        append_time_ms: i64,
    },
    /// To be sent again as it is, not before a pause has passed.
    Again {
        pause: Duration,
    },
    /// To be sent again in two parts (KIP-126).
    Split,
    Failed(ProduceFault),
}

impl Accumulator {
    pub fn new(batch_size: usize, memory_max: usize, rng: Box<dyn Rng + Send>) -> Accumulator {
        let state =
            State { queues: BTreeMap::new(), sticky: BTreeMap::new(), rng, unanswered: 0, flushing: 0 };
        let memory_max = memory_max.clamp(1, u32::MAX as usize).min(Semaphore::MAX_PERMITS);
        Accumulator {
            batch_size: batch_size.max(1),
            memory: Arc::new(Semaphore::new(memory_max)),
            memory_max,
            state: Mutex::new(state),
            emptied: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The partition for a record without a key.
    pub fn sticky(&self, topic: &str, size: usize, partitions: i32) -> i32 {
        let state = &mut *self.state();
        let random = state.rng.next_u64();
        let sticky =
            state.sticky.entry(topic.to_owned()).or_insert_with(|| StickyPartition::new(partitions, random));
        sticky.take(size, self.batch_size, partitions, random)
    }

    /// Waits for memory and puts the record at the end of its partition.
    pub async fn append(&self, record: NewRecord, partition: i32) -> oneshot::Receiver<Sent> {
        let size = record.size();
        let permits = size.min(self.memory_max) as u32;
        let memory = self.memory.clone().acquire_many_owned(permits).await;
        let memory = memory.unwrap_or_else(|_| unreachable!("the memory is never closed"));
        let (answer, answered) = oneshot::channel();
        let partition = TopicPartition::new(record.topic.as_str(), partition);
        let timestamp_ms = record.timestamp_ms.unwrap_or_else(now_ms);
        let pending = Pending { record, timestamp_ms, answer, _memory: memory };
        let state = &mut *self.state();
        state.unanswered += 1;
        let queue = state.queues.entry(partition.clone()).or_default();
        // The first batch may be on its way already.
        let open = if queue.in_flight { 1 } else { 0 };
        match queue.batches.iter_mut().skip(open).last() {
            Some(batch) if batch.sequence.is_none() && batch.bytes + size <= self.batch_size => {
                batch.bytes += size;
                batch.records.push(pending);
            }
            _ => queue.batches.push_back(Batch {
                partition,
                records: vec![pending],
                bytes: size,
                created: Instant::now(),
                sequence: None,
            }),
        }
        answered
    }

    /// Takes out the batches whose time has come, at most one a partition, and says when the next one's will.
    pub fn take_ready(&self, linger: Duration) -> (Vec<Batch>, Option<Instant>) {
        let state = &mut *self.state();
        let now = Instant::now();
        let (mut ready, mut next) = (Vec::new(), None::<Instant>);
        for queue in state.queues.values_mut().filter(|queue| !queue.in_flight) {
            let Some(first) = queue.batches.front() else { continue };
            let is_closed = queue.batches.len() > 1
                || first.bytes >= self.batch_size
                || first.sequence.is_some()
                || state.flushing > 0;
            let lingered = if is_closed { first.created } else { first.created + linger };
            let due = queue.not_before.map_or(lingered, |not_before| not_before.max(lingered));
            if due > now {
                next = Some(next.map_or(due, |next| next.min(due)));
            } else if let Some(batch) = queue.batches.pop_front() {
                queue.in_flight = true;
                queue.not_before = None;
                ready.push(batch);
            }
        }
        (ready, next)
    }

    /// A batch of [`Accumulator::take_ready`] comes back.
    pub fn settle(&self, batch: Batch, outcome: Outcome) {
        let answers = {
            let state = &mut *self.state();
            let queue = state.queues.entry(batch.partition.clone()).or_default();
            queue.in_flight = false;
            match outcome {
                Outcome::Again { pause } => {
                    queue.not_before = Some(Instant::now() + pause);
                    queue.batches.push_front(batch);
                    return;
                }
                Outcome::Split => match batch.halves() {
                    Ok([first, second]) => {
                        queue.batches.push_front(second);
                        queue.batches.push_front(first);
                        return;
                    }
                    Err(batch) => {
                        let too_large = crate::ClientFault::refused(klamm_base::ErrorCode::MessageTooLarge);
                        (batch, Err(ProduceFault::from(too_large)))
                    }
                },
                Outcome::Delivered { base_offset, append_time_ms } => {
                    (batch, Ok((base_offset, append_time_ms)))
                }
                Outcome::Failed(fault) => (batch, Err(fault)),
            }
        };
        self.answer(answers.0, answers.1);
    }

    fn answer(&self, batch: Batch, result: Result<(i64, i64), ProduceFault>) {
        let count = batch.records.len();
        for (index, pending) in batch.records.into_iter().enumerate() {
            let sent = match &result {
                Ok((base_offset, append_time_ms)) => Ok(Delivered {
                    partition: batch.partition.partition,
                    offset: if *base_offset < 0 { -1 } else { base_offset + index as i64 },
                    timestamp_ms: if *append_time_ms < 0 { pending.timestamp_ms } else { *append_time_ms },
                }),
                Err(fault) => Err(fault.clone()),
            };
            // Whoever sent it may not care.
            let _ = pending.answer.send(sent);
        }
        let mut state = self.state();
        state.unanswered -= count;
        if state.unanswered == 0 {
            self.emptied.notify_waiters();
        }
    }

    /// Lets nothing linger until every record has its answer; `ready` wakes the sender.
    pub async fn flush(&self, ready: &Notify) {
        self.state().flushing += 1;
        ready.notify_one();
        loop {
            let emptied = self.emptied.notified();
            if self.state().unanswered == 0 {
                break;
            }
            emptied.await;
        }
        self.state().flushing -= 1;
    }
}
