//! One log directory: lock, identity, clean-shutdown marker, checkpoints, partition directories (Kafka: `LogManager`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_base::{TopicPartition, Uuid};

use crate::config::LogConfig;
use crate::disk::Disk;
use crate::fault::LogFault;
use crate::format::meta_properties::MetaProperties;
use crate::format::partition_dir_name::DirKind;
use crate::log::Log;

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

/// A partition directory as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionDir {
    /// Directory name inside the log directory.
    pub name: String,
    pub topic_partition: TopicPartition,
    pub kind: DirKind,
    /// From `partition.metadata`; `None` when that file is absent.
    pub topic_id: Option<Uuid>,
}

/// What opening a log needs from the outside.
#[derive(Clone, Debug)]
pub struct OpenLog {
    pub config: LogConfig,
    /// The directory was left clean: recovery is skipped.
    pub clean: bool,
    /// From the recovery-point checkpoint, 0 when absent.
    pub recovery_point: i64,
    /// From the log-start checkpoint, 0 when absent.
    pub log_start: i64,
    pub now_ms: i64,
    /// Seeds the roll jitter.
    pub seed: u64,
    /// After recovery sync what was found, so that the durable end is the log end.
    pub sync_recovered: bool,
}

/// An open, locked log directory.
pub struct LogDir {
    disk: Arc<dyn Disk>,
    path: PathBuf,
}

impl LogDir {
    /// Creates the directory when absent and takes `.lock`.
    ///
    /// # Errors
    /// [`LogFault::Locked`] when another process has it.
    pub fn open(disk: Arc<dyn Disk>, path: impl Into<PathBuf>) -> Result<LogDir, LogFault> {
        let _ = disk;
        let _: PathBuf = path.into();
        unimplemented!()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// `None` when the directory was never formatted.
    pub fn meta_properties(&self) -> Result<Option<MetaProperties>, LogFault> {
        unimplemented!()
    }

    pub fn write_meta_properties(&self, properties: &MetaProperties, now_ms: i64) -> Result<(), LogFault> {
        let _ = (properties, now_ms);
        unimplemented!()
    }

    /// Reads the clean-shutdown marker and removes it durably. Call before any log is opened.
    pub fn take_clean_shutdown(&self) -> Result<Shutdown, LogFault> {
        unimplemented!()
    }

    /// The last thing of a clean stop, after all logs are closed and all checkpoints written.
    pub fn write_clean_shutdown(&self, broker_epoch: i64) -> Result<(), LogFault> {
        let _ = broker_epoch;
        unimplemented!()
    }

    pub fn read_checkpoint(&self, which: Checkpoint) -> Result<BTreeMap<TopicPartition, i64>, LogFault> {
        let _ = which;
        unimplemented!()
    }

    pub fn write_checkpoint<'a>(
        &self,
        which: Checkpoint,
        offsets: impl IntoIterator<Item = (&'a TopicPartition, i64)>,
    ) -> Result<(), LogFault> {
        let _ = (which, offsets.into_iter().count());
        unimplemented!()
    }

    /// All partition directories.
    ///
    /// # Errors
    /// [`Malformed::BadName`](crate::Malformed::BadName) for a directory that is no partition's, at which Kafka stops too.
    pub fn partition_dirs(&self) -> Result<Vec<PartitionDir>, LogFault> {
        unimplemented!()
    }

    /// Makes the directory of a new partition with its `partition.metadata`. No segment file until the first write.
    pub fn create_log(
        &self,
        topic_partition: TopicPartition,
        topic_id: Uuid,
        open: OpenLog,
    ) -> Result<Log, LogFault> {
        let _ = (topic_partition, topic_id, open);
        unimplemented!()
    }

    /// Loads a partition's log, recovering it after an unclean stop.
    pub fn open_log(&self, dir: &PartitionDir, open: OpenLog) -> Result<Log, LogFault> {
        let _ = (dir, open);
        unimplemented!()
    }

    /// Renames a log's directory to `<topic>-<partition>.<32 hex>-delete`; its pending ops are dropped, views go on
    /// reading. The content goes with [`LogDir::remove_deleted`].
    pub fn mark_deleted(&self, log: &mut Log, unique: Uuid) -> Result<PartitionDir, LogFault> {
        let _ = (log, unique);
        unimplemented!()
    }

    /// Removes a `-delete` directory with all its files.
    pub fn remove_deleted(&self, dir: &PartitionDir) -> Result<(), LogFault> {
        let _ = dir;
        unimplemented!()
    }
}
