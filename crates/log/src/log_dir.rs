//! One log directory: lock, identity, clean-shutdown marker, checkpoints, partition directories (Kafka: `LogManager`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use klamm_base::{TopicPartition, Uuid};

use crate::disk::{Disk, DiskLock, DiskSpace, EntryKind};
use crate::fault::{DiskFault, DiskOp, LogFault, Malformed};
use crate::files::FileCache;
use crate::format::meta_properties::{self, MetaProperties};
use crate::format::partition_dir_name::{self, DirKind};
use crate::format::{clean_shutdown, offset_checkpoint, partition_metadata, text_checkpoint};
use crate::home::{LogHome, read_counted_file, read_file, remove_tree, replace_file, write_file};
use crate::log::Log;
use crate::recovery::{self, Identity, OpenLog, Recovery};

const LOCK_FILE: &str = ".lock";
/// Belongs to tiered storage; no partition's.
const REMOTE_INDEX_CACHE: &str = "remote-log-index-cache";
/// From so many logs on, one sync of the file system is cheaper than theirs.
const MANY_LOGS: usize = 16;
/// Descriptors kept open without use, unless the owner says otherwise: safe under a limit of 1024.
const OPEN_FILES_MAX: usize = 512;

/// How the last owner of the directory left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// No marker: logs must be scanned from their recovery points.
    Unclean,
    /// Marker found and durably removed; its broker epoch goes into the registration (KIP-966), `None` when unreadable.
    Clean { broker_epoch: Option<i64> },
}

/// The four text checkpoints of a log directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checkpoint {
    RecoveryPoint,
    LogStart,
    /// Replication offsets: high watermarks.
    HighWatermark,
    Cleaner,
}

impl Checkpoint {
    pub const fn file_name(self) -> &'static str {
        match self {
            Checkpoint::RecoveryPoint => "recovery-point-offset-checkpoint",
            Checkpoint::LogStart => "log-start-offset-checkpoint",
            Checkpoint::HighWatermark => "replication-offset-checkpoint",
            Checkpoint::Cleaner => "cleaner-offset-checkpoint",
        }
    }
}

/// A partition directory as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionDir {
    /// Directory name inside the log directory.
    pub name: String,
    pub topic_partition: TopicPartition,
    pub kind: DirKind,
    /// From `partition.metadata`. `None` when that file is absent (directories from before KIP-516) or unreadable (it
    /// is synced with the log's first sync only): the metadata then decides by name, and [`Log::set_topic_id`]
    /// repairs it.
    pub topic_id: Option<Uuid>,
}

/// An open, locked log directory.
pub struct LogDir {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    files: Arc<FileCache>,
    logs_opened: AtomicU64,
    _lock: Box<dyn DiskLock>,
}

impl LogDir {
    /// Creates the directory when absent and takes `.lock`.
    ///
    /// # Errors
    /// [`LogFault::Locked`] when another process has it.
    pub fn open(disk: Arc<dyn Disk>, path: impl Into<PathBuf>) -> Result<LogDir, LogFault> {
        let path: PathBuf = path.into();
        make_dir(&*disk, &path)?;
        let lock_path = path.join(LOCK_FILE);
        let lock =
            disk.lock(&lock_path).map_err(|source| DiskFault::new(DiskOp::Lock, &*lock_path, source))?;
        let Some(lock) = lock else { return Err(LogFault::Locked { path: path.into() }) };
        let files = Arc::new(FileCache::new(disk.clone(), OPEN_FILES_MAX));
        Ok(LogDir { disk, path, files, logs_opened: AtomicU64::new(0), _lock: lock })
    }

