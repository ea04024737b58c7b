//! Faults of the log room: what went wrong on a disk or inside a file, with the place and the cause.
//!
//! A fault is not an answer to a client; the node turns it into `KAFKA_STORAGE_ERROR` where one is due.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_records::{BatchFault, RecordFault};

/// What was being done when the disk failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskOp {
    Open,
    Create,
    Read,
    Write,
    Sync,
    SyncDir,
    SyncFileSystem,
    SetLen,
    Rename,
    Remove,
    List,
    CreateDir,
    Lock,
    Space,
}

impl fmt::Display for DiskOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DiskOp::Open => "open",
            DiskOp::Create => "create",
            DiskOp::Read => "read",
            DiskOp::Write => "write",
            DiskOp::Sync | DiskOp::SyncDir => "sync",
            DiskOp::SyncFileSystem => "sync the file system of",
            DiskOp::SetLen => "change the length of",
            DiskOp::Rename => "rename",
            DiskOp::Remove => "remove",
            DiskOp::List => "list",
            DiskOp::CreateDir => "create the folder",
            DiskOp::Lock => "lock",
            DiskOp::Space => "ask for the space of",
        })
    }
}

/// A call on the disk that failed. Cheap to clone, so that every waiting owner can be told.
#[derive(Clone)]
pub struct DiskFault {
    pub op: DiskOp,
    pub path: Arc<Path>,
    pub source: Arc<io::Error>,
}

impl DiskFault {
    pub fn new(op: DiskOp, path: impl Into<PathBuf>, source: io::Error) -> Self {
        DiskFault { op, path: path.into().into(), source: Arc::new(source) }
    }

    /// True when the file or directory named by `path` does not exist.
    pub fn is_not_found(&self) -> bool {
        self.source.kind() == io::ErrorKind::NotFound
    }
}

/// True when the process or the machine ran out of descriptors, which says nothing about the disk.
pub(crate) fn is_out_of_descriptors(error: &io::Error) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}

impl fmt::Display for DiskFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: {}", self.op, self.path.display(), self.source)
    }
}

impl fmt::Debug for DiskFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for DiskFault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// Why the bytes of a file were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Larger than any honest file of its kind.
    TooLarge,
    /// Ends in the middle of a field, a line or an entry.
    Truncated,
    /// Not UTF-8 where text is expected.
    NotText,
    /// A line or field that does not have the form of its kind.
    BadLine { line: u32 },
    /// The entry count at the head does not match the entries.
    CountMismatch { expected: u32, found: u32 },
    /// A version this release does not know.
    UnknownVersion { found: i32 },
    /// The checksum over the content does not match.
    CrcMismatch { stored: u32, computed: u32 },
    /// A required key is absent.
    MissingKey(&'static str),
    /// A key has a value outside its domain.
    BadValue(&'static str),
    /// Entries are not in the order the format demands.
    OutOfOrder { entry: u32 },
    /// A name that does not follow the rules for names in a log directory.
    BadName,
    /// No batch where one must be.
    BadBatch { position: u32, why: BatchFault },
    /// A batch that does not follow the one before it, or does not belong into its segment.
    BadOffset { position: u32, offset: i64, expected: i64 },
    /// A batch of an older leader epoch than the one before it.
    BadEpoch { position: u32, epoch: i32, latest: i32 },
    /// A batch whose records cannot be read.
    BadRecords { position: u32, why: RecordFault },
}

/// A fault of one file or of the disk below it.
#[derive(Clone, Debug)]
pub enum LogFault {
    /// The disk refused.
    Disk(DiskFault),
    /// The bytes are there but are not what this file must hold.
    Malformed { path: Arc<Path>, why: Malformed },
    /// Another process holds the directory's lock file.
    Locked { path: Arc<Path> },
    /// The log had failed before; nothing is tried on it again.
    Offline { path: Arc<Path> },
}

impl LogFault {
    pub fn malformed(path: impl Into<PathBuf>, why: Malformed) -> Self {
        LogFault::Malformed { path: path.into().into(), why }
    }

    /// Bytes of a segment that are no batch.
    pub fn corrupt(path: impl Into<PathBuf>, position: u32, why: BatchFault) -> Self {
        LogFault::malformed(path, Malformed::BadBatch { position, why })
    }

    /// A batch of a segment whose records cannot be read.
    pub fn unreadable(path: impl Into<PathBuf>, position: u32, why: RecordFault) -> Self {
        LogFault::malformed(path, Malformed::BadRecords { position, why })
    }

    /// The file or directory the fault is about.
    pub fn path(&self) -> &Path {
        match self {
            LogFault::Disk(fault) => &fault.path,
            LogFault::Malformed { path, .. } | LogFault::Locked { path } | LogFault::Offline { path } => path,
        }
    }
}

impl From<DiskFault> for LogFault {
    fn from(fault: DiskFault) -> Self {
        LogFault::Disk(fault)
    }
}

impl fmt::Display for LogFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogFault::Disk(fault) => fault.fmt(f),
            LogFault::Malformed { path, why } => write!(f, "{} is malformed: {why:?}", path.display()),
            LogFault::Locked { path } => write!(f, "{} is locked by another process", path.display()),
            LogFault::Offline { path } => write!(f, "{} is offline after an earlier fault", path.display()),
        }
    }
}

impl std::error::Error for LogFault {}
