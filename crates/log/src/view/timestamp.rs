//! Offsets by timestamp (Kafka: `UnifiedLog.fetchOffsetByTimestamp`), exact to the record.

use klamm_records::{AnyBatch, Limits, Scratch};

use super::{LogView, ReadError};
use crate::disk::OpenMode;
use crate::fault::LogFault;
use crate::format::file_name::FileKind;
use crate::segment::Segment;
use crate::segment::scan::BatchHead;

/// A record found by its timestamp (Kafka: `FileRecords.TimestampAndOffset`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampOffset {
    pub timestamp: i64,
    pub offset: i64,
    /// `None` in batches from before leader epochs.
    pub leader_epoch: Option<i32>,
}

impl LogView {
    /// The first record at or after the log start with a timestamp of at least `timestamp`, below the written end.
    /// Decompresses at most a few batches.
    pub fn offset_for_timestamp(&self, timestamp: i64) -> Result<Option<TimestampOffset>, ReadError> {
        self.explained(self.first_at_or_after(timestamp))
    }

    fn first_at_or_after(&self, timestamp: i64) -> Result<Option<TimestampOffset>, ReadError> {
        let first = self.segment_index(self.log_start).unwrap_or(0);
        for segment in &self.segments[first..] {
            let limit = self.limit(segment, self.written);
            if limit == 0 || segment.max_timestamp()?.timestamp < timestamp {
                continue;
            }
            let position = segment.position_near_timestamp(timestamp, self.log_start, limit)?;
            let found = self.search(
                segment,
                position,
                limit,
                |head| head.max_timestamp >= timestamp,
                |record| record.timestamp >= timestamp && record.offset >= self.log_start,
            )?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The first record that has the log's largest timestamp (KIP-734); `None` in a log without timestamps.
    pub fn max_timestamp(&self) -> Result<Option<TimestampOffset>, ReadError> {
        self.explained(self.first_of_max_timestamp())
    }

    fn first_of_max_timestamp(&self) -> Result<Option<TimestampOffset>, ReadError> {
        let mut best: Option<(&Segment, i64)> = None;
        // What lies below the log start was not even looked at by recovery.
        let first = self.segment_index(self.log_start).unwrap_or(0);
        for segment in self.segments[first..].iter().filter(|segment| self.limit(segment, self.written) > 0) {
            let bound = segment.max_timestamp()?.timestamp;
            let beats = |timestamp: i64| timestamp >= 0 && best.is_none_or(|(_, best)| timestamp > best);
            if beats(bound) {
                let timestamp = self.newest_in(segment)?;
                if beats(timestamp) {
                    best = Some((segment, timestamp));
                }
            }
        }
        let Some((segment, timestamp)) = best else { return Ok(None) };
        let limit = self.limit(segment, self.written);
        let from = self.log_start.max(segment.base_offset());
        let position = segment.position_near_timestamp(timestamp, from, limit)?;
        self.search(
            segment,
            position,
            limit,
            |head| head.max_timestamp >= timestamp,
            |record| record.timestamp == timestamp && record.offset >= self.log_start,
        )
    }

    /// The largest timestamp of a segment's records that are written and not below the log start, -1 without any.
    fn newest_in(&self, segment: &Segment) -> Result<i64, ReadError> {
        let newest = segment.max_timestamp()?;
        // The segment's maximum may belong to a batch that is still on its way to the disk, or to deleted records.
        if newest.offset < self.written.offset && segment.base_offset() >= self.log_start {
            return Ok(newest.timestamp);
        }
        let limit = self.limit(segment, self.written);
        let file = segment.file(OpenMode::Read).map_err(LogFault::from)?;
        let position = segment.position_near(self.log_start.max(segment.base_offset()), &*file, limit)?;
        let (mut max, mut scratch) = (klamm_records::NO_TIMESTAMP, Scratch::default());
        segment.walk(position, limit, |head| {
            if head.base_offset >= self.log_start {
                max = max.max(head.max_timestamp);
            } else if head.last_offset >= self.log_start && head.max_timestamp > max {
                // The log start lies inside this batch: all its records have to be looked at.
                first_in_batch(segment, head, &mut scratch, |record| {
                    if record.offset >= self.log_start {
                        max = max.max(record.timestamp);
                    }
                    false
                })?;
            }
            Ok(true)
        })?;
        Ok(max)
    }

    /// The first record that fits in a batch that may hold it.
    fn search(
        &self,
        segment: &Segment,
        position: u32,
        limit: u32,
        may_hold: impl Fn(&BatchHead) -> bool,
        fits: impl Fn(&TimestampOffset) -> bool,
    ) -> Result<Option<TimestampOffset>, ReadError> {
        let mut scratch = Scratch::default();
        let mut found = None;
        segment.walk(position, limit, |head| {
            if head.last_offset >= self.log_start && may_hold(head) {
                found = first_in_batch(segment, head, &mut scratch, &fits)?;
            }
            Ok(found.is_none())
        })?;
        Ok(found)
    }
}

fn first_in_batch(
    segment: &Segment,
    head: &BatchHead,
    scratch: &mut Scratch,
    mut fits: impl FnMut(&TimestampOffset) -> bool,
) -> Result<Option<TimestampOffset>, LogFault> {
    let bytes = segment.read_batch(head)?;
    let leader_epoch = (head.leader_epoch >= 0).then_some(head.leader_epoch);
    let corrupt = |why| LogFault::corrupt(segment.path(FileKind::Log), head.position, why);
    let batch = match AnyBatch::parse(&bytes).map_err(corrupt)? {
        AnyBatch::V2(batch) => batch,
        // Magic 0 and 1: as exact as can be told without converting.
        AnyBatch::Legacy(_) => {
            let whole =
                TimestampOffset { timestamp: head.max_timestamp, offset: head.last_offset, leader_epoch };
            return Ok(fits(&whole).then_some(whole));
        }
    };
    batch.check_crc().map_err(corrupt)?;
    let unreadable = |why| LogFault::unreadable(segment.path(FileKind::Log), head.position, why);
    let mut records = batch.records(scratch, &Limits::default()).map_err(unreadable)?;
    while let Some(record) = records.next_time() {
        let record = record.map_err(unreadable)?;
        let record = TimestampOffset { timestamp: record.timestamp, offset: record.offset, leader_epoch };
        if fits(&record) {
            return Ok(Some(record));
        }
    }
    Ok(None)
}
