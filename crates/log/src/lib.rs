//! The disk room: the only one that writes log directories, Kafka's own, so that either product opens what the other
//! wrote.
//!
//! ```text
//! partition's lock      Log ── append(batch) ──► WriteOp          nothing but memory
//!                                                  │ submit
//! any thread            Writer ── turn() ──► files, Progress ──► Log::advance
//! no lock               Log::view() ──► LogView ── read() ──► FileSlice
//! ```
//!
//! Lowest first:
//! * [`fault`] – what goes wrong. [`disk`] – the seam to files, real and simulated.
//! * [`format`] – the bytes of every kind of file.
//! * [`files`] – bounded descriptors. [`home`] – where a log lives. [`segment`] – one file of the log with its indexes.
//! * [`producer`] – idempotent and transactional producers. [`epochs`] – leader epochs.
//! * [`writer`] – the one writer of a directory. `producer_load` – the producer state at an offset. [`view`] – reading.
//! * [`log`] – one partition. [`cleaner`] – compaction.
//! * [`recovery`] – loading. [`log_dir`], [`metadata_dir`] – whole directories.
//!
//! Deliberately absent: sockets, async, threads, clocks, RPC types, group or cluster logic. Time and
//! randomness come as arguments. Calls block on the disk, except appending and submitting.
//!
//! What makes a crash harmless, in one rule: before the recovery point moves over a segment, everything that recovery
//! would need of it is on the disk (batches, indexes, producer snapshot, epochs, names). Behind the recovery point nothing
//! is believed but the batches themselves.

pub mod cleaner;
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
mod producer_load;
pub mod recovery;
pub mod segment;
#[cfg(test)]
mod testing;
pub mod view;
pub mod writer;

pub use cleaner::{CleanRules, Cleanable, Cleaned, Cleaning};
pub use config::LogConfig;
pub use disk::{Disk, DiskFile, DiskSpace};
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
pub use producer::{ProducerEntry, ProducerError, ProducerTally};
pub use recovery::{OpenLog, Recovery, Truncation};
pub use view::read::{AbortedTransaction, FileSlice, LogRead};
pub use view::timestamp::TimestampOffset;
pub use view::{LogView, ReadError};
pub use writer::{Done, Progress, WriteOp, Writer};
