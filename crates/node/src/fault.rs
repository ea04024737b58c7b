//! Why a node does not start, or cannot go on. Facts only: the server makes the line that a person reads.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use klamm_base::{ErrorCode, TopicPartition};
use klamm_log::{DiskFault, LogFault, SnapshotId};
use klamm_metadata::ReplayFault;
use klamm_metadata::batch::MetadataBatchFault;
use klamm_metadata::controller::ActivationFault;
use klamm_metadata::snapshot::SnapshotFault;
use klamm_raft::QuorumFault;
use klamm_records::BatchFault;

/// Why [`Node::open`](crate::Node::open) gave up. Nothing is left open or locked then.
#[derive(Debug)]
pub enum StartFault {
    /// Another process has the directory's `.lock`.
    Locked { dir: PathBuf },
    /// No `meta.properties`: the directory was never formatted.
    Unformatted { dir: PathBuf },
    /// A directory or a file in it cannot be read, or is not what it must be.
    Unreadable { dir: PathBuf, fault: LogFault },
    /// Two directories, or a directory and what was asked for, belong to different clusters.
    WrongClusterId { dir: PathBuf, expected: String, found: String },
    /// The directory was formatted for another node.
    WrongNodeId { dir: PathBuf, configured: i32, found: i32 },
    /// The metadata in this directory cannot be used.
    Metadata { dir: PathBuf, fault: LoadFault },
    /// The metadata went wrong while the node entered the cluster.
    Stopped { dir: PathBuf, fault: Arc<LoadFault> },
    /// The controller does not let this node register.
    Registration { error: ErrorCode, message: Option<String> },
    /// Two directories carry the same id, as after copying one.
    DuplicateDirectoryId { dirs: [PathBuf; 2], id: klamm_base::Uuid },
    /// `meta.properties` does not say whose the directory is.
    Unidentified { dir: PathBuf, fault: LogFault },
    /// The settings name a directory twice.
    NamedTwice { dir: PathBuf },
    /// A metadata log lies in a directory that is not the one for it.
    MetadataElsewhere { dir: PathBuf },
    /// Two directories hold the same partition: which one counts is for the operator to say.
    PartitionTwice { partition: TopicPartition, dirs: [PathBuf; 2] },
}

/// What a running node cannot survive: it must be stopped without a clean-shutdown marker.
#[derive(Clone, Debug)]
pub enum NodeFault {
    /// The directory of the metadata log has failed.
    MetadataLog(LogFault),
    /// The quorum or its log is not what it must be.
    Metadata(Arc<LoadFault>),
    /// Every log directory has failed.
    AllDirectories(LogFault),
}

/// Why the metadata cannot be loaded, or went wrong while it was kept.
#[derive(Debug)]
pub enum LoadFault {
    Log(LogFault),
    /// The disk of the log has failed.
    Offline,
    Snapshot {
        id: SnapshotId,
        fault: SnapshotFault,
    },
    /// `bootstrap.checkpoint`, which an older release has left.
    BootstrapCheckpoint(SnapshotFault),
    /// The same, without a metadata.version that this build knows.
    NoMetadataVersion,
    /// The log begins in the middle, and no snapshot has what was before.
    NoSnapshot {
        log_start: i64,
    },
    Batch(MetadataBatchFault),
    Replay {
        base_offset: i64,
        fault: ReplayFault,
    },
    Quorum(QuorumFault),
    Activation(ActivationFault),
}

/// Why a coordinator cannot read its log any further.
#[derive(Clone, Debug)]
pub enum GroupLogFault {
    /// Where the next batch ends cannot be told.
    Batch(BatchFault),
    /// The partition refuses to be read.
    Refused(ErrorCode),
    Disk(DiskFault),
}

