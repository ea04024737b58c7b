//! Reading a log without the partition's lock. A view holds the segments it was made with: rolls and retention do not
//! disturb it.
//!
//! * [`read`] – file slices from an offset on.
//! * [`timestamp`] – offsets by time.
//! * [`retention`] – what may be deleted.

pub mod read;
pub mod retention;
#[cfg(test)]
mod tests;
pub mod timestamp;

use std::sync::Arc;

use crate::fault::LogFault;
use crate::offset::LogOffset;
use crate::segment::Segment;

/// Why a read gave nothing.
#[derive(Clone, Debug)]
pub enum ReadError {
    /// OFFSET_OUT_OF_RANGE: below the log start or beyond the written end.
    OutOfRange { offset: i64, log_start: i64, log_end: i64 },
    /// A segment has been deleted or cut since the view was made: make a new view.
    Outdated,
    /// KAFKA_STORAGE_ERROR.
    Fault(LogFault),
}

impl From<LogFault> for ReadError {
    fn from(fault: LogFault) -> Self {
        ReadError::Fault(fault)
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub struct LogView {
    segments: Arc<Vec<Arc<Segment>>>,
    log_start: i64,
    written: LogOffset,
}

impl LogView {
    pub(crate) fn new(segments: Arc<Vec<Arc<Segment>>>, log_start: i64, written: LogOffset) -> LogView {
        LogView { segments, log_start, written }
    }

    pub(crate) fn segments(&self) -> &[Arc<Segment>] {
        &self.segments
    }

    pub fn log_start(&self) -> i64 {
        self.log_start
    }

    /// The written end when the view was made.
    pub fn written(&self) -> LogOffset {
        self.written
    }

    /// A read that fails on a segment the log has given up meanwhile is not the log's fault.
    fn explained<T>(&self, result: Result<T, ReadError>) -> Result<T, ReadError> {
        result.map_err(|error| match error {
            ReadError::Fault(_) if self.segments.iter().any(|segment| segment.is_outdated()) => {
                ReadError::Outdated
            }
            error => error,
        })
    }

    /// Index of the segment that holds `offset`, if any begins at or below it.
    fn segment_index(&self, offset: i64) -> Option<usize> {
        self.segments.partition_point(|segment| segment.base_offset() <= offset).checked_sub(1)
    }

    /// Bytes of a segment that lie below `upper`, whose place is known; 0 when the segment begins behind it.
    fn limit(&self, segment: &Segment, upper: LogOffset) -> u32 {
        match segment.base_offset().cmp(&upper.segment_base_offset) {
            std::cmp::Ordering::Less => segment.size(),
            std::cmp::Ordering::Equal => upper.position,
            std::cmp::Ordering::Greater => 0,
        }
    }
}
