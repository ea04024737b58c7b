//! Reading batches (Kafka: `LocalLog.read`, `LogSegment.read`).

use std::sync::Arc;

use super::{LogView, ReadError};
use crate::disk::{DiskFile, OpenMode};
use crate::format::transaction_index::AbortedTxn;
use crate::offset::LogOffset;
use crate::segment::Segment;

/// Bytes of a file, ready for sendfile or pread. Holds the file open.
#[derive(Clone)]
pub struct FileSlice {
    pub file: Arc<dyn DiskFile>,
    pub position: u64,
    pub len: u32,
}

/// What a read found.
#[derive(Clone, Debug)]
pub struct LogRead {
    /// Where the returned bytes start: base offset and place of the batch that holds the offset asked for. Without bytes,
    /// the upper bound.
    pub start: LogOffset,
    /// `None` when nothing lies between `start` and the upper bound.
    pub slice: Option<FileSlice>,
    /// The first batch is larger than `max_bytes` and was not returned.
    pub first_batch_incomplete: bool,
}

/// An aborted transaction that a reader must skip (Kafka: `AbortedTxn`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTransaction {
    pub producer_id: i64,
    pub first_offset: i64,
}

impl LogView {
    /// At most `max_bytes` of batches from the one that contains `offset`, ending at `upper` (high watermark, last
    /// stable offset or written end; never beyond the written end). The last batch may be cut by `max_bytes`; with
    /// `min_one_batch` the first one comes whole even if it is larger. One call stays in one segment.
    pub fn read(
        &self,
        offset: i64,
        max_bytes: u32,
        upper: LogOffset,
        min_one_batch: bool,
    ) -> Result<LogRead, ReadError> {
        self.explained(self.read_batches(offset, max_bytes, upper, min_one_batch))
    }

    fn read_batches(
        &self,
        offset: i64,
        max_bytes: u32,
        upper: LogOffset,
        min_one_batch: bool,
    ) -> Result<LogRead, ReadError> {
        let log_end = self.written.offset;
        if offset < self.log_start || offset > log_end {
            return Err(ReadError::OutOfRange { offset, log_start: self.log_start, log_end });
        }
        let upper = self.clamp(upper)?;
        if offset >= upper.offset {
            let start = if offset == upper.offset { upper } else { self.place_of(offset)? };
            return Ok(LogRead { start, slice: None, first_batch_incomplete: false });
        }
        let first = self.segment_index(offset).ok_or(ReadError::Outdated)?;
        for (index, segment) in self.segments.iter().enumerate().skip(first) {
            let limit = self.limit(segment, upper);
            let Some(head) = segment.find(offset, limit)? else { continue };
            let start = LogOffset {
                offset: head.base_offset,
                segment_base_offset: segment.base_offset(),
                position: head.position,
            };
            let too_large = head.size > max_bytes;
            if too_large && !min_one_batch {
                return Ok(LogRead { start, slice: None, first_batch_incomplete: true });
            }
            let len = max_bytes.max(head.size).min(limit - head.position);
            let below = self.segments.get(index + 1).map_or(log_end, |next| next.base_offset());
            let len = segment.verified_len(&head, len, limit, below)?;
            let slice = slice(segment, head.position, len)?;
            return Ok(LogRead { start, slice: Some(slice), first_batch_incomplete: false });
        }
        // Compaction may have left nothing between the offset and the bound.
        Ok(LogRead { start: upper, slice: None, first_batch_incomplete: false })
    }

    /// As [`LogView::read`] for a reader whose place is known from before (its offset was the upper bound of an
    /// earlier read, say), without looking anything up. `None` when bytes from there are not all one segment's, or were
    /// never looked at.
    pub fn read_from(&self, start: LogOffset, max_bytes: u32, upper: LogOffset) -> Option<LogRead> {
        let upper = if upper.offset > self.written.offset { self.written } else { upper };
        let len = upper.bytes_since(&start)?;
        if len == 0 || start.offset < self.log_start {
            return None;
        }
        let index =
            self.segments.binary_search_by_key(&start.segment_base_offset, |segment| segment.base_offset());
        let (segment, len) = (&self.segments[index.ok()?], max_bytes.min(len as u32));
        let slice =
            segment.is_verified(start.position, len).then(|| slice(segment, start.position, len))?.ok()?;
        Some(LogRead { start, slice: Some(slice), first_batch_incomplete: false })
    }

