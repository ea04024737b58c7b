//! Questions about a partition's offsets: by time, by sentinel, by leader epoch (Kafka: `Partition`,
//! `ReplicaManager.fetchOffset`).

use klamm_base::ErrorCode;
use klamm_log::{LogView, ReadError, TimestampOffset};
use klamm_replica::ReadBound;

use super::Partition;
use super::read::fault_code;

/// What ListOffsets may ask for (Kafka: `ListOffsetsRequest`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    /// -1: behind the last record this reader may see.
    Latest,
    /// -2: the first retained record.
    Earliest,
    /// -3: the first record with the largest timestamp.
    MaxTimestamp,
    /// -4: the first record on this disk.
    EarliestLocal,
    /// -5: the last record in tiered storage.
    LatestTiered,
    /// -6: the first record not yet in tiered storage.
    EarliestPendingUpload,
    /// The first record at or after this time.
    Timestamp(i64),
}

/// A question of ListOffsets.
#[derive(Clone, Copy, Debug)]
pub struct ListOffset {
    pub spec: OffsetSpec,
    /// -1: not given.
    pub current_leader_epoch: i32,
    pub bound: ReadBound,
}

/// An answer: -1 in all fields when nothing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundOffset {
    pub timestamp: i64,
    pub offset: i64,
    pub leader_epoch: i32,
}

impl FoundOffset {
    pub const NOTHING: FoundOffset = FoundOffset { timestamp: -1, offset: -1, leader_epoch: -1 };
}

impl Partition {
    /// Answers ListOffsets.
    ///
    /// # Errors
    /// Fencing, role and storage errors, and `OFFSET_NOT_AVAILABLE` to consumers while the high watermark has not
    /// reached the leader's first offset.
    pub fn list_offset(&self, ask: &ListOffset) -> Result<FoundOffset, ErrorCode> {
        loop {
            let (view, upper, settled, known) = {
                let state = self.lock();
                if state.deleted {
                    return Err(ErrorCode::UnknownTopicOrPartition);
                }
                let leader = state.replica.leader(ask.current_leader_epoch)?;
                let settled = ask.bound == ReadBound::LogEnd || leader.offsets_available();
                let ends = state.visible_ends();
                let upper = match ask.bound {
                    ReadBound::LogEnd => ends.log_end.offset,
                    ReadBound::HighWatermark => leader.high_watermark().offset,
                    ReadBound::LastStableOffset => ends.last_stable.offset,
                };
                let log_ends = state.log.ends();
                let epoch_of = |offset| state.log.epoch_for_offset(offset).unwrap_or(-1);
                let known = match ask.spec {
                    OffsetSpec::Latest if !settled => return Err(ErrorCode::OffsetNotAvailable),
                    OffsetSpec::Latest => Some((upper, leader.leader_epoch())),
                    OffsetSpec::Earliest => Some((log_ends.log_start, epoch_of(log_ends.log_start))),
                    OffsetSpec::EarliestLocal => {
                        Some((log_ends.local_log_start, epoch_of(log_ends.local_log_start)))
                    }
                    // Nothing is tiered.
                    OffsetSpec::LatestTiered | OffsetSpec::EarliestPendingUpload => Some((-1, -1)),
                    OffsetSpec::MaxTimestamp | OffsetSpec::Timestamp(_) => None,
                };
                (state.log.view(), upper, settled, known)
            };
            if let Some((offset, leader_epoch)) = known {
                return Ok(FoundOffset { timestamp: -1, offset, leader_epoch });
            }
            match search(&view, ask.spec) {
                Err(ReadError::Outdated) => {}
                Err(ReadError::OutOfRange { .. }) => return Err(ErrorCode::OffsetOutOfRange),
                Err(ReadError::Fault(fault)) => return Err(fault_code(&fault)),
                Ok(found) => return bounded(found, upper, settled),
            }
        }
    }

    /// Answers OffsetForLeaderEpoch: the largest epoch not above `epoch` and where it ends, (-1, -1) if unknown.
    ///
    /// # Errors
    /// Fencing, role and storage errors.
    pub fn end_offset_for_epoch(
        &self,
        current_leader_epoch: i32,
        epoch: i32,
    ) -> Result<(i32, i64), ErrorCode> {
        let state = self.lock();
        if state.deleted {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        state.replica.leader(current_leader_epoch)?;
        Ok(state.log.end_offset_for_epoch(epoch))
    }
}

fn search(view: &LogView, spec: OffsetSpec) -> Result<Option<TimestampOffset>, ReadError> {
    match spec {
        OffsetSpec::Timestamp(timestamp) => view.offset_for_timestamp(timestamp),
        OffsetSpec::MaxTimestamp => view.max_timestamp(),
        _ => unreachable!("{spec:?} needs no search"),
    }
}

/// A record at or above the reader's bound is not there for it.
fn bounded(found: Option<TimestampOffset>, upper: i64, settled: bool) -> Result<FoundOffset, ErrorCode> {
    match found.filter(|found| found.offset < upper) {
        Some(TimestampOffset { timestamp, offset, leader_epoch }) => {
            Ok(FoundOffset { timestamp, offset, leader_epoch: leader_epoch.unwrap_or(-1) })
        }
        None if !settled => Err(ErrorCode::OffsetNotAvailable),
        None => Ok(FoundOffset::NOTHING),
    }
}
