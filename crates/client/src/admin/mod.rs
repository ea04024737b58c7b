//! What an administrator asks a cluster for, where that takes more than one request (Kafka: `Admin`).
//!
//! Each operation is a function on a [`crate::Cluster`]. Where items of one call can fail by themselves, the result
//! holds each item's own. What passes by itself is tried again until `default.api.timeout.ms` is over.
//!
//! - [`topics`]: list, describe, create, enlarge, delete
//! - [`configs`]: settings of topics, brokers and the rest
//! - [`records`]: offsets by time, and deleting the oldest records
//! - [`nodes`]: the cluster itself; [`log_dirs`]: their log directories
//! - [`groups`]: list, delete, and the offsets of groups; [`describe_groups`]: their members; [`group_state`]: words

pub mod configs;
pub mod describe_groups;
pub mod group_state;
pub mod groups;
pub mod log_dirs;
pub mod nodes;
pub mod records;
pub mod topics;
