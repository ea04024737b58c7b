//! One group of segments into one new segment (Kafka: `Cleaner.cleanSegments`, `cleanInto`).

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use klamm_records::compact::{Left, emptied, retain};
use klamm_records::{AnyBatch, BatchHeader, BatchView, Record, Scratch};

use super::LastRecord;
use super::offset_map::OffsetMap;
use super::transactions::CleanedTransactions;
use crate::disk::{DiskFile, OpenMode};
use crate::fault::{DiskFault, DiskOp, LogFault};
use crate::format::file_name::{FileKind, Suffix};
use crate::home::LogHome;
use crate::segment::Segment;
use crate::segment::scan::BatchHead;

/// Bytes gathered before they are written.
const WRITE_BYTES: usize = 1 << 20;

/// Neighbouring segments that fit into one, in order. `end` is where the last one ends.
pub fn groups(
    segments: &[Arc<Segment>],
    segment_bytes: u32,
    index_bytes: u32,
    end: i64,
) -> Result<Vec<Vec<Arc<Segment>>>, LogFault> {
    let mut groups: Vec<Vec<Arc<Segment>>> = Vec::new();
    let (mut bytes, mut offset_bytes, mut time_bytes) = (0_u64, 0_u64, 0_u64);
    for (index, segment) in segments.iter().enumerate() {
        let counts = segment.with_index(|state| state.counts())?;
        let last = segments.get(index + 1).map_or(end, |next| next.base_offset()) - 1;
        let (size, offset, time) =
            (u64::from(segment.size()), u64::from(counts.offset) * 8, u64::from(counts.time) * 12);
        let fits = groups.last().is_some_and(|group| {
            bytes + size <= segment_bytes.into()
                && offset_bytes + offset <= index_bytes.into()
                && time_bytes + time <= index_bytes.into()
                && last - group[0].base_offset() <= i32::MAX.into()
        });
        if let Some(group) = groups.last_mut().filter(|_| fits) {
            group.push(segment.clone());
            bytes += size;
            offset_bytes += offset;
            time_bytes += time;
        } else {
            groups.push(vec![segment.clone()]);
            (bytes, offset_bytes, time_bytes) = (size, offset, time);
        }
    }
    Ok(groups)
}

/// What decides about records.
pub struct Rewrite<'a> {
    pub home: &'a Arc<LogHome>,
    pub map: &'a OffsetMap,
    pub producers: &'a BTreeMap<i64, LastRecord>,
    pub high_watermark: i64,
    pub index_interval_bytes: u32,
    /// From when on tombstones that get a horizon now may go.
    pub horizon_ms: i64,
    pub now_ms: i64,
}

/// A new segment while it is written.
struct Target {
    segment: Arc<Segment>,
    file: Arc<dyn DiskFile>,
    written: u64,
    pending: Vec<u8>,
}