    /// Bounds the descriptors kept open without use.
    pub fn set_open_files_max(&self, max: usize) {
        self.files.set_limit(max);
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// How large the file system below is, and what is left of it.
    pub fn space(&self) -> Result<DiskSpace, LogFault> {
        let space = self.disk.space(&self.path);
        Ok(space.map_err(|source| DiskFault::new(DiskOp::Space, &*self.path, source))?)
    }

    /// `None` when the directory was never formatted.
    pub fn meta_properties(&self) -> Result<Option<MetaProperties>, LogFault> {
        let path = self.path.join(meta_properties::FILE_NAME);
        let Some(bytes) = read_file(&*self.disk, &path, meta_properties::MAX_BYTES)? else { return Ok(None) };
        meta_properties::decode(&bytes).map(Some).map_err(|why| LogFault::malformed(path, why))
    }

    pub fn write_meta_properties(&self, properties: &MetaProperties, now_ms: i64) -> Result<(), LogFault> {
        let path = self.path.join(meta_properties::FILE_NAME);
        Ok(replace_file(&*self.disk, &path, &meta_properties::encode(properties, now_ms))?)
    }

    /// Reads the clean-shutdown marker and removes it durably. Call before any log is opened, so that a crash while
    /// loading counts as unclean.
    pub fn take_clean_shutdown(&self) -> Result<Shutdown, LogFault> {
        let path = self.path.join(clean_shutdown::FILE_NAME);
        let broker_epoch = match read_file(&*self.disk, &path, clean_shutdown::MAX_BYTES) {
            Ok(None) => return Ok(Shutdown::Unclean),
            Ok(Some(bytes)) => clean_shutdown::decode(&bytes),
            Err(LogFault::Malformed { .. }) => None,
            Err(fault) => return Err(fault),
        };
        self.disk.remove_file(&path).map_err(|source| DiskFault::new(DiskOp::Remove, path, source))?;
        self.sync_dir()?;
        Ok(Shutdown::Clean { broker_epoch })
    }

    /// The last thing of a clean stop, after all logs are closed and all checkpoints written.
    pub fn write_clean_shutdown(&self, broker_epoch: i64) -> Result<(), LogFault> {
        let path = self.path.join(clean_shutdown::FILE_NAME);
        write_file(&*self.disk, &path, &clean_shutdown::encode(broker_epoch), true)?;
        self.sync_dir()
    }

    /// Empty when there is no such file.
    pub fn read_checkpoint(&self, which: Checkpoint) -> Result<BTreeMap<TopicPartition, i64>, LogFault> {
        let path = self.path.join(which.file_name());
        let bytes = read_file(&*self.disk, &path, text_checkpoint::MAX_BYTES)?.unwrap_or_default();
        offset_checkpoint::decode(&bytes).map_err(|why| LogFault::malformed(path, why))
    }

    /// Replaces the whole checkpoint.
    pub fn write_checkpoint<'a>(
        &self,
        which: Checkpoint,
        offsets: impl IntoIterator<Item = (&'a TopicPartition, i64)>,
    ) -> Result<(), LogFault> {
        let path = self.path.join(which.file_name());
        let offsets: BTreeMap<&TopicPartition, i64> = offsets.into_iter().collect();
        Ok(replace_file(&*self.disk, &path, &offset_checkpoint::encode(&offsets))?)
    }

    /// All partition directories, that of the metadata log included.
    ///
    /// # Errors
    /// [`Malformed::BadName`] for a directory that is no partition's, at which Kafka stops too.
    pub fn partition_dirs(&self) -> Result<Vec<PartitionDir>, LogFault> {
        let entries =
            self.disk.list(&self.path).map_err(|source| DiskFault::new(DiskOp::List, &*self.path, source))?;
        let dirs = entries.into_iter().filter(|entry| entry.kind == EntryKind::Directory);
        let mut found = Vec::new();
        for name in dirs.map(|entry| entry.name).filter(|name| name != REMOTE_INDEX_CACHE) {
            let Some((topic_partition, kind)) = partition_dir_name::parse(&name) else {
                return Err(LogFault::malformed(self.path.join(name), Malformed::BadName));
            };
            let topic_id = self.read_topic_id(&name)?.ok().flatten();
            found.push(PartitionDir { name, topic_partition, kind, topic_id });
        }
        found.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// The directory of one partition, if there is one under its own name.
    pub fn partition_dir(&self, topic_partition: &TopicPartition) -> Result<Option<PartitionDir>, LogFault> {
        let name = partition_dir_name::live_name(topic_partition);
        if !self.exists(&self.path.join(&name))? {
            return Ok(None);
        }
        let topic_id = self.read_topic_id(&name)?.ok().flatten();
        let topic_partition = topic_partition.clone();
        Ok(Some(PartitionDir { name, topic_partition, kind: DirKind::Live, topic_id }))
    }

    fn exists(&self, path: &Path) -> Result<bool, LogFault> {
        match self.disk.list(path) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(DiskFault::new(DiskOp::List, path, error).into()),
        }
    }

    fn read_topic_id(&self, dir: &str) -> Result<Result<Option<Uuid>, Malformed>, LogFault> {
        let path = self.path.join(dir).join(partition_metadata::FILE_NAME);
        match read_counted_file(&*self.disk, &path, partition_metadata::MAX_BYTES) {
            Ok(Some(bytes)) => Ok(partition_metadata::decode(&bytes).map(Some)),
            Ok(None) => Ok(Ok(None)),
            Err(LogFault::Malformed { why, .. }) => Ok(Err(why)),
            Err(fault) => Err(fault),
        }
    }

    /// Makes the directory of a new partition with its `partition.metadata`. No segment file until the first write; no
    /// sync until the log's first one. A directory that is there already is loaded as after a crash.
    ///
    /// # Errors
    /// [`Malformed::BadValue`] when the directory belongs to another topic id.
    pub fn create_log(
        &self,
        topic_partition: TopicPartition,
        topic_id: Uuid,
        open: OpenLog,
    ) -> Result<(Log, Recovery), LogFault> {
        let name = partition_dir_name::live_name(&topic_partition);
        let path = self.path.join(&name);
        let is_new = self.disk.list(&path).is_err();
        if is_new {
            self.disk
                .create_dir(&path)
                .map_err(|source| DiskFault::new(DiskOp::CreateDir, &*path, source))?;
        }
        let metadata = path.join(partition_metadata::FILE_NAME);
        match self.read_topic_id(&name)? {
            Ok(Some(found)) if found == topic_id => {}
            Ok(Some(_)) => return Err(LogFault::malformed(metadata, Malformed::BadValue("topic_id"))),
            _ => write_file(&*self.disk, &metadata, &partition_metadata::encode(topic_id), !is_new)?,
        }
        let open = OpenLog { clean: false, ..open };
        self.load(path, self.identity(topic_partition, Some(topic_id), is_new), open)
    }

    /// Loads a partition's log, recovering it after an unclean stop.
    pub fn open_log(&self, dir: &PartitionDir, open: OpenLog) -> Result<(Log, Recovery), LogFault> {
        self.open_promised_log(dir, open, 0)
    }

    /// As [`LogDir::open_log`], but a sync that [`OpenLog::sync_recovered`] asks for is left to
    /// [`LogDir::sync_recovered`], which many logs share.
    pub fn open_log_to_sync(&self, dir: &PartitionDir, open: OpenLog) -> Result<(Log, Recovery), LogFault> {
        let identity = self.identity(dir.topic_partition.clone(), dir.topic_id, false);
        self.load(self.path.join(&dir.name), Identity { sync_later: true, ..identity }, open)
    }

    /// Makes what recovery has found durable, with few syncs however many logs there are. They are then as after a clean
    /// stop.
    pub fn sync_recovered<'a>(&self, logs: impl IntoIterator<Item = &'a mut Log>) -> Result<(), LogFault> {
        self.close_logs(logs)
    }

