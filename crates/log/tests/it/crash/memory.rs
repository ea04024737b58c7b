//! What the outside world remembers of a log directory: what was handed in, what was promised, what is on its way.

use std::collections::BTreeMap;
use std::sync::Arc;

use klamm_base::{TopicPartition, Uuid};
use klamm_log::{QuorumState, SnapshotId};
use klamm_records::{BatchHeader, BatchView, ControlRecordType, Limits, Scratch};

/// The batches of a line that end below an offset.
pub fn below(line: &Line, end: i64) -> impl Iterator<Item = &[u8]> {
    line.range(..end).map(|(_, batch)| &batch[..]).filter(move |batch| last_offset(batch) < end)
}

fn last_offset(batch: &[u8]) -> i64 {
    BatchHeader::parse(batch).expect("an own batch").last_offset()
}

/// Everything. The list of partitions stands for the metadata, which is always known at a start.
#[derive(Clone, Default)]
pub struct Memory {
    pub partitions: BTreeMap<TopicPartition, PartitionMemory>,
    pub metadata: MetadataMemory,
}

/// Batches as they must lie in a log, by base offset.
pub type Line = BTreeMap<i64, Arc<[u8]>>;

#[derive(Clone)]
pub struct PartitionMemory {
    pub topic_id: Uuid,
    /// What the log holds if everything comes through; batches below the log start stay here.
    pub line: Line,
    /// The line before a truncation that nobody has reported as done.
    pub before_cut: Option<Line>,
    /// Every batch there ever was, by base offset and leader epoch.
    pub ever: BTreeMap<(i64, i32), Arc<[u8]>>,
    /// Reported as written: a kill takes nothing below.
    pub written: i64,
    /// Reported as durable: nothing takes anything below.
    pub durable: i64,
    /// The log start that was promised, and the largest one that was asked for.
    pub log_start: i64,
    pub log_start_asked: i64,
}

impl PartitionMemory {
    pub fn new(topic_id: Uuid) -> PartitionMemory {
        PartitionMemory {
            topic_id,
            line: Line::new(),
            before_cut: None,
            ever: BTreeMap::new(),
            written: 0,
            durable: 0,
            log_start: 0,
            log_start_asked: 0,
        }
    }

    pub fn append(&mut self, base_offset: i64, epoch: i32, batch: Vec<u8>) {
        let batch: Arc<[u8]> = batch.into();
        self.line.insert(base_offset, batch.clone());
        self.ever.insert((base_offset, epoch), batch);
    }

    /// The log is about to be cut: only what lies below is still promised.
    pub fn cut(&mut self, to: i64) {
        let before = self.line.clone();
        self.line.retain(|_, batch| last_offset(batch) < to);
        let end = self.line_end(self.log_start);
        self.before_cut = Some(before);
        self.written = self.written.min(end);
        self.durable = self.durable.min(end);
    }

    /// Where the line ends, at the log start if all of it lies below.
    pub fn line_end(&self, log_start: i64) -> i64 {
        let last = self.line.values().next_back();
        last.map_or(0, |batch| last_offset(batch) + 1).max(log_start)
    }

    /// A start has found the log to end here.
    pub fn ends_at(&mut self, end: i64) {
        // A log that restarts at its log start may do so in the middle of a batch that is gone.
        self.line.retain(|_, batch| last_offset(batch) < end);
        self.before_cut = None;
        self.written = end;
        self.durable = self.durable.min(end);
    }
}

/// The metadata directory beside the log.
#[derive(Clone, Default)]
pub struct MetadataMemory {
    pub snapshots: BTreeMap<SnapshotId, Vec<u8>>,
    /// Being written or deleted: may be there, whole.
    pub uncertain: BTreeMap<SnapshotId, Vec<u8>>,
    pub vote: Option<QuorumState>,
    /// Being written.
    pub next_vote: Option<QuorumState>,
}

/// One producer as folding a line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProducerFold {
    pub epoch: i16,
    /// Last sequence and last offset of each batch since the epoch began, oldest first.
    pub batches: Vec<(i32, i64)>,
    /// First offset of the open transaction.
    pub open: Option<i64>,
    /// Offset of its last batch or marker.
    pub last_seen: i64,
}

impl ProducerFold {
    pub fn last(&self) -> (i32, i64) {
        self.batches.last().copied().unwrap_or((-1, -1))
    }
}

/// A transaction that was given up: producer, first offset, offset of the marker.
pub type Abort = (i64, i64, i64);

/// What producers and transactions a stretch of log amounts to; written without a look at the room's own code.
#[derive(Default)]
pub struct Fold {
    pub producers: BTreeMap<i64, ProducerFold>,
    pub aborts: Vec<Abort>,
}

impl Fold {
    pub fn over<'a>(batches: impl Iterator<Item = &'a [u8]>) -> Fold {
        let mut fold = Fold::default();
        for batch in batches {
            fold.take(batch);
        }
        fold
    }

    fn take(&mut self, batch: &[u8]) {
        let header = BatchHeader::parse(batch).expect("an own batch");
        if header.producer_id < 0 {
            return;
        }
        let producer = self.producers.entry(header.producer_id).or_default();
        producer.last_seen = header.last_offset();
        if header.producer_epoch > producer.epoch {
            producer.epoch = header.producer_epoch;
            producer.batches.clear();
        }
        if header.attributes.is_control() {
            if let Some(first) = producer.open.take()
                && is_abort(batch)
            {
                self.aborts.push((header.producer_id, first, header.base_offset));
            }
            return;
        }
        producer.batches.push((header.last_sequence(), header.last_offset()));
        if header.attributes.is_transactional() {
            producer.open.get_or_insert(header.base_offset);
        }
    }
}

fn is_abort(batch: &[u8]) -> bool {
    let view = BatchView::parse(batch).expect("an own batch");
    let (mut scratch, limits) = (Scratch::default(), Limits::default());
    let mut records = view.records(&mut scratch, &limits).expect("own records");
    let record = records.next().expect("a marker").expect("a whole marker");
    ControlRecordType::from_key(record.key) == Some(ControlRecordType::Abort)
}
