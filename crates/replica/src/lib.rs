//! One partition's replication state, and who waits for what. Pure: it decides and returns.
//!
//! * [`log_offset`] – an offset with its place (Kafka: `LogOffsetMetadata`)
//! * [`partition`] – roles of the local replica, fencing by leader epoch, what an end that moves sets free
//!   (Kafka: `Partition`)
//! * [`leader`] – a leader's table of replicas, its ISR and high watermark
//! * [`append_waiters`], [`fetch_waiters`] – requests that sleep on this partition (Kafka: the `DelayedProduce` and
//!   `DelayedFetch` purgatories, here kept by the partition that wakes them)
//! * [`fetch_session`] – incremental fetches (KIP-227)
//!
//! A waiter carries a token of the caller's choice; this room never wakes anything itself. Absent on purpose: log
//! files, messages of the protocol, clock, locks.

pub mod append_waiters;
pub mod fetch_session;
pub mod fetch_waiters;
pub mod leader;
pub mod log_offset;
pub mod partition;

pub use append_waiters::AppendWaiters;
pub use fetch_waiters::{FetchWaiter, FetchWaiters, NewBytes, ReadBound};
pub use leader::{Acknowledge, Leader, LeaderTerm};
pub use log_offset::LogOffsetMetadata;
pub use partition::{Acks, PartitionState, Released, Role, VisibleEnds};
