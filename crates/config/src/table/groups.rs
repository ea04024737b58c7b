//! Broker properties: groups, offsets and share state.

use crate::definition::{Bounds, Definition, Kind, boolean, int, list, long, null, short, string};

pub(super) const ROWS: &[Definition] = &[
    boolean("errors.deadletterqueue.auto.create.topics.enable", false)
        .cluster()
        .doc("Whether topics for undeliverable records of share groups are made when needed."),
    string("errors.deadletterqueue.topic.name.prefix", "dlq.")
        .cluster()
        .doc("What names of topics for undeliverable records begin with."),
    int("group.consumer.assignment.interval.ms", 1000)
        .at_least(0)
        .cluster()
        .doc("Least pause between two assignments of a consumer group."),
    list("group.consumer.assignors", "uniform,range")
        .some_of(&[])
        .doc("Ways to share out partitions in consumer groups; the first one is the default."),
    int("group.consumer.heartbeat.interval.ms", 5000)
        .at_least(1)
        .doc("Pause between heartbeats that members of consumer groups are told."),
    int("group.consumer.max.assignment.interval.ms", 15_000)
        .at_least(0)
        .doc("Most that a consumer group may set as the pause between assignments."),
    int("group.consumer.max.heartbeat.interval.ms", 15_000)
        .at_least(1)
        .doc("Most that a consumer group may set as its heartbeat pause."),
    int("group.consumer.max.session.timeout.ms", 60_000)
        .at_least(1)
        .doc("Most that a consumer group may set as its session timeout."),
    int("group.consumer.max.size", i32::MAX).at_least(1).doc("Most members of one consumer group."),
    string("group.consumer.migration.policy", "bidirectional")
        .bounds(Bounds::OneOfIgnoringCase(&["DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"]))
        .doc("Whether groups may turn from classic to consumer groups, back, both or neither."),
    int("group.consumer.min.assignment.interval.ms", 0)
        .at_least(0)
        .doc("Least that a consumer group may set as the pause between assignments."),
    int("group.consumer.min.heartbeat.interval.ms", 5000)
        .at_least(1)
        .doc("Least that a consumer group may set as its heartbeat pause."),
    int("group.consumer.min.session.timeout.ms", 45_000)
        .at_least(1)
        .doc("Least that a consumer group may set as its session timeout."),
    int("group.consumer.session.timeout.ms", 45_000)
        .at_least(1)
        .doc("Silence after which a member of a consumer group is dropped."),
    int("group.coordinator.append.linger.ms", -1)
        .at_least(-1)
        .doc("How long the group coordinator gathers records before writing them; -1 adapts to the load."),
    int("group.coordinator.background.threads", 2)
        .at_least(1)
        .doc("Threads of the group coordinator for work that can wait."),
    int("group.coordinator.cached.buffer.max.bytes", 1_048_588)
        .at_least(524_288)
        .cluster()
        .doc("Largest write buffer that the group coordinator keeps for later."),
    list("group.coordinator.rebalance.protocols", "classic,consumer,streams")
        .some_of(&["consumer", "classic", "share", "streams"])
        .doc("Kinds of groups that are served."),
    int("group.coordinator.threads", 4).at_least(1).doc("Threads of the group coordinator."),
    int("group.initial.rebalance.delay.ms", 3000)
        .works("How long a new classic group waits for more members before its first assignment."),
    int("group.max.session.timeout.ms", 1_800_000)
        .works("Longest session timeout a member of a classic group may ask for."),
    int("group.max.size", 10_000).at_least(1).works("Most members of one classic group."),
    int("group.min.session.timeout.ms", 6000)
        .works("Shortest session timeout a member of a classic group may ask for."),
    int("group.share.assignment.interval.ms", 1000)
        .at_least(0)
        .cluster()
        .doc("Least pause between two assignments of a share group."),
    list("group.share.assignors", "simple")
        .some_of(&[])
        .doc("The way to share out partitions in share groups."),
    int("group.share.delivery.count.limit", 5)
        .between(2, 10)
        .doc("How often a record is handed out before it counts as undeliverable."),
    int("group.share.heartbeat.interval.ms", 5000)
        .at_least(1)
        .doc("Pause between heartbeats that members of share groups are told."),
    int("group.share.max.assignment.interval.ms", 15_000)
        .at_least(0)
        .doc("Most that a share group may set as the pause between assignments."),
    int("group.share.max.delivery.count.limit", 10)
        .between(5, 25)
        .doc("Most that a share group may set as its delivery limit."),
    int("group.share.max.heartbeat.interval.ms", 15_000)
        .at_least(1)
        .doc("Most that a share group may set as its heartbeat pause."),
    int("group.share.max.partition.max.record.locks", 4000)
        .between(2000, 10_000)
        .doc("Most that a share group may set as its limit of locked records."),
    int("group.share.max.record.lock.duration.ms", 60_000)
        .between(30_000, 3_600_000)
        .doc("Most that a share group may set as the time a record is locked."),
    int("group.share.max.session.timeout.ms", 60_000)
        .at_least(1)
        .doc("Most that a share group may set as its session timeout."),
    int("group.share.max.share.sessions", 2000).at_least(1).doc("Share sessions a broker keeps at a time."),
    int("group.share.max.size", 200).between(1, 1000).doc("Most members of one share group."),
    int("group.share.min.assignment.interval.ms", 0)
        .at_least(0)
        .doc("Least that a share group may set as the pause between assignments."),
    int("group.share.min.delivery.count.limit", 2)
        .between(2, 5)
        .doc("Least that a share group may set as its delivery limit."),
    int("group.share.min.heartbeat.interval.ms", 5000)
        .at_least(1)
        .doc("Least that a share group may set as its heartbeat pause."),
    int("group.share.min.partition.max.record.locks", 100)
        .between(100, 2000)
        .doc("Least that a share group may set as its limit of locked records."),
    int("group.share.min.record.lock.duration.ms", 15_000)
        .between(1000, 30_000)
        .doc("Least that a share group may set as the time a record is locked."),
    int("group.share.min.session.timeout.ms", 45_000)
        .at_least(1)
        .doc("Least that a share group may set as its session timeout."),
    int("group.share.partition.max.record.locks", 2000)
        .between(100, 10_000)
        .doc("Records of one partition that may be locked for a share group at a time."),
    int("group.share.record.lock.duration.ms", 30_000)
        .between(1000, 3_600_000)
        .doc("How long a record handed to a member of a share group is nobody else's."),
    int("group.share.session.timeout.ms", 45_000)
        .at_least(1)
        .doc("Silence after which a member of a share group is dropped."),
    int("group.streams.assignment.interval.ms", 1000)
        .at_least(0)
        .cluster()
        .doc("Least pause between two assignments of a streams group."),
    list("group.streams.assignors", "sticky")
        .some_of(&[])
        .doc("Ways to share out tasks in streams groups; the first one is the default."),
    int("group.streams.heartbeat.interval.ms", 5000)
        .at_least(1)
        .doc("Pause between heartbeats that members of streams groups are told."),
    int("group.streams.initial.rebalance.delay.ms", 3000)
        .at_least(0)
        .doc("How long a new streams group waits for more members before its first assignment."),
    int("group.streams.max.assignment.interval.ms", 15_000)
        .at_least(0)
        .doc("Most that a streams group may set as the pause between assignments."),
    int("group.streams.max.heartbeat.interval.ms", 15_000)
        .at_least(1)
        .doc("Most that a streams group may set as its heartbeat pause."),
    int("group.streams.max.session.timeout.ms", 60_000)
        .at_least(1)
        .doc("Most that a streams group may set as its session timeout."),
    int("group.streams.max.size", i32::MAX).at_least(1).doc("Most members of one streams group."),
    int("group.streams.max.standby.replicas", 2)
        .at_least(0)
        .doc("Most standby tasks that a streams group may set."),
    int("group.streams.min.assignment.interval.ms", 0)
        .at_least(0)
        .doc("Least that a streams group may set as the pause between assignments."),
    int("group.streams.min.heartbeat.interval.ms", 5000)
        .at_least(1)
        .doc("Least that a streams group may set as its heartbeat pause."),
    int("group.streams.min.session.timeout.ms", 45_000)
        .at_least(1)
        .doc("Least that a streams group may set as its session timeout."),
    int("group.streams.num.standby.replicas", 0).at_least(0).doc("Standby copies of each stateful task."),
    list("group.streams.rack.aware.assignment.tags", "")
        .doc("Client tags by which standby tasks are spread."),
    int("group.streams.session.timeout.ms", 45_000)
        .at_least(1)
        .doc("Silence after which a member of a streams group is dropped."),
    null("group.streams.topology.description.plugin.class", Kind::Class)
        .doc("Java class that stores what topologies of streams groups look like."),
    int("offset.metadata.max.bytes", 4096).works("Largest text that may go with a committed offset."),
    int("offsets.commit.timeout.ms", 5000)
        .at_least(1)
        .works("How long a commit of offsets waits for all replicas."),
    int("offsets.load.buffer.size", 5_242_880)
        .at_least(1)
        .works("Bytes read at a time when offsets are loaded."),
    long("offsets.retention.check.interval.ms", 600_000)
        .at_least(1)
        .works("Pause between two looks for expired offsets."),
    int("offsets.retention.minutes", 10_080)
        .at_least(1)
        .works("How long offsets of a group without members are kept."),
    int("offsets.topic.compression.codec", 0)
        .works("Number of the codec that records of committed offsets are stored with."),
    int("offsets.topic.num.partitions", 50)
        .at_least(1)
        .works("Partitions of `__consumer_offsets` when it is created."),
    short("offsets.topic.replication.factor", 3)
        .at_least(1)
        .works("Replicas of `__consumer_offsets` when it is created."),
    int("offsets.topic.segment.bytes", 104_857_600)
        .at_least(1)
        .works("Segment size of `__consumer_offsets` when it is created."),
    int("share.coordinator.append.linger.ms", -1)
        .at_least(-1)
        .doc("How long the share coordinator gathers records before writing them; -1 adapts to the load."),
    int("share.coordinator.cached.buffer.max.bytes", 1_048_588)
        .at_least(524_288)
        .cluster()
        .doc("Largest write buffer that the share coordinator keeps for later."),
    int("share.coordinator.load.buffer.size", 5_242_880)
        .at_least(1)
        .doc("Bytes read at a time when share state is loaded."),
    int("share.coordinator.snapshot.update.records.per.snapshot", 500)
        .between(0, 500)
        .doc("Changes of a share partition between two snapshots of it."),
    int("share.coordinator.state.topic.compression.codec", 0)
        .doc("Number of the codec that records of share state are stored with."),
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
    int("share.coordinator.threads", 1).at_least(1).doc("Threads of the share coordinator."),
    int("share.coordinator.write.timeout.ms", 5000)
        .at_least(1)
        .doc("How long a write of share state waits for all replicas."),
    int("share.fetch.purgatory.purge.interval.requests", 1000)
        .doc("Finished share-fetch requests that may pile up before they are swept out."),
    // Internal: described only when set.
    boolean("group.consumer.assignor.offload.enable", true)
        .cluster()
        .internal()
        .doc("Whether assignments of consumer groups are computed beside the coordinator's own thread."),
    int("group.consumer.regex.refresh.interval.ms", 600_000)
        .at_least(10_000)
        .internal()
        .doc("Pause after which subscribed patterns are matched with the topics again."),
    boolean("group.share.assignor.offload.enable", true)
        .cluster()
        .internal()
        .doc("Whether assignments of share groups are computed beside the coordinator's own thread."),
    string(
        "group.share.dlq.manager.class.name",
        "org.apache.kafka.server.share.dlq.DefaultShareGroupDLQManager",
    )
    .internal()
    .doc("Java class that takes care of undeliverable records."),
    int("group.share.initialize.retry.interval.ms", 30_000)
        .at_least(1)
        .internal()
        .doc("Pause before the state of a share group is set up again."),
    string(
        "group.share.persister.class.name",
        "org.apache.kafka.server.share.persister.DefaultStatePersister",
    )
    .internal()
    .doc("Java class that stores the state of share groups."),
    long("group.streams.acceptable.recovery.lag", 10_000)
        .at_least(0)
        .internal()
        .doc("Offsets a client may be behind and still be given an active task."),
    boolean("group.streams.assignor.offload.enable", true)
        .cluster()
        .internal()
        .doc("Whether assignments of streams groups are computed beside the coordinator's own thread."),
    int("group.streams.max.warmup.replicas", 20)
        .at_least(0)
        .internal()
        .doc("Most warm-up tasks that a streams group may set."),
    int("group.streams.min.task.offset.interval.ms", 15_000)
        .at_least(1)
        .internal()
        .doc("Least that a streams group may set as the pause between reports of offsets."),
    int("group.streams.num.warmup.replicas", 2)
        .at_least(0)
        .internal()
        .doc("Extra tasks that may catch up at a time before they move."),
    int("group.streams.task.offset.interval.ms", 60_000)
        .at_least(1)
        .internal()
        .doc("Pause between two reports of a member's task offsets."),
    int("share.coordinator.cold.partition.snapshot.interval.ms", 300_000)
        .at_least(1)
        .internal()
        .doc("Pause after which a quiet share partition gets a snapshot."),
    int("share.coordinator.state.topic.prune.interval.ms", 300_000)
        .at_least(1)
        .internal()
        .doc("Pause between two removals of share state that is not needed any more."),
];
