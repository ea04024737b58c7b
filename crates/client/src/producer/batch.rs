//! Records of one partition that travel together (Kafka: `ProducerBatch`).

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use klamm_base::TopicPartition;
use klamm_records::{BatchBuilder, BatchOptions, BatchView, Compression, Header, Limits, Scratch, patch};
use tokio::sync::{Notify, OwnedSemaphorePermit};
use tokio::time::Instant;

use super::{Delivered, ProduceFault, RecordRef};

/// What an idempotent producer numbers a batch with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub base_sequence: i32,
}

/// Records that travel together.
pub struct Batch {
    pub partition: TopicPartition,
    pub sequence: Option<Sequence>,
    /// Since it was sent first: its place among the partition's batches.
    pub order: Option<u64>,
    pub tries: u32,
    pub created: Instant,
    body: Body,
    count: usize,
    answers: Arc<Answers>,
    /// Of its first record among those of `answers`.
    place: usize,
    /// Shared by the parts of a batch that was split.
    _memory: Arc<OwnedSemaphorePermit>,
}

enum Body {
    Open(BatchBuilder),
    Sealed(Bytes),
}

/// What became of a batch's records; those that wait for it share it.
#[derive(Default)]
pub struct Answers {
    told: Mutex<Vec<Told>>,
    arrived: Notify,
}

/// The result of a run of records: where they lie, or why they do not.
struct Told {
    from: usize,
    to: usize,
    result: Result<Appended, ProduceFault>,
}

/// Offset of the first record of a run, and the time that the broker has set; each -1 if there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    pub base_offset: i64,
    pub append_time_ms: i64,
}

impl Answers {
    fn told(&self) -> MutexGuard<'_, Vec<Told>> {
        self.told.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn tell(&self, told: Told) {
        self.told().push(told);
        self.arrived.notify_waiters();
    }

    /// Waits for the answer to one record.
    pub async fn of(
        &self,
        place: usize,
        partition: i32,
        timestamp_ms: i64,
    ) -> Result<Delivered, ProduceFault> {
        let find = || {
            let told = self.told();
            let told = told.iter().find(|told| (told.from..told.to).contains(&place))?;
            Some(told.result.clone().map(|appended| (appended, place - told.from)))
        };
        loop {
            let arrived = self.arrived.notified();
            if let Some(found) = find() {
                let (Appended { base_offset, append_time_ms }, index) = found?;
                return Ok(Delivered {
                    partition,
                    offset: if base_offset < 0 { -1 } else { base_offset + index as i64 },
                    timestamp_ms: if append_time_ms < 0 { timestamp_ms } else { append_time_ms },
                });
            }
            arrived.await;
        }
    }
}

impl Batch {
    pub fn new(
        partition: TopicPartition,
        compression: Compression,
        memory: OwnedSemaphorePermit,
        now: Instant,
    ) -> Batch {
        let options = BatchOptions { compression, ..BatchOptions::default() };
        Batch {
            partition,
            sequence: None,
            order: None,
            tries: 0,
            created: now,
            body: Body::Open(BatchBuilder::new(options)),
            count: 0,
            answers: Arc::default(),
            place: 0,
            _memory: Arc::new(memory),
        }
    }

    pub fn len(&self) -> usize {
        self.count
    }

    pub fn age(&self) -> Duration {
        self.created.elapsed()
    }

    /// Bytes so far, uncompressed; of a sealed batch as it is sent.
    pub fn size(&self) -> usize {
        match &self.body {
            Body::Open(builder) => builder.uncompressed_size(),
            Body::Sealed(bytes) => bytes.len(),
        }
    }

    /// Whether a record of this size still fits; the first always does.
    pub fn has_room(&self, size: usize, batch_size: usize) -> bool {
        match &self.body {
            Body::Open(builder) => self.count == 0 || builder.uncompressed_size() + size <= batch_size,
            Body::Sealed(_) => false,
        }
    }

