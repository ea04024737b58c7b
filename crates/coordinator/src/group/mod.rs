//! Groups of all kinds: what their coordinator decides and what it writes.
//!
//! - [`records`]: the messages of `__consumer_offsets`; [`record`]: them as values
//! - [`contract`]: what goes in and what comes out; [`memory`]: what is kept, in bytes
//! - [`classic`]: the protocol in which a member shares the partitions; [`offsets`]: what groups have committed
//! - [`shard`]: all of it for one partition of the topic

pub mod classic;
pub mod contract;
pub mod memory;
pub mod offsets;
pub mod record;
pub mod records;
pub mod shard;
