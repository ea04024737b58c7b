//! A node on a simulated disk, driven from one seed: no thread, no clock, no socket.
//!
//! * [`executor`] – runs the node's futures in the order in which they are woken
//! * [`world`] – disk, clock and node; starting, stopping, killing, cutting the power
//! * [`client`] – requests as frames, answers as messages; [`talk`] – whole conversations
//! * [`workload`] – what a seeded run does; [`churn`] – another, in which topics come and go; [`model`] – what must be true of it; [`trace`] – what happened, as one number
//!
//! Never shipped. The node's own tests use [`world`] and [`client`] too.

pub mod churn;
pub mod client;
pub mod executor;
pub mod model;
pub mod talk;
pub mod trace;
pub mod workload;
pub mod world;

pub use client::Client;
pub use world::World;
