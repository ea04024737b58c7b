//! Checking every batch of the segments that may have been written since the last known sync (Kafka:
//! `LogSegment.recover`).
//!
//! A batch is good when its length fits, its CRC matches, and offsets and epochs go on from the batch before: those lie
//! outside the CRC. The first bad one ends the log. In a log that is never compacted a segment must also begin where
//! the one before ends, else the end of that one was lost.

use std::sync::Arc;

use klamm_records::{AnyBatch, BatchFault, BatchHeader, BatchPrefix};

use super::{Loading, Truncation};
use crate::disk::{DiskFile, OpenMode};
use crate::epochs::EpochCache;
use crate::fault::{DiskFault, DiskOp, LogFault, Malformed};
use crate::format::file_name::FileKind;
use crate::segment::Segment;
use crate::segment::index::IndexState;
use crate::segment::scan::{BatchHead, parse};
pub(super) use crate::segment::verify::check_order;

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// Where a segment stops being good.
struct Verdict {
    /// Bytes of good batches.
    good_bytes: u32,
    /// What lies behind them, if anything.
    bad: Option<Malformed>,
}

impl Loading {
    /// Checks all segments from that of the recovery point on, cuts the log at the first bad batch, and rebuilds
    /// indexes, epochs and producer state of what was checked. Returns the log's end offset.
    pub(super) fn recover(&mut self) -> Result<i64, LogFault> {
        // Segments below the log start were on their way out: some may be gone and others not.
        let from = self.open.recovery_point.max(self.open.log_start);
        let below = self.segments.partition_point(|segment| segment.base_offset() <= from);
        let first = below.saturating_sub(1);
        let Some(start) = self.segments.get(first).map(|segment| segment.base_offset()) else {
            return Ok(self.open.log_start);
        };
        self.epochs.truncate_from_end(start);
        self.doubt_epochs(first, start)?;
        self.load_producers(start)?;
        let mut end = start;
        let mut index = first;
        while index < self.segments.len() {
            let segment = self.segments[index].clone();
            let gap = index > first && end < segment.base_offset() && !self.open.config.compact;
            if gap {
                self.secure_indexes(first..index)?;
                self.drop_from(index, end)?;
                break;
            }
            self.producers.set_end_offset(segment.base_offset());
            if index > first {
                self.write_snapshot()?;
            }
            let verdict = self.check_segment(&segment, &mut end)?;
            self.report.scanned_segments += 1;
            if let Some(why) = verdict.bad {
                let was_synced = self.was_synced(end);
                if was_synced && self.open.sync_recovered {
                    return Err(LogFault::malformed(segment.path(FileKind::Log), why));
                }
                self.secure_indexes(first..index + 1)?;
                self.drop_from(index + 1, end)?;
                if was_synced || self.open.sync_recovered {
                    self.keep_end(&segment, verdict.good_bytes)?;
                }
                self.cut(&segment, verdict.good_bytes, why)?;
            }
            self.lane.touched(&segment, false);
            index += 1;
            if index < self.segments.len() {
                segment.index_finish()?;
                segment.write_index_files(false)?;
                segment.write_aborted(false)?;
            } else {
                segment.spill_index()?;
            }
        }
        // A snapshot of the end comes with the next roll or close, synced.
        self.producers.set_end_offset(end);
        Ok(end)
    }

    /// The epoch file has no checksum, and an epoch that is too large would make every batch look bad: the first one to be
    /// scanned decides whether the file is believed.
    fn doubt_epochs(&mut self, first: usize, start: i64) -> Result<(), LogFault> {
        let (segment, mut epoch) = (&self.segments[first], -1);
        let walked = segment.walk(0, segment.size(), |head| {
            epoch = head.leader_epoch;
            Ok(false)
        });
        match walked {
            Err(LogFault::Malformed { .. }) => return Ok(()),
            walked => walked?,
        }
        if self.epochs.latest().is_some_and(|latest| (0..latest.epoch).contains(&epoch)) {
            self.epochs.clear();
            self.rebuild_epochs()?;
            self.epochs.truncate_from_end(start);
        }
        Ok(())
    }

    /// Syncs the index files of segments that were scanned, before the log gets another end: a log that ends at its recovery
    /// point is not scanned again, so what this scan has changed must be there by then.
    fn secure_indexes(&self, scanned: std::ops::Range<usize>) -> Result<(), LogFault> {
        for segment in &self.segments[scanned] {
            segment.write_aborted(true)?;
            segment.write_index_files(true)?;
        }
        Ok(self.home.sync_dir()?)
    }

    /// Gives up segments behind the log's end.
    fn drop_from(&mut self, index: usize, end: i64) -> Result<(), LogFault> {
        let dropped = self.segments.split_off(index);
        self.remove_segments(&dropped, self.was_synced(end))
    }

    /// Cuts a segment's end off, durably: bytes behind new batches must never come back.
    fn cut(&mut self, segment: &Arc<Segment>, kept_bytes: u32, why: Malformed) -> Result<(), LogFault> {
        let file = segment.file(OpenMode::ReadWrite)?;
        let path = || segment.path(FileKind::Log);
        file.set_len(u64::from(kept_bytes))
            .map_err(|source| DiskFault::new(DiskOp::SetLen, path(), source))?;
        file.sync_all().map_err(|source| DiskFault::new(DiskOp::Sync, path(), source))?;
        let cut_bytes = segment.size() - kept_bytes;
        segment.set_size(kept_bytes);
        let segment_base_offset = segment.base_offset();
        self.report.truncated = Some(Truncation { segment_base_offset, kept_bytes, cut_bytes, why });
        Ok(())
    }

