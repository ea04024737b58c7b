//! Where logs begin, moved by clients and by retention (Kafka: `Partition.deleteRecordsOnLeader`,
//! `UnifiedLog.deleteOldSegments`).
//!
//! ```text
//! claim (DeleteRecords, retention) ─► checkpoint on the disk ─► log start moves, sleepers wake ─► files go
//! ```
//! The checkpoint comes first, so that a start that somebody has seen never goes back (invariant 18). Kafka writes it
//! within a minute.

use std::sync::Arc;

use klamm_base::{ErrorCode, Now};
use klamm_log::{Checkpoint, DeletedSegments, LogFault, ReadError};

use super::partition::{State, tell};
use super::{Directory, Owner, Partition, Sleeper, checkpoints};
use crate::gather::Wakes;

/// The offset in a DeleteRecords request that stands for the high watermark.
const HIGH_WATERMARK: i64 = -1;

impl Partition {
    /// Wants the log to begin at `offset`, -1 for the high watermark. Returns the low watermark if it already does; else
    /// the sleeper is told when [`move_claimed_starts`] has been there.
    ///
    /// # Errors
    /// Role and storage errors, `POLICY_VIOLATION` where records may only be compacted, `OFFSET_OUT_OF_RANGE` below zero
    /// or beyond the high watermark.
    pub fn delete_records(&self, offset: i64, sleeper: &Sleeper) -> Result<Option<i64>, ErrorCode> {
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
        let log_start = state.log.ends().log_start;
        if offset <= log_start {
            return Ok(Some(log_start));
        }
        state.claimed_start = state.claimed_start.max(offset);
        state.replica.wait_for_log_start(offset, sleeper.clone());
        self.directory.claim_start();
        Ok(None)
    }

    pub fn log_start(&self) -> i64 {
        self.lock().log.ends().log_start
    }

    /// The start that the log does not have yet.
    fn claimed_start(&self) -> Option<i64> {
        let state = self.lock();
        let is_open = state.claimed_start > state.log.ends().log_start && state.check_log().is_ok();
        is_open.then_some(state.claimed_start)
    }

    /// The checkpoint has the claim.
    fn move_log_start(&self, offset: i64, wakes: &mut Wakes) {
        let mut state = self.lock();
        if state.check_log().is_ok() {
            state.log.advance_log_start(offset);
            state.start_moved(wakes);
        }
    }

    /// Where retention by time, size and log start wants the log to begin; `None` when all segments stay. Looks at files
    /// without holding the lock.
    fn retention_point(&self, now: Now) -> Option<i64> {
        let (view, config, high_watermark) = {
            let state = self.lock();
            if state.check_log().is_err() {
                return None;
            }
            (state.log.view(), state.log.config().clone(), state.replica.high_watermark().offset)
        };
        match view.retention_point(&config, now.wall_ms, high_watermark) {
            Ok(Some(point)) => {
                let mut state = self.lock();
                state.claimed_start = state.claimed_start.max(point);
                Some(point)
            }
            // The log was given up, or nobody can tell how old its segments are: they stay until the next check.
            Ok(None) | Err(ReadError::Outdated | ReadError::OutOfRange { .. } | ReadError::Fault(_)) => None,
        }
    }

    /// Takes all segments below `point` out of the log; their files are the caller's business. The checkpoint has the
    /// claim.
    fn delete_below(self: &Arc<Self>, point: i64, now: Now, wakes: &mut Wakes) -> Option<DeletedSegments> {
        let mut state = self.lock();
        if state.check_log().is_err() {
            return None;
        }
        let deleted = state.log.delete_below(point, now.wall_ms).map(|(deleted, roll)| {
            if let Some(roll) = roll {
                self.directory.writer.submit(roll, Owner::Partition(self.clone()));
            }
            deleted
        });
        // A batch that came since the decision keeps the last segment, not its old records.
        state.log.advance_log_start(point);
        state.start_moved(wakes);
        deleted
    }
}

impl State {
    fn start_moved(&mut self, wakes: &mut Wakes) {
        let log_start = self.log.ends().log_start;
        self.replica.log_start_moved(log_start, |news| tell(news, wakes));
    }
}

/// Gives the partitions of a directory the log starts that DeleteRecords wants.
///
/// # Errors
/// The checkpoint could not be written; nothing has moved then.
pub fn move_claimed_starts(
    directory: &Arc<Directory>,
    partitions: &[Arc<Partition>],
    wakes: &mut Wakes,
) -> Result<(), LogFault> {
    let here = partitions.iter().filter(|partition| Arc::ptr_eq(&partition.directory, directory));
    let claims: Vec<_> = here.filter_map(|partition| Some((partition, partition.claimed_start()?))).collect();
    if claims.is_empty() {
        return Ok(());
    }
    checkpoints::write(directory, Checkpoint::LogStart, partitions)?;
    for (partition, offset) in claims {
        partition.move_log_start(offset, wakes);
    }
    Ok(())
}

/// Applies retention to a directory: whole segments go, oldest first. Returns what is to be removed from the disk later,
/// each with its delay (`file.delete.delay.ms`); readers may still hold it.
///
/// # Errors
/// The disk failed; what was deleted until then is renamed or comes back with the next check.
pub fn retain(
    directory: &Arc<Directory>,
    partitions: &[Arc<Partition>],
    now: Now,
    wakes: &mut Wakes,
) -> Result<Vec<(i64, DeletedSegments)>, LogFault> {
    let mut points = Vec::new();
    for partition in partitions.iter().filter(|partition| Arc::ptr_eq(&partition.directory, directory)) {
        points.extend(partition.retention_point(now).map(|point| (partition, point)));
    }
    if points.is_empty() {
        return Ok(Vec::new());
    }
    checkpoints::write(directory, Checkpoint::LogStart, partitions)?;
    let mut waste = Vec::new();
    for (partition, point) in points {
        let Some(deleted) = partition.delete_below(point, now, wakes) else { continue };
        deleted.rename()?;
        waste.push((partition.config().file_delete_delay_ms, deleted));
    }
    Ok(waste)
}
