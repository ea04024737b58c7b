//! The coordinators of groups, transactions and share state: what they decide and what they write into their logs.
//!
//! Absent on purpose: clocks, files, the cluster's metadata, everything asynchronous.
//!
//! - [`step`]: what every decision comes to; [`timers`], [`timeline`]: what all of them are built with
//! - [`group`]: groups of all kinds and their offsets, in `__consumer_offsets`
//! - [`share`]: state of share partitions, in `__share_group_state`
//! - [`txn`]: transactions, in `__transaction_state`

pub mod group;
pub mod share;
pub mod step;
pub mod timeline;
pub mod timers;
pub mod txn;

use klamm_base::codec::MessageType;

/// Every message type of this room.
pub fn registry() -> impl Iterator<Item = &'static MessageType> {
    group::records::registry().iter().chain(share::records::registry()).chain(txn::records::registry())
}