    /// As [`LogDir::open_log`], for a log whose loss must not go unnoticed: what lies below `promised` is known to have
    /// been synced. All below it is read and checked, from the segment of the recovery point on.
    ///
    /// # Errors
    /// [`LogFault::Malformed`] with the segment's name when a batch below `promised` is damaged or missing. No batch has
    /// been removed then.
    pub fn open_promised_log(
        &self,
        dir: &PartitionDir,
        open: OpenLog,
        promised: i64,
    ) -> Result<(Log, Recovery), LogFault> {
        let identity = self.identity(dir.topic_partition.clone(), dir.topic_id, false);
        self.load(self.path.join(&dir.name), Identity { promised, ..identity }, open)
    }

    fn identity(&self, topic_partition: TopicPartition, topic_id: Option<Uuid>, is_new: bool) -> Identity {
        let lane_id = self.logs_opened.fetch_add(1, Ordering::Relaxed);
        Identity { topic_partition, topic_id, lane_id, is_new, promised: 0, sync_later: false }
    }

    fn load(&self, path: PathBuf, identity: Identity, open: OpenLog) -> Result<(Log, Recovery), LogFault> {
        recovery::load(Arc::new(LogHome::new(self.files.clone(), path)), identity, open)
    }

    /// Closes logs cleanly, as [`Log::close`] does, with few syncs however many they are; a closed log can go on. All are closed as far as
    /// possible; the first fault is returned.
    pub fn close_logs<'a>(&self, logs: impl IntoIterator<Item = &'a mut Log>) -> Result<(), LogFault> {
        let (mut unsynced, rest): (Vec<_>, Vec<_>) = logs.into_iter().partition(|log| log.has_unsynced());
        let mut outcome = Outcome(Ok(()));
        for log in rest {
            outcome.note(log.close());
        }
        if unsynced.len() < MANY_LOGS {
            for log in unsynced {
                outcome.note(log.close());
            }
            return outcome.0;
        }
        // All content first, where it does not count before it has reached the disk.
        let mut written = Vec::with_capacity(unsynced.len());
        for log in unsynced.drain(..) {
            match log.write_out() {
                Ok(renames) => written.push((log, renames)),
                Err(fault) => outcome.note(Err(fault)),
            }
        }
        self.sync_file_system()?;
        let some_renamed = written.iter().any(|(_, renames)| *renames);
        for (log, renames) in written {
            outcome.note(log.all_synced(renames));
        }
        if some_renamed {
            self.sync_file_system()?;
        }
        outcome.0
    }

    fn sync_file_system(&self) -> Result<(), LogFault> {
        let sync = self.disk.sync_file_system(&self.path);
        Ok(sync.map_err(|source| DiskFault::new(DiskOp::SyncFileSystem, &*self.path, source))?)
    }

    /// Renames a log's directory to `<topic>-<partition>.<32 hex>-delete`; its pending ops are dropped, views go on
    /// reading what they have open. The content goes with [`LogDir::remove_deleted`]. The new name is durable with the
    /// next checkpoint, which must follow: the old ones still speak of the partition.
    pub fn mark_deleted(&self, log: &mut Log, unique: Uuid) -> Result<PartitionDir, LogFault> {
        let name = partition_dir_name::marked_name(log.topic_partition(), DirKind::Delete, unique);
        log.move_away(self.path.join(&name))?;
        Ok(PartitionDir {
            name,
            topic_partition: log.topic_partition().clone(),
            kind: DirKind::Delete,
            topic_id: log.topic_id(),
        })
    }

    /// Renames a directory that no log is open on: to `-stray` when the metadata does not know its partition, to
    /// `-delete` when the partition was deleted meanwhile.
    pub fn mark_dir(
        &self,
        dir: &PartitionDir,
        kind: DirKind,
        unique: Uuid,
    ) -> Result<PartitionDir, LogFault> {
        assert!(kind != DirKind::Live, "{} would lose its mark", dir.name);
        let name = partition_dir_name::marked_name(&dir.topic_partition, kind, unique);
        let from = self.path.join(&dir.name);
        self.disk
            .rename(&from, &self.path.join(&name))
            .map_err(|source| DiskFault::new(DiskOp::Rename, from, source))?;
        self.sync_dir()?;
        Ok(PartitionDir { name, kind, ..dir.clone() })
    }

    /// Removes a `-delete` directory with all that is in it; what somebody else has removed is no fault.
    pub fn remove_deleted(&self, dir: &PartitionDir) -> Result<(), LogFault> {
        assert_eq!(dir.kind, DirKind::Delete, "{} was not given up", dir.name);
        // What a crash brings back is removed with the next start.
        Ok(remove_tree(&*self.disk, &self.path.join(&dir.name))?)
    }

    fn sync_dir(&self) -> Result<(), LogFault> {
        let sync = self.disk.sync_dir(&self.path);
        Ok(sync.map_err(|source| DiskFault::new(DiskOp::SyncDir, &*self.path, source))?)
    }
}

/// The first fault of several.
struct Outcome(Result<(), LogFault>);

impl Outcome {
    fn note(&mut self, result: Result<(), LogFault>) {
        if self.0.is_ok() {
            self.0 = result;
        }
    }
}

/// Creates a directory with missing parents, durably.
fn make_dir(disk: &dyn Disk, path: &Path) -> Result<(), LogFault> {
    let missing: Vec<&Path> = path.ancestors().take_while(|dir| disk.list(dir).is_err()).collect();
    disk.create_dir(path).map_err(|source| DiskFault::new(DiskOp::CreateDir, path, source))?;
    for parent in missing.iter().filter_map(|dir| dir.parent()) {
        disk.sync_dir(parent).map_err(|source| DiskFault::new(DiskOp::SyncDir, parent, source))?;
    }
    Ok(())
}

impl std::fmt::Debug for LogDir {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LogDir({})", self.path.display())
    }
}
