//! Broker properties: quotas, throttles and metrics.

use crate::definition::{Definition, Kind, int, list, long, null, string};

pub(super) const ROWS: &[Definition] = &[
    int("alter.log.dirs.replication.quota.window.num", 11)
        .at_least(1)
        .doc("Samples kept to measure how fast replicas move between directories."),
    int("alter.log.dirs.replication.quota.window.size.seconds", 1)
        .at_least(1)
        .doc("Length of one such sample."),
    null("client.quota.callback.class", Kind::Class)
        .refused("Java plug-ins cannot be loaded")
        .doc("Java class that decides quotas of clients."),
    int("controller.quota.window.num", 11)
        .at_least(1)
        .doc("Samples kept to measure how much a client changes the cluster."),
    int("controller.quota.window.size.seconds", 1).at_least(1).doc("Length of one such sample."),
    int("kafka.metrics.polling.interval.secs", 10)
        .at_least(1)
        .doc("Pause between two readings of metrics by a reporter."),
    list("kafka.metrics.reporters", "").doc("Java classes that report the older kind of metrics."),
    list("metric.reporters", "org.apache.kafka.common.metrics.JmxReporter")
        .cluster()
        .doc("Java classes that report metrics."),
    int("metrics.num.samples", 2).at_least(1).doc("Samples kept to compute a metric."),
    string("metrics.recording.level", "INFO").doc("Least important metrics that are kept."),
    long("metrics.sample.window.ms", 30_000).at_least(1).doc("Length of one sample of a metric."),
    int("quota.window.num", 11).at_least(1).doc("Samples kept to measure clients' rates."),
    int("quota.window.size.seconds", 1).at_least(1).doc("Length of one such sample."),
    int("replication.quota.window.num", 11).at_least(1).doc("Samples kept to measure throttled replication."),
    int("replication.quota.window.size.seconds", 1)
        .at_least(1)
        .doc("Length of one sample of throttled replication."),
    int("telemetry.max.bytes", 1_048_576).at_least(1).doc("Largest push of metrics that a client may send."),
];

/// Exist only as dynamic values.
pub(super) const DYNAMIC_ROWS: &[Definition] = &[
    long("follower.replication.throttled.rate", i64::MAX)
        .at_least(0)
        .cluster()
        .doc("Bytes a second that throttled followers on the broker may fetch."),
    long("leader.replication.throttled.rate", i64::MAX)
        .at_least(0)
        .cluster()
        .doc("Bytes a second that throttled leaders on the broker may send to followers."),
    long("replica.alter.log.dirs.io.max.bytes.per.second", i64::MAX)
        .at_least(0)
        .cluster()
        .doc("Bytes a second that replicas may move between directories."),
];