    /// Appends a record; returns where its answer will be.
    ///
    /// # Panics
    /// For a sealed batch, and for one that would pass 2 GiB: [`Batch::has_room`] says neither has room.
    pub fn append(&mut self, record: &RecordRef<'_>, timestamp_ms: i64) -> (Arc<Answers>, usize) {
        let Body::Open(builder) = &mut self.body else { panic!("a record for a batch that was sent") };
        builder
            .append(timestamp_ms, record.key, record.value, record.headers)
            .unwrap_or_else(|fault| panic!("a record does not fit into its batch: {fault:?}"));
        self.count += 1;
        (self.answers.clone(), self.place + self.count - 1)
    }

    /// The batch as it goes over the wire, with its present number.
    pub fn seal(&mut self, scratch: &mut Scratch) -> Bytes {
        if let Body::Open(_) = self.body
            && let Body::Open(mut builder) = std::mem::replace(&mut self.body, Body::Sealed(Bytes::new()))
        {
            if let Some(sequence) = self.sequence {
                let Sequence { producer_id, producer_epoch, base_sequence } = sequence;
                builder.set_producer(producer_id, producer_epoch, base_sequence);
            }
            self.body = Body::Sealed(builder.build(scratch));
        }
        match &self.body {
            Body::Sealed(bytes) => bytes.clone(),
            Body::Open(_) => unreachable!("it was sealed above"),
        }
    }

    /// Numbers the batch, also one that was sent under another number.
    pub fn number(&mut self, sequence: Sequence) {
        if self.sequence == Some(sequence) {
            return;
        }
        self.sequence = Some(sequence);
        if let Body::Sealed(bytes) = &mut self.body {
            let mut changed = BytesMut::from(&bytes[..]);
            let Sequence { producer_id, producer_epoch, base_sequence } = sequence;
            patch::set_producer(&mut changed, producer_id, producer_epoch, base_sequence);
            *bytes = changed.freeze();
        }
    }

    /// Two batches of half the records each, for a batch that is too large for the broker; the batch itself when it
    /// has a single record.
    pub fn halves(
        mut self,
        compression: Compression,
        scratch: &mut Scratch,
    ) -> Result<[Batch; 2], Box<Batch>> {
        if self.count < 2 {
            return Err(Box::new(self));
        }
        let bytes = self.seal(scratch);
        let first_count = self.count / 2;
        let Some(builders) = split(&bytes, first_count, compression, scratch) else {
            return Err(Box::new(self));
        };
        let (places, counts) =
            ([self.place, self.place + first_count], [first_count, self.count - first_count]);
        let parts = builders.into_iter().zip(places).zip(counts).map(|((builder, place), count)| Batch {
            partition: self.partition.clone(),
            sequence: None,
            order: None,
            tries: 0,
            created: self.created,
            body: Body::Open(builder),
            count,
            answers: self.answers.clone(),
            place,
            _memory: self._memory.clone(),
        });
        let parts: Vec<Batch> = parts.collect();
        // The parts answer for its records now.
        self.count = 0;
        parts.try_into().map_err(|_| Box::new(self))
    }

    /// Tells everybody who waits.
    pub fn answer(mut self, result: Result<Appended, ProduceFault>) {
        self.tell(result);
    }

    fn tell(&mut self, result: Result<Appended, ProduceFault>) {
        let (from, to) = (self.place, self.place + self.count);
        if from < to {
            self.answers.tell(Told { from, to, result });
        }
        self.count = 0;
    }
}

impl Drop for Batch {
    /// Nobody waits for what will not come.
    fn drop(&mut self) {
        self.tell(Err(ProduceFault::Closed));
    }
}

/// The records of a sealed batch in two open ones; `None` for what this producer has not made.
fn split(
    bytes: &Bytes,
    first_count: usize,
    compression: Compression,
    scratch: &mut Scratch,
) -> Option<[BatchBuilder; 2]> {
    let batch = BatchView::parse(bytes).ok()?;
    let options = BatchOptions { compression, ..BatchOptions::default() };
    let mut parts = [BatchBuilder::new(options), BatchBuilder::new(options)];
    let mut records = batch.records(scratch, &Limits::default()).ok()?;
    let mut index = 0;
    while let Some(record) = records.next() {
        let record = record.ok()?;
        let headers: Vec<Header<'_>> = record.headers.iter().collect();
        let part = usize::from(index >= first_count);
        parts[part].append(record.timestamp, record.key, record.value, &headers).ok()?;
        index += 1;
    }
    Some(parts)
}
