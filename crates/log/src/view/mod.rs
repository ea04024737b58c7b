//! Reading a log without the partition's lock. A view holds the segments it was made with: rolls, truncation and
//! retention do not disturb it.

use std::sync::Arc;

use crate::disk::DiskFile;
use crate::fault::LogFault;
use crate::offset::LogOffset;

/// Bytes of a file, ready for sendfile or pread. Holds the file open.
#[derive(Clone)]
pub struct FileSlice {
    pub file: Arc<dyn DiskFile>,
    pub position: u64,
    pub len: u32,
}

/// What a read found.
#[derive(Clone)]
pub struct LogRead {
    /// Where the returned bytes start: offset is the one asked for, the place is that of its batch.
    pub start: LogOffset,
    /// `None` when nothing lies between `start` and the upper bound.
    pub slice: Option<FileSlice>,
    /// The first batch is larger than `max_bytes` and was not returned, or was cut.
    pub first_batch_incomplete: bool,
}

/// Why a read gave nothing.
#[derive(Clone, Debug)]
pub enum ReadError {
    /// OFFSET_OUT_OF_RANGE: below the log start or beyond the written end.
    OutOfRange { offset: i64, log_start: i64, log_end: i64 },
    /// The segment has been deleted since the view was made: make a new view.
    Outdated,
    /// KAFKA_STORAGE_ERROR.
    Fault(LogFault),
}

/// A record found by its timestamp (Kafka: `FileRecords.TimestampAndOffset`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampOffset {
    pub timestamp: i64,
    pub offset: i64,
    /// `None` in batches from before leader epochs.
    pub leader_epoch: Option<i32>,
}

/// An aborted transaction that a reader must skip (Kafka: `AbortedTxn`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTransaction {
    pub producer_id: i64,
    pub first_offset: i64,
}

/// See the module.
#[derive(Clone)]
pub struct LogView {}

impl LogView {
    pub fn log_start(&self) -> i64 {
        unimplemented!()
    }

    pub fn written(&self) -> LogOffset {
        unimplemented!()
    }

    /// At most `max_bytes` of whole or cut batches from the one that contains `offset`, ending at `upper` (high
    /// watermark, last stable offset or written end; never beyond the written end). With `min_one_batch` the first
    /// batch comes whole even if it is larger than `max_bytes`. One call stays in one segment.
    pub fn read(
        &self,
        offset: i64,
        max_bytes: u32,
        upper: LogOffset,
        min_one_batch: bool,
    ) -> Result<LogRead, ReadError> {
        let _ = (offset, max_bytes, upper, min_one_batch);
        unimplemented!()
    }

    /// Looks up the place of an offset, for a high watermark known by offset only.
    pub fn locate(&self, offset: i64) -> Result<LogOffset, ReadError> {
        let _ = offset;
        unimplemented!()
    }

    /// The first record at or after the log start with a timestamp of at least `timestamp`, below the written end.
    pub fn offset_for_timestamp(&self, timestamp: i64) -> Result<Option<TimestampOffset>, ReadError> {
        let _ = timestamp;
        unimplemented!()
    }

    /// The first record that has the log's largest timestamp (KIP-734).
    pub fn max_timestamp(&self) -> Result<Option<TimestampOffset>, ReadError> {
        unimplemented!()
    }

    /// Aborted transactions that overlap what `read` has returned, sorted by first offset.
    pub fn aborted_transactions(&self, read: &LogRead, upper: i64) -> Result<Vec<AbortedTransaction>, ReadError> {
        let _ = (read, upper);
        unimplemented!()
    }
}
