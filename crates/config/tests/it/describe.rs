//! A topic's configs as a Kafka 4.4.0 broker with values at every level described them.

use klamm_config::settings::{ConfigEntry, ConfigSource};
use klamm_config::{Properties, Settings};

const DESCRIBED: &str = include_str!("../data/kafka-4.4.0-describe-topic.txt");
const CREATED: &str = include_str!("../data/kafka-4.4.0-create-topic.txt");

fn properties(pairs: &[(&str, &str)]) -> Properties {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

/// What the broker was told when the data was taken.
fn settings() -> Settings {
    let file = properties(&[
        ("process.roles", "broker,controller"),
        ("node.id", "1"),
        ("controller.quorum.voters", "1@127.0.0.1:9093"),
        ("controller.listener.names", "CONTROLLER"),
        ("listeners", "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"),
        ("log.retention.minutes", "600"),
        ("log.roll.ms", "7200000"),
        ("log.segment.bytes", "2000000"),
        ("compression.type", "lz4"),
        ("log.flush.interval.ms", "5000"),
    ]);
    let cluster = properties(&[
        ("min.insync.replicas", "1"),
        ("log.segment.bytes", "3000000"),
        ("log.roll.jitter.ms", "5"),
    ]);
    let own = properties(&[("log.segment.bytes", "4000000"), ("log.retention.bytes", "77")]);
    let (settings, faults) =
        Settings::from_properties(&file, &[]).expect("a valid file").with_dynamic(&cluster, &own);
    assert_eq!(faults, vec![]);
    settings
}

/// Kafka's name of the source on the client's side.
fn source_text(source: ConfigSource) -> &'static str {
    match source {
        ConfigSource::Topic => "DYNAMIC_TOPIC_CONFIG",
        ConfigSource::DynamicBroker => "DYNAMIC_BROKER_CONFIG",
        ConfigSource::DynamicDefaultBroker => "DYNAMIC_DEFAULT_BROKER_CONFIG",
        ConfigSource::StaticBroker => "STATIC_BROKER_CONFIG",
        ConfigSource::Default => "DEFAULT_CONFIG",
        other => panic!("{other:?} is no source of a topic's config"),
    }
}

/// A line of `kafka-configs --describe --all`.
fn described(entry: &ConfigEntry) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".to_string());
    let synonyms: Vec<String> = entry
        .synonyms
        .iter()
        .map(|synonym| format!("{}:{}={}", source_text(synonym.source), synonym.name, value(&synonym.value)))
        .collect();
    let (name, sensitive) = (&entry.name, entry.sensitive);
    format!("  {name}={} sensitive={sensitive} synonyms={{{}}}", value(&entry.value), synonyms.join(", "))
}

/// Value, source, read-only, sensitive of one config of the CreateTopics answer.
fn created(entry: &ConfigEntry) -> String {
    let value = entry.value.clone().unwrap_or_else(|| "null".to_string());
    let source = source_text(entry.source);
    format!("{}={value} {source} {} {}", entry.name, entry.read_only, entry.sensitive)
}

#[test]
fn a_topic_is_described_as_kafka_describes_it() {
    let overrides = properties(&[("retention.bytes", "99"), ("cleanup.policy", "compact,delete")]);
    let ours: Vec<String> =
        settings().describe_topic_with_synonyms(&overrides).iter().map(described).collect();
    assert_eq!(ours, DESCRIBED.lines().collect::<Vec<_>>());
}

#[test]
fn a_created_topic_is_answered_as_kafka_answers() {
    let overrides = properties(&[
        ("retention.bytes", "99"),
        ("cleanup.policy", "compact,delete"),
        ("flush.messages", " 5 "),
        ("internal.segment.bytes", "5000"),
    ]);
    let ours: Vec<String> = settings().describe_topic(&overrides).iter().map(created).collect();
    assert_eq!(ours, CREATED.lines().collect::<Vec<_>>());
}
