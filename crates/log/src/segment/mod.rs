//! One segment: a stretch of the log in one file, with its indexes (Kafka: `LogSegment`).
//!
//! * [`scan`] – walking over batch headers.
//! * [`index`] – offset and time index, memory tail and files.
//! * [`search`] – searching index files.
//! * [`naming`] – other names than the usual ones.
//! * [`transactions`] – the transaction index.
//! * [`verify`] – looking at batches from an earlier life before they are given out.
//!
//! A segment is shared by its log, the writer and readers. Its size is the *written* one; what the log has assigned
//! beyond that is the log's own business. Descriptors are opened when needed and owned by the directory's cache.

pub mod index;
mod index_files;
mod naming;
pub mod scan;
mod search;
pub mod transactions;
pub mod verify;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use klamm_base::owned::Mutex;

use self::index::IndexState;
use self::naming::Naming;
use self::scan::{BatchHead, HeaderScan, ScanFault};
use self::transactions::Transactions;
use self::verify::Verified;
use crate::disk::{DiskFile, OpenMode};
use crate::fault::{DiskFault, DiskOp, LogFault};
use crate::files::FileSlot;
use crate::format::file_name::{FileKind, FileName, Suffix};
use crate::home::LogHome;

/// See the module.
pub struct Segment {
    home: Arc<LogHome>,
    base_offset: i64,
    /// `index.interval.bytes` at the time the segment was made.
    interval_bytes: u32,
    /// Bytes the file system has.
    size: AtomicU32,
    /// Renamed to `.deleted`: the names on the disk have that suffix.
    deleted: AtomicBool,
    /// No part of its log any more, or its file was cut: what a reader fails on says nothing about the log.
    outdated: AtomicBool,
    naming: Naming,
    log_slot: Arc<FileSlot>,
    index_slot: Arc<FileSlot>,
    /// `None` until somebody asks for the indexes of a segment found on the disk.
    index: Mutex<Option<IndexState>>,
    /// Number of the entry in the offset index file that the last lookup came to: the next reader wants one behind it.
    last_looked_up: AtomicU32,
    transactions: Mutex<Transactions>,
    verified: Verified,
}

impl Segment {
    /// A segment that has no files yet.
    pub fn new(home: Arc<LogHome>, base_offset: i64, interval_bytes: u32) -> Segment {
        let index = Some(IndexState::new(base_offset));
        Segment::with(home, base_offset, interval_bytes, 0, index, Transactions::empty())
    }

    /// A segment found on the disk; its indexes are looked at when they are needed.
    pub fn existing(
        home: Arc<LogHome>,
        base_offset: i64,
        interval_bytes: u32,
        size: u32,
        has_transactions: bool,
    ) -> Segment {
        let transactions = if has_transactions { Transactions::on_disk() } else { Transactions::empty() };
        Segment::with(home, base_offset, interval_bytes, size, None, transactions)
    }

    fn with(
        home: Arc<LogHome>,
        base_offset: i64,
        interval_bytes: u32,
        size: u32,
        index: Option<IndexState>,
        transactions: Transactions,
    ) -> Segment {
        Segment {
            home,
            base_offset,
            interval_bytes,
            size: AtomicU32::new(size),
            deleted: AtomicBool::new(false),
            outdated: AtomicBool::new(false),
            naming: Naming::default(),
            log_slot: Arc::default(),
            index_slot: Arc::default(),
            index: Mutex::new(index),
            last_looked_up: AtomicU32::new(0),
            transactions: Mutex::new(transactions),
            verified: Verified::new(size),
        }
    }

    pub fn base_offset(&self) -> i64 {
        self.base_offset
    }

    /// Written bytes.
    pub fn size(&self) -> u32 {
        self.size.load(Ordering::Acquire)
    }

    pub fn set_size(&self, size: u32) {
        self.size.store(size, Ordering::Release);
    }

    /// The log goes on without this segment, or with another one for the same file.
    pub fn outdate(&self) {
        self.outdated.store(true, Ordering::Release);
    }

    pub fn is_outdated(&self) -> bool {
        self.outdated.load(Ordering::Acquire) || self.home.is_removed()
    }

    pub fn path(&self, kind: FileKind) -> PathBuf {
        let is_deleted = self.deleted.load(Ordering::Acquire);
        let suffix = if is_deleted { Some(Suffix::Deleted) } else { self.naming.suffix() };
        self.home.dir().join(FileName { base_offset: self.base_offset, kind, suffix }.to_string())
    }

