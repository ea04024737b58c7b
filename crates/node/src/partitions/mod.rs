//! The partitions of this broker, their log directories, and everything that is done to one partition
//! (Kafka: `ReplicaManager`, `Partition`).
//!
//! * [`directory`] – a log directory with its one writer
//! * [`partition`] – one partition: log and replication state under one short lock
//! * [`append`], [`read`], [`offsets`], [`producers`] – what requests do to it
//! * [`placement`] – in which directory a new log is made
//! * [`log_start`] – where it begins: DeleteRecords, retention; `flush` – syncs by age
//! * [`cleaning`] – compaction
//! * `coordinated` – what coordinators write
//! * [`log_config`] – settings of a topic as the log wants them
//! * [`checkpoints`] – the offset files of the directories
//! * [`figures`] – what they are and have done, in numbers
//! * [`table`] – all of them, by topic id and by name

pub mod append;
pub mod checkpoints;
pub mod cleaning;
mod coordinated;
pub mod directory;
mod figures;
mod flush;
mod log_config;
pub mod log_start;
pub mod offsets;
pub mod partition;
pub mod placement;
mod producers;
pub mod read;
pub mod table;

pub use append::{Append, AppendFailure, Landed};
pub use directory::{Directory, Owner};
pub use figures::{LogFigures, TopicCounts};
pub use log_config::log_config;
pub use offsets::{FoundOffset, ListOffset, OffsetSpec};
pub use partition::{Partition, Sleeper, acknowledge};
pub use producers::ProducersBound;
pub use read::{FetchPlaces, PartitionRead, Read};
pub use table::Partitions;
