//! Broker properties that Kafka does not have: what a node tells about itself, by HTTP and in its log.

use crate::definition::{Definition, int, string};

pub(super) const ROWS: &[Definition] = &[
    string("klamm.http.listener", "")
        .works("Address, host:port, that serves /metrics and /healthz by HTTP; no host means loopback."),
    string("klamm.log.format", "text")
        .one_of(&["text", "json"])
        .works("Shape of a line of the log: as Kafka has it, or one JSON object."),
    int("klamm.log.lines.per.second", 100)
        .at_least(0)
        .works("Most lines a second from one place in the code; the others are counted. 0 sets no limit."),
    int("klamm.metrics.max.partitions", 2_000)
        .at_least(0)
        .works("Most partitions, topics and offsets of groups with figures of their own in /metrics."),
];
