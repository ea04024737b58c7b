//! Broker properties: replicas, leaders and their fetchers.

use crate::definition::{Definition, Kind, boolean, int, long, null};

pub(super) const ROWS: &[Definition] = &[
    boolean("auto.leader.rebalance.enable", true),
    int("controller.socket.timeout.ms", 30_000),
    int("delete.records.purgatory.purge.interval.requests", 1),
    int("fetch.purgatory.purge.interval.requests", 1000),
    long("leader.imbalance.check.interval.seconds", 300).at_least(1),
    null("num.replica.alter.log.dirs.threads", Kind::Int),
    int("num.replica.fetchers", 1).at_least(1).cluster(),
    int("producer.purgatory.purge.interval.requests", 1000),
    int("replica.fetch.backoff.ms", 1000).at_least(0),
    int("replica.fetch.max.bytes", 1_048_576).at_least(0),
    int("replica.fetch.min.bytes", 1),
    int("replica.fetch.response.max.bytes", 10_485_760).at_least(0),
    int("replica.fetch.wait.max.ms", 500),
    long("replica.high.watermark.checkpoint.interval.ms", 5000)
        .works("Pause between two writes of the high watermarks."),
    long("replica.lag.time.max.ms", 30_000),
    null("replica.selector.class", Kind::String),
    int("replica.socket.receive.buffer.bytes", 65_536),
    int("replica.socket.timeout.ms", 30_000),
    boolean("unclean.leader.election.enable", false).cluster(),
    // Internal: described only when set.
    long("unclean.leader.election.interval.ms", 300_000).at_least(1).internal(),
];
