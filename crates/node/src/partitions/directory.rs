//! One log directory: its identity, its one writer, and whether it is still good.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use klamm_base::Uuid;
use klamm_log::{LogDir, LogFault, Writer};

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
}

impl Directory {
    pub fn new(log_dir: LogDir, id: Uuid) -> Directory {
        Directory { log_dir, id, writer: Writer::new(), offline: AtomicBool::new(false) }
    }

    pub fn path(&self) -> &Path {
        self.log_dir.path()
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
