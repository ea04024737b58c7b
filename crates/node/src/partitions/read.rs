//! Reading from one partition (Kafka: `Partition.fetchRecords`), and waiting for more.

use std::sync::Arc;

use klamm_base::ErrorCode;
use klamm_log::{AbortedTransaction, FileSlice, LogFault, LogOffset, LogRead, LogView, ReadError};
use klamm_replica::{FetchWaiter, LogOffsetMetadata, NewBytes, ReadBound};

use super::partition::{Counters, State, log_offset, metadata};
use super::{Partition, Sleeper};
use crate::gather::Wakes;

/// What is asked of a partition.
#[derive(Clone, Copy, Debug)]
pub struct Read {
    pub fetch_offset: i64,
    /// -1: not given.
    pub current_leader_epoch: i32,
    /// -1: not given.
    pub last_fetched_epoch: i32,
    pub bound: ReadBound,
    pub max_bytes: u32,
    /// The first batch comes whole, however large.
    pub min_one_batch: bool,
}

/// What a partition answers to a fetch.
pub struct PartitionRead {
    pub high_watermark: i64,
    pub last_stable_offset: i64,
    pub log_start_offset: i64,
    /// The end of the epoch that the reader shares with this log, when its own has diverged: (epoch, end offset).
    pub diverging_epoch: Option<(i32, i64)>,
    pub slice: Option<FileSlice>,
    /// Only under read_committed.
    pub aborted: Option<Vec<AbortedTransaction>>,
    /// Where reading begins, for waiting and for reading on.
    start: LogOffsetMetadata,
    leader_epoch: i32,
}

impl PartitionRead {
    /// Bytes of records found.
    pub fn size_in_bytes(&self) -> u32 {
        self.slice.as_ref().map_or(0, |slice| slice.len)
    }
}

/// What is learnt under the lock.
struct Look {
    view: LogView,
    upper: LogOffset,
    leader_epoch: i32,
    high_watermark: i64,
    last_stable_offset: i64,
    log_start_offset: i64,
    diverging_epoch: Option<(i32, i64)>,
}

impl Partition {
    /// Reads without holding the lock; only how far the reader may see is learnt under it. `before` is an earlier
    /// read of the same request: where it ended, nothing has to be looked up.
    ///
    /// # Errors
    /// Fencing, role and storage errors of [`klamm_replica::PartitionState::leader`], `OFFSET_OUT_OF_RANGE`, and
    /// `CORRUPT_MESSAGE` where no batch is.
    pub fn read(&self, read: &Read, before: Option<&PartitionRead>) -> Result<PartitionRead, ErrorCode> {
        Counters::add(&self.counters.fetch_requests, 1);
        let place = before.map(|before| before.start).filter(|place| place.offset == read.fetch_offset);
        loop {
            let look = self.look(read)?;
            match read_view(read, look, place) {
                // The segment went away between the look and the read: look again.
                Err(ReadError::Outdated) => {}
                Err(ReadError::OutOfRange { .. }) => return Err(ErrorCode::OffsetOutOfRange),
                Err(ReadError::Fault(fault)) => {
                    Counters::add(&self.counters.failed_fetch_requests, 1);
                    return Err(fault_code(&fault));
                }
                Ok(found) => return Ok(found),
            }
        }
    }

    /// Leaves a waiter after a read that found too little; the slot goes back with [`Partition::forget_fetch`].
    pub fn wait_for_bytes(
        &self,
        read: &Read,
        found: &PartitionRead,
        sleeper: Sleeper,
        wakes: &mut Wakes,
    ) -> u32 {
        let gather = sleeper.gather.clone();
        let waiter = FetchWaiter {
            token: sleeper,
            bound: read.bound,
            start: found.start,
            max_bytes: read.max_bytes,
            counted: found.size_in_bytes(),
        };
        let mut state = self.lock();
        let ends = state.visible_ends();
        let (slot, news) = state.replica.wait_for_bytes(waiter, found.leader_epoch, ends);
        match news {
            None => {}
            Some(NewBytes::Counted(bytes)) => gather.arrived(bytes.into(), wakes),
            Some(NewBytes::ReadAgain) => gather.interrupt(wakes),
        }
        slot
    }

