//! What an operator should read: facts of the disk and the metadata that no request is answered with. The node keeps
//! them, the server writes each to its log, once.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use klamm_base::owned::Mutex;
use klamm_base::{ErrorCode, TopicPartition};
use klamm_config::ConfigFault;
use klamm_log::{LogFault, SnapshotId, Truncation};

use crate::fault::GroupLogFault;

/// More than this wait for nobody: a log that is not read is not worth memory.
const WAITING_MAX: usize = 1_000;

/// How loud a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Info,
    Warn,
    Error,
}

/// One line of the log.
#[derive(Clone, Debug)]
pub enum News {
    /// Nothing in this log directory is served from now on; the others go on.
    DirectoryOffline { dir: PathBuf, fault: LogFault },
    /// A folder that the metadata knows nothing of was set aside under a new name.
    Stray { dir: PathBuf, name: String, now: String },
    /// A checkpoint could not be read; its offsets are found anew from the logs.
    CheckpointReset { fault: LogFault },
    /// A log was cut at its first bad batch.
    Cut { dir: PathBuf, partition: TopicPartition, truncation: Truncation },
    /// A snapshot of the metadata is on the disk.
    SnapshotWritten { id: SnapshotId, bytes: u64 },
    /// A snapshot of the metadata could not be written; it is tried again when the next one is due.
    SnapshotFailed { id: SnapshotId, fault: LogFault },
    /// Snapshots and log below this one are superfluous and go.
    MetadataCleaned { up_to: SnapshotId },
    /// Retention has taken old segments out of logs of this directory; their files go soon.
    Retained { dir: PathBuf, logs: usize, bytes: u64 },
    /// The process has no descriptor left; what needs one waits.
    OutOfDescriptors { fault: LogFault },
    /// The groups of coordinators were read from their logs.
    GroupsLoaded { partitions: u64, records: u64, bytes: u64 },
    /// What is no record of a coordinator was left out while its log was read.
    GroupRecordsLeftOut { partition: TopicPartition, count: u64, first_offset: i64 },
    /// A coordinator's log cannot be read from this offset on: its groups are not served until the next start.
    GroupsUnreadable { partition: TopicPartition, offset: i64, why: GroupLogFault },
    /// A topic that a client has asked for could not be made in passing.
    TopicNotCreated { topic: String, error: ErrorCode, message: Option<String> },
    /// A stored setting of the brokers does not hold, or does not fit to the others.
    SettingLeftOut { fault: ConfigFault },
}

impl News {
    pub fn weight(&self) -> Weight {
        match self {
            News::DirectoryOffline { .. }
            | News::SnapshotFailed { .. }
            | News::GroupsUnreadable { .. }
            | News::SettingLeftOut { .. } => Weight::Error,
            News::Stray { .. }
            | News::CheckpointReset { .. }
            | News::Cut { .. }
            | News::GroupRecordsLeftOut { .. }
            | News::TopicNotCreated { .. }
            | News::OutOfDescriptors { .. } => Weight::Warn,
            News::SnapshotWritten { .. }
            | News::MetadataCleaned { .. }
            | News::Retained { .. }
            | News::GroupsLoaded { .. } => Weight::Info,
        }
    }