    /// Reads the whole segment; `end` moves over its good batches.
    fn check_segment(&mut self, segment: &Arc<Segment>, end: &mut i64) -> Result<Verdict, LogFault> {
        let file = segment.file(OpenMode::Read)?;
        let mut window = Window::new(&*file, segment.size());
        let mut state = IndexState::new(segment.base_offset());
        segment.reset_aborted()?;
        *end = (*end).max(segment.base_offset());
        let fault =
            |source| LogFault::from(DiskFault::new(DiskOp::Read, segment.path(FileKind::Log), source));
        let bad = loop {
            if window.at_end() {
                break None;
            }
            let position = window.position;
            match window.batch().map_err(fault)? {
                Err(why) => break Some(Malformed::BadBatch { position, why }),
                Ok(batch) => match self.take_batch(segment, &batch, position, *end, &mut state) {
                    Ok(next) => *end = next,
                    Err(why) => break Some(why),
                },
            }
            window.advance();
        };
        state.restart_interval();
        segment.set_index(state);
        segment.trust();
        Ok(Verdict { good_bytes: window.position, bad })
    }

    /// Checks a batch against what came before and takes note of it. Returns the offset behind it.
    fn take_batch(
        &mut self,
        segment: &Arc<Segment>,
        batch: &AnyBatch<'_>,
        position: u32,
        end: i64,
        state: &mut IndexState,
    ) -> Result<i64, Malformed> {
        batch.check_crc().map_err(|why| Malformed::BadBatch { position, why })?;
        let head = parse(batch.bytes(), position).map_err(|why| Malformed::BadBatch { position, why })?;
        check_order(segment.base_offset(), &head, end)?;
        self.check_epoch(&head)?;
        if position == 0 {
            self.first_timestamp = Some((segment.base_offset(), head.max_timestamp));
        }
        state.append(&head, self.open.config.index_interval_bytes);
        note_epoch(&mut self.epochs, head.leader_epoch, head.base_offset);
        if let AnyBatch::V2(view) = batch
            && let Some(aborted) = self.take_producer(view)
        {
            segment.add_aborted(aborted);
        }
        Ok(head.last_offset + 1)
    }

    /// Epochs never decrease along the log.
    fn check_epoch(&self, head: &BatchHead) -> Result<(), Malformed> {
        match self.epochs.latest() {
            Some(latest) if (0..latest.epoch).contains(&head.leader_epoch) => {
                let (position, epoch) = (head.position, head.leader_epoch);
                Err(Malformed::BadEpoch { position, epoch, latest: latest.epoch })
            }
            _ => Ok(()),
        }
    }
}

/// Notes the first batch of an epoch.
pub(super) fn note_epoch(epochs: &mut EpochCache, epoch: i32, base_offset: i64) {
    let is_newer = epochs.latest().is_none_or(|latest| epoch > latest.epoch);
    if epoch >= 0 && base_offset >= 0 && is_newer {
        epochs.assign(epoch, base_offset);
    }
}

/// Reads a file batch by batch through one buffer.
pub(super) struct Window<'a> {
    file: &'a dyn DiskFile,
    len: u32,
    /// Start of the current batch.
    position: u32,
    buffer: Vec<u8>,
    buffer_start: u32,
    batch_size: u32,
}

impl<'a> Window<'a> {
    pub(super) fn new(file: &'a dyn DiskFile, len: u32) -> Window<'a> {
        Window { file, len, position: 0, buffer: Vec::new(), buffer_start: 0, batch_size: 0 }
    }

    pub(super) fn position(&self) -> u32 {
        self.position
    }

    pub(super) fn at_end(&self) -> bool {
        self.position >= self.len
    }

    /// The batch at the current position.
    pub(super) fn batch(&mut self) -> std::io::Result<Result<AnyBatch<'_>, BatchFault>> {
        let left = (self.len - self.position) as usize;
        self.fill(left.min(BatchHeader::SIZE))?;
        let prefix = match BatchPrefix::parse(self.current()) {
            Ok(prefix) => prefix,
            Err(why) => return Ok(Err(why)),
        };
        if prefix.size_in_bytes > left {
            return Ok(Err(BatchFault::Truncated { needed: prefix.size_in_bytes, available: left }));
        }
        self.fill(prefix.size_in_bytes)?;
        self.batch_size = prefix.size_in_bytes as u32;
        Ok(AnyBatch::parse(self.current()))
    }

    pub(super) fn advance(&mut self) {
        self.position += self.batch_size;
    }

    fn current(&self) -> &[u8] {
        &self.buffer[(self.position - self.buffer_start) as usize..]
    }

    /// Sees that `wanted` bytes from the current position on are in the buffer; the file has them.
    fn fill(&mut self, wanted: usize) -> std::io::Result<()> {
        let buffered = self.position >= self.buffer_start
            && self.buffer.len() >= (self.position - self.buffer_start) as usize + wanted;
        if buffered {
            return Ok(());
        }
        let left = (self.len - self.position) as usize;
        self.buffer.resize(wanted.max(CHUNK).min(left), 0);
        self.file.read_exact_at(&mut self.buffer, u64::from(self.position))?;
        self.buffer_start = self.position;
        Ok(())
    }
}
