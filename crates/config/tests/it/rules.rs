//! Whole configurations that Kafka 4.4.0 took or refused, with its message.

use klamm_config::{Properties, Settings};

const CASES: &str = include_str!("../data/kafka-4.4.0-rules.tsv");

/// What is different on purpose: the case and what is said here instead.
const DELIBERATE: &[(&str, &str)] = &[
    (
        "log.cleaner.threads=0",
        "! requirement failed: log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.",
    ),
    ("create.topic.policy.class.name=foo.Bar", "="),
    (
        "listeners=PLAINTEXT://:99999,CONTROLLER://:9093",
        "! Error creating broker listeners from '[PLAINTEXT://:99999, CONTROLLER://:9093]': port out of range in PLAINTEXT://:99999",
    ),
    (
        "listeners=PLAINTEXT://:-1,CONTROLLER://:9093",
        "! Error creating broker listeners from '[PLAINTEXT://:-1, CONTROLLER://:9093]': port out of range in PLAINTEXT://:-1",
    ),
    // Hexadecimal floats.
    (
        "log.cleaner.min.cleanable.ratio=0x1p-1",
        "! Invalid value 0x1p-1 for configuration log.cleaner.min.cleanable.ratio: Not a number of type DOUBLE",
    ),
];

fn properties_of(case: &str) -> Properties {
    let base = [
        ("process.roles", "broker,controller"),
        ("node.id", "1"),
        ("controller.quorum.voters", "1@localhost:9093"),
        ("controller.listener.names", "CONTROLLER"),
        ("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"),
    ];
    let mut properties: Properties = base.map(|(name, value)| (name.to_string(), value.to_string())).into();
    for pair in case.split(";;") {
        match (pair.strip_prefix('-'), pair.split_once('=')) {
            (Some(name), _) => drop(properties.remove(name)),
            (None, Some((name, value))) => drop(properties.insert(name.to_string(), value.to_string())),
            (None, None) => panic!("{case}"),
        }
    }
    properties
}

#[test]
fn every_configuration_is_taken_or_refused_as_kafka_does() {
    let mut different = Vec::new();
    let mut deliberate = 0;
    for line in CASES.lines() {
        let (case, outcome) = line.split_once('\t').expect("case and outcome");
        let expected = match DELIBERATE.iter().find(|(named, _)| *named == case) {
            Some((_, said_here)) => {
                deliberate += 1;
                said_here.to_string()
            }
            None => outcome.to_string(),
        };
        let ours = match Settings::for_tool(&properties_of(case)) {
            Ok(_) => "=".to_string(),
            Err(fault) => format!("! {}", fault.java_message()),
        };
        if ours != expected {
            different.push(format!("{case}\n  ours {ours}\n  his  {expected}"));
        }
    }
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    assert_eq!(deliberate, DELIBERATE.len(), "a deliberate difference is no longer among the cases");
}
