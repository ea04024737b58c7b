//! The loud room: sockets, threads, clock, randomness and signals around a node that has none of them.
//!
//! Deliberately absent: Kafka's decisions. The room knows frames and order, not what a request means.
//!
//! * [`listener`] – addresses, and the loop that accepts
//! * [`shard`] – a thread with its share of the connections
//! * [`connection`] – one client: frames in, answers out in order
//! * [`answer`] – the keyhole between a connection and what answers it
//! * [`logging`] – lines in Kafka's shape

pub mod answer;
pub mod connection;
mod ends;
pub mod listener;
pub mod logging;
pub mod shard;
