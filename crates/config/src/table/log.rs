//! Broker properties: log directories, topic defaults, retention and compaction.

use super::{COMPRESSION, TIMESTAMP};
use crate::definition::{Bounds, Definition, Kind, boolean, double, int, list, long, null, string};

pub(super) const ROWS: &[Definition] = &[
    null("alter.config.policy.class.name", Kind::Class)
        .refused("Java plug-ins cannot be loaded")
        .doc("Java class that may refuse changes of settings."),
    boolean("auto.create.topics.enable", true).works("Whether asking for an unknown topic creates it."),
    int("compression.gzip.level", -1)
        .bounds(Bounds::GzipLevel)
        .cluster()
        .works("Effort of gzip, -1 or 1 to 9."),
    int("compression.lz4.level", 9).between(1, 17).cluster().works("Effort of lz4, 1 to 17."),
    string("compression.type", "producer")
        .one_of(COMPRESSION)
        .cluster()
        .works("Codec of stored batches; producer keeps what was sent."),
    int("compression.zstd.level", 3).between(-131_072, 22).cluster().works("Effort of zstd."),
    list("cordoned.log.dirs", "")
        .per_broker()
        .works("Log directories that get no new partitions; `*` means all."),
    null("create.topic.policy.class.name", Kind::Class)
        .refused("Java plug-ins cannot be loaded")
        .doc("Java class that may refuse new topics."),
    int("default.replication.factor", 1).works("Replicas of a topic created without a count."),
    boolean("delete.topic.enable", true).works("Whether topics may be deleted."),
    int("klamm.max.open.files", 4_096).at_least(16).works(
        "Files of logs kept open without use, over all log directories; less where descriptors are few.",
    ),
    long("log.cleaner.backoff.ms", 15_000).at_least(0).cluster().partly(
        "a new value counts from the next start",
        "Pause of the cleaner when there is nothing to compact.",
    ),
    long("log.cleaner.dedupe.buffer.size", 134_217_728)
        .cluster()
        .works("Bytes that all cleaner threads together use to remember keys."),
    long("log.cleaner.delete.retention.ms", 86_400_000)
        .at_least(0)
        .cluster()
        .works("How long a deletion mark stays in a compacted log."),
    boolean("log.cleaner.enable", true).works("Whether logs are compacted at all."),
    double("log.cleaner.io.buffer.load.factor", 0.9)
        .cluster()
        .doc("How full the cleaner's memory of keys may get."),
    int("log.cleaner.io.buffer.size", 524_288)
        .at_least(0)
        .cluster()
        .doc("Bytes that all cleaner threads together use to read and write."),
    double("log.cleaner.io.max.bytes.per.second", f64::MAX)
        .cluster()
        .doc("Bytes a second that the cleaner reads and writes at most."),
    long("log.cleaner.max.compaction.lag.ms", i64::MAX)
        .at_least(1)
        .cluster()
        .works("Age at which a record must be open to compaction."),
    double("log.cleaner.min.cleanable.ratio", 0.5)
        .between(0, 1)
        .cluster()
        .works("Share of uncompacted bytes at which a log is worth compacting."),
    long("log.cleaner.min.compaction.lag.ms", 0)
        .at_least(0)
        .cluster()
        .works("Age below which a record is left alone by compaction."),
    int("log.cleaner.threads", 1)
        .at_least(0)
        .cluster()
        .partly("one thread cleans, whatever the number; 0 is none", "Threads that compact logs."),
    list("log.cleanup.policy", "delete")
        .elements(&["compact", "delete"])
        .cluster()
        .works("What happens to old segments: delete, compact or both."),
    list("log.dir", "/tmp/kafka-logs").some_of(&[]).works("Log directory when log.dirs is unset."),
    long("log.dir.failure.timeout.ms", 30_000)
        .at_least(1)
        .doc("How long a broker may fail to tell the controller of a broken directory before it stops."),
    null("log.dirs", Kind::List).some_of(&[]).works("Log directories, comma-separated."),
    long("log.flush.interval.messages", i64::MAX)
        .at_least(1)
        .cluster()
        .works("Records after which a partition is synced to the disk; 1 syncs before every answer."),
    null("log.flush.interval.ms", Kind::Long)
        .cluster()
        .works("Age of unsynced records at which a partition is synced to the disk."),
    int("log.flush.offset.checkpoint.interval.ms", 60_000)
        .at_least(0)
        .works("Pause between two writes of the recovery points."),
    long("log.flush.scheduler.interval.ms", i64::MAX)
        .works("Pause between two looks for partitions that have to be synced."),
    int("log.flush.start.offset.checkpoint.interval.ms", 60_000)
        .at_least(0)
        .works("Pause between two writes of the log start offsets."),
    int("log.index.interval.bytes", 4096).at_least(0).cluster().works("Bytes between two index entries."),
    int("log.index.size.max.bytes", 10_485_760)
        .at_least(4)
        .cluster()
        .works("Size an index file is allocated with and a full one closes its segment."),
    long("log.message.timestamp.after.max.ms", 3_600_000)
        .at_least(0)
        .cluster()
        .works("How far ahead of the broker's clock a record may be stamped."),
    long("log.message.timestamp.before.max.ms", i64::MAX)
        .at_least(0)
        .cluster()
        .works("How far behind the broker's clock a record may be stamped."),
    string("log.message.timestamp.type", "CreateTime")
        .one_of(TIMESTAMP)
        .cluster()
        .works("Which clock stamps records: the producer's or the log's."),
    boolean("log.preallocate", false)
        .cluster()
        .doc("Whether a segment file gets its full size when it is made."),
    long("log.retention.bytes", -1)
        .cluster()
        .works("Size above which a partition loses its oldest segments; -1 sets no limit."),
    long("log.retention.check.interval.ms", 300_000)
        .at_least(1)
        .works("Pause between two looks for segments that are too old or too many."),
    int("log.retention.hours", 168)
        .works("Age of segments to be deleted in hours, when neither minutes nor milliseconds are set."),
    null("log.retention.minutes", Kind::Int)
        .works("Age of segments to be deleted in minutes, when no milliseconds are set."),
    null("log.retention.ms", Kind::Long)
        .cluster()
        .works("Age at which segments are deleted; -1 sets no limit."),
    int("log.roll.hours", 168)
        .at_least(1)
        .works("Age at which a segment is closed, when log.roll.ms is unset."),
    int("log.roll.jitter.hours", 0).at_least(0).works("The same in hours, when log.roll.jitter.ms is unset."),
    null("log.roll.jitter.ms", Kind::Long)
        .cluster()
        .works("Most that is taken off the age at random, so that segments do not close together."),
    null("log.roll.ms", Kind::Long).cluster().works("Age at which a segment is closed."),
    int("log.segment.bytes", 1_073_741_824)
        .at_least(1_048_576)
        .cluster()
        .works("Size at which a segment is closed."),
    long("log.segment.delete.delay.ms", 60_000)
        .at_least(0)
        .cluster()
        .works("Pause between marking a file deleted and removing it."),
    int("max.decompressed.message.bytes", 2_147_483_639)
        .between(1, 2_147_483_639)
        .cluster()
        .works("Largest record batch taken, after decompression."),
    int("message.max.bytes", 1_048_588)
        .at_least(0)
        .cluster()
        .works("Largest record batch taken, compressed."),
    int("min.insync.replicas", 1)
        .at_least(1)
        .cluster()
        .works("In-sync replicas a write with acks=all needs."),
    int("num.partitions", 1).at_least(1).works("Partitions of a topic created without a count."),
    int("num.recovery.threads.per.data.dir", 2)
        .at_least(1)
        .cluster()
        .works("Threads for each directory that open and check logs at the start."),
    int("producer.id.expiration.ms", 86_400_000)
        .at_least(1)
        .cluster()
        .works("Silence after which a producer id is forgotten."),
    // Internal: described only when set.
    long("log.initial.task.delay.ms", 30_000)
        .at_least(0)
        .internal()
        .works("Pause before the first run of the periodic tasks."),
    int("producer.id.expiration.check.interval.ms", 600_000)
        .at_least(1)
        .internal()
        .works("Pause between two looks for expired producer ids."),
];
