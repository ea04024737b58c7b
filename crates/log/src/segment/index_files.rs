//! A segment's index files: looking things up, loading, rebuilding from the log, writing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Segment;
use super::index::check_time_entries;
use super::index::{EntryCounts, IndexDamage, IndexKind, IndexState, Lookup, MaxTimestamp};
use super::scan::{BatchHead, HeaderScan, ScanFault};
use super::search::{search_offset, search_position, search_timestamp};
use crate::disk::{DiskFile, OpenMode};
use crate::fault::{DiskFault, DiskOp, LogFault, Malformed};
use crate::format::file_name::FileKind;
use crate::format::offset_index::{self, OffsetEntry};
use crate::format::time_index::{self, TimeEntry};
use crate::home::read_file;

/// Larger index files are refused: `segment.index.bytes` is an int32.
const MAX_INDEX_BYTES: u64 = i32::MAX as u64;

impl Segment {
    /// Works with the index state, loading it first when nobody has done so.
    pub fn with_index<T>(&self, act: impl FnOnce(&mut IndexState) -> T) -> Result<T, LogFault> {
        let mut index = self.index.lock();
        if let Some(state) = index.as_mut() {
            return Ok(act(state));
        }
        Ok(act(index.insert(self.load_index()?)))
    }

    /// Replaces the index state, after a scan of the log.
    pub fn set_index(&self, state: IndexState) {
        *self.index.lock() = Some(state);
    }

    /// Notes a batch that goes to the end of the segment. The state is there already: a segment that is appended to was
    /// made or loaded before.
    pub fn index_append(&self, batch: &BatchHead) -> EntryCounts {
        let mut index = self.index.lock();
        let state = index.as_mut().expect("the active segment's indexes are loaded when its log is opened");
        state.append(batch, self.interval_bytes);
        state.counts()
    }

    /// True when the index files lack entries that memory has.
    pub fn has_index_tail(&self) -> bool {
        self.index.lock().as_ref().is_some_and(IndexState::has_tail)
    }

    /// Adds the last time index entry when the segment takes no more batches.
    pub fn index_finish(&self) -> Result<(), LogFault> {
        self.with_index(IndexState::finish)
    }

    pub fn max_timestamp(&self) -> Result<MaxTimestamp, LogFault> {
        self.with_index(|state| state.max_timestamp())
    }

    /// Start of the batch of the last offset index entry.
    pub fn last_indexed_position(&self) -> Result<u32, LogFault> {
        if self.size() == 0 {
            return Ok(0);
        }
        let log = self.file(OpenMode::Read)?;
        self.position_near(i64::MAX, &*log, self.size())
    }

    /// Start of a batch from which a walk reaches `offset` without having missed it.
    pub fn position_near(&self, offset: i64, log: &dyn DiskFile, limit: u32) -> Result<u32, LogFault> {
        Ok(self.scan_near(offset, log, limit)?.position())
    }

