//! Batches that wait for their turn (Kafka: `RecordAccumulator`).
//!
//! | A batch | Event | Next |
//! |---|---|---|
//! | open | full, `linger.ms` over, a flush, another one behind it | ready |
//! | ready | first in line, and fewer than five of its partition in flight | in flight |
//! | ready, was sent before | first in line, and none of its partition in flight | in flight |
//! | in flight | appended | answered |
//! | in flight | a failure that may pass | ready after a pause, in its old place |
//! | in flight | too large for the broker | two ready ones in its place, or answered |
//! | any but in flight | older than `delivery.timeout.ms` | answered: expired |
//! | in flight | any other failure | answered |

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use klamm_base::rng::Rng;
use klamm_base::{ErrorCode, TopicPartition};
use klamm_records::Scratch;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::batch::{Answers, Appended, Batch};
use super::record::BATCH_OVERHEAD;
use super::{ProduceFault, ProducerOptions, RecordRef};
use crate::ClientFault;
use crate::partitioner::{Partitioner, StickyPartition, partition_for_key};

/// All batches of a producer.
pub struct Accumulator {
    options: ProducerOptions,
    /// Bytes that may still come in.
    memory: Arc<Semaphore>,
    memory_max: usize,
    state: Mutex<State>,
    /// Nothing waits and nothing is under way.
    emptied: Notify,
}

struct State {
    topics: BTreeMap<Arc<str>, TopicQueues>,
    rng: Box<dyn Rng + Send>,
    /// Batches without an answer.
    unanswered: usize,
    /// Callers of `flush`: while there are any, nothing lingers.
    flushing: usize,
    next_order: u64,
}

#[derive(Default)]
struct TopicQueues {
    sticky: Option<StickyPartition>,
    /// How many records have named no partition: whose turn it is with [`Partitioner::RoundRobin`].
    in_turn: u64,
    /// By partition.
    queues: BTreeMap<i32, Queue>,
}

#[derive(Default)]
struct Queue {
    batches: VecDeque<Batch>,
    in_flight: usize,
    /// After a failure that may pass.
    not_before: Option<Instant>,
}

/// What became of a batch that was sent.
pub enum Outcome {
    Appended(Appended),
    /// To be sent again, not before a pause has passed.
    Again {
        pause: Duration,
    },
    /// To be sent again in two parts (KIP-126).
    Split,
    Failed(ProduceFault),
}

/// Where a record went.
pub struct Placed {
    pub answers: Arc<Answers>,
    pub place: usize,
    pub partition: i32,
}

/// A record that was not taken: memory for a new batch is needed first.
pub struct NeedsMemory {
    pub size: usize,
}