    /// The class that says it in Kafka.
    pub fn logger(&self) -> &'static str {
        match self {
            News::DirectoryOffline { .. } => "kafka.server.ReplicaManager",
            News::Stray { .. }
            | News::CheckpointReset { .. }
            | News::Retained { .. }
            | News::OutOfDescriptors { .. } => "kafka.log.LogManager",
            News::Cut { .. } => "kafka.log.LogLoader",
            News::SnapshotWritten { .. } | News::SnapshotFailed { .. } => {
                "org.apache.kafka.image.publisher.SnapshotGenerator"
            }
            News::GroupsLoaded { .. } | News::GroupRecordsLeftOut { .. } | News::GroupsUnreadable { .. } => {
                "org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime"
            }
            News::MetadataCleaned { .. } => "kafka.raft.KafkaMetadataLog",
            News::TopicNotCreated { .. } => "org.apache.kafka.server.DefaultAutoTopicCreationManager",
            News::SettingLeftOut { .. } => "kafka.server.DynamicBrokerConfig",
        }
    }
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            News::DirectoryOffline { dir, fault } => {
                write!(f, "log directory {} is offline: {fault}", dir.display())
            }
            News::Stray { dir, name, now } => {
                write!(f, "{} is not known to the metadata, renamed to {now}", dir.join(name).display())
            }
            News::CheckpointReset { fault } => write!(f, "{fault}; its offsets are taken from the logs"),
            News::Cut { dir, partition, truncation } => {
                let Truncation { segment_base_offset, kept_bytes, cut_bytes, why } = truncation;
                write!(
                    f,
                    "{partition} in {}: segment {segment_base_offset} cut behind {kept_bytes} bytes, {cut_bytes} bytes dropped: {why:?}",
                    dir.display()
                )
            }
            News::SnapshotWritten { id, bytes } => write!(f, "metadata snapshot {id} written, {bytes} bytes"),
            News::SnapshotFailed { id, fault } => write!(f, "metadata snapshot {id} failed: {fault}"),
            News::MetadataCleaned { up_to } => write!(f, "metadata log and snapshots before {up_to} dropped"),
            News::Retained { dir, logs, bytes } => {
                write!(f, "retention in {}: {bytes} bytes of {logs} logs deleted", dir.display())
            }
            News::GroupsLoaded { partitions, records, bytes } => {
                write!(f, "groups of {partitions} partitions loaded: {records} records, {bytes} bytes")
            }
            News::GroupRecordsLeftOut { partition, count, first_offset } => {
                write!(
                    f,
                    "{count} records of {partition} cannot be read and are left out, the first at offset {first_offset}"
                )
            }
            News::GroupsUnreadable { partition, offset, why } => {
                write!(
                    f,
                    "groups of {partition} are not served: its log cannot be read from offset {offset} on: {why}"
                )
            }
            News::TopicNotCreated { topic, error, message } => {
                write!(
                    f,
                    "topic {topic} is not created: {} {}",
                    error.name(),
                    message.as_deref().unwrap_or("")
                )
            }
            News::SettingLeftOut { fault } => write!(f, "a stored setting does not count: {fault}"),
            News::OutOfDescriptors { fault } => write!(f, "no descriptor left, tried again later: {fault}"),
        }
    }
}

/// The lines that nobody has taken yet.
#[derive(Debug, Default)]
pub struct NewsDesk {
    waiting: Mutex<Vec<News>>,
    has_some: AtomicBool,
}

impl NewsDesk {
    pub fn add(&self, news: News) {
        let mut waiting = self.waiting.lock();
        if waiting.len() < WAITING_MAX {
            waiting.push(news);
            self.has_some.store(true, Ordering::Release);
        }
    }

    /// All that waits, oldest first; one atomic read when nothing does.
    pub fn take(&self) -> Vec<News> {
        if !self.has_some.load(Ordering::Acquire) {
            return Vec::new();
        }
        let mut waiting = self.waiting.lock();
        self.has_some.store(false, Ordering::Release);
        std::mem::take(&mut *waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_taken_once_and_none_is_kept_for_ever() {
        let desk = NewsDesk::default();
        let id = SnapshotId { end_offset: 7, epoch: 1 };
        for bytes in 0..2 * WAITING_MAX as u64 {
            desk.add(News::SnapshotWritten { id, bytes });
        }
        let taken = desk.take();
        assert_eq!(taken.len(), WAITING_MAX);
        assert_eq!(
            taken[0].to_string(),
            "metadata snapshot 00000000000000000007-0000000001 written, 0 bytes"
        );
        assert!(desk.take().is_empty());
    }
}
