//! What the writer remembers about one log between turns: which files have been touched and not made durable.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use klamm_base::owned::{Mutex, MutexGuard};

use crate::disk::OpenMode;
use crate::epochs::EpochEntry;
use crate::fault::{DiskFault, DiskOp, LogFault};
use crate::format::file_name::{FileKind, FileName};
use crate::format::{leader_epoch_checkpoint, partition_metadata};
use crate::home::{LogHome, rename_temporary, replace_file, write_file, write_temporary};
use crate::offset::LogOffset;
use crate::segment::Segment;
use crate::writer::Progress;

/// Tells lanes apart: the log's number in its directory, and how often it was truncated.
pub type LaneKey = (u64, u32);

/// One log's place at the writer, shared with the log. A truncation gives the log a new one: what is queued for the old
/// one, or reported about it, means a history that is gone.
pub struct Lane {
    key: LaneKey,
    given_up: AtomicBool,
    home: Arc<LogHome>,
    /// Short: never held across disk work.
    unsynced: Mutex<Unsynced>,
    /// Held across disk work, so that a flush and a sync of one log follow each other.
    io: Mutex<()>,
    /// Held while names are being synced.
    names_io: Mutex<()>,
}

/// Everything that a power cut would still take.
#[derive(Default)]
struct Unsynced {
    /// Touched segments whose finishing (sync, index files) is still to come, by base offset.
    segments: Vec<Touched>,
    /// The partition's directory has entries that were not synced.
    names: bool,
    /// The directory's entry in the log directory and `partition.metadata` may not be synced.
    directory: bool,
    /// Producer snapshots below this offset belong to deleted segments.
    first_base: i64,
    /// Producer snapshots that loading has no use for, still on the disk.
    stale_snapshots: Vec<i64>,
}

/// So many stale snapshots stay when many logs are closed at once: removing a file may cost far more than anything else
/// that a close does.
const STALE_SNAPSHOTS_LEFT: usize = 4;

struct Touched {
    segment: Arc<Segment>,
    /// Bytes were written since the last sync.
    data: bool,
}

/// A rolled segment, and what must reach the disk before recovery may begin behind it.
#[derive(Debug)]
pub struct Roll {
    pub(crate) old: Arc<Segment>,
    /// Where the old segment ends: the base offset of the new one, at the old one's size.
    pub(crate) end: LogOffset,
    /// Producer snapshot at the new base offset.
    pub(crate) snapshot: Option<(i64, Vec<u8>)>,
    /// The epochs, if they have changed since they were last written.
    pub(crate) epochs: Option<Vec<EpochEntry>>,
}

impl Lane {
    pub fn new(id: u64, home: Arc<LogHome>) -> Lane {
        Lane::with((id, 0), home, Unsynced::default())
    }

    fn with(key: LaneKey, home: Arc<LogHome>, unsynced: Unsynced) -> Lane {
        Lane {
            key,
            given_up: AtomicBool::new(false),
            home,
            unsynced: Mutex::new(unsynced),
            io: Mutex::default(),
            names_io: Mutex::default(),
        }
    }

    /// The lane of the log after a truncation; takes over what is not synced yet. Call while the lane is held
    /// exclusively.
    pub fn successor(&self) -> Lane {
        self.given_up.store(true, Ordering::Release);
        let unsynced = std::mem::take(&mut *self.unsynced.lock());
        Lane::with((self.key.0, self.key.1 + 1), self.home.clone(), unsynced)
    }

    /// Unique in the log directory.
    pub fn key(&self) -> LaneKey {
        self.key
    }

    /// What is queued has no meaning any more: the log was truncated, or its directory given up.
    pub fn is_gone(&self) -> bool {
        self.given_up.load(Ordering::Acquire) || self.home.is_removed()
    }

    /// A report that nothing has come further.
    pub fn no_progress(&self) -> Progress {
        Progress { generation: self.key.1, ..Progress::default() }
    }

