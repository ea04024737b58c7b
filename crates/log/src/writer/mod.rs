//! The one writer of a log directory. It starts no thread: whoever calls a turn does the work.
//!
//! ```text
//! under a partition's lock:   log.append(..) -> op;  writer.submit(op, owner)
//! anywhere, no lock held:     for done in writer.turn() { lock the owner; log.advance(&done.progress) }
//! ```
//! Two kinds of turns run side by side: [`Writer::turn`] for data, and [`Writer::flush_turn`] for what rolled segments
//! still need (index files, producer snapshot, sync), which may take long and should have a thread of its own.

use crate::fault::LogFault;
use crate::offset::LogOffset;

/// What the disk shall do for one log. Made by [`Log`](crate::Log), carried out by [`Writer`].
#[derive(Debug)]
pub struct WriteOp {}

/// How far a log has come; see [`Log::advance`](crate::Log::advance).
#[derive(Clone, Debug)]
pub struct Progress {
    /// New written end.
    pub written: Option<LogOffset>,
    /// New durable end.
    pub durable: Option<i64>,
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
    queue: parking_lot::Mutex<Vec<(WriteOp, T)>>,
}

impl<T: Clone> Writer<T> {
    /// Queues an op; cheap, no disk. Ops of one log are carried out in the order of submission, so call it under the
    /// lock that ordered them. Someone must call [`Writer::turn`] or [`Writer::try_turn`] afterwards.
    pub fn submit(&self, op: WriteOp, owner: T) {
        self.queue.lock().push((op, owner));
    }

    /// True when ops wait that no turn has taken.
    pub fn has_work(&self) -> bool {
        !self.queue.lock().is_empty()
    }

    /// One turn: takes all that has arrived, one gathered write per segment, then one sync per log that asks for it.
    /// Waits while another thread is in its turn.
    pub fn turn(&self) -> Vec<Done<T>> {
        unimplemented!()
    }

    /// As `turn`, but returns `None` at once while another thread is in its turn. That thread may have taken its work
    /// before yours arrived, so whoever finishes a turn looks at [`Writer::has_work`] again.
    pub fn try_turn(&self) -> Option<Vec<Done<T>>> {
        unimplemented!()
    }

    /// True when rolled segments wait for their flush.
    pub fn has_flush_work(&self) -> bool {
        unimplemented!()
    }

    /// Finishes one rolled segment: index files, producer snapshot, epoch checkpoint, sync.
    pub fn flush_turn(&self) -> Option<Done<T>> {
        unimplemented!()
    }

    /// Takes the whole directory offline: all queued and later ops are answered with `fault`, the disk is left alone.
    pub fn fail(&self, fault: LogFault) {
        let _ = fault;
        unimplemented!()
    }
}