    /// A walk from there.
    pub fn scan_near<'a>(
        &self,
        offset: i64,
        log: &'a dyn DiskFile,
        limit: u32,
    ) -> Result<HeaderScan<'a>, LogFault> {
        let Some(entry) = self.entry_near(offset)?.filter(|entry| entry.position < limit) else {
            return Ok(HeaderScan::new(log, 0, limit));
        };
        // The batch an entry points to ends with the entry's offset; if not, the index is wrong and the walk starts
        // at the beginning.
        let wanted = self.base_offset + i64::from(entry.relative_offset);
        let mut scan = HeaderScan::new(log, entry.position, limit);
        match scan.next() {
            Some(Ok(head)) if head.last_offset == wanted => scan.go_to(entry.position),
            Some(Err(ScanFault::Disk(source))) => return Err(self.index_fault(FileKind::Log, source)),
            _ => scan.go_to(0),
        }
        Ok(scan)
    }

    /// The last entry of the offset index at or below an offset.
    fn entry_near(&self, offset: i64) -> Result<Option<OffsetEntry>, LogFault> {
        match self.with_index(|state| state.lookup_offset(offset))? {
            Lookup::Found(entry) => Ok(entry),
            Lookup::InFile(count) => {
                // Not below the base offset, else it would have been answered.
                let relative = u32::try_from(offset - self.base_offset).unwrap_or(u32::MAX);
                let (file, near) = (self.index_file()?, self.last_looked_up.load(Ordering::Relaxed));
                let found = search_offset(&*file, count, near, relative)
                    .map_err(|source| self.index_fault(FileKind::OffsetIndex, source))?;
                self.last_looked_up.store(found.count.saturating_sub(1), Ordering::Relaxed);
                Ok(found.before)
            }
        }
    }

    /// An offset behind everything below `position`, not far behind (Kafka: `OffsetIndex.fetchUpperBoundOffset`). `None`
    /// when the index knows none.
    pub fn offset_behind(&self, position: u32, limit: u32) -> Result<Option<i64>, LogFault> {
        let entry = match self.with_index(|state| state.lookup_position(position))? {
            Lookup::Found(entry) => entry,
            Lookup::InFile(count) => {
                let file = self.index_file()?;
                let found = search_position(&*file, count, position)
                    .map_err(|source| self.index_fault(FileKind::OffsetIndex, source))?;
                match found {
                    Some(entry) => Some(entry),
                    None => self.with_index(|state| state.first_in_tail())?,
                }
            }
        };
        let Some(entry) = entry.filter(|entry| (position..limit).contains(&entry.position)) else {
            return Ok(None);
        };
        // As in `position_near`: the batch must be the one that the entry speaks of.
        let wanted = self.base_offset + i64::from(entry.relative_offset);
        let log = self.file(OpenMode::Read)?;
        match HeaderScan::new(&*log, entry.position, limit).next() {
            Some(Ok(head)) if head.last_offset == wanted => Ok(Some(wanted)),
            Some(Err(ScanFault::Disk(source))) => Err(self.index_fault(FileKind::Log, source)),
            _ => Ok(None),
        }
    }

    /// Start of a batch from which a walk finds the first record of at least `timestamp` at or behind `offset`.
    pub fn position_near_timestamp(&self, timestamp: i64, offset: i64, limit: u32) -> Result<u32, LogFault> {
        let entry = match self.with_index(|state| state.lookup_timestamp(timestamp))? {
            Lookup::Found(entry) => entry,
            Lookup::InFile(_) => self.search_time_file(timestamp)?,
        };
        let from_time = entry.map_or(0, |entry| self.base_offset + i64::from(entry.relative_offset));
        let log = self.file(OpenMode::Read)?;
        self.position_near(from_time.max(offset), &*log, limit)
    }

    fn search_time_file(&self, timestamp: i64) -> Result<Option<TimeEntry>, LogFault> {
        if !self.with_index(|state| state.time_is_checked)? {
            let path = self.path(FileKind::TimeIndex);
            let bytes = read_file(&**self.home.disk(), &path, MAX_INDEX_BYTES)?.unwrap_or_default();
            match check_time_entries(&bytes) {
                Ok(_) => self.with_index(|state| state.time_is_checked = true)?,
                Err(_) => self.set_index(self.rebuilt_index()?),
            }
        }
        match self.with_index(|state| state.lookup_timestamp(timestamp))? {
            Lookup::Found(entry) => Ok(entry),
            Lookup::InFile(count) => {
                let file = self.open(FileKind::TimeIndex, OpenMode::Read)?;
                search_timestamp(&*file, count, timestamp)
                    .map_err(|source| self.index_fault(FileKind::TimeIndex, source))
            }
        }
    }

    fn load_index(&self) -> Result<IndexState, LogFault> {
        match self.index_from_files()? {
            Ok(state) => Ok(state),
            Err(_damage) => self.rebuilt_index(),
        }
    }

    /// Reads lengths and last entries of both files.
    fn index_from_files(&self) -> Result<Result<IndexState, IndexDamage>, LogFault> {
        let offset = self.last_entry::<{ offset_index::ENTRY_BYTES }>(FileKind::OffsetIndex)?;
        let time = self.last_entry::<{ time_index::ENTRY_BYTES }>(FileKind::TimeIndex)?;
        let ((offset_count, offset), (time_count, time)) = match (offset, time) {
            (Ok(offset), Ok(time)) => (offset, time),
            (Err(damage), _) | (_, Err(damage)) => return Ok(Err(damage)),
        };
        let offset = offset.map(|bytes| OffsetEntry::read(&bytes));
        let time = time.map(|bytes| TimeEntry::read(&bytes));
        let offset_is_sane = offset.is_none_or(|entry| !entry.is_zero() && entry.position < self.size());
        let time_is_sane = time.is_none_or(|entry| entry != TimeEntry { timestamp: 0, relative_offset: 0 });
        if !offset_is_sane || !time_is_sane {
            return Ok(Err(IndexDamage::BadLastEntry));
        }
        let counts = EntryCounts { offset: offset_count, time: time_count };
        Ok(Ok(IndexState::from_files(self.base_offset, counts, (offset, time))))
    }

    /// Number of entries of an index file, and the last one.
    #[expect(clippy::type_complexity, reason = "a damaged file is no fault of the disk")]
    fn last_entry<const N: usize>(
        &self,
        kind: FileKind,
    ) -> Result<Result<(u32, Option<[u8; N]>), IndexDamage>, LogFault> {
        // The length first: most indexes of small segments are empty, and need no descriptor.
        let path = self.path(kind);
        let len = match self.home.disk().stat(&path) {
            Ok(stat) => stat.len,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Err(IndexDamage::Missing));
            }
            Err(error) => return Err(self.index_fault(kind, error)),
        };
        if len % N as u64 != 0 || len > MAX_INDEX_BYTES {
            return Ok(Err(IndexDamage::BadLength));
        }
        if len == 0 {
            return Ok(Ok((0, None)));
        }
        let file = self.open(kind, OpenMode::Read)?;
        let fault = |source| self.index_fault(kind, source);
        let mut bytes = [0; N];
        file.read_exact_at(&mut bytes, len - N as u64).map_err(fault)?;
        Ok(Ok(((len / N as u64) as u32, Some(bytes))))
    }

    /// Both indexes of a closed segment as appending the log's batches one after the other would have made them.
    fn rebuilt_index(&self) -> Result<IndexState, LogFault> {
        let mut state = self.walked_index()?;
        state.finish();
        Ok(state)
    }

    /// Makes the indexes anew from the log, for a segment that takes more batches.
    pub fn rebuild_index(&self) -> Result<(), LogFault> {
        self.set_index(self.walked_index()?);
        Ok(())
    }

    fn walked_index(&self) -> Result<IndexState, LogFault> {
        let mut state = IndexState::new(self.base_offset);
        self.walk(0, self.size(), |head| {
            let relative = head.last_offset.checked_sub(self.base_offset);
            if !relative.is_some_and(|relative| (0..=i64::from(i32::MAX)).contains(&relative)) {
                let (position, offset) = (head.position, head.last_offset);
                let why = Malformed::BadOffset { position, offset, expected: self.base_offset };
                return Err(LogFault::malformed(self.path(FileKind::Log), why));
            }
            state.append(head, self.interval_bytes);
            Ok(true)
        })?;
        state.restart_interval();
        Ok(state)
    }

    /// Appends entries that only memory has to the files, when there are many.
    pub fn spill_index(&self) -> Result<(), LogFault> {
        if self.with_index(|state| state.wants_spill())? { self.write_index_files(false) } else { Ok(()) }
    }

    /// Makes both index files hold exactly the entries, creating them when there are none.
    pub fn write_index_files(&self, sync: bool) -> Result<(), LogFault> {
        self.write_index(IndexKind::Offset, FileKind::OffsetIndex, sync)?;
        self.write_index(IndexKind::Time, FileKind::TimeIndex, sync)
    }

    fn write_index(&self, kind: IndexKind, file_kind: FileKind, sync: bool) -> Result<(), LogFault> {
        let spill = self.with_index(|state| state.spill(kind))?;
        let needs_sync = sync && spill.is_unsynced;
        if spill.is_exact && spill.bytes.is_empty() && !needs_sync {
            return Ok(());
        }
        // Unless its entries are ours, the file is left over from before a crash, if it exists at all. It is written over
        // and then cut, not emptied first: giving blocks back may take a millisecond each.
        let mode = if spill.is_exact { OpenMode::ReadWrite } else { OpenMode::CreateOrOpen };
        let file = self.open(file_kind, mode)?;
        let fault = |op| move |source| DiskFault::new(op, self.path(file_kind), source);
        if !spill.bytes.is_empty() {
            file.write_at(&spill.bytes, spill.position).map_err(fault(DiskOp::Write))?;
        }
        let end = spill.position + spill.bytes.len() as u64;
        if !spill.is_exact && file.len().map_err(fault(DiskOp::Read))? > end {
            file.set_len(end).map_err(fault(DiskOp::Write))?;
        }
        if sync {
            file.sync_data().map_err(fault(DiskOp::Sync))?;
        }
        self.with_index(|state| state.spilled(kind, &spill, sync))
    }

    /// The offset index stays open in the cache, as every read of older data needs it.
    fn index_file(&self) -> Result<Arc<dyn DiskFile>, LogFault> {
        if let Some(pinned) = self.naming.pinned_index() {
            return Ok(pinned);
        }
        let path = || self.path(FileKind::OffsetIndex);
        Ok(self.home.files().get(&self.index_slot, path, OpenMode::Read)?)
    }

    fn open(&self, kind: FileKind, mode: OpenMode) -> Result<Arc<dyn DiskFile>, LogFault> {
        let path = self.path(kind);
        let op = if mode == OpenMode::Read { DiskOp::Open } else { DiskOp::Create };
        Ok(self.home.disk().open(&path, mode).map_err(|source| DiskFault::new(op, path, source))?)
    }

    fn index_fault(&self, kind: FileKind, source: std::io::Error) -> LogFault {
        DiskFault::new(DiskOp::Read, self.path(kind), source).into()
    }
}
