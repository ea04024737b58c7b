//! Settings by name, and refusals word by word.

use std::time::Duration;

use klamm_records::{Compression, CompressionType};

use super::*;

fn properties(pairs: &[(&str, &str)]) -> Properties {
    let here = ("bootstrap.servers", "localhost:9092");
    let pairs = std::iter::once(&here).chain(pairs);
    pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn refused<T>(result: Result<T, PropertiesFault>) -> String {
    result.err().map(|fault| fault.to_string()).unwrap_or_default()
}

#[test]
fn nothing_but_an_address_gives_kafkas_defaults() {
    let consumer = consumer(&properties(&[("group.id", "g")])).expect("enough");
    assert_eq!(consumer.cluster.bootstrap, [Address::new("localhost", 9092)]);
    assert_eq!(consumer.cluster.connection.client_id, "consumer-g-1");
    assert_eq!(consumer.consumer.offset_reset, OffsetReset::To(OffsetSpec::Latest));
    assert_eq!(consumer.max_poll_records, 500);
    let group = consumer.group.expect("a group");
    assert_eq!(
        (group.session_timeout, group.rebalance_timeout),
        (Duration::from_secs(45), Duration::from_secs(300))
    );
    assert_eq!(group.auto_commit_interval, Some(Duration::from_secs(5)));
    let producer = producer(&properties(&[])).expect("enough");
    assert_eq!((producer.producer.acks, producer.producer.idempotent), (Acks::All, true));
    assert_eq!(producer.producer.linger, Duration::from_millis(5));
    assert_eq!(producer.cluster.connection.client_id, "producer-1");
    assert!(producer.notes.is_empty());
    assert_eq!(admin(&properties(&[])).expect("enough").cluster.role, Role::Brokers);
}

#[test]
fn values_reach_the_options() {
    let given = [
        ("acks", "1"),
        ("compression.type", "zstd"),
        ("compression.zstd.level", "-5"),
        ("linger.ms", "0"),
        ("request.timeout.ms", "1500"),
        ("retries", "3"),
        ("send.buffer.bytes", "102400"),
    ];
    let told = producer(&properties(&given)).expect("a producer");
    assert_eq!(
        (told.producer.acks, told.producer.idempotent, told.producer.retries),
        (Acks::Leader, false, 3)
    );
    assert_eq!(told.producer.compression, Compression { codec: CompressionType::Zstd, level: -5 });
    assert_eq!(told.cluster.connection.request_timeout, Duration::from_millis(1500));
    assert_eq!(told.cluster.connection.send_buffer_bytes, Some(102_400));
    assert_eq!(told.notes, [PropertiesNote::IdempotenceOff { name: "acks", value: 1 }]);
    let given = [
        ("group.id", "g"),
        ("group.instance.id", "i"),
        ("auto.offset.reset", "by_duration:PT1H"),
        ("enable.auto.commit", "FALSE"),
        ("isolation.level", "read_committed"),
        ("client.rack", "r"),
        ("partition.assignment.strategy", "org.apache.kafka.clients.consumer.RoundRobinAssignor"),
    ];
    let told = consumer(&properties(&given)).expect("a consumer");
    assert_eq!(told.consumer.offset_reset, OffsetReset::ByDuration { ago_ms: 3_600_000 });
    assert_eq!(told.consumer.isolation_level, IsolationLevel::ReadCommitted);
    assert_eq!(told.cluster.connection.client_id, "consumer-g-i");
    let group = told.group.expect("a group");
    assert_eq!((group.auto_commit_interval, group.assignors), (None, vec![Assignor::RoundRobin]));
    assert_eq!((group.rack.as_deref(), group.group_instance_id.as_deref()), (Some("r"), Some("i")));
}

#[test]
fn what_cannot_be_is_refused_in_kafkas_words() {
    let of_producer = [
        ("acks", "2", "Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1"),
        ("batch.size", "x", "Invalid value x for configuration batch.size: Not a number of type INT"),
        ("batch.size", "-1", "Invalid value -1 for configuration batch.size: Value must be at least 0"),
        (
            "delivery.timeout.ms",
            "100",
            "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms",
        ),
        (
            "compression.type",
            "lzma",
            "Invalid value lzma for configuration compression.type: String must be one of: none, gzip, snappy, lz4, zstd",
        ),
        (
            "compression.gzip.level",
            "0",
            "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1",
        ),
        ("bootstrap.servers", "localhost", "Invalid url in bootstrap.servers: localhost"),
        ("bootstrap.servers", "localhost:99999", "Invalid port in bootstrap.servers: localhost:99999"),
        (
            "max.in.flight.requests.per.connection",
            "6",
            "To use the idempotent producer, max.in.flight.requests.per.connection must be set to at most 5. Current value is 6.",
        ),
        ("security.protocol", "ssl", "security.protocol=SSL is not served by Klamm's own client"),
        (
            "security.protocol",
            "x",
            "Invalid value x for configuration security.protocol: String must be one of (case insensitive): PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL",
        ),
        ("transactional.id", "t", "transactional.id=t is not served by Klamm's own client"),
    ];
    for (name, value, words) in of_producer {
        assert_eq!(refused(producer(&properties(&[(name, value)]))), words);
    }
    let of_consumer = [
        (
            "auto.offset.reset",
            "first",
            "Invalid value first for configuration auto.offset.reset: Invalid value `first` for configuration auto.offset.reset. The value must be either 'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'.",
        ),
        (
            "enable.auto.commit",
            "yes",
            "Invalid value yes for configuration enable.auto.commit: Expected value to be either true or false",
        ),
        (
            "enable.auto.commit",
            "true",
            "enable.auto.commit cannot be set to true when default group id (null) is used.",
        ),
        ("group.protocol", "consumer", "group.protocol=consumer is not served by Klamm's own client"),
        (
            "share.acquire.mode",
            "record_limit",
            "share.acquire.mode cannot be set when group.protocol=CLASSIC",
        ),
    ];
    for (name, value, words) in of_consumer {
        assert_eq!(refused(consumer(&properties(&[(name, value)]))), words);
    }
    let in_group = |name, value| refused(consumer(&properties(&[("group.id", "g"), (name, value)])));
    assert_eq!(
        in_group("heartbeat.interval.ms", "45000"),
        "Heartbeat must be set lower than the session timeout"
    );
    assert_eq!(
        in_group("partition.assignment.strategy", "a.B"),
        "a.B ClassNotFoundException exception occurred"
    );
    let idempotent =
        |name, value| refused(producer(&properties(&[("enable.idempotence", "true"), (name, value)])));
    assert_eq!(idempotent("acks", "1"), PropertiesFault::IdempotenceNeedsAllAcks.to_string());
    assert_eq!(idempotent("retries", "0"), PropertiesFault::IdempotenceNeedsRetries.to_string());
    assert_eq!(
        refused(producer(&Properties::new())),
        "Missing required configuration \"bootstrap.servers\" which has no default value."
    );
    assert_eq!(refused(admin(&Properties::new())), PropertiesFault::NoBootstrap.to_string());
}

#[test]
fn strangers_stop_nothing_and_are_named() {
    let told =
        admin(&properties(&[("foo", "1"), ("ssl.protocol", "x"), ("acks", "7")])).expect("an admin client");
    let unused = PropertiesNote::Unused { names: ["acks", "foo", "ssl.protocol"].map(str::to_owned).into() };
    assert_eq!(
        unused.to_string(),
        "These configurations '[acks, foo, ssl.protocol]' were supplied but are not used yet."
    );
    assert_eq!(told.notes, [unused]);
    let told = admin(&properties(&[("reconnect.backoff.ms", "7"), ("retry.backoff.ms", "5000")]));
    let told = told.expect("an admin client");
    assert_eq!(told.cluster.reconnect_backoff_max, Duration::from_millis(7));
    assert_eq!(told.cluster.retry_backoff, Duration::from_secs(1));
    assert!(told.notes.iter().all(PropertiesNote::is_warning), "{:?}", told.notes);
}
