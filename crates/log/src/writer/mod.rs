//! The one writer of a log directory. It starts no thread: whoever calls a turn does the work.
//!
//! ```text
//! under a partition's lock:   log.append(..) -> op;  writer.submit(op, owner)
//! anywhere, no lock held:     for done in writer.turn() { lock the owner; log.advance(&done.progress) }
//! ```
//! Three kinds of turns run side by side:
//!
//! | Turn | Does | Takes |
//! |---|---|---|
//! | [`Writer::turn`] | writes what was appended | a copy into the page cache: whoever appended may do it |
//! | [`Writer::sync_turn`] | one sync for each log that asked for it | a sync: a thread for each directory |
//! | [`Writer::flush_turn`] | what a rolled segment still needs: sync, index files, producer snapshot | some syncs: one thread |
//!
//! After a failed write or sync the log is offline: nothing is tried again on its files, its queued ops are answered
//! with the fault, and no end moves any more.

mod lane;
mod sync;
mod turn;

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use klamm_base::owned::Mutex;

pub(crate) use self::lane::{Lane, Roll};
use self::sync::Syncs;
use crate::fault::LogFault;
use crate::offset::LogOffset;
use crate::segment::Segment;

/// What the disk shall do for one log. Made by [`Log`](crate::Log), carried out by [`Writer`].
#[derive(Debug)]
pub struct WriteOp {
    pub(crate) lane: Arc<Lane>,
    pub(crate) kind: OpKind,
}

#[derive(Debug)]
pub(crate) enum OpKind {
    Append(Append),
    /// A new segment without a batch yet; this is about the one before.
    Roll(Box<Roll>),
    /// Make everything before this op durable; the log ended here when it was made.
    Sync {
        end: LogOffset,
    },
}

/// One batch for the end of a segment.
#[derive(Debug)]
pub(crate) struct Append {
    pub segment: Arc<Segment>,
    pub position: u32,
    /// The first bytes of the batch with offset and leader epoch stamped; `batch` goes on behind them.
    pub head: [u8; STAMPED_BYTES],
    pub batch: Bytes,
    /// The log's end behind this batch.
    pub end: LogOffset,
    pub sync: bool,
    /// The batch is the first of a new segment; this is about the one before.
    pub rolled: Option<Box<Roll>>,
}

/// Base offset, length, partition leader epoch: what a leader stamps lies outside the CRC.
pub(crate) const STAMPED_BYTES: usize = 16;

/// How far a log has come; empty for a log whose directory was given up. See [`Log::advance`](crate::Log::advance).
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Truncations of the log before this was done: a report from before the last one says nothing any more.
    pub(crate) generation: u32,
    /// New written end.
    pub written: Option<LogOffset>,
    /// New durable end.
    pub durable: Option<i64>,
    /// New recovery point.
    pub recovery_point: Option<i64>,
    /// The log is offline from now on: nothing beyond the last reported ends is ever acknowledged.
    pub fault: Option<LogFault>,
}

/// The outcome for one log of one turn. Several ops of a log are reported as one, with the owner of the last.
#[derive(Debug)]
pub struct Done<T> {
    pub owner: T,
    pub progress: Progress,
}

/// The writer of one log directory; `T` names the owner of a log (an `Arc` of the partition, say).
pub struct Writer<T> {
    queue: Mutex<Vec<(WriteOp, T)>>,
    /// Held during a turn; keeps the queue's other buffer.
    working: Mutex<Vec<(WriteOp, T)>>,
    syncs: Mutex<Syncs<T>>,
    syncing: Mutex<()>,
    flushes: Mutex<VecDeque<Flush<T>>>,
    flushing: Mutex<()>,
    failed: OnceLock<LogFault>,
}

/// A rolled segment that waits to be finished.
struct Flush<T> {
    lane: Arc<Lane>,
    roll: Box<Roll>,
    owner: T,
}

impl<T> Default for Writer<T> {
    fn default() -> Self {
        Writer {
            queue: Mutex::default(),
            working: Mutex::default(),
            syncs: Mutex::default(),
            syncing: Mutex::default(),
            flushes: Mutex::default(),
            flushing: Mutex::default(),
            failed: OnceLock::new(),
        }
    }
}

impl<T: Clone> Writer<T> {
    pub fn new() -> Self {
        Writer::default()
    }

    /// Queues an op; cheap, no disk. Ops of one log are carried out in the order of submission, so call it under the
    /// lock that ordered them. Someone must call [`Writer::turn`] or [`Writer::try_turn`] afterwards.
    pub fn submit(&self, op: WriteOp, owner: T) {
        self.queue.lock().push((op, owner));
    }

    /// True when ops wait that no turn has taken.
    pub fn has_work(&self) -> bool {
        !self.queue.lock().is_empty()
    }

    /// One turn: takes all that has arrived, one gathered write per segment. Logs whose ops ask for a sync wait for
    /// [`Writer::sync_turn`] afterwards. Waits while another thread is in its turn.
    pub fn turn(&self) -> Vec<Done<T>> {
        self.run_turn(&mut self.working.lock())
    }

    /// As `turn`, but returns `None` at once while another thread is in its turn. That thread may have taken its work
    /// before yours arrived, so whoever finishes a turn looks at [`Writer::has_work`] again.
    pub fn try_turn(&self) -> Option<Vec<Done<T>>> {
        Some(self.run_turn(&mut *self.working.try_lock()?))
    }

    /// True when rolled segments wait for their flush.
    pub fn has_flush_work(&self) -> bool {
        !self.flushes.lock().is_empty()
    }

    /// Finishes one rolled segment: sync, index files, producer snapshot, epochs. `None` when there is none. Waits while
    /// another thread does so.
    pub fn flush_turn(&self) -> Option<Done<T>> {
        let _one_at_a_time = self.flushing.lock();
        let flush = self.flushes.lock().pop_front()?;
        let progress = self.run_flush(&flush);
        Some(Done { owner: flush.owner, progress })
    }

    /// Takes the whole directory offline: all queued and later ops are answered with `fault`, the disk is left alone.
    pub fn fail(&self, fault: LogFault) {
        // The first fault is the cause, later ones are its consequences.
        let _ = self.failed.set(fault);
    }

    /// Why the directory is offline, if it is.
    pub fn failed(&self) -> Option<&LogFault> {
        self.failed.get()
    }
}