impl Rewrite<'_> {
    /// Writes the new segment with its indexes, durably, under `.cleaned` names.
    pub fn run(
        &self,
        group: &[Arc<Segment>],
        transactions: &mut CleanedTransactions,
    ) -> Result<Arc<Segment>, LogFault> {
        let base_offset = group[0].base_offset();
        let new = Segment::new(self.home.clone(), base_offset, self.index_interval_bytes);
        new.set_suffix(Some(Suffix::Cleaned));
        let segment = Arc::new(new);
        let file = segment.file(OpenMode::CreateOrTruncate)?;
        let mut target = Target { segment, file, written: 0, pending: Vec::new() };
        let mut scratch = Scratch::default();
        for old in group {
            old.walk(0, old.size(), |head| {
                let bytes = old.read_batch(head)?;
                let left = match old.batch_of(&bytes, head)? {
                    AnyBatch::V2(batch) => {
                        let mut kept = Vec::new();
                        let left = self.rewrite(&batch, transactions, &mut kept, &mut scratch);
                        kept.into_iter().for_each(|txn| target.segment.add_aborted(txn));
                        left.map_err(|why| why.at(old, head))?
                    }
                    AnyBatch::Legacy(_) => Some(Bytes::copy_from_slice(&bytes)),
                };
                if let Some(left) = left {
                    target.append(&left, head)?;
                }
                Ok(true)
            })?;
        }
        target.finish()
    }

    /// What is left of a batch; `None` when it goes.
    fn rewrite(
        &self,
        batch: &BatchView<'_>,
        transactions: &mut CleanedTransactions,
        kept: &mut Vec<crate::format::transaction_index::AbortedTxn>,
        scratch: &mut Scratch,
    ) -> Result<Option<Bytes>, RewriteFault> {
        let header = *batch.header();
        let is_control = header.attributes.is_control();
        // What is behind the map is not looked at yet.
        let is_useless = transactions.on_batch(batch, Some(kept)).map_err(RewriteFault::Log)?;
        let horizon_is_over = header.delete_horizon_ms().is_some_and(|horizon_ms| horizon_ms <= self.now_ms);
        let discards = is_useless && (!is_control || horizon_is_over);
        let left = match discards {
            true => Left::Nothing,
            false => {
                let marker_of_nothing = is_useless && is_control;
                let keep = |record: &Record<'_>| is_control || self.stays(record, horizon_is_over);
                retain(batch, self.horizon_ms, marker_of_nothing, scratch, keep)
                    .map_err(RewriteFault::Records)?
            }
        };
        Ok(match left {
            Left::Whole => Some(Bytes::copy_from_slice(batch.bytes())),
            Left::Rewritten(bytes) => Some(bytes),
            Left::Nothing if self.must_remain(&header) => Some(emptied(&header)),
            Left::Nothing => None,
        })
    }

    fn stays(&self, record: &Record<'_>, horizon_is_over: bool) -> bool {
        if record.offset >= self.map.end() {
            return true;
        }
        // A record without a key has no newest one: it should never have come into such a topic.
        record.key.is_some_and(|key| {
            self.map.is_newest(key, record.offset) && (record.value.is_some() || !horizon_is_over)
        })
    }

    /// Whether an empty batch must stay: it says how far its producer, or the log, has come.
    fn must_remain(&self, header: &BatchHeader) -> bool {
        let is_last_of_producer =
            self.producers.get(&header.producer_id).is_some_and(|last| match last.data_offset {
                Some(offset) => header.last_offset() == offset,
                None => header.attributes.is_control() && header.producer_epoch == last.epoch,
            });
        (header.has_producer_id() && is_last_of_producer) || header.last_offset() + 1 == self.high_watermark
    }
}

/// Why a batch could not be rewritten.
enum RewriteFault {
    Log(LogFault),
    Records(klamm_records::RecordFault),
}

impl RewriteFault {
    fn at(self, segment: &Segment, head: &BatchHead) -> LogFault {
        match self {
            RewriteFault::Log(fault) => fault,
            RewriteFault::Records(why) => segment.unreadable(head, why),
        }
    }
}

impl Target {
    /// `old` is the head of the batch that these bytes are left of.
    fn append(&mut self, bytes: &[u8], old: &BatchHead) -> Result<(), LogFault> {
        let position = self.written + self.pending.len() as u64;
        let position =
            u32::try_from(position).unwrap_or_else(|_| panic!("a cleaned segment of {position} bytes"));
        let max_timestamp = match BatchView::parse(bytes) {
            Ok(batch) => batch.header().max_timestamp,
            Err(_) => old.max_timestamp,
        };
        self.segment.index_append(&BatchHead { position, size: bytes.len() as u32, max_timestamp, ..*old });
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= WRITE_BYTES { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), LogFault> {
        let fault = |source| DiskFault::new(DiskOp::Write, self.segment.path(FileKind::Log), source);
        self.file.write_at(&self.pending, self.written).map_err(fault)?;
        self.written += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Arc<Segment>, LogFault> {
        if !self.pending.is_empty() {
            self.write()?;
        }
        let fault = |source| DiskFault::new(DiskOp::Sync, self.segment.path(FileKind::Log), source);
        self.file.sync_all().map_err(fault)?;
        self.segment.set_size(self.written as u32);
        self.segment.index_finish()?;
        self.segment.write_index_files(true)?;
        self.segment.write_aborted(true)?;
        Ok(self.segment)
    }
}
