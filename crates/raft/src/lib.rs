//! KRaft as a value: events go in, actions come out.
//!
//! [`Quorum`] decides when this voter leads the metadata log, what has to be on the disk before
//! anything else may go on, which control records open an epoch, and how far the log is committed.
//! It holds no file, clock or socket: whoever owns those reports what happened as [`Event`]s and
//! carries out the returned [`Action`]s strictly in order.
//!
//! The quorum served is the quorum of one. It has the complete vocabulary of the protocol where a
//! single voter uses it (durable vote, epoch, LeaderChange, voter records, high watermark on
//! entries of the own epoch); a voter set with other members is refused, not guessed at.
//!
//! Absent on purpose: metadata records (this room carries opaque bytes), wire messages, files.
//!
//! - [`replica_key`], [`voter_set`]: who may vote
//! - [`election_state`]: what must survive a crash, as the value behind `quorum-state`
//! - [`control_record`]: records of control batches, bytes both ways
//! - [`partition_state`]: voter set and kraft.version as the log says them
//! - [`quorum`]: the state machine, with [`event`] and [`action`] as its two vocabularies
//! - [`snapshot`]: control records that open and close a snapshot
//! - [`records`]: the record schemas
//!
//! Kafka: `raft/src/main/java/org/apache/kafka/raft`, KIP-595, KIP-853.

pub mod action;
pub mod control_record;
pub mod election_state;
pub mod event;
pub mod partition_state;
pub mod quorum;
pub mod records;
pub mod replica_key;
pub mod snapshot;
pub mod voter_set;

pub use action::Action;
pub use control_record::ControlRecord;
pub use election_state::ElectionState;
pub use event::{Event, OffsetAndEpoch};
pub use quorum::{Quorum, QuorumFault, Role};
pub use replica_key::ReplicaKey;
pub use voter_set::{VoterEndpoint, VoterNode, VoterSet};

/// Level of the kraft.version feature with voters in the log (KIP-853).
pub const KRAFT_VERSION_1: i16 = 1;
/// Level of the kraft.version feature with voters in the configuration.
pub const KRAFT_VERSION_0: i16 = 0;
