//! The targets, one file per family of readers.
//!
//! - [`messages`]: requests, responses, records of all logs as messages
//! - [`records`]: record sets of produce requests and segments; [`compression`]: streams of each codec
//! - [`metadata`]: the metadata log, its snapshots and control records; [`groups`]: `__consumer_offsets`
//! - [`logs`]: directories of partitions; [`files`]: the small files of a log directory
//! - [`properties`]: settings of all kinds
//! - [`words`]: what tools read of command lines, and heads of HTTP requests
//! - [`node`]: a whole node, and frames to it

pub mod compression;
pub mod files;
pub mod groups;
pub mod logs;
pub mod messages;
pub mod metadata;
pub mod node;
pub mod properties;
pub mod records;
pub mod words;

use crate::Target;

/// Every target; the order is that of a run over all.
pub const ALL: &[Target] = &[
    messages::REQUESTS_TARGET,
    messages::RESPONSES_TARGET,
    messages::LOG_MESSAGES_TARGET,
    records::TARGET,
    records::PACKED_TARGET,
    compression::TARGET,
    metadata::TARGET,
    metadata::FILE_TARGET,
    groups::TARGET,
    files::TARGET,
    logs::TARGET,
    properties::TARGET,
    words::TARGET,
    node::TARGET,
];