    pub fn home(&self) -> &Arc<LogHome> {
        &self.home
    }

    /// Notes that a segment was written to; with `created` its file is new.
    pub fn touched(&self, segment: &Arc<Segment>, created: bool) {
        let mut unsynced = self.unsynced.lock();
        unsynced.names |= created;
        match unsynced.segments.last_mut() {
            Some(last) if Arc::ptr_eq(&last.segment, segment) => last.data = true,
            _ => unsynced.segments.push(Touched { segment: segment.clone(), data: true }),
        }
    }

    /// Notes that entries of the partition's directory have changed.
    pub fn names_changed(&self) {
        self.unsynced.lock().names = true;
    }

    /// Notes snapshots that mean nothing any more; they go with the next roll or close.
    pub fn snapshots_are_stale(&self, offsets: &[i64]) {
        self.unsynced.lock().stale_snapshots.extend(offsets);
    }

    /// A snapshot of that name is being written.
    pub fn snapshot_is_new(&self, offset: i64) {
        self.unsynced.lock().stale_snapshots.retain(|stale| *stale != offset);
    }

    /// Removes stale snapshots when more than `left` are there. One that a crash brings back is stale again.
    fn remove_stale_snapshots(&self, left: usize) -> Result<(), LogFault> {
        let stale = {
            let stale = &mut self.unsynced.lock().stale_snapshots;
            if stale.len() <= left {
                return Ok(());
            }
            std::mem::take(stale)
        };
        for offset in stale {
            self.home.remove_file(&FileName::new(offset, FileKind::ProducerSnapshot).to_string())?;
        }
        Ok(())
    }

    /// Notes that the directory's own name may not be durable: it was just made, or by somebody who died.
    pub fn directory_changed(&self) {
        let mut unsynced = self.unsynced.lock();
        unsynced.names = true;
        unsynced.directory = true;
    }

    /// To be called before the file of a further segment is made: names must not reach the disk before those of earlier
    /// segments, or a power cut could take a segment out of the middle, or the first one, unnoticed. Costs a sync at
    /// the first roll only; later the flush of the roll before has done it.
    pub fn before_new_segment(&self) -> Result<(), LogFault> {
        let is_first = self.unsynced.lock().segments.is_empty();
        if is_first { Ok(()) } else { self.sync_file_names() }
    }

    /// Forgets segments that are being deleted; with old ones, `first_base` is where the rest begins.
    pub fn forget(&self, deleted: &[Arc<Segment>], first_base: Option<i64>) {
        let is_deleted = |segment: &Arc<Segment>| deleted.iter().any(|other| Arc::ptr_eq(other, segment));
        let mut unsynced = self.unsynced.lock();
        unsynced.segments.retain(|touched| !is_deleted(&touched.segment));
        unsynced.first_base = first_base.unwrap_or(unsynced.first_base);
    }