/// True when the process or the machine ran out of descriptors, which says nothing about the disk.
pub fn is_out_of_descriptors(fault: &LogFault) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    match fault {
        LogFault::Disk(fault) => matches!(fault.source.raw_os_error(), Some(ENFILE | EMFILE)),
        LogFault::Malformed { .. } | LogFault::Locked { .. } | LogFault::Offline { .. } => false,
    }
}

impl fmt::Display for GroupLogFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GroupLogFault::Batch(fault) => fault.fmt(f),
            GroupLogFault::Refused(error) => f.write_str(error.name()),
            GroupLogFault::Disk(fault) => fault.fmt(f),
        }
    }
}

impl fmt::Display for LoadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadFault::Log(fault) => fault.fmt(f),
            LoadFault::Offline => f.write_str("the disk of the metadata log has failed"),
            LoadFault::Snapshot { id, fault } => write!(f, "metadata snapshot {}: {fault}", id.file_name()),
            LoadFault::BootstrapCheckpoint(fault) => write!(f, "bootstrap.checkpoint: {fault}"),
            LoadFault::NoMetadataVersion => {
                f.write_str("bootstrap.checkpoint names no metadata.version that is known here")
            }
            LoadFault::NoSnapshot { log_start } => {
                write!(
                    f,
                    "the metadata log begins at offset {log_start}, and there is no snapshot for what was before"
                )
            }
            LoadFault::Batch(fault) => write!(f, "metadata log: {fault}"),
            LoadFault::Replay { base_offset, fault } => {
                write!(f, "metadata log at offset {base_offset}: {fault}")
            }
            LoadFault::Quorum(fault) => fault.fmt(f),
            LoadFault::Activation(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for LoadFault {}

impl From<LogFault> for LoadFault {
    fn from(fault: LogFault) -> LoadFault {
        LoadFault::Log(fault)
    }
}

impl fmt::Display for StartFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartFault::Locked { dir } => write!(f, "{} is in use by another process", dir.display()),
            StartFault::Unformatted { dir } => write!(f, "{} is not formatted", dir.display()),
            StartFault::Unreadable { dir, fault } => write!(f, "{} cannot be used: {fault}", dir.display()),
            StartFault::WrongClusterId { dir, expected, found } => {
                write!(f, "{} belongs to cluster {found}, not to {expected}", dir.display())
            }
            StartFault::WrongNodeId { dir, configured, found } => {
                write!(f, "{} belongs to node {found}, but node.id is {configured}", dir.display())
            }
            StartFault::Metadata { dir, fault } => write!(f, "metadata in {}: {fault}", dir.display()),
            StartFault::Stopped { dir, fault } => write!(f, "metadata in {}: {fault}", dir.display()),
            StartFault::Registration { error, message } => {
                write!(
                    f,
                    "the controller refuses this broker: {} {}",
                    error.name(),
                    message.as_deref().unwrap_or("")
                )
            }
            StartFault::DuplicateDirectoryId { dirs: [a, b], id } => {
                write!(f, "{} and {} have the same directory id {id}", a.display(), b.display())
            }
            StartFault::Unidentified { fault, .. } => fault.fmt(f),
            StartFault::NamedTwice { dir } => write!(f, "{} is named twice in log.dirs", dir.display()),
            StartFault::MetadataElsewhere { dir } => {
                write!(f, "{} holds a metadata log, but is not metadata.log.dir", dir.display())
            }
            StartFault::PartitionTwice { partition, dirs: [a, b] } => {
                write!(f, "partition {partition} lies in {} and in {}", a.display(), b.display())
            }
        }
    }
}

impl std::error::Error for StartFault {}

impl fmt::Display for NodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodeFault::MetadataLog(fault) => write!(f, "the metadata log has failed: {fault}"),
            NodeFault::Metadata(fault) => write!(f, "the metadata has failed: {fault}"),
            NodeFault::AllDirectories(fault) => {
                write!(f, "all log directories have failed, the last by: {fault}")
            }
        }
    }
}

impl std::error::Error for NodeFault {}
