//! The broker without a network: requests come in as frames, answers go out as bytes with gaps for records.
//!
//! ```text
//! server, sim or test ──► Node::handle(connection, frame, now) ──► Answer
//!                         Node::advance(now), next_deadline()      time comes from outside
//!                         Node::write_turn(dir, now)               whoever calls it does the disk work
//! ```
//! Requests are futures without a runtime (docs/adr/0001): they sleep in the partition or log that will wake them.
//! No lock is held across an await, and never two owners' locks at once.
//!
//! Deliberately absent: tokio, sockets, threads, clocks, randomness (all of it comes as arguments), file access
//! (room `log`), formats of messages (room `wire`).
//!
//! * [`node`] – the value that holds it all: requests, time, disk work, stop
//! * [`fault`] – why it does not start or cannot go on
//! * [`request`], [`answer`] – what comes in and what goes out
//! * [`gather`], [`timers`] – what a request sleeps on

pub mod answer;
pub mod fault;
pub mod gather;
mod internal_topics;
pub mod node;
mod partitions;
pub mod request;
pub mod timers;

pub use answer::{Answer, CloseReason, RecordsGap, Reply};
pub use fault::{NodeFault, StartFault};
pub use node::{Node, NodeOptions, WriteWork};
pub use request::{ClientSoftware, Connection, ListenerRole, Principal};
