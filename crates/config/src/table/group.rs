//! Group properties. Kafka: `GroupConfig`.

use crate::definition::{Bounds, Definition, Kind, as_is, boolean, int, list, long, null, string};

pub(super) const ROWS: &[Definition] = &[
    int("consumer.assignment.interval.ms", 1000)
        .at_least(0)
        .from(&[as_is("group.consumer.assignment.interval.ms")]),
    boolean("consumer.assignor.offload.enable", true)
        .internal()
        .from(&[as_is("group.consumer.assignor.offload.enable")]),
    int("consumer.heartbeat.interval.ms", 5000)
        .at_least(1)
        .from(&[as_is("group.consumer.heartbeat.interval.ms")]),
    int("consumer.session.timeout.ms", 45_000)
        .at_least(1)
        .from(&[as_is("group.consumer.session.timeout.ms")]),
    boolean("errors.deadletterqueue.copy.record.enable", false),
    string("errors.deadletterqueue.topic.name", ""),
    int("share.assignment.interval.ms", 1000)
        .at_least(0)
        .from(&[as_is("group.share.assignment.interval.ms")]),
    boolean("share.assignor.offload.enable", true)
        .internal()
        .from(&[as_is("group.share.assignor.offload.enable")]),
    string("share.auto.offset.reset", "latest").bounds(Bounds::OffsetReset),
    int("share.delivery.count.limit", 5).at_least(2).from(&[as_is("group.share.delivery.count.limit")]),
    int("share.heartbeat.interval.ms", 5000).at_least(1).from(&[as_is("group.share.heartbeat.interval.ms")]),
    string("share.isolation.level", "read_uncommitted").one_of(&["read_committed", "read_uncommitted"]),
    int("share.partition.max.record.locks", 2000)
        .at_least(100)
        .from(&[as_is("group.share.partition.max.record.locks")]),
    int("share.record.lock.duration.ms", 30_000)
        .at_least(1000)
        .from(&[as_is("group.share.record.lock.duration.ms")]),
    boolean("share.renew.acknowledge.enable", true),
    int("share.session.timeout.ms", 45_000).at_least(1).from(&[as_is("group.share.session.timeout.ms")]),
    long("streams.acceptable.recovery.lag", 10_000)
        .at_least(0)
        .internal()
        .from(&[as_is("group.streams.acceptable.recovery.lag")]),
    int("streams.assignment.interval.ms", 1000)
        .at_least(0)
        .from(&[as_is("group.streams.assignment.interval.ms")]),
    null("streams.assignor.name", Kind::String).from(&[as_is("group.streams.assignors")]),
    boolean("streams.assignor.offload.enable", true)
        .internal()
        .from(&[as_is("group.streams.assignor.offload.enable")]),
    int("streams.heartbeat.interval.ms", 5000)
        .at_least(1)
        .from(&[as_is("group.streams.heartbeat.interval.ms")]),
    int("streams.initial.rebalance.delay.ms", 3000)
        .at_least(0)
        .from(&[as_is("group.streams.initial.rebalance.delay.ms")]),
    int("streams.num.standby.replicas", 0).at_least(0).from(&[as_is("group.streams.num.standby.replicas")]),
    int("streams.num.warmup.replicas", 2)
        .at_least(0)
        .internal()
        .from(&[as_is("group.streams.num.warmup.replicas")]),
    list("streams.rack.aware.assignment.tags", "").from(&[as_is("group.streams.rack.aware.assignment.tags")]),
    int("streams.session.timeout.ms", 45_000).at_least(1).from(&[as_is("group.streams.session.timeout.ms")]),
    int("streams.task.offset.interval.ms", 60_000)
        .at_least(1)
        .internal()
        .from(&[as_is("group.streams.task.offset.interval.ms")]),
];