    /// Looks up the place of an offset, for a high watermark known by offset only. Inside a batch it is the batch's.
    pub fn locate(&self, offset: i64) -> Result<LogOffset, ReadError> {
        self.explained(self.place_of(offset))
    }

    fn place_of(&self, offset: i64) -> Result<LogOffset, ReadError> {
        let log_end = self.written.offset;
        if offset == log_end {
            return Ok(self.written);
        }
        if offset < self.log_start || offset > log_end {
            return Err(ReadError::OutOfRange { offset, log_start: self.log_start, log_end });
        }
        let first = self.segment_index(offset).ok_or(ReadError::Outdated)?;
        for segment in &self.segments[first..] {
            if let Some(head) = segment.find(offset, self.limit(segment, self.written))? {
                return Ok(LogOffset {
                    offset,
                    segment_base_offset: segment.base_offset(),
                    position: head.position,
                });
            }
        }
        Ok(self.written)
    }

    /// Aborted transactions that overlap what `read` has returned, by first offset (Kafka:
    /// `LocalLog.addAbortedTransactions`). `upper` is the bound that was read with.
    pub fn aborted_transactions(
        &self,
        read: &LogRead,
        upper: i64,
    ) -> Result<Vec<AbortedTransaction>, ReadError> {
        let mut found = Vec::new();
        let from = read.start.offset;
        let first = self.segment_index(from).unwrap_or(0);
        // A read stays in one segment.
        let upper = self.segments.get(first + 1).map_or(upper, |next| upper.min(next.base_offset()));
        for segment in &self.segments[first..] {
            let collected = segment.with_aborted(|aborted| collect(aborted, from, upper, &mut found));
            if self.explained(collected.map_err(ReadError::Fault))? {
                break;
            }
        }
        if let Some(slice) = read.slice.as_ref().filter(|_| !found.is_empty()) {
            let segment = &self.segments[first];
            let end = slice.position as u32 + slice.len;
            let behind = segment.offset_behind(end, self.limit(segment, self.written));
            let behind = self.explained(behind.map_err(ReadError::Fault))?.unwrap_or(i64::MAX);
            found.retain(|transaction: &AbortedTransaction| transaction.first_offset < behind);
        }
        found.sort_unstable_by_key(|transaction| transaction.first_offset);
        Ok(found)
    }

    /// Never beyond what is written, and with a place.
    fn clamp(&self, upper: LogOffset) -> Result<LogOffset, ReadError> {
        if upper.offset >= self.written.offset {
            return Ok(self.written);
        }
        if upper.is_offset_only() && upper.offset >= self.log_start {
            self.place_of(upper.offset)
        } else {
            Ok(upper)
        }
    }
}

fn slice(segment: &Segment, position: u32, len: u32) -> Result<FileSlice, ReadError> {
    let file = segment.file(OpenMode::Read).map_err(crate::LogFault::from)?;
    Ok(FileSlice { file, position: u64::from(position), len })
}

/// Takes what overlaps the range; true when no later entry can.
fn collect(aborted: &[AbortedTxn], offset: i64, upper: i64, found: &mut Vec<AbortedTransaction>) -> bool {
    for txn in aborted {
        if txn.last_offset >= offset && txn.first_offset < upper {
            found.push(AbortedTransaction { producer_id: txn.producer_id, first_offset: txn.first_offset });
        }
        if txn.last_stable_offset >= upper {
            return true;
        }
    }
    false
}

impl std::fmt::Debug for FileSlice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileSlice({}+{})", self.position, self.len)
    }
}