    pub fn forget_fetch(&self, slot: u32) {
        self.lock().replica.forget_fetch(slot);
    }

    fn look(&self, read: &Read) -> Result<Look, ErrorCode> {
        let state = self.lock();
        if state.deleted {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        let leader_epoch = state.replica.leader(read.current_leader_epoch)?.leader_epoch();
        let ends = state.visible_ends();
        let high_watermark = state.replica.high_watermark();
        let upper = match read.bound {
            ReadBound::LogEnd => ends.log_end,
            ReadBound::HighWatermark => high_watermark,
            ReadBound::LastStableOffset => ends.last_stable,
        };
        Ok(Look {
            view: state.log.view(),
            upper: log_offset(upper),
            leader_epoch,
            high_watermark: high_watermark.offset,
            last_stable_offset: ends.last_stable.offset,
            log_start_offset: state.log.ends().log_start,
            diverging_epoch: diverging_epoch(&state, read)?,
        })
    }
}

/// What a reader is told of a fault; it concerns this partition alone.
pub(super) fn fault_code(fault: &LogFault) -> ErrorCode {
    match fault {
        LogFault::Malformed { .. } => ErrorCode::CorruptMessage,
        LogFault::Disk(_) | LogFault::Locked { .. } | LogFault::Offline { .. } => {
            ErrorCode::KafkaStorageError
        }
    }
}

/// Compares the reader's history with this log's (KIP-595): a reader whose last epoch ends elsewhere must truncate.
fn diverging_epoch(state: &State, read: &Read) -> Result<Option<(i32, i64)>, ErrorCode> {
    if read.last_fetched_epoch < 0 {
        return Ok(None);
    }
    let (epoch, end_offset) = state.log.end_offset_for_epoch(read.last_fetched_epoch);
    if epoch < 0 || end_offset < 0 || read.fetch_offset < state.log.ends().log_start {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    let diverges = epoch < read.last_fetched_epoch || end_offset < read.fetch_offset;
    Ok(diverges.then_some((epoch, end_offset)))
}

fn read_view(read: &Read, look: Look, place: Option<LogOffsetMetadata>) -> Result<PartitionRead, ReadError> {
    let mut found = PartitionRead {
        high_watermark: look.high_watermark,
        last_stable_offset: look.last_stable_offset,
        log_start_offset: look.log_start_offset,
        diverging_epoch: look.diverging_epoch,
        slice: None,
        aborted: None,
        start: LogOffsetMetadata::offset_only(read.fetch_offset),
        leader_epoch: look.leader_epoch,
    };
    if found.diverging_epoch.is_some() {
        return Ok(found);
    }
    let got = match place.and_then(|place| read_on(read, &look, place)) {
        Some(got) => got,
        None => look.view.read(read.fetch_offset, read.max_bytes, look.upper, read.min_one_batch)?,
    };
    found.start = metadata(got.start);
    if read.bound == ReadBound::LastStableOffset {
        found.aborted = Some(look.view.aborted_transactions(&got, look.upper.offset)?);
    }
    // A cut batch is of no use to anybody: the reader gets it whole when its turn comes.
    found.slice = if got.first_batch_incomplete { None } else { got.slice };
    Ok(found)
}

/// All bytes from a known place up to the bound, if they are not more than asked for.
fn read_on(read: &Read, look: &Look, place: LogOffsetMetadata) -> Option<LogRead> {
    let place = log_offset(place);
    let fits = look.upper.bytes_since(&place).is_some_and(|bytes| bytes <= u64::from(read.max_bytes));
    if fits { look.view.read_from(place, read.max_bytes, look.upper) } else { None }
}

/// A fetch's places in the partitions it waits for; dropping it takes them back.
#[derive(Default)]
pub struct FetchPlaces(Vec<(Arc<Partition>, u32)>);

impl FetchPlaces {
    pub fn push(&mut self, partition: Arc<Partition>, slot: u32) {
        self.0.push((partition, slot));
    }
}

impl Drop for FetchPlaces {
    fn drop(&mut self) {
        for (partition, slot) in self.0.drain(..) {
            partition.forget_fetch(slot);
        }
    }
}
