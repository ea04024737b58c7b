//! The loud room: sockets, threads, clock, randomness and signals around a node that has none of them.
//!
//! Deliberately absent: Kafka's decisions. The room knows frames and order, not what a request means.
//!
//! * [`boot`] – the order of starting and stopping
//! * [`listener`] – addresses, and the loop that accepts
//! * [`admission`] – how many connections are let in; `limits` – the bounds that the settings have for them
//! * [`shard`] – a thread with its share of the connections
//! * [`connection`] – one client: frames in, answers out in order
//! * [`answer`] – the keyhole between a connection and what answers it; `service` is the node behind it
//! * `work` – who does the node's waiting work: writes, syncs, slow things, time
//! * [`logging`] – lines in Kafka's shape, or JSON; [`panics`] – what a panic costs
//! * `counting` – what owners count in; [`metrics`] – the node in the names of dashboards; `http` – where it tells them, and whether it works
//! * `news` – what the node tells the log
//! * `clock`, `random`, `signals`, `descriptors` – what else the world has to say

pub mod admission;
pub mod answer;
pub mod boot;
mod clock;
pub mod connection;
mod counting;
mod descriptors;
mod ends;
pub mod fault;
mod http;
mod limits;
pub mod listener;
pub mod logging;
pub mod metrics;
mod news;
pub mod panics;
mod random;
mod service;
pub mod shard;
mod signals;
mod start_threads;
mod work;

pub use boot::serve;
pub use clock::Clock;
pub use fault::ServerFault;
pub use random::OsRng;
pub use signals::StoppedBy;

// What the program's door needs of the rooms below.
pub use klamm_base::rng::Rng;
pub use klamm_config::environment::{EnvironmentFault, properties_of_variables};
pub use klamm_config::properties::MalformedEscape;
pub use klamm_config::{ConfigFault, Properties, Settings, nearest, parse_properties};
pub use klamm_log::disk::real::RealDisk;
pub use klamm_node::StartFault;