    /// Keeps flushes and syncs of this log away while files are renamed.
    pub fn exclusive(&self) -> MutexGuard<'_, ()> {
        self.io.lock()
    }

    /// Makes all written batches durable.
    pub fn sync_data(&self) -> Result<(), LogFault> {
        let _io = self.io.lock();
        let segments: Vec<Arc<Segment>> = {
            let unsynced = self.unsynced.lock();
            let written = unsynced.segments.iter().filter(|touched| touched.data);
            written.map(|touched| touched.segment.clone()).collect()
        };
        for segment in &segments {
            self.sync_segment(segment)?;
        }
        self.sync_names()
    }

    /// Finishes a rolled segment and all before it.
    pub fn finish_roll(&self, roll: &Roll) -> Result<(), LogFault> {
        let _io = self.io.lock();
        self.remove_stale_snapshots(0)?;
        if roll.old.has_index_tail() && !roll.old.is_outdated() {
            // Maybe nothing was written to it in this life, but rolling gave its time index the last entry.
            self.touched(&roll.old, false);
        }
        self.finish_segments(roll.old.base_offset())?;
        self.write_state(roll.snapshot.as_ref(), roll.epochs.as_deref())?;
        self.sync_names()
    }

    /// Finishes everything, for a clean close.
    pub fn finish_all(
        &self,
        snapshot: Option<&(i64, Vec<u8>)>,
        epochs: Option<&[EpochEntry]>,
    ) -> Result<(), LogFault> {
        let _io = self.io.lock();
        self.remove_stale_snapshots(0)?;
        self.finish_segments(i64::MAX)?;
        self.write_state(snapshot, epochs)?;
        self.sync_names()
    }

    /// True when a clean close has segments to finish.
    pub fn has_unsynced(&self) -> bool {
        let unsynced = self.unsynced.lock();
        !unsynced.segments.is_empty() || unsynced.names || unsynced.directory
    }

    /// As `finish_all` up to the point where files would have to be synced; true when the epochs wait under a temporary
    /// name.
    pub fn write_out(
        &self,
        snapshot: Option<&(i64, Vec<u8>)>,
        epochs: Option<&[EpochEntry]>,
    ) -> Result<bool, LogFault> {
        let _io = self.io.lock();
        self.remove_stale_snapshots(STALE_SNAPSHOTS_LEFT)?;
        for segment in self.touched_up_to(i64::MAX) {
            segment.write_aborted(false)?;
            segment.write_index_files(false)?;
        }
        self.write_snapshot(snapshot, false)?;
        epochs.map_or(Ok(false), |epochs| self.write_out_epochs(epochs))
    }

    /// Writes the epochs where a power cut leaves the old ones, the new ones, or what is no checkpoint and is made anew
    /// from the log. True when they wait under a temporary name.
    fn write_out_epochs(&self, epochs: &[EpochEntry]) -> Result<bool, LogFault> {
        let (disk, path) = (&**self.home.disk(), self.epochs_path());
        let bytes = leader_epoch_checkpoint::encode(epochs);
        let file = disk
            .open(&path, OpenMode::CreateOrOpen)
            .map_err(|source| DiskFault::new(DiskOp::Create, &*path, source))?;
        let mut old = [0; leader_epoch_checkpoint::IN_PLACE_MAX];
        let read =
            file.read_full_at(&mut old, 0).map_err(|source| DiskFault::new(DiskOp::Read, &*path, source))?;
        if !leader_epoch_checkpoint::may_replace(&old[..read], &bytes) {
            write_temporary(disk, &path, &bytes, false)?;
            return Ok(true);
        }
        file.write_at(&bytes, 0).map_err(|source| DiskFault::new(DiskOp::Write, path, source))?;
        Ok(false)
    }

    /// The rest of [`Lane::write_out`] once everything has been synced; `renames` is what that has returned. Needs another
    /// sync for the name it gives the epochs then.
    pub fn all_synced(&self, renames: bool) -> Result<(), LogFault> {
        let _io = self.io.lock();
        if renames {
            rename_temporary(&**self.home.disk(), &self.epochs_path())?;
        }
        let mut unsynced = self.unsynced.lock();
        *unsynced = Unsynced { first_base: unsynced.first_base, ..Unsynced::default() };
        Ok(())
    }

    fn epochs_path(&self) -> PathBuf {
        self.home.dir().join(leader_epoch_checkpoint::FILE_NAME)
    }

    fn touched_up_to(&self, up_to: i64) -> Vec<Arc<Segment>> {
        let unsynced = self.unsynced.lock();
        let touched = unsynced.segments.iter().map(|touched| &touched.segment);
        touched.filter(|segment| segment.base_offset() <= up_to).cloned().collect()
    }

    /// Syncs touched segments up to a base offset, with their index files.
    fn finish_segments(&self, up_to: i64) -> Result<(), LogFault> {
        let segments = self.touched_up_to(up_to);
        for segment in &segments {
            self.sync_segment(segment)?;
            segment.write_aborted(true)?;
            segment.write_index_files(true)?;
        }
        let mut unsynced = self.unsynced.lock();
        unsynced.names |= !segments.is_empty();
        unsynced.segments.retain(|touched| touched.segment.base_offset() > up_to);
        Ok(())
    }

    fn sync_segment(&self, segment: &Arc<Segment>) -> Result<(), LogFault> {
        let file = segment.file(OpenMode::ReadWrite)?;
        // Taken back before the sync: what is written meanwhile needs the next one.
        self.note_synced(segment);
        file.sync_data()
            .map_err(|source| DiskFault::new(DiskOp::Sync, segment.path(FileKind::Log), source).into())
    }

    fn note_synced(&self, segment: &Arc<Segment>) {
        let mut unsynced = self.unsynced.lock();
        let mut touched = unsynced.segments.iter_mut();
        if let Some(touched) = touched.find(|touched| Arc::ptr_eq(&touched.segment, segment)) {
            touched.data = false;
        }
    }

    fn write_state(
        &self,
        snapshot: Option<&(i64, Vec<u8>)>,
        epochs: Option<&[EpochEntry]>,
    ) -> Result<(), LogFault> {
        self.write_snapshot(snapshot, true)?;
        epochs.map_or(Ok(()), |epochs| self.write_epochs(epochs))
    }

    /// Replaces the leader-epoch checkpoint, durably.
    pub fn write_epochs(&self, epochs: &[EpochEntry]) -> Result<(), LogFault> {
        let bytes = leader_epoch_checkpoint::encode(epochs);
        Ok(replace_file(&**self.home.disk(), &self.epochs_path(), &bytes)?)
    }

    fn write_snapshot(&self, snapshot: Option<&(i64, Vec<u8>)>, sync: bool) -> Result<(), LogFault> {
        let first_base = self.unsynced.lock().first_base;
        if let Some((offset, bytes)) = snapshot.filter(|(offset, _)| *offset >= first_base) {
            let name = FileName::new(*offset, FileKind::ProducerSnapshot);
            write_file(&**self.home.disk(), &self.home.dir().join(name.to_string()), bytes, sync)?;
            self.snapshot_is_new(*offset);
            self.names_changed();
        }
        Ok(())
    }

    /// Makes the names of all files durable, and the directory's own if it is new.
    fn sync_names(&self) -> Result<(), LogFault> {
        let directory = std::mem::take(&mut self.unsynced.lock().directory);
        let dir = self.home.dir();
        if directory {
            self.sync_metadata_file(&dir)?;
        }
        self.sync_file_names()?;
        if directory && let Some(parent) = dir.parent() {
            let disk = self.home.disk();
            disk.sync_dir(parent).map_err(|source| DiskFault::new(DiskOp::SyncDir, parent, source))?;
        }
        Ok(())
    }

    fn sync_file_names(&self) -> Result<(), LogFault> {
        let _names_io = self.names_io.lock();
        // Taken back before the sync: a name that comes in between needs the next one.
        let changed = std::mem::take(&mut self.unsynced.lock().names);
        if changed { Ok(self.home.sync_dir()?) } else { Ok(()) }
    }

    fn sync_metadata_file(&self, dir: &Path) -> Result<(), DiskFault> {
        let path = dir.join(partition_metadata::FILE_NAME);
        let file = match self.home.disk().open(&path, OpenMode::ReadWrite) {
            Ok(file) => file,
            // Directories from before topic ids have none.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(DiskFault::new(DiskOp::Open, path, error)),
        };
        file.sync_all().map_err(|source| DiskFault::new(DiskOp::Sync, path, source))
    }
}

impl std::fmt::Debug for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lane({:?}, {})", self.key, self.home.dir().display())
    }
}
