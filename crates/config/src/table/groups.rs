//! Broker properties: groups, offsets and share state.

use crate::definition::{Bounds, Definition, Kind, boolean, int, list, long, null, short, string};

pub(super) const ROWS: &[Definition] = &[
    boolean("errors.deadletterqueue.auto.create.topics.enable", false).cluster(),
    string("errors.deadletterqueue.topic.name.prefix", "dlq.").cluster(),
    int("group.consumer.assignment.interval.ms", 1000).at_least(0).cluster(),
    list("group.consumer.assignors", "uniform,range").some_of(&[]),
    int("group.consumer.heartbeat.interval.ms", 5000).at_least(1),
    int("group.consumer.max.assignment.interval.ms", 15_000).at_least(0),
    int("group.consumer.max.heartbeat.interval.ms", 15_000).at_least(1),
    int("group.consumer.max.session.timeout.ms", 60_000).at_least(1),
    int("group.consumer.max.size", i32::MAX).at_least(1),
    string("group.consumer.migration.policy", "bidirectional").bounds(Bounds::OneOfIgnoringCase(&[
        "DISABLED",
        "DOWNGRADE",
        "UPGRADE",
        "BIDIRECTIONAL",
    ])),
    int("group.consumer.min.assignment.interval.ms", 0).at_least(0),
    int("group.consumer.min.heartbeat.interval.ms", 5000).at_least(1),
    int("group.consumer.min.session.timeout.ms", 45_000).at_least(1),
    int("group.consumer.session.timeout.ms", 45_000).at_least(1),
    int("group.coordinator.append.linger.ms", -1).at_least(-1),
    int("group.coordinator.background.threads", 2).at_least(1),
    int("group.coordinator.cached.buffer.max.bytes", 1_048_588).at_least(524_288).cluster(),
    list("group.coordinator.rebalance.protocols", "classic,consumer,streams")
        .some_of(&["consumer", "classic", "share", "streams"]),
    int("group.coordinator.threads", 4).at_least(1),
    int("group.initial.rebalance.delay.ms", 3000),
    int("group.max.session.timeout.ms", 1_800_000),
    int("group.max.size", i32::MAX).at_least(1),
    int("group.min.session.timeout.ms", 6000),
    int("group.share.assignment.interval.ms", 1000).at_least(0).cluster(),
    list("group.share.assignors", "simple").some_of(&[]),
    int("group.share.delivery.count.limit", 5).between(2, 10),
    int("group.share.heartbeat.interval.ms", 5000).at_least(1),
    int("group.share.max.assignment.interval.ms", 15_000).at_least(0),
    int("group.share.max.delivery.count.limit", 10).between(5, 25),
    int("group.share.max.heartbeat.interval.ms", 15_000).at_least(1),
    int("group.share.max.partition.max.record.locks", 4000).between(2000, 10_000),
    int("group.share.max.record.lock.duration.ms", 60_000).between(30_000, 3_600_000),
    int("group.share.max.session.timeout.ms", 60_000).at_least(1),
    int("group.share.max.share.sessions", 2000).at_least(1),
    int("group.share.max.size", 200).between(1, 1000),
    int("group.share.min.assignment.interval.ms", 0).at_least(0),
    int("group.share.min.delivery.count.limit", 2).between(2, 5),
    int("group.share.min.heartbeat.interval.ms", 5000).at_least(1),
    int("group.share.min.partition.max.record.locks", 100).between(100, 2000),
    int("group.share.min.record.lock.duration.ms", 15_000).between(1000, 30_000),
    int("group.share.min.session.timeout.ms", 45_000).at_least(1),
    int("group.share.partition.max.record.locks", 2000).between(100, 10_000),
    int("group.share.record.lock.duration.ms", 30_000).between(1000, 3_600_000),
    int("group.share.session.timeout.ms", 45_000).at_least(1),
    int("group.streams.assignment.interval.ms", 1000).at_least(0).cluster(),
    list("group.streams.assignors", "sticky").some_of(&[]),
    int("group.streams.heartbeat.interval.ms", 5000).at_least(1),
    int("group.streams.initial.rebalance.delay.ms", 3000).at_least(0),
    int("group.streams.max.assignment.interval.ms", 15_000).at_least(0),
    int("group.streams.max.heartbeat.interval.ms", 15_000).at_least(1),
    int("group.streams.max.session.timeout.ms", 60_000).at_least(1),
    int("group.streams.max.size", i32::MAX).at_least(1),
    int("group.streams.max.standby.replicas", 2).at_least(0),
    int("group.streams.min.assignment.interval.ms", 0).at_least(0),
    int("group.streams.min.heartbeat.interval.ms", 5000).at_least(1),
    int("group.streams.min.session.timeout.ms", 45_000).at_least(1),
    int("group.streams.num.standby.replicas", 0).at_least(0),
    list("group.streams.rack.aware.assignment.tags", ""),
    int("group.streams.session.timeout.ms", 45_000).at_least(1),
    null("group.streams.topology.description.plugin.class", Kind::Class),
    int("offset.metadata.max.bytes", 4096),
    int("offsets.commit.timeout.ms", 5000).at_least(1),
    int("offsets.load.buffer.size", 5_242_880).at_least(1),
    long("offsets.retention.check.interval.ms", 600_000).at_least(1),
    int("offsets.retention.minutes", 10_080).at_least(1),
    int("offsets.topic.compression.codec", 0),
    int("offsets.topic.num.partitions", 50)
        .at_least(1)
        .works("Partitions of `__consumer_offsets` when it is created."),
    short("offsets.topic.replication.factor", 3)
        .at_least(1)
        .works("Replicas of `__consumer_offsets` when it is created."),
    int("offsets.topic.segment.bytes", 104_857_600)
        .at_least(1)
        .works("Segment size of `__consumer_offsets` when it is created."),
    int("share.coordinator.append.linger.ms", -1).at_least(-1),
    int("share.coordinator.cached.buffer.max.bytes", 1_048_588).at_least(524_288).cluster(),
    int("share.coordinator.load.buffer.size", 5_242_880).at_least(1),
    int("share.coordinator.snapshot.update.records.per.snapshot", 500).between(0, 500),
    int("share.coordinator.state.topic.compression.codec", 0),
    short("share.coordinator.state.topic.min.isr", 2)
        .at_least(1)
        .works("`min.insync.replicas` of `__share_group_state` when it is created."),
    int("share.coordinator.state.topic.num.partitions", 50)
        .at_least(1)
        .works("Partitions of `__share_group_state` when it is created."),
    short("share.coordinator.state.topic.replication.factor", 3)
        .at_least(1)
        .works("Replicas of `__share_group_state` when it is created."),
    int("share.coordinator.state.topic.segment.bytes", 104_857_600)
        .at_least(1)
        .works("Segment size of `__share_group_state` when it is created."),
    int("share.coordinator.threads", 1).at_least(1),
    int("share.coordinator.write.timeout.ms", 5000).at_least(1),
    int("share.fetch.purgatory.purge.interval.requests", 1000),
    // Internal: described only when set.
    boolean("group.consumer.assignor.offload.enable", true).cluster().internal(),
    int("group.consumer.regex.refresh.interval.ms", 600_000).at_least(10_000).internal(),
    boolean("group.share.assignor.offload.enable", true).cluster().internal(),
    string(
        "group.share.dlq.manager.class.name",
        "org.apache.kafka.server.share.dlq.DefaultShareGroupDLQManager",
    )
    .internal(),
    int("group.share.initialize.retry.interval.ms", 30_000).at_least(1).internal(),
    string(
        "group.share.persister.class.name",
        "org.apache.kafka.server.share.persister.DefaultStatePersister",
    )
    .internal(),
    long("group.streams.acceptable.recovery.lag", 10_000).at_least(0).internal(),
    boolean("group.streams.assignor.offload.enable", true).cluster().internal(),
    int("group.streams.max.warmup.replicas", 20).at_least(0).internal(),
    int("group.streams.min.task.offset.interval.ms", 15_000).at_least(1).internal(),
    int("group.streams.num.warmup.replicas", 2).at_least(0).internal(),
    int("group.streams.task.offset.interval.ms", 60_000).at_least(1).internal(),
    int("share.coordinator.cold.partition.snapshot.interval.ms", 300_000).at_least(1).internal(),
    int("share.coordinator.state.topic.prune.interval.ms", 300_000).at_least(1).internal(),
];
