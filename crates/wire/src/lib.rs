//! Kafka's RPC messages as plain structs: all live versions of the 91 live APIs of Kafka 4.4.
//!
//! One file per API holds its request and its response with the structs inside them; the attributes
//! on the fields are the schema. Messages and modules are exported flat: `klamm_wire::FetchRequest`,
//! `klamm_wire::fetch::FetchPartition`. Where request and response have structs of the same name,
//! the file has a module `request` and a module `response`.
//!
//! Absent on purpose: every decision; records of Kafka's internal logs, which live in the rooms that
//! own them.
//!
//! - [`api_key`]: the table of APIs
//! - [`header`]: what stands before each message
//! - [`mod@registry`]: all messages without their types
//! - [`cluster`]: what a cluster consists of, and what it can do
//! - [`config`]: settings and quotas
//! - [`controller`]: what brokers and controllers tell the active controller
//! - [`data`]: records in and out of partitions
//! - [`group`]: groups: membership, offsets, and where their coordinator is
//! - [`raft`]: the metadata quorum among its voters and observers (KIP-595, KIP-853)
//! - [`security`]: who is there, and who may do what
//! - [`share`]: share groups, and the state of their partitions between brokers (KIP-932)
//! - [`streams`]: groups of Kafka Streams applications (KIP-1071)
//! - [`telemetry`]: metrics that clients push (KIP-714)
//! - [`topic`]: topics, replicas and where they lie
//! - [`transaction`]: producer ids and transactions
//!
//! Kafka: `org.apache.kafka.common.message`, `ApiKeys`.

pub mod api_key;
pub mod cluster;
pub mod config;
pub mod controller;
pub mod data;
pub mod group;
pub mod header;
pub mod raft;
pub mod registry;
pub mod security;
pub mod share;
pub mod streams;
pub mod telemetry;
pub mod topic;
pub mod transaction;

pub use api_key::ApiKey;
pub use cluster::*;
pub use config::*;
pub use controller::*;
pub use data::*;
pub use group::*;
pub use header::{RequestHeader, ResponseHeader};
pub use raft::*;
pub use registry::registry;
pub use security::*;
pub use share::*;
pub use streams::*;
pub use telemetry::*;
pub use topic::*;
pub use transaction::*;