    /// The log file.
    pub fn file(&self, mode: OpenMode) -> Result<Arc<dyn DiskFile>, DiskFault> {
        if mode == OpenMode::Read
            && let Some(pinned) = self.naming.pinned_log()
        {
            return Ok(pinned);
        }
        self.home.files().get(&self.log_slot, || self.path(FileKind::Log), mode)
    }

    /// The first batch whose last offset is not below `offset`, looking no further than `limit` bytes.
    pub fn find(&self, offset: i64, limit: u32) -> Result<Option<BatchHead>, LogFault> {
        if limit == 0 {
            // The file may not even exist yet.
            return Ok(None);
        }
        let file = self.file(OpenMode::Read)?;
        self.find_from(self.scan_near(offset, &*file, limit)?, offset)
    }

    /// Calls `see` for every batch from `position` to `limit` until it says stop by returning false.
    pub fn walk(
        &self,
        position: u32,
        limit: u32,
        mut see: impl FnMut(&BatchHead) -> Result<bool, LogFault>,
    ) -> Result<(), LogFault> {
        if position >= limit {
            return Ok(());
        }
        let file = self.file(OpenMode::Read)?;
        for head in HeaderScan::new(&*file, position, limit) {
            let head = head.map_err(|fault| self.scan_fault(fault))?;
            if !see(&head)? {
                break;
            }
        }
        Ok(())
    }

    /// The bytes of one batch.
    pub fn read_batch(&self, head: &BatchHead) -> Result<Vec<u8>, LogFault> {
        let file = self.file(OpenMode::Read)?;
        let mut bytes = vec![0; head.size as usize];
        file.read_exact_at(&mut bytes, u64::from(head.position))
            .map_err(|source| DiskFault::new(DiskOp::Read, self.path(FileKind::Log), source))?;
        Ok(bytes)
    }

    /// The largest timestamp of the first batch (Kafka: `rollingBasedTimestamp`).
    pub fn first_timestamp(&self) -> Result<Option<i64>, LogFault> {
        let mut timestamp = None;
        self.walk(0, self.size(), |head| {
            timestamp = Some(head.max_timestamp);
            Ok(false)
        })?;
        Ok(timestamp)
    }

    /// Last change of a file of the segment, wall clock in ms.
    pub fn modified_ms(&self, kind: FileKind) -> Result<i64, LogFault> {
        let path = self.path(kind);
        let stat = self.home.disk().stat(&path);
        Ok(stat.map_err(|source| DiskFault::new(DiskOp::Read, path, source))?.modified_ms)
    }

    /// Renames all files of the segment to `.deleted`. Readers that hold descriptors go on reading.
    pub fn rename_deleted(&self) -> Result<(), DiskFault> {
        for kind in [FileKind::Log, FileKind::OffsetIndex, FileKind::TimeIndex, FileKind::TransactionIndex] {
            let from = self.home.dir().join(FileName::new(self.base_offset, kind).to_string());
            let name = FileName { base_offset: self.base_offset, kind, suffix: Some(Suffix::Deleted) };
            let to = self.home.dir().join(name.to_string());
            match self.home.disk().rename(&from, &to) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(DiskFault::new(DiskOp::Rename, from, error));
                }
                _ => {}
            }
        }
        self.deleted.store(true, Ordering::Release);
        Ok(())
    }

    /// Removes the files that [`Segment::rename_deleted`] has put aside.
    pub fn remove_deleted(&self) -> Result<(), DiskFault> {
        for kind in [FileKind::Log, FileKind::OffsetIndex, FileKind::TimeIndex, FileKind::TransactionIndex] {
            let name = FileName { base_offset: self.base_offset, kind, suffix: Some(Suffix::Deleted) };
            self.home.remove_file(&name.to_string())?;
        }
        Ok(())
    }

    fn scan_fault(&self, fault: ScanFault) -> LogFault {
        let path = self.path(FileKind::Log);
        match fault {
            ScanFault::Disk(source) => DiskFault::new(DiskOp::Read, path, source).into(),
            ScanFault::Bad { position, why } => LogFault::corrupt(path, position, why),
        }
    }
}

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Segment({}, {} bytes)", self.base_offset, self.size())
    }
}
