//! The partitions of this broker, their log directories, and everything that is done to one partition
//! (Kafka: `ReplicaManager`, `Partition`).
//!
//! * [`directory`] – a log directory with its one writer
//! * [`partition`] – one partition: log and replication state under one short lock
//! * [`append`], [`read`], [`offsets`] – what requests do to it
//! * [`table`] – all of them, by topic id and by name

pub mod append;
pub mod directory;
pub mod offsets;
pub mod partition;
pub mod read;
pub mod table;

pub use append::{Append, AppendFailure, Landed};
pub use directory::{Directory, Owner};
pub use partition::{Partition, Sleeper};
pub use read::{PartitionRead, Read};
pub use table::Partitions;
