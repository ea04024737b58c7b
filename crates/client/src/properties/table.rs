//! The properties of Kafka's clients (Kafka: `AdminClientConfig`, `ProducerConfig`, `ConsumerConfig`), but for
//! those of TLS and SASL, which nobody looks at with PLAINTEXT.
//!
//! Checked, and without effect in this client: metrics, interceptors, serializers and config providers, DNS lookup and
//! bootstrap timeouts, `connections.max.idle.ms`, `socket.connection.setup.timeout.max.ms`, `metadata.recovery.*`,
//! `metadata.cluster.check.enable`, `metadata.max.idle.ms`, `buffer.memory.allocation.strategy`, and those of the
//! partitioner but for `partitioner.ignore.keys` and the class `RoundRobinPartitioner`. `transactional.id`, other
//! partitioners, other security protocols and `group.protocol=consumer` are refused.

use klamm_config::definition::{
    Bounds, Definition, Kind, boolean, class, int, list, long, null, required, string,
};

const SECURITY_PROTOCOLS: &[&str] = &["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];

/// What all three kinds of clients know.
pub const COMMON: &[Definition] = &[
    long("bootstrap.resolve.timeout.ms", 0).at_least(0),
    string("client.dns.lookup", "use_all_dns_ips")
        .one_of(&["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"]),
    string("client.id", ""),
    list("config.providers", ""),
    int("default.api.timeout.ms", 60_000).at_least(0),
    boolean("enable.metrics.push", true),
    boolean("metadata.cluster.check.enable", true),
    long("metadata.max.age.ms", 300_000).at_least(0),
    long("metadata.recovery.rebootstrap.trigger.ms", 300_000).at_least(0),
    string("metadata.recovery.strategy", "rebootstrap")
        .bounds(Bounds::OneOfIgnoringCase(&["NONE", "REBOOTSTRAP"])),
    list("metric.reporters", "org.apache.kafka.common.metrics.JmxReporter"),
    int("metrics.num.samples", 2).at_least(1),
    string("metrics.recording.level", "INFO").one_of(&["INFO", "DEBUG", "TRACE"]),
    long("metrics.sample.window.ms", 30_000).at_least(0),
    int("receive.buffer.bytes", 65_536).at_least(-1),
    long("reconnect.backoff.max.ms", 1_000).at_least(0),
    long("reconnect.backoff.ms", 50).at_least(0),
    int("request.timeout.ms", 30_000).at_least(0),
    long("retry.backoff.max.ms", 1_000).at_least(0),
    long("retry.backoff.ms", 100).at_least(0),
    string("security.protocol", "PLAINTEXT").bounds(Bounds::OneOfIgnoringCase(SECURITY_PROTOCOLS)),
    null("security.providers", Kind::String),
    int("send.buffer.bytes", 131_072).at_least(-1),
    long("socket.connection.setup.timeout.max.ms", 30_000),
    long("socket.connection.setup.timeout.ms", 10_000),
];

pub const ADMIN: &[Definition] = &[
    list("bootstrap.controllers", ""),
    list("bootstrap.servers", ""),
    long("connections.max.idle.ms", 300_000),
    int("retries", i32::MAX).between(0, i32::MAX),
];

pub const PRODUCER: &[Definition] = &[
    string("acks", "all").one_of(&["all", "-1", "0", "1"]),
    int("batch.size", 16_384).at_least(0),
    required("bootstrap.servers", Kind::List).some_of(&[]),
    long("buffer.memory", 33_554_432).at_least(0),
    string("buffer.memory.allocation.strategy", "full")
        .bounds(Bounds::OneOfIgnoringCase(&["full", "incremental"])),
    string("client.rack", ""),
    int("compression.gzip.level", -1).bounds(Bounds::GzipLevel),
    int("compression.lz4.level", 9).between(1, 17),
    string("compression.type", "none").one_of(&["none", "gzip", "snappy", "lz4", "zstd"]),
    int("compression.zstd.level", 3).between(-131_072, 22),
    long("connections.max.idle.ms", 540_000),
    int("delivery.timeout.ms", 120_000).at_least(0),
    boolean("enable.idempotence", true),
    list("interceptor.classes", ""),
    class("key.serializer", ""),
    long("linger.ms", 5).at_least(0),
    long("max.block.ms", 60_000).at_least(0),
    int("max.in.flight.requests.per.connection", 5).at_least(1),
    int("max.request.size", 1_048_576).at_least(0),
    long("metadata.max.idle.ms", 300_000).at_least(5_000),
    boolean("partitioner.adaptive.partitioning.enable", true),
    long("partitioner.availability.timeout.ms", 0).at_least(0),
    null("partitioner.class", Kind::Class),
    boolean("partitioner.ignore.keys", false),
    boolean("partitioner.rack.aware", false),
    int("retries", i32::MAX).between(0, i32::MAX),
    int("transaction.timeout.ms", 60_000),
    boolean("transaction.two.phase.commit.enable", false),
    null("transactional.id", Kind::String).bounds(Bounds::NonEmptyText),
    class("value.serializer", ""),
];

pub const CONSUMER: &[Definition] = &[
    boolean("allow.auto.create.topics", true),
    int("auto.commit.interval.ms", 5_000).at_least(0),
    string("auto.offset.reset", "latest"),
    required("bootstrap.servers", Kind::List).some_of(&[]),
    boolean("check.crcs", true),
    string("client.rack", ""),
    long("connections.max.idle.ms", 540_000),
    boolean("enable.auto.commit", true),
    boolean("exclude.internal.topics", true),
    int("fetch.max.bytes", 52_428_800).at_least(0),
    int("fetch.max.wait.ms", 500).at_least(0),
    int("fetch.min.bytes", 1).at_least(0),
    null("group.id", Kind::String),
    null("group.instance.id", Kind::String).bounds(Bounds::NonEmptyText),
    string("group.protocol", "classic").bounds(Bounds::OneOfIgnoringCase(&["CLASSIC", "CONSUMER"])),
    null("group.remote.assignor", Kind::String),
    int("heartbeat.interval.ms", 3_000),
    list("interceptor.classes", ""),
    boolean("internal.throw.on.fetch.stable.offset.unsupported", false),
    string("isolation.level", "read_uncommitted").one_of(&["read_committed", "read_uncommitted"]),
    class("key.deserializer", ""),
    int("max.partition.fetch.bytes", 1_048_576).at_least(0),
    int("max.poll.interval.ms", 300_000).at_least(1),
    int("max.poll.records", 500).at_least(1),
    list(
        "partition.assignment.strategy",
        "org.apache.kafka.clients.consumer.RangeAssignor,\
         org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
    ),
    int("session.timeout.ms", 45_000),
    string("share.acknowledgement.mode", "implicit"),
    string("share.acquire.mode", "batch_optimized"),
    class("value.deserializer", ""),
];

/// The row of this name.
pub fn find(rows: &'static [Definition], name: &str) -> Option<&'static Definition> {
    rows.iter().chain(COMMON).find(|row| row.name == name)
}

#[cfg(test)]
mod tests {
    use klamm_config::value::Value;

    use super::*;

    #[test]
    fn defaults_are_accepted_and_names_stand_once() {
        for rows in [ADMIN, PRODUCER, CONSUMER] {
            let mut names: Vec<&str> = rows.iter().chain(COMMON).map(|row| row.name).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
            for row in rows.iter().chain(COMMON) {
                let Some(text) = row.default_text() else { continue };
                assert_eq!(Value::parse(row, &text), Ok(Value::default_of(row)), "{}", row.name);
            }
        }
    }
}
