//! The start of a partition's log, moved by clients and by retention (Kafka: `Partition.deleteRecordsOnLeader`,
//! `UnifiedLog.deleteOldSegments`).

use std::sync::Arc;

use klamm_base::{ErrorCode, Now};
use klamm_log::{DeletedSegments, LogFault, ReadError};

use super::partition::{State, tell};
use super::{Owner, Partition};
use crate::gather::Wakes;

/// The offset in a DeleteRecords request that stands for the high watermark.
const HIGH_WATERMARK: i64 = -1;

impl Partition {
    /// Moves the log start up to `offset`, -1 for the high watermark; a lower offset than the start changes nothing. The
    /// files go with the next retention check, and the checkpoint tells a restart where the log begins. Returns the low
    /// watermark: replicas on other brokers that are not alive do not hold it back.
    ///
    /// # Errors
    /// Role and storage errors, `POLICY_VIOLATION` where records may only be compacted, `OFFSET_OUT_OF_RANGE` below zero
    /// or beyond the high watermark.
    pub fn delete_records(&self, offset: i64, wakes: &mut Wakes) -> Result<i64, ErrorCode> {
        let mut state = self.lock();
        if state.deleted {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        let high_watermark = state.replica.leader(-1)?.high_watermark().offset;
        if state.log.config().compact && !state.log.config().delete {
            return Err(ErrorCode::PolicyViolation);
        }
        let offset = if offset == HIGH_WATERMARK { high_watermark } else { offset };
        if !(0..=high_watermark).contains(&offset) {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        if state.log.advance_log_start(offset) {
            self.directory.offsets_moved();
            state.start_moved(wakes);
        }
        Ok(state.log.ends().log_start)
    }

    /// Takes out of the log what retention by time, size or log start gives up. The caller renames the segments' files
    /// at once and removes them when their time has come. Looks at files without holding the lock.
    ///
    /// # Errors
    /// What kept it from finding out how old the segments are.
    pub fn delete_old_segments(
        self: &Arc<Self>,
        now: Now,
        wakes: &mut Wakes,
    ) -> Result<Option<DeletedSegments>, LogFault> {
        let (view, config, high_watermark) = {
            let state = self.lock();
            if state.check_log().is_err() {
                return Ok(None);
            }
            (state.log.view(), state.log.config().clone(), state.replica.high_watermark().offset)
        };
        let point = match view.retention_point(&config, now.wall_ms, high_watermark) {
            Ok(Some(point)) => point,
            // Outdated: the log was given up meanwhile.
            Ok(None) | Err(ReadError::Outdated | ReadError::OutOfRange { .. }) => return Ok(None),
            Err(ReadError::Fault(fault)) => return Err(fault),
        };
        let mut state = self.lock();
        if state.check_log().is_err() {
            return Ok(None);
        }
        let Some((deleted, roll)) = state.log.delete_below(point, now.wall_ms) else { return Ok(None) };
        if let Some(roll) = roll {
            self.directory.writer.submit(roll, Owner::Partition(self.clone()));
        }
        self.directory.offsets_moved();
        state.start_moved(wakes);
        Ok(Some(deleted))
    }
}

impl State {
    fn start_moved(&mut self, wakes: &mut Wakes) {
        let log_start = self.log.ends().log_start;
        self.replica.log_start_moved(log_start, |news| tell(news, wakes));
    }
}
