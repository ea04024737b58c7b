//! A small Kafka client for the tools, for inter-broker talk and for tests. It speaks to any Kafka from 0.10 on in
//! the newest version that both sides know.
//!
//! - [`address`]: `host:port`; [`fault`]: what can go wrong
//! - [`request`]: which answer belongs to which request; [`versions`]: what a node serves
//! - [`connection`]: one connection, requests pipelined
//! - [`cluster`]: nodes, controller, coordinators, retries
//! - [`partitioner`]: where records go; [`producer`]: sending them; [`consumer`]: reading them;
//!   [`group`]: reading them together with others
//! - [`admin`]: looking after a cluster
//! - [`properties`]: all of these made from settings by Kafka's names
//!
//! Absent: anything of a broker, threads of its own (it lives on the caller's tokio runtime), command lines.

pub mod address;
pub mod admin;
mod clock;
pub mod cluster;
pub mod connection;
pub mod consumer;
pub mod fault;
pub mod group;
pub mod partitioner;
pub mod producer;
pub mod properties;
pub mod request;
pub mod versions;

pub use address::{Address, NoAddress};
pub use cluster::{Cluster, ClusterOptions, CoordinatorType, Node, PartitionLeader, Role, Topic};
pub use connection::{Connection, ConnectionOptions};
pub use consumer::{Consumer, ConsumerOptions};
pub use fault::ClientFault;
pub use klamm_base::TopicPartition;
pub use klamm_base::rng::{Rng, SeededRng};
pub use producer::{Producer, ProducerOptions};
pub use request::Request;
pub use versions::ApiRanges;
