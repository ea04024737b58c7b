//! The broker without a network: requests come in as frames, answers go out as bytes with gaps for records.
//!
//! ```text
//! server, sim or test ──► Node::handle(connection, frame, now) ──► Answer
//!                         Node::advance(now), next_deadline()      time comes from outside
//!                         Node::write_turn(dir, now), sync_turn    whoever calls it does the disk work
//! ```
//! Requests are futures without a runtime (docs/adr/0001): they sleep in the partition or log that will wake them.
//! No lock is held across an await, and never two owners' locks at once.
//!
//! Deliberately absent: tokio, sockets, threads, clocks, randomness (all of it comes as arguments), file access
//! (room `log`), formats of messages (room `wire`).
//!
//! Modules, highest first:
//! * [`node`] – the value that holds it all: requests, time, disk work, stop
//! * `boot` – the start, in its one order; `publisher`, `replicas` – what a step of the image does here; `lifecycle` – the
//!   broker in the eyes of the controller; `housekeeping`, `jobs`, `disposal` – slow work that is due from time to time
//! * [`api`] – the table of APIs, the pipeline, and one file for each API
//! * `broker` – the owners of state, side by side: `image`, `controller` (with its log), `partitions`, `coordinators`,
//!   `producer_ids`, [`loggers`](Loggers)
//! * [`request`], [`answer`], [`fault`], [`news`] – what comes in, what goes out, what goes wrong, what is worth a line
//! * `slow_lane`, `turnstile` – what would hold a shard for too long, and the order of what waits for it
//! * `gather`, `timers`, `random`, `request_memory`, [`workers`] – what requests sleep on, deadlines, the source of
//!   randomness, what decoded requests may hold, threads of others

mod answer;
pub mod api;
mod boot;
mod broker;
mod controller;
mod coordinators;
mod disposal;
mod fault;
mod gather;
mod housekeeping;
mod image;
mod internal_topics;
mod jobs;
mod lifecycle;
mod loggers;
mod news;
mod node;
mod partitions;
mod producer_ids;
mod publisher;
mod random;
mod replicas;
mod request;
mod request_memory;
mod slow_lane;
mod timers;
mod turnstile;
mod workers;

pub use answer::{Answer, CloseReason, RecordsGap, Reply};
pub use controller::quorum::QuorumView;
pub use fault::{LoadFault, NodeFault, StartFault};
pub use loggers::{LogLevel, Loggers, ROOT as ROOT_LOGGER};
pub use news::{News, Weight};
pub use node::{
    ClusterFigures, Condition, DirectoryFigures, GroupsFigures, Node, NodeFigures, NodeOptions,
    PartitionFigures, SessionFigures, TopicFigures,
};
pub use partitions::{LogFigures, TopicCounts};
pub use request::{ClientSoftware, Connection, ListenerRole, Principal};
pub use workers::{OneWorker, Workers};
