//! Broker properties: tiered storage.

use crate::definition::{Bounds, Definition, Kind, boolean, double, int, long, null, string};

pub(super) const ROWS: &[Definition] = &[
    boolean("follower.fetch.last.tiered.offset.enable", false).cluster(),
    long("log.local.retention.bytes", -2).at_least(-2).cluster(),
    long("log.local.retention.ms", -2).at_least(-2).cluster(),
    long("log.remote.copy.lag.bytes", -1).at_least(-1).cluster(),
    long("log.remote.copy.lag.ms", 0).at_least(-1).cluster(),
    int("remote.fetch.max.wait.ms", 500).at_least(1).cluster(),
    long("remote.list.offsets.request.timeout.ms", 30_000).at_least(1).cluster(),
    long("remote.log.index.file.cache.total.size.bytes", 1_073_741_824).at_least(1).cluster(),
    int("remote.log.manager.copier.thread.pool.size", 10).at_least(1).cluster(),
    long("remote.log.manager.copy.max.bytes.per.second", i64::MAX).at_least(1).cluster(),
    int("remote.log.manager.copy.quota.window.num", 11).at_least(1),
    int("remote.log.manager.copy.quota.window.size.seconds", 1).at_least(1),
    int("remote.log.manager.expiration.thread.pool.size", 10).at_least(1).cluster(),
    long("remote.log.manager.fetch.max.bytes.per.second", i64::MAX).at_least(1).cluster(),
    int("remote.log.manager.fetch.quota.window.num", 11).at_least(1),
    int("remote.log.manager.fetch.quota.window.size.seconds", 1).at_least(1),
    int("remote.log.manager.follower.thread.pool.size", 2).at_least(1).cluster(),
    long("remote.log.manager.task.interval.ms", 30_000).at_least(1),
    int("remote.log.manager.thread.pool.size", 2).at_least(1),
    int("remote.log.metadata.custom.metadata.max.bytes", 128).at_least(0),
    string(
        "remote.log.metadata.manager.class.name",
        "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
    )
    .bounds(Bounds::NonEmptyText),
    null("remote.log.metadata.manager.class.path", Kind::String),
    string("remote.log.metadata.manager.impl.prefix", "rlmm.config.").bounds(Bounds::NonEmptyText),
    null("remote.log.metadata.manager.listener.name", Kind::String).bounds(Bounds::NonEmptyText),
    int("remote.log.reader.max.pending.tasks", 100).at_least(1),
    int("remote.log.reader.threads", 10).at_least(1).cluster(),
    null("remote.log.storage.manager.class.name", Kind::String).bounds(Bounds::NonEmptyText),
    null("remote.log.storage.manager.class.path", Kind::String),
    string("remote.log.storage.manager.impl.prefix", "rsm.config.").bounds(Bounds::NonEmptyText),
    boolean("remote.log.storage.system.enable", false).refused("tiered storage is not served yet"),
    // Internal: described only when set.
    long("remote.log.index.file.cache.ttl.ms", 900_000).at_least(-1).internal(),
    long("remote.log.manager.task.retry.backoff.max.ms", 30_000).at_least(1).internal(),
    long("remote.log.manager.task.retry.backoff.ms", 500).at_least(1).internal(),
    double("remote.log.manager.task.retry.jitter", 0.2)
        .bounds(Bounds::Range { min: 0.0, max: 0.5 })
        .internal(),
];
