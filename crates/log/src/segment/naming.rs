//! Names of a segment's files that are not the usual ones, and descriptors that outlive their names (see
//! [`crate::cleaner`]).

use std::sync::{Arc, OnceLock};

use klamm_base::owned::Mutex;
use klamm_records::{AnyBatch, RecordFault};

use super::Segment;
use super::scan::BatchHead;
use crate::disk::{DiskFile, OpenMode};
use crate::fault::{DiskFault, DiskOp, LogFault};
use crate::format::file_name::{FileKind, FileName, Suffix};

/// Files of a segment.
const KINDS: [FileKind; 4] =
    [FileKind::Log, FileKind::OffsetIndex, FileKind::TimeIndex, FileKind::TransactionIndex];

#[derive(Default)]
pub struct Naming {
    suffix: Mutex<Option<Suffix>>,
    pins: OnceLock<Pins>,
}

/// Log and offset index, open for as long as the segment is.
struct Pins {
    log: Arc<dyn DiskFile>,
    index: Arc<dyn DiskFile>,
}

impl Naming {
    pub fn suffix(&self) -> Option<Suffix> {
        *self.suffix.lock()
    }

    pub fn pinned_log(&self) -> Option<Arc<dyn DiskFile>> {
        self.pins.get().map(|pins| pins.log.clone())
    }

    pub fn pinned_index(&self) -> Option<Arc<dyn DiskFile>> {
        self.pins.get().map(|pins| pins.index.clone())
    }
}

impl Segment {
    /// The suffix that all names have from now on.
    pub fn set_suffix(&self, suffix: Option<Suffix>) {
        *self.naming.suffix.lock() = suffix;
    }

    /// Renames all files; nobody else may know the segment yet.
    pub fn rename_to(&self, suffix: Option<Suffix>) -> Result<(), DiskFault> {
        let dir = self.home.dir();
        for kind in KINDS {
            let from = self.path(kind);
            let name = FileName { base_offset: self.base_offset, kind, suffix };
            match self.home.disk().rename(&from, &dir.join(name.to_string())) {
                // Few segments have a transaction index.
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(DiskFault::new(DiskOp::Rename, from, error));
                }
                _ => {}
            }
        }
        self.set_suffix(suffix);
        Ok(())
    }

    /// Opens log and offset index for good, before their names become those of other files. The time index is read into
    /// memory.
    pub fn pin(&self) -> Result<(), LogFault> {
        if self.size() == 0 || self.naming.pins.get().is_some() {
            return Ok(());
        }
        self.with_index(|_| ())?;
        self.with_aborted(|_| ())?;
        // An index whose tail is in memory only may have no file.
        self.write_index_files(false)?;
        let open = |kind| {
            let path = self.path(kind);
            let opened = self.home.disk().open(&path, OpenMode::Read);
            opened.map_err(|source| DiskFault::new(DiskOp::Open, path, source))
        };
        let pins = Pins { log: open(FileKind::Log)?, index: open(FileKind::OffsetIndex)? };
        // Whoever was first has opened the same files.
        let _ = self.naming.pins.set(pins);
        Ok(())
    }

    /// A batch that was read, as what it is.
    pub fn batch_of<'a>(&self, bytes: &'a [u8], head: &BatchHead) -> Result<AnyBatch<'a>, LogFault> {
        let parsed = AnyBatch::parse(bytes).and_then(|batch| batch.check_crc().map(|()| batch));
        parsed.map_err(|why| LogFault::corrupt(self.path(FileKind::Log), head.position, why))
    }

    /// A batch whose records cannot be read.
    pub fn unreadable(&self, head: &BatchHead, why: RecordFault) -> LogFault {
        LogFault::unreadable(self.path(FileKind::Log), head.position, why)
    }
}