impl Accumulator {
    pub fn new(options: ProducerOptions, rng: Box<dyn Rng + Send>) -> Accumulator {
        let memory_max = options.buffer_memory.clamp(1, u32::MAX as usize).min(Semaphore::MAX_PERMITS);
        Accumulator {
            options,
            memory: Arc::new(Semaphore::new(memory_max)),
            memory_max,
            state: Mutex::new(State {
                topics: BTreeMap::new(),
                rng,
                unanswered: 0,
                flushing: 0,
                next_order: 0,
            }),
            emptied: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Waits for the memory of a batch that holds a record of `size` bytes.
    ///
    /// # Errors
    /// [`ProduceFault::NoMemory`] after `patience`.
    pub async fn memory(
        &self,
        size: usize,
        patience: Duration,
    ) -> Result<OwnedSemaphorePermit, ProduceFault> {
        let asked = self.memory.clone().acquire_many_owned(self.permits(size));
        match tokio::time::timeout(patience, asked).await {
            Ok(memory) => Ok(memory.unwrap_or_else(|_| unreachable!("the memory is never closed"))),
            Err(_) => Err(ProduceFault::NoMemory { size, waited: patience }),
        }
    }

    fn permits(&self, size: usize) -> u32 {
        size.max(self.options.batch_size).min(self.memory_max) as u32
    }

    /// Puts records at the ends of their partitions, in their order, as far as there is memory. Each that was taken
    /// is told to `placed`.
    ///
    /// # Errors
    /// [`NeedsMemory`]: what the next record needs; `memory` of that size lets it go on.
    pub fn append<'a>(
        &self,
        (topic, partitions): (&str, i32),
        records: &mut std::iter::Peekable<impl Iterator<Item = (usize, RecordRef<'a>)>>,
        mut memory: Option<OwnedSemaphorePermit>,
        now_ms: i64,
        mut placed: impl FnMut(usize, Placed),
    ) -> Result<(), NeedsMemory> {
        let mut state = self.state();
        let State { topics, rng, unanswered, .. } = &mut *state;
        let name: Arc<str> =
            topics.get_key_value(topic).map_or_else(|| topic.into(), |(name, _)| name.clone());
        let of_topic = topics.entry(name.clone()).or_default();
        let now = Instant::now();
        while let Some((_, record)) = records.peek() {
            let size = record.size();
            let partition = of_topic.partition_for(record, partitions, &self.options, rng.as_mut());
            let queue = of_topic.queues.entry(partition).or_default();
            let batch_size = self.options.batch_size;
            let last = queue.batches.back();
            let has_room = last.is_some_and(|batch| batch.has_room(size - BATCH_OVERHEAD, batch_size));
            if !has_room {
                let permits = self.permits(size);
                let memory =
                    memory.take().or_else(|| self.memory.clone().try_acquire_many_owned(permits).ok());
                let Some(memory) = memory else { return Err(NeedsMemory { size }) };
                let partition = TopicPartition { topic: name.clone(), partition };
                queue.batches.push_back(Batch::new(partition, self.options.compression, memory, now));
                *unanswered += 1;
            }
            let Some(batch) = queue.batches.back_mut() else { return Ok(()) };
            if let Some(sticky) = of_topic.sticky.as_mut().filter(|_| record.is_sticky(&self.options)) {
                sticky.add(size);
            }
            if record.partition.is_none() {
                of_topic.in_turn += 1;
            }
            let (answers, place) = batch.append(record, record.timestamp_ms.unwrap_or(now_ms));
            if let Some((index, _)) = records.next() {
                placed(index, Placed { answers, place, partition });
            }
        }
        Ok(())
    }

    /// Takes out the batches whose time has come, at most one a partition, and says when the next one's will. Those
    /// whose time is over are answered.
    pub fn take_ready(&self) -> (Vec<Batch>, Option<Instant>) {
        let mut expired = Vec::new();
        let (mut ready, mut next) = (Vec::new(), None::<Instant>);
        {
            let State { topics, flushing, next_order, .. } = &mut *self.state();
            let now = Instant::now();
            for queue in topics.values_mut().flat_map(|topic| topic.queues.values_mut()) {
                queue.expire(now, self.options.delivery_timeout, &mut expired);
                let Some(due) = queue.due(&self.options, *flushing > 0) else { continue };
                if due > now {
                    let soonest = due.min(queue.expires(self.options.delivery_timeout).unwrap_or(due));
                    next = Some(next.map_or(soonest, |next| next.min(soonest)));
                } else if let Some(mut batch) = queue.batches.pop_front() {
                    queue.in_flight += 1;
                    queue.not_before = None;
                    batch.order.get_or_insert_with(|| {
                        *next_order += 1;
                        *next_order
                    });
                    ready.push(batch);
                }
            }
        }
        for batch in expired {
            self.answer(batch, Err(ProduceFault::Expired));
        }
        (ready, next)
    }

    /// Whether an earlier batch of the partition has to be sent again before this one can be taken.
    pub fn has_earlier(&self, batch: &Batch) -> bool {
        let mut state = self.state();
        let queue = state.queue(&batch.partition);
        queue.batches.iter().any(|waiting| waiting.order.is_some() && waiting.order < batch.order)
    }

    /// A batch of [`Accumulator::take_ready`] comes back.
    pub fn settle(&self, batch: Batch, outcome: Outcome) {
        let (batch, result) = {
            let mut state = self.state();
            let queue = state.queue(&batch.partition);
            queue.in_flight -= 1;
            match outcome {
                Outcome::Again { pause } => {
                    queue.not_before = Some(Instant::now() + pause);
                    queue.put_back(batch);
                    return;
                }
                Outcome::Split => match batch.halves(self.options.compression, &mut Scratch::default()) {
                    Ok([first, second]) => {
                        queue.batches.push_front(second);
                        queue.batches.push_front(first);
                        state.unanswered += 1;
                        return;
                    }
                    Err(batch) => (*batch, Err(ClientFault::refused(ErrorCode::MessageTooLarge).into())),
                },
                Outcome::Appended(appended) => (batch, Ok(appended)),
                Outcome::Failed(fault) => (batch, Err(fault)),
            }
        };
        self.answer(batch, result);
    }

    fn answer(&self, batch: Batch, result: Result<Appended, ProduceFault>) {
        batch.answer(result);
        let mut state = self.state();
        state.unanswered -= 1;
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

impl State {
    fn queue(&mut self, partition: &TopicPartition) -> &mut Queue {
        let of_topic = self.topics.entry(partition.topic.clone()).or_default();
        of_topic.queues.entry(partition.partition).or_default()
    }
}

impl TopicQueues {
    fn partition_for(
        &mut self,
        record: &RecordRef<'_>,
        partitions: i32,
        options: &ProducerOptions,
        rng: &mut (dyn Rng + Send),
    ) -> i32 {
        if let Some(asked) = record.partition {
            return asked;
        }
        if options.partitioner == Partitioner::RoundRobin {
            return (self.in_turn % u64::from(partitions.max(1).unsigned_abs())) as i32;
        }
        match record.key {
            Some(key) if !options.ignore_keys => partition_for_key(key, partitions),
            _ => {
                let sticky = &mut self.sticky;
                let is_done =
                    sticky.as_ref().is_none_or(|sticky| sticky.is_full(options.batch_size, partitions));
                if is_done {
                    *sticky = Some(StickyPartition::new(partitions, rng.next_u64()));
                }
                sticky.as_ref().map_or(0, StickyPartition::partition)
            }
        }
    }
}

impl RecordRef<'_> {
    /// Placed where there is room, and not by a key.
    fn is_sticky(&self, options: &ProducerOptions) -> bool {
        let has_place = self.partition.is_some() || options.partitioner == Partitioner::RoundRobin;
        !has_place && (self.key.is_none() || options.ignore_keys)
    }
}

impl Queue {
    /// When its first batch may be sent; `None` when that depends on what is in flight.
    fn due(&self, options: &ProducerOptions, is_flushing: bool) -> Option<Instant> {
        let first = self.batches.front()?;
        let was_sent = first.order.is_some();
        // What is sent again goes alone, so that nothing overtakes it.
        let in_flight_max = if was_sent { 0 } else { options.in_flight_max.max(1) - 1 };
        if self.in_flight > in_flight_max {
            return None;
        }
        let is_closed =
            self.batches.len() > 1 || first.size() >= options.batch_size || was_sent || is_flushing;
        let lingered = if is_closed { first.created } else { first.created + options.linger };
        Some(self.not_before.map_or(lingered, |not_before| not_before.max(lingered)))
    }

    fn expires(&self, timeout: Duration) -> Option<Instant> {
        self.batches.front().map(|first| first.created + timeout)
    }

    fn expire(&mut self, now: Instant, timeout: Duration, expired: &mut Vec<Batch>) {
        while self.expires(timeout).is_some_and(|expires| expires <= now) {
            expired.extend(self.batches.pop_front());
        }
    }

    /// Puts a batch that was sent where it was.
    fn put_back(&mut self, batch: Batch) {
        let later = |waiting: &Batch| waiting.order.is_none() || waiting.order > batch.order;
        let place = self.batches.iter().position(later).unwrap_or(self.batches.len());
        self.batches.insert(place, batch);
    }
}

#[cfg(test)]
mod tests;
