//! Every property of Kafka 4.4, one row each, and the look-up by name. Those called `klamm.` come on top.
//!
//! | Resource | Rows | Kafka |
//! |---|---|---|
//! | broker | 379, and 3 only dynamic | `AbstractKafkaConfig.CONFIG_DEF`, `QuotaConfig` |
//! | topic | 38 | `LogConfig` |
//! | group | 27 | `GroupConfig` |
//! | client metrics | 3 | `ClientMetricsConfigs` |

mod client_metrics;
mod group;
mod groups;
mod limits;
mod log;
mod node;
mod observing;
mod quotas;
mod remote;
mod replication;
mod security;
mod sockets;
mod topic;
mod transactions;

use crate::definition::Definition;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Values of `compression.type`.
const COMPRESSION: &[&str] = &["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"];
/// Values of the timestamp type.
const TIMESTAMP: &[&str] = &["CreateTime", "LogAppendTime"];

/// The rows of one kind of resource by name.
pub type Table = BTreeMap<&'static str, &'static Definition>;

fn table(areas: &[&'static [Definition]]) -> Table {
    areas.iter().flat_map(|area| area.iter()).map(|row| (row.name, row)).collect()
}

static BROKER: LazyLock<Table> = LazyLock::new(|| {
    table(&[
        node::ROWS,
        sockets::ROWS,
        log::ROWS,
        replication::ROWS,
        groups::ROWS,
        limits::ROWS,
        observing::ROWS,
        transactions::ROWS,
        quotas::ROWS,
        remote::ROWS,
        security::ROWS,
    ])
});
static BROKER_DYNAMIC: LazyLock<Table> = LazyLock::new(|| table(&[quotas::DYNAMIC_ROWS]));
static TOPIC: LazyLock<Table> = LazyLock::new(|| table(&[topic::ROWS]));
static GROUP: LazyLock<Table> = LazyLock::new(|| table(&[group::ROWS]));
static CLIENT_METRICS: LazyLock<Table> = LazyLock::new(|| table(&[client_metrics::ROWS]));

/// What a properties file may set.
pub fn broker() -> &'static Table {
    &BROKER
}

/// What exists on a broker only as a dynamic value.
pub fn broker_dynamic_only() -> &'static Table {
    &BROKER_DYNAMIC
}

pub fn topic() -> &'static Table {
    &TOPIC
}

/// The place of a topic's property in Kafka's own definition, in which answers name them.
pub fn topic_position(name: &str) -> usize {
    topic::ROWS.iter().position(|row| row.name == name).unwrap_or(topic::ROWS.len())
}

pub fn group() -> &'static Table {
    &GROUP
}

pub fn client_metrics() -> &'static Table {
    &CLIENT_METRICS
}
