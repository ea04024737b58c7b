//! Topic properties. Kafka: `LogConfig`.

use super::{COMPRESSION, TIMESTAMP};
use crate::definition::{
    Bounds, Definition, Kind, as_is, boolean, double, hours, int, list, long, minutes, null, string,
};

/// In the order of Kafka's own definition: Java's clients print settings that fall into one bucket of their
/// map in the order in which the answer names them.
pub(super) const ROWS: &[Definition] = &[
    int("segment.bytes", 1_073_741_824)
        .at_least(1_048_576)
        .from(&[as_is("log.segment.bytes")])
        .works("Size at which a segment is closed."),
    long("segment.ms", 604_800_000)
        .at_least(1)
        .from(&[as_is("log.roll.ms"), hours("log.roll.hours")])
        .works("Age at which a segment is closed."),
    long("segment.jitter.ms", 0)
        .at_least(0)
        .from(&[as_is("log.roll.jitter.ms"), hours("log.roll.jitter.hours")])
        .works("Most that is taken off the age at random, so that segments do not close together."),
    int("segment.index.bytes", 10_485_760)
        .at_least(4)
        .from(&[as_is("log.index.size.max.bytes")])
        .works("Size an index file is allocated with and a full one closes its segment."),
    long("flush.messages", i64::MAX)
        .at_least(1)
        .from(&[as_is("log.flush.interval.messages")])
        .works("Records after which a partition is synced to the disk; 1 syncs before every answer."),
    long("flush.ms", i64::MAX)
        .at_least(0)
        .from(&[as_is("log.flush.interval.ms"), as_is("log.flush.scheduler.interval.ms")])
        .works("Age of unsynced records at which a partition is synced to the disk."),
    long("retention.bytes", -1)
        .from(&[as_is("log.retention.bytes")])
        .works("Size above which a partition loses its oldest segments; -1 sets no limit."),
    long("retention.ms", 604_800_000)
        .at_least(-1)
        .from(&[as_is("log.retention.ms"), minutes("log.retention.minutes"), hours("log.retention.hours")])
        .works("Age at which segments are deleted; -1 sets no limit."),
    int("max.message.bytes", 1_048_588)
        .at_least(0)
        .from(&[as_is("message.max.bytes")])
        .works("Largest record batch taken, compressed."),
    int("max.decompressed.message.bytes", 2_147_483_639)
        .between(1, 2_147_483_639)
        .from(&[as_is("max.decompressed.message.bytes")])
        .works("Largest record batch taken, after decompression."),
    int("index.interval.bytes", 4096)
        .at_least(0)
        .from(&[as_is("log.index.interval.bytes")])
        .works("Bytes between two index entries."),
    long("delete.retention.ms", 86_400_000)
        .at_least(0)
        .from(&[as_is("log.cleaner.delete.retention.ms")])
        .works("How long a deletion mark stays in a compacted log."),
    long("min.compaction.lag.ms", 0)
        .at_least(0)
        .from(&[as_is("log.cleaner.min.compaction.lag.ms")])
        .works("Age below which a record is left alone by compaction."),
    long("max.compaction.lag.ms", i64::MAX)
        .at_least(1)
        .from(&[as_is("log.cleaner.max.compaction.lag.ms")])
        .works("Age at which a record must be open to compaction."),
    long("file.delete.delay.ms", 60_000)
        .at_least(0)
        .from(&[as_is("log.segment.delete.delay.ms")])
        .works("Pause between marking a file deleted and removing it."),
    double("min.cleanable.dirty.ratio", 0.5)
        .between(0, 1)
        .from(&[as_is("log.cleaner.min.cleanable.ratio")])
        .works("Share of uncompacted bytes at which a log is worth compacting."),
    list("cleanup.policy", "delete")
        .elements(&["compact", "delete"])
        .from(&[as_is("log.cleanup.policy")])
        .works("What happens to old segments: delete, compact or both."),
    boolean("unclean.leader.election.enable", false)
        .from(&[as_is("unclean.leader.election.enable")])
        .doc("Whether a replica that is not in sync may lead when no other is left."),
    int("min.insync.replicas", 1)
        .at_least(1)
        .from(&[as_is("min.insync.replicas")])
        .works("In-sync replicas a write with acks=all needs."),
    string("compression.type", "producer")
        .one_of(COMPRESSION)
        .from(&[as_is("compression.type")])
        .works("Codec of stored batches; producer keeps what was sent."),
    int("compression.gzip.level", -1)
        .bounds(Bounds::GzipLevel)
        .from(&[as_is("compression.gzip.level")])
        .works("Effort of gzip, -1 or 1 to 9."),
    int("compression.lz4.level", 9)
        .between(1, 17)
        .from(&[as_is("compression.lz4.level")])
        .works("Effort of lz4, 1 to 17."),
    int("compression.zstd.level", 3)
        .between(-131_072, 22)
        .from(&[as_is("compression.zstd.level")])
        .works("Effort of zstd."),
    boolean("preallocate", false)
        .from(&[as_is("log.preallocate")])
        .doc("Whether a segment file gets its full size when it is made."),
    string("message.timestamp.type", "CreateTime")
        .one_of(TIMESTAMP)
        .from(&[as_is("log.message.timestamp.type")])
        .works("Which clock stamps records: the producer's or the log's."),
    long("message.timestamp.before.max.ms", i64::MAX)
        .at_least(0)
        .from(&[as_is("log.message.timestamp.before.max.ms")])
        .works("How far behind the broker's clock a record may be stamped."),
    long("message.timestamp.after.max.ms", 3_600_000)
        .at_least(0)
        .from(&[as_is("log.message.timestamp.after.max.ms")])
        .works("How far ahead of the broker's clock a record may be stamped."),
    list("leader.replication.throttled.replicas", "")
        .bounds(Bounds::ThrottledReplicas)
        .doc("Leaders whose sending to followers is throttled: `partition:broker` each, or `*` for all."),
    list("follower.replication.throttled.replicas", "")
        .bounds(Bounds::ThrottledReplicas)
        .doc("Followers whose copying is throttled: `partition:broker` each, or `*` for all."),
    boolean("remote.storage.enable", false).doc("Whether old segments go to remote storage."),
    long("local.retention.ms", -2).at_least(-2).from(&[as_is("log.local.retention.ms")]).doc(
        "Age of records on the local disk when older ones are in remote storage; -2 means the whole limit.",
    ),
    long("local.retention.bytes", -2).at_least(-2).from(&[as_is("log.local.retention.bytes")]).doc(
        "Size of a partition on the local disk when the rest is in remote storage; -2 means the whole limit.",
    ),
    boolean("remote.log.copy.disable", false).doc("Whether remote storage is only read from."),
    long("remote.copy.lag.ms", 0)
        .at_least(-1)
        .from(&[as_is("log.remote.copy.lag.ms")])
        .doc("Age at which a closed segment is copied to remote storage."),
    long("remote.copy.lag.bytes", -1)
        .at_least(-1)
        .from(&[as_is("log.remote.copy.lag.bytes")])
        .doc("Bytes that have to follow a segment before it is copied to remote storage."),
    boolean("remote.log.delete.on.disable", false)
        .doc("Whether turning remote storage off deletes what is in it."),
    boolean("errors.deadletterqueue.group.enable", false)
        .doc("Whether share groups may send undeliverable records to this topic."),
    null("internal.segment.bytes", Kind::Int)
        .internal()
        .works("Size at which a segment is closed, below the usual least; for tests."),
];
