//! The classic group protocol: a leader among the members shares the partitions (Kafka: the classic part of
//! `GroupMetadataManager`).
//!
//! ```text
//! join ─► rebalance: wait for all ─► generation ─► everybody's join is answered ─► sync of the leader ─► log ─► syncs
//! ```
//!
//! Who waits, and until when, is soft state: only the generation with its assignments is in the log.
//!
//! - [`group`], [`member`]: the state; [`turn`]: a decision about one group, and its timers
//! - [`join`], [`sync`], [`heartbeat`], [`leave`]: what members ask for
//! - [`rebalance`]: how a generation comes about; [`stored`]: what follows when records are in the log

pub mod group;
mod heartbeat;
mod join;
mod leave;
pub mod member;
mod rebalance;
mod stored;
mod sync;
pub mod turn;

pub use group::{ClassicGroup, ClassicGroupState};
pub use member::Member;
pub use turn::{After, TimerKey, Turn};
