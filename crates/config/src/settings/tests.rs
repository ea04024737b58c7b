//! Layers, dynamic changes, typed topic configs, and what is refused or named.

use super::*;
use crate::fault::{Conflict, Rule};
use crate::settings::topic::{CompressionType, TimestampType};
use std::path::PathBuf;

fn properties(pairs: &[(&str, &str)]) -> Properties {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

/// A combined node with `pairs` on top.
fn settings_with(pairs: &[(&str, &str)]) -> Result<Settings, ConfigFault> {
    let overrides: Vec<(String, String)> =
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    Settings::dev(Path::new("/data"), 9092, 9093, &overrides)
}

fn settings(pairs: &[(&str, &str)]) -> Settings {
    settings_with(pairs).expect("these settings hold")
}

#[test]
fn dev_is_a_combined_node_on_loopback() {
    let dev = settings(&[]);
    assert_eq!(
        dev.identity,
        IdentitySettings { node_id: 1, is_broker: true, is_controller: true, rack: None }
    );
    assert_eq!(dev.log.dirs, [PathBuf::from("/data")]);
    assert_eq!(dev.metadata.log_dir, PathBuf::from("/data"));
    let endpoint = |name: &str, port| Endpoint {
        name: name.to_string(),
        protocol: SecurityProtocol::Plaintext,
        host: "localhost".to_string(),
        port,
    };
    assert_eq!(dev.listeners.broker, [endpoint("PLAINTEXT", 9092)]);
    assert_eq!(dev.listeners.advertised, [endpoint("PLAINTEXT", 9092)]);
    assert_eq!(dev.listeners.controller, [endpoint("CONTROLLER", 9093)]);
    assert_eq!(dev.listeners.advertised_controller, [endpoint("CONTROLLER", 9093)]);
    assert_eq!(dev.listeners.inter_broker, "PLAINTEXT");
    assert_eq!(dev.quorum.voters, [Voter { id: 1, host: "localhost".to_string(), port: 9093 }]);
    assert_eq!(dev.unknown, Vec::<String>::new());
}

#[test]
fn the_last_override_wins() {
    assert_eq!(settings(&[("num.partitions", "2"), ("num.partitions", "3")]).topics.num_partitions, 3);
}

#[test]
fn broker_id_stands_in_for_node_id() {
    let mut file = dev_properties(Path::new("/data"), 1, 2);
    file.remove("node.id");
    file.insert("broker.id".to_string(), "1".to_string());
    let read = Settings::from_properties(&file, &[]).expect("these settings hold");
    assert_eq!(read.identity.node_id, 1);
}

#[test]
fn a_stronger_layer_wins_and_times_take_the_first_unit_that_is_set() {
    let file = settings(&[("log.retention.hours", "2"), ("log.roll.hours", "3")]);
    assert_eq!(file.topic_defaults.retention_ms, 2 * 3_600_000);
    assert_eq!(file.topic_defaults.segment_ms, 3 * 3_600_000);
    let minutes = settings(&[("log.retention.hours", "2"), ("log.retention.minutes", "5")]);
    assert_eq!(minutes.topic_defaults.retention_ms, 5 * 60_000);
    assert_eq!(settings(&[("log.retention.ms", "-5")]).topic_defaults.retention_ms, -1);

    let (cluster, faults) = file.with_dynamic(&properties(&[("log.retention.ms", "70")]), &properties(&[]));
    assert_eq!((cluster.topic_defaults.retention_ms, faults), (70, vec![]));
    let (own, faults) = file.with_dynamic(
        &properties(&[("log.retention.ms", "70"), ("log.segment.bytes", "1048576")]),
        &properties(&[("log.retention.ms", "80")]),
    );
    assert_eq!((own.topic_defaults.retention_ms, faults), (80, vec![]));
    assert_eq!(own.topic_defaults.segment_bytes, 1_048_576);
    let topic = own.topic_config(&properties(&[("retention.ms", "90")]));
    assert_eq!((topic.retention_ms, topic.segment_bytes), (90, 1_048_576));
    let bound = properties(&[("listeners", "PLAINTEXT://:1,CONTROLLER://:2")]);
    assert_eq!(file.with_dynamic(&properties(&[]), &bound).0.listeners, file.listeners);
    // Dropping the dynamic layers brings the file back.
    assert_eq!(own.with_dynamic(&properties(&[]), &properties(&[])).0, file);
}

#[test]
fn dynamic_values_that_do_not_hold_are_left_out_and_told() {
    let file = settings(&[]);
    let (changed, faults) = file.with_dynamic(
        &properties(&[
            ("num.partitions", "5"),
            ("log.segment.bytes", "1"),
            ("listeners", "PLAINTEXT://:1"),
            ("message.max.bytes", "77"),
            ("nobody.knows.it", "x"),
        ]),
        &properties(&[]),
    );
    let told: Vec<String> = faults.iter().map(ConfigFault::to_string).collect();
    assert_eq!(
        told,
        [
            "listeners cannot be set dynamically at this level",
            "Invalid value 1 for configuration log.segment.bytes: Value must be at least 1048576",
            "num.partitions cannot be set dynamically at this level",
        ]
    );
    assert_eq!(changed.topic_defaults.max_message_bytes, 77);
    assert_eq!((changed.topics.num_partitions, &changed.listeners), (1, &file.listeners));
}

#[test]
fn dynamic_values_that_do_not_fit_together_change_nothing() {
    let file = settings(&[]);
    let (same, faults) =
        file.with_dynamic(&properties(&[("log.cleaner.dedupe.buffer.size", "5")]), &properties(&[]));
    assert_eq!(faults, [ConfigFault::Rule(Rule::DedupeBuffer)]);
    assert!(same.values == file.values && same.log == file.log, "what counts is what counted");
    assert_eq!(same.layers.cluster["log.cleaner.dedupe.buffer.size"], "5", "what is stored is told");
}

#[test]
fn a_topics_own_configs_are_typed() {
    let config = settings(&[]).topic_config(&properties(&[
        ("cleanup.policy", "compact"),
        ("compression.type", "zstd"),
        ("message.timestamp.type", "LogAppendTime"),
        ("min.cleanable.dirty.ratio", "0.25"),
        ("preallocate", "TRUE"),
        ("internal.segment.bytes", "100"),
        ("segment.bytes", "2000000"),
        ("retention.ms", "not a number"),
    ]));
    assert!(config.cleanup_compact && !config.cleanup_delete && config.preallocate);
    assert_eq!(config.compression_type, CompressionType::Zstd);
    assert_eq!(config.message_timestamp_type, TimestampType::LogAppendTime);
    assert_eq!(config.min_cleanable_dirty_ratio, 0.25);
    assert_eq!(config.segment_bytes, 100);
    assert_eq!(config.retention_ms, 604_800_000, "a value that does not hold is the broker's");
}

/// Messages as a Kafka 4.4.0 controller answered them to CreateTopics.
#[test]
fn a_topics_configs_are_refused_in_kafkas_words() {
    let settings = settings(&[("log.cleaner.min.compaction.lag.ms", "100")]);
    let cases: [(&[(&str, &str)], &str); 6] = [
        (&[("foo", "1"), ("segment.bytes", "1")], "Unknown topic config name: foo"),
        (
            &[("segment.bytes", "1")],
            "Invalid value 1 for configuration segment.bytes: Value must be at least 1048576",
        ),
        (
            &[("min.compaction.lag.ms", "10"), ("max.compaction.lag.ms", "5")],
            "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)",
        ),
        (
            &[("max.compaction.lag.ms", "5")],
            "conflict topic config setting min.compaction.lag.ms (100) > max.compaction.lag.ms (5)",
        ),
        (
            &[("remote.storage.enable", "true")],
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.",
        ),
        (
            &[("cleanup.policy", "x")],
            "Invalid value x for configuration cleanup.policy: String must be one of: compact, delete",
        ),
    ];
    for (overrides, message) in cases {
        let fault = settings.check_topic_configs(&properties(overrides)).expect_err(message);
        assert_eq!(fault.to_string(), message);
    }
    assert_eq!(settings.check_topic_configs(&properties(&[("retention.ms", "-1")])), Ok(()));
}

#[test]
fn what_cannot_be_served_is_refused_though_kafka_takes_it() {
    let cases = [
        (
            ("listener.security.protocol.map", "PLAINTEXT:SSL,CONTROLLER:PLAINTEXT"),
            "listener PLAINTEXT is refused: SSL is not served yet, use PLAINTEXT in listener.security.protocol.map",
        ),
        (
            ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
            "authorizer.class.name is refused: no authorizer is served yet, and ignoring it would open the cluster",
        ),
        (
            ("controller.quorum.voters", "1@localhost:9093,2@b:9093"),
            "controller.quorum.voters is refused: it names 2 voters and only a quorum of one is served yet, name this node alone",
        ),
        (
            ("remote.log.storage.system.enable", "true"),
            "remote.log.storage.system.enable is refused: tiered storage is not served yet",
        ),
    ];
    for ((name, value), message) in cases {
        assert_eq!(settings_with(&[(name, value)]).expect_err(name).to_string(), message);
        let mut file = dev_properties(Path::new("/data"), 9092, 9093);
        file.insert(name.to_string(), value.to_string());
        let for_tool = Settings::for_tool(&file);
        assert!(for_tool.is_ok(), "{name}: {for_tool:?}");
    }
    assert_eq!(settings(&[("remote.log.storage.system.enable", "false")]).unknown, Vec::<String>::new());
    let voters = Conflict::VotersBesideThisNode { voters: 2 };
    assert_eq!(settings_with(&[cases[2].0]), Err(ConfigFault::Conflict(voters)));
}

#[test]
fn unknown_names_and_those_without_effect_are_collected() {
    let read = settings(&[
        ("zookeeper.connect", "z:2181"),
        ("segment.bytes", "1"),
        ("listener.name.plaintext.sasl.enabled.mechanisms", "PLAIN"),
        ("super.users", "User:admin"),
        ("background.threads", "2"),
        ("num.io.threads", "8"),
        ("num.partitions", "4"),
    ]);
    assert_eq!(read.unknown, ["segment.bytes", "zookeeper.connect"]);
    let told: Vec<&str> = read.without_effect.iter().map(String::as_str).collect();
    assert!(told.contains(&"background.threads") && told.contains(&"super.users"), "{told:?}");
    assert!(told.contains(&"listener.name.plaintext.sasl.enabled.mechanisms"), "{told:?}");
    assert!(!told.contains(&"num.io.threads"), "set to its default: {told:?}");
    assert!(!told.contains(&"num.partitions"), "works: {told:?}");
}

#[test]
fn the_controller_is_known_under_the_voters_address() {
    let wild = settings(&[
        ("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"),
        ("controller.quorum.voters", "1@k1.example:9193"),
    ]);
    assert_eq!(wild.listeners.controller[0].host, "");
    let told = &wild.listeners.advertised_controller[0];
    assert_eq!((told.host.as_str(), told.port), ("k1.example", 9193));
}
