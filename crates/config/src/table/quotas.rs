//! Broker properties: quotas, throttles and metrics.

use crate::definition::{Definition, Kind, int, list, long, null, string};

pub(super) const ROWS: &[Definition] = &[
    int("alter.log.dirs.replication.quota.window.num", 11).at_least(1),
    int("alter.log.dirs.replication.quota.window.size.seconds", 1).at_least(1),
    null("client.quota.callback.class", Kind::Class).refused("Java plug-ins cannot be loaded"),
    int("controller.quota.window.num", 11).at_least(1),
    int("controller.quota.window.size.seconds", 1).at_least(1),
    int("kafka.metrics.polling.interval.secs", 10).at_least(1),
    list("kafka.metrics.reporters", ""),
    list("metric.reporters", "org.apache.kafka.common.metrics.JmxReporter").cluster(),
    int("metrics.num.samples", 2).at_least(1),
    string("metrics.recording.level", "INFO"),
    long("metrics.sample.window.ms", 30_000).at_least(1),
    int("quota.window.num", 11).at_least(1),
    int("quota.window.size.seconds", 1).at_least(1),
    int("replication.quota.window.num", 11).at_least(1),
    int("replication.quota.window.size.seconds", 1).at_least(1),
    int("telemetry.max.bytes", 1_048_576).at_least(1),
];

/// Exist only as dynamic values.
pub(super) const DYNAMIC_ROWS: &[Definition] = &[
    long("follower.replication.throttled.rate", i64::MAX).at_least(0).cluster(),
    long("leader.replication.throttled.rate", i64::MAX).at_least(0).cluster(),
    long("replica.alter.log.dirs.io.max.bytes.per.second", i64::MAX).at_least(0).cluster(),
];
