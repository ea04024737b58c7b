//! Broker properties: tiered storage.

use crate::definition::{Bounds, Definition, Kind, boolean, double, int, long, null, string};

pub(super) const ROWS: &[Definition] = &[
    boolean("follower.fetch.last.tiered.offset.enable", false)
        .cluster()
        .doc("Whether a new follower starts where remote storage ends."),
    long("log.local.retention.bytes", -2).at_least(-2).cluster().doc(
        "Size of a partition on the local disk when the rest is in remote storage; -2 means the whole limit.",
    ),
    long("log.local.retention.ms", -2).at_least(-2).cluster().doc(
        "Age of records on the local disk when older ones are in remote storage; -2 means the whole limit.",
    ),
    long("log.remote.copy.lag.bytes", -1)
        .at_least(-1)
        .cluster()
        .doc("Bytes that have to follow a segment before it is copied to remote storage."),
    long("log.remote.copy.lag.ms", 0)
        .at_least(-1)
        .cluster()
        .doc("Age at which a closed segment is copied to remote storage."),
    int("remote.fetch.max.wait.ms", 500)
        .at_least(1)
        .cluster()
        .doc("How long a fetch waits for remote storage."),
    long("remote.list.offsets.request.timeout.ms", 30_000)
        .at_least(1)
        .cluster()
        .doc("How long a look-up of offsets waits for remote storage."),
    long("remote.log.index.file.cache.total.size.bytes", 1_073_741_824)
        .at_least(1)
        .cluster()
        .doc("Disk space for indexes of remote segments."),
    int("remote.log.manager.copier.thread.pool.size", 10)
        .at_least(1)
        .cluster()
        .doc("Threads that copy segments to remote storage."),
    long("remote.log.manager.copy.max.bytes.per.second", i64::MAX)
        .at_least(1)
        .cluster()
        .doc("Bytes a second copied to remote storage."),
    int("remote.log.manager.copy.quota.window.num", 11).at_least(1).doc("Samples kept to measure that rate."),
    int("remote.log.manager.copy.quota.window.size.seconds", 1)
        .at_least(1)
        .doc("Length of one sample of the rate of copying to remote storage."),
    int("remote.log.manager.expiration.thread.pool.size", 10)
        .at_least(1)
        .cluster()
        .doc("Threads that delete expired remote segments."),
    long("remote.log.manager.fetch.max.bytes.per.second", i64::MAX)
        .at_least(1)
        .cluster()
        .doc("Bytes a second read from remote storage."),
    int("remote.log.manager.fetch.quota.window.num", 11)
        .at_least(1)
        .doc("Samples kept to measure the rate of reading from remote storage."),
    int("remote.log.manager.fetch.quota.window.size.seconds", 1)
        .at_least(1)
        .doc("Length of one sample of the rate of reading from remote storage."),
    int("remote.log.manager.follower.thread.pool.size", 2)
        .at_least(1)
        .cluster()
        .doc("Threads for followers of partitions in remote storage."),
    long("remote.log.manager.task.interval.ms", 30_000)
        .at_least(1)
        .doc("Pause between two rounds of work for remote storage."),
    int("remote.log.manager.thread.pool.size", 2)
        .at_least(1)
        .doc("Threads for remote storage when the finer settings are unset."),
    int("remote.log.metadata.custom.metadata.max.bytes", 128)
        .at_least(0)
        .doc("Largest note that a storage plug-in may keep with a segment."),
    string(
        "remote.log.metadata.manager.class.name",
        "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
    )
    .bounds(Bounds::NonEmptyText)
    .doc("Java class that knows what is in remote storage."),
    null("remote.log.metadata.manager.class.path", Kind::String).doc("Where that class is found."),
    string("remote.log.metadata.manager.impl.prefix", "rlmm.config.")
        .bounds(Bounds::NonEmptyText)
        .doc("What names of that class's own settings begin with."),
    null("remote.log.metadata.manager.listener.name", Kind::String)
        .bounds(Bounds::NonEmptyText)
        .doc("Listener over which that class talks to brokers."),
    int("remote.log.reader.max.pending.tasks", 100)
        .at_least(1)
        .doc("Waiting reads of remote storage at which more are refused."),
    int("remote.log.reader.threads", 10).at_least(1).cluster().doc("Threads that read from remote storage."),
    null("remote.log.storage.manager.class.name", Kind::String)
        .bounds(Bounds::NonEmptyText)
        .doc("Java class that is the remote storage."),
    null("remote.log.storage.manager.class.path", Kind::String)
        .doc("Where the class of the remote storage is found."),
    string("remote.log.storage.manager.impl.prefix", "rsm.config.")
        .bounds(Bounds::NonEmptyText)
        .doc("What names of the remote storage's own settings begin with."),
    boolean("remote.log.storage.system.enable", false)
        .refused("tiered storage is not served yet")
        .doc("Whether there is remote storage."),
    // Internal: described only when set.
    long("remote.log.index.file.cache.ttl.ms", 900_000)
        .at_least(-1)
        .internal()
        .doc("How long an unused index of a remote segment is kept; -1 sets no limit."),
    long("remote.log.manager.task.retry.backoff.max.ms", 30_000)
        .at_least(1)
        .internal()
        .doc("Longest pause after failed work for remote storage."),
    long("remote.log.manager.task.retry.backoff.ms", 500)
        .at_least(1)
        .internal()
        .doc("First pause after failed work for remote storage."),
    double("remote.log.manager.task.retry.jitter", 0.2)
        .bounds(Bounds::Range { min: 0.0, max: 0.5 })
        .internal()
        .doc("Share of that pause which is left to chance."),
];
