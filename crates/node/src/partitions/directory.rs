//! One log directory: its identity, its one writer, and whether it is still good.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use klamm_base::Uuid;
use klamm_base::owned::{Mutex, MutexGuard};
use klamm_log::{Checkpoint, LogDir, LogFault, Writer};

use super::Partition;

/// Whose log a write belongs to.
#[derive(Clone)]
pub enum Owner {
    Partition(Arc<Partition>),
    /// The metadata log.
    Metadata,
}

/// A log directory in use.
pub struct Directory {
    pub log_dir: LogDir,
    pub id: Uuid,
    pub writer: Writer<Owner>,
    /// A write, sync or other call has failed: nothing is tried on it again.
    offline: AtomicBool,
    /// Logs that lie in it: new ones go where there are fewest.
    logs: AtomicUsize,
    /// DeleteRecords wants log starts of its partitions to move.
    starts_claimed: AtomicBool,
    /// Counts everything that moved an offset of a partition.
    moves: AtomicU64,
    /// The count when each checkpoint was last written.
    written: [AtomicU64; CHECKPOINTS.len()],
    checkpoints: Mutex<()>,
}

/// The checkpoints that are written from what the partitions know; the cleaner writes its own.
pub const CHECKPOINTS: [Checkpoint; 3] =
    [Checkpoint::RecoveryPoint, Checkpoint::LogStart, Checkpoint::HighWatermark];

impl Directory {
    pub fn new(log_dir: LogDir, id: Uuid) -> Directory {
        Directory {
            log_dir,
            id,
            writer: Writer::new(),
            offline: AtomicBool::new(false),
            logs: AtomicUsize::new(0),
            starts_claimed: AtomicBool::new(false),
            moves: AtomicU64::new(0),
            written: Default::default(),
            checkpoints: Mutex::new(()),
        }
    }

    pub fn path(&self) -> &Path {
        self.log_dir.path()
    }

    /// A partition wants its log to begin later than it does.
    pub fn claim_start(&self) {
        self.starts_claimed.store(true, Ordering::Release);
    }

    pub fn has_claimed_starts(&self) -> bool {
        self.starts_claimed.load(Ordering::Acquire)
    }

    pub fn take_claimed_starts(&self) -> bool {
        self.starts_claimed.swap(false, Ordering::AcqRel)
    }

    /// A partition's offsets are not what the checkpoints say any more.
    pub fn offsets_moved(&self) {
        self.moves.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether a checkpoint has anything new to say; asked once before each writing.
    pub fn take_moved(&self, which: Checkpoint) -> bool {
        let moves = self.moves.load(Ordering::Relaxed);
        let at = CHECKPOINTS.iter().position(|other| *other == which);
        at.is_some_and(|at| self.written[at].swap(moves, Ordering::Relaxed) != moves)
    }

    /// Held while a checkpoint is read and replaced: housekeeping does so, and whoever deletes a topic, and a temporary
    /// file has one name.
    pub fn write_checkpoints_alone(&self) -> MutexGuard<'_, ()> {
        self.checkpoints.lock()
    }

    pub fn logs(&self) -> usize {
        self.logs.load(Ordering::Relaxed)
    }

    /// A partition of this directory has come into the table.
    pub fn log_added(&self) {
        self.logs.fetch_add(1, Ordering::Relaxed);
    }

    /// A partition of this directory has left the table.
    pub fn log_removed(&self) {
        self.logs.fetch_sub(1, Ordering::Relaxed);
    }

    pub fn is_offline(&self) -> bool {
        self.offline.load(Ordering::Acquire)
    }

    /// Takes the directory out of use. Returns false when it already was.
    pub fn fail(&self, fault: LogFault) -> bool {
        if self.offline.swap(true, Ordering::AcqRel) {
            return false;
        }
        self.writer.fail(fault);
        true
    }
}
