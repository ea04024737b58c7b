//! The disk room: the only one that writes log directories.
//!
//! Deliberately absent: sockets, async, threads, clocks, RPC types, group or cluster logic. Time and randomness come
//! as arguments; all file access goes through [`disk::Disk`]. Calls block, except appending and submitting.

pub mod config;
pub mod disk;
pub mod epochs;
pub mod fault;
pub mod files;
pub mod format;
pub mod home;
pub mod log;
pub mod log_dir;
pub mod metadata_dir;
pub mod offset;
pub mod producer;
pub mod recovery;
pub mod segment;
pub mod view;
pub mod writer;

pub use config::LogConfig;
pub use disk::{Disk, DiskFile};
pub use fault::{DiskFault, DiskOp, LogFault, Malformed};
pub use format::meta_properties::MetaProperties;
pub use format::partition_dir_name::DirKind;
pub use format::quorum_state::{QuorumState, QuorumStateVersion};
pub use format::snapshot_name::SnapshotId;
pub use log::Log;
pub use log::append::{AppendContext, AppendError, AppendOrigin, Appended};
pub use log::retention::DeletedSegments;
pub use log_dir::{Checkpoint, LogDir, PartitionDir, Shutdown};
pub use metadata_dir::MetadataDir;
pub use offset::{LogEnds, LogOffset};
pub use producer::{ProducerEntry, ProducerError};
pub use recovery::{OpenLog, Recovery, Truncation};
pub use view::read::{AbortedTransaction, FileSlice, LogRead};
pub use view::timestamp::TimestampOffset;
pub use view::{LogView, ReadError};
pub use writer::{Done, Progress, WriteOp, Writer};
