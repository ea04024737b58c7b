//! Group properties. Kafka: `GroupConfig`.

use crate::definition::{Bounds, Definition, Kind, as_is, boolean, int, list, long, null, string};

pub(super) const ROWS: &[Definition] = &[
    int("consumer.assignment.interval.ms", 1000)
        .at_least(0)
        .from(&[as_is("group.consumer.assignment.interval.ms")])
        .doc("Least pause between two assignments of the group."),
    boolean("consumer.assignor.offload.enable", true)
        .internal()
        .from(&[as_is("group.consumer.assignor.offload.enable")])
        .doc("Whether assignments are computed beside the coordinator's own thread."),
    int("consumer.heartbeat.interval.ms", 5000)
        .at_least(1)
        .from(&[as_is("group.consumer.heartbeat.interval.ms")])
        .doc("Pause between heartbeats that the members are told."),
    int("consumer.session.timeout.ms", 45_000)
        .at_least(1)
        .from(&[as_is("group.consumer.session.timeout.ms")])
        .doc("Silence after which a member is dropped."),
    boolean("errors.deadletterqueue.copy.record.enable", false)
        .doc("Whether undeliverable records are copied whole."),
    string("errors.deadletterqueue.topic.name", "")
        .doc("Topic for undeliverable records; empty turns it off."),
    int("share.assignment.interval.ms", 1000)
        .at_least(0)
        .from(&[as_is("group.share.assignment.interval.ms")])
        .doc("Least pause between two assignments of the group."),
    boolean("share.assignor.offload.enable", true)
        .internal()
        .from(&[as_is("group.share.assignor.offload.enable")])
        .doc("Whether assignments are computed beside the coordinator's own thread."),
    string("share.auto.offset.reset", "latest")
        .bounds(Bounds::OffsetReset)
        .doc("Where the group begins: `latest`, `earliest`, or `by_duration:` and how far back."),
    int("share.delivery.count.limit", 5)
        .at_least(2)
        .from(&[as_is("group.share.delivery.count.limit")])
        .doc("How often a record is handed out before it counts as undeliverable."),
    int("share.heartbeat.interval.ms", 5000)
        .at_least(1)
        .from(&[as_is("group.share.heartbeat.interval.ms")])
        .doc("Pause between heartbeats that the members are told."),
    string("share.isolation.level", "read_uncommitted")
        .one_of(&["read_committed", "read_uncommitted"])
        .doc("Whether records of unfinished transactions are handed out."),
    int("share.partition.max.record.locks", 2000)
        .at_least(100)
        .from(&[as_is("group.share.partition.max.record.locks")])
        .doc("Records of one partition that may be locked at a time."),
    int("share.record.lock.duration.ms", 30_000)
        .at_least(1000)
        .from(&[as_is("group.share.record.lock.duration.ms")])
        .doc("How long a record handed to a member is nobody else's."),
    boolean("share.renew.acknowledge.enable", true).doc("Whether a member may ask to keep a record longer."),
    int("share.session.timeout.ms", 45_000)
        .at_least(1)
        .from(&[as_is("group.share.session.timeout.ms")])
        .doc("Silence after which a member is dropped."),
    long("streams.acceptable.recovery.lag", 10_000)
        .at_least(0)
        .internal()
        .from(&[as_is("group.streams.acceptable.recovery.lag")])
        .doc("Offsets a client may be behind and still be given an active task."),
    int("streams.assignment.interval.ms", 1000)
        .at_least(0)
        .from(&[as_is("group.streams.assignment.interval.ms")])
        .doc("Least pause between two assignments of the group."),
    null("streams.assignor.name", Kind::String)
        .from(&[as_is("group.streams.assignors")])
        .doc("How tasks are shared out; unset, the broker's first way."),
    boolean("streams.assignor.offload.enable", true)
        .internal()
        .from(&[as_is("group.streams.assignor.offload.enable")])
        .doc("Whether assignments are computed beside the coordinator's own thread."),
    int("streams.heartbeat.interval.ms", 5000)
        .at_least(1)
        .from(&[as_is("group.streams.heartbeat.interval.ms")])
        .doc("Pause between heartbeats that the members are told."),
    int("streams.initial.rebalance.delay.ms", 3000)
        .at_least(0)
        .from(&[as_is("group.streams.initial.rebalance.delay.ms")])
        .doc("How long the new group waits for more members before its first assignment."),
    int("streams.num.standby.replicas", 0)
        .at_least(0)
        .from(&[as_is("group.streams.num.standby.replicas")])
        .doc("Standby copies of each stateful task."),
    int("streams.num.warmup.replicas", 2)
        .at_least(0)
        .internal()
        .from(&[as_is("group.streams.num.warmup.replicas")])
        .doc("Extra tasks that may catch up at a time before they move."),
    list("streams.rack.aware.assignment.tags", "")
        .from(&[as_is("group.streams.rack.aware.assignment.tags")])
        .doc("Client tags by which standby tasks are spread."),
    int("streams.session.timeout.ms", 45_000)
        .at_least(1)
        .from(&[as_is("group.streams.session.timeout.ms")])
        .doc("Silence after which a member is dropped."),
    int("streams.task.offset.interval.ms", 60_000)
        .at_least(1)
        .internal()
        .from(&[as_is("group.streams.task.offset.interval.ms")])
        .doc("Pause between two reports of a member's task offsets."),
];
