//! Broker properties: replicas, leaders and their fetchers.

use crate::definition::{Definition, Kind, boolean, int, long, null};

pub(super) const ROWS: &[Definition] = &[
    boolean("auto.leader.rebalance.enable", true)
        .doc("Whether the controller moves leaders back to the preferred replicas by itself."),
    int("controller.socket.timeout.ms", 30_000).doc("How long the controller waits for a broker's answer."),
    int("delete.records.purgatory.purge.interval.requests", 1)
        .doc("Finished delete-records requests that may pile up before they are swept out."),
    int("fetch.purgatory.purge.interval.requests", 1000)
        .doc("Finished fetch requests that may pile up before they are swept out."),
    long("leader.imbalance.check.interval.seconds", 300)
        .at_least(1)
        .doc("Pause between two looks whether leaders are where they should be."),
    null("num.replica.alter.log.dirs.threads", Kind::Int)
        .doc("Threads that move replicas between directories."),
    int("num.replica.fetchers", 1).at_least(1).cluster().doc("Threads that copy from each other broker."),
    int("producer.purgatory.purge.interval.requests", 1000)
        .doc("Finished produce requests that may pile up before they are swept out."),
    int("replica.fetch.backoff.ms", 1000).at_least(0).doc("Pause of a fetcher after a failed partition."),
    int("replica.fetch.max.bytes", 1_048_576).at_least(0).doc("Bytes a follower asks for in each partition."),
    int("replica.fetch.min.bytes", 1).doc("Bytes a follower waits for."),
    int("replica.fetch.response.max.bytes", 10_485_760)
        .at_least(0)
        .doc("Bytes a follower asks for in one answer."),
    int("replica.fetch.wait.max.ms", 500).doc("How long a leader may hold back a follower's answer."),
    long("replica.high.watermark.checkpoint.interval.ms", 5000)
        .works("Pause between two writes of the high watermarks."),
    long("replica.lag.time.max.ms", 30_000)
        .doc("Time behind the leader after which a follower is not in sync."),
    null("replica.selector.class", Kind::String).doc("How a consumer is told which replica to read from."),
    int("replica.socket.receive.buffer.bytes", 65_536).doc("Receive buffer of connections to leaders."),
    int("replica.socket.timeout.ms", 30_000).doc("How long a follower waits for a leader's answer."),
    boolean("unclean.leader.election.enable", false)
        .cluster()
        .doc("Whether a replica that is not in sync may lead when no other is left."),
    // Internal: described only when set.
    long("unclean.leader.election.interval.ms", 300_000)
        .at_least(1)
        .internal()
        .doc("Pause between two looks for partitions without a leader that could have an unclean one."),
];
