//! Settings that change while it runs: which changes may be made, what of the stored ones counts, and what is
//! told of them. Messages as a Kafka 4.4.0 broker answered them.

use klamm_config::settings::{ConfigEntry, ConfigSource};
use klamm_config::{DynamicLevel, Properties, Settings, check_client_metrics};

fn properties(pairs: &[(&str, &str)]) -> Properties {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn settings(more: &[(&str, &str)]) -> Settings {
    let mut file = properties(&[
        ("process.roles", "broker,controller"),
        ("node.id", "1"),
        ("controller.quorum.voters", "1@localhost:9093"),
        ("controller.listener.names", "CONTROLLER"),
        ("listeners", "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093"),
    ]);
    file.extend(properties(more));
    Settings::from_properties(&file, &[]).expect("a valid file")
}

/// The answer to a change of this broker's, or all brokers', settings; "" = taken.
fn answer(settings: &Settings, level: DynamicLevel, pairs: &[(&str, &str)]) -> String {
    match settings.check_dynamic(&properties(pairs), level) {
        Ok(()) => String::new(),
        Err(fault) => fault.java_message(),
    }
}

fn entry(entries: &[ConfigEntry], name: &str) -> ConfigEntry {
    entries.iter().find(|entry| entry.name == name).unwrap_or_else(|| panic!("no {name}")).clone()
}

/// Value, and the sources that have something to say, strongest first.
fn told(entries: &[ConfigEntry], name: &str) -> (Option<String>, Vec<(String, ConfigSource)>) {
    let entry = entry(entries, name);
    (entry.value, entry.synonyms.into_iter().map(|synonym| (synonym.name, synonym.source)).collect())
}

#[test]
fn changes_are_taken_or_refused_in_kafkas_words() {
    use DynamicLevel::{Broker, Cluster};
    const CONFLICT: &str = "Invalid value org.apache.kafka.common.config.ConfigException: ";
    let settings = settings(&[("num.io.threads", "4"), ("log.retention.hours", "100")]);
    let inner = |text: &str| format!("{CONFLICT}{text} for configuration Invalid dynamic configuration");
    type Case<'a> = (DynamicLevel, &'a [(&'a str, &'a str)], String);
    let cases: &[Case<'_>] = &[
        (Broker, &[("log.retention.ms", "5"), ("no.such.name", "")], String::new()),
        (
            Broker,
            &[("num.partitions", "2"), ("log.dirs", "/x"), ("broker.rack", "r"), ("process.roles", "broker")],
            "Cannot update these configs dynamically: [num.partitions, process.roles, broker.rack, log.dirs]".into(),
        ),
        (
            Broker,
            &[("ssl.keystore.type", "JKS")],
            "These security configs can be dynamically updated only per-listener using the listener prefix: [ssl.keystore.type]".into(),
        ),
        (Broker, &[("listener.name.plaintext.ssl.keystore.type", "JKS")], String::new()),
        (
            Cluster,
            &[("listener.name.plaintext.ssl.keystore.type", "JKS")],
            "Cannot update these configs at default cluster level, broker id must be specified: [listener.name.plaintext.ssl.keystore.type]".into(),
        ),
        (Cluster, &[("listener.name.plaintext.max.connections", "5")], String::new()),
        (Cluster, &[("listener.name.plaintext.max.connections", "0")], inner("Invalid max.connections 0")),
        (
            Broker,
            &[("listener.name.plaintext.max.connections", "x")],
            "Invalid value x for configuration max.connections: Not a number of type INT".into(),
        ),
        (Cluster, &[("log.retention.ms", "0")], "requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1".into()),
        (Broker, &[("num.io.threads", "8")], String::new()),
        (
            Broker,
            &[("num.io.threads", "9")],
            inner("Dynamic thread count update validation failed for num.io.threads=9, value should not be greater than double the current value 4"),
        ),
        (
            Broker,
            &[("log.local.retention.ms", "400000000")],
            inner("Invalid value 400000000 for configuration log.local.retention.ms: Value must not be more than log.retention.ms property value: 360000000"),
        ),
        (
            Cluster,
            &[("group.consumer.assignment.interval.ms", "15001")],
            "group.consumer.assignment.interval.ms must be less than or equal to group.consumer.max.assignment.interval.ms".into(),
        ),
        (
            Cluster,
            &[("metric.reporters", "no.such.Class")],
            inner("Validation of dynamic config update of Set(metric.reporters) failed with class class kafka.server.DynamicMetricsReporters"),
        ),
    ];
    for (level, pairs, expected) in cases {
        assert_eq!(&answer(&settings, *level, pairs), expected, "{level:?} {pairs:?}");
    }
}

#[test]
fn listeners_stay_as_they_were_bound() {
    let map = ("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,NEW:PLAINTEXT");
    let settings = settings(&[map]);
    let change = |listeners| answer(&settings, DynamicLevel::Broker, &[("listeners", listeners)]);
    assert_eq!(change("PLAINTEXT://localhost:1,CONTROLLER://localhost:2"), "", "the same ones by name");
    assert_eq!(
        change("PLAINTEXT://localhost:1,CONTROLLER://localhost:2,NEW://localhost:3"),
        "Cannot update these configs dynamically: [listeners]"
    );
    let map = [("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:SSL")];
    let refused = answer(&settings, DynamicLevel::Broker, &map);
    assert!(refused.contains("existing listener ListenerName(PLAINTEXT)"), "{refused}");
}

#[test]
fn a_value_of_a_stronger_level_takes_its_synonyms_away() {
    use ConfigSource::{Default, DynamicBroker, DynamicDefaultBroker, StaticBroker};
    let file = settings(&[("log.retention.minutes", "5"), ("log.flush.scheduler.interval.ms", "6")]);
    let cluster = properties(&[("log.retention.ms", "7000"), ("log.flush.interval.ms", "8")]);
    let (now, faults) = file.with_dynamic(&cluster, &Properties::new());
    assert_eq!(faults, []);
    assert_eq!((now.topic_defaults.retention_ms, now.topic_defaults.flush_ms), (7000, 8));
    let entries = now.describe_broker();
    let owned = |name: &str, source| (name.to_string(), source);
    let all = [
        owned("log.retention.ms", DynamicDefaultBroker),
        owned("log.retention.minutes", StaticBroker),
        owned("log.retention.hours", Default),
    ];
    assert_eq!(told(&entries, "log.retention.ms"), (Some("7000".to_string()), all.to_vec()));
    // What is overruled is told as its default, with the source that would have said something else.
    assert_eq!(told(&entries, "log.retention.minutes"), (None, all[1..].to_vec()));
    assert_eq!(told(&entries, "log.retention.hours"), (Some("168".to_string()), all[2..].to_vec()));
    assert_eq!(told(&entries, "log.flush.scheduler.interval.ms").0, Some(i64::MAX.to_string()));
    let (now, _) = now.with_dynamic(&cluster, &properties(&[("log.retention.ms", "9")]));
    assert_eq!(now.topic_defaults.retention_ms, 9);
    assert_eq!(told(&now.describe_broker(), "log.retention.ms").1[0].1, DynamicBroker);
}

#[test]
fn secrets_and_unknown_names_are_not_told() {
    let own = properties(&[
        ("listener.name.plaintext.ssl.keystore.password", "secret"),
        ("listener.name.plaintext.plain.sasl.jaas.config", "secret"),
        ("listener.name.plaintext.max.connections", "7"),
        ("from.somewhere", "secret"),
    ]);
    let file =
        settings(&[("sasl.jaas.config", "secret"), ("a.name", "secret"), ("rsm.config.key", "secret")]);
    let (now, faults) = file.with_dynamic(&Properties::new(), &own);
    assert_eq!(faults, []);
    let entries = now.describe_broker();
    for name in
        ["sasl.jaas.config", "a.name", "rsm.config.key"].into_iter().chain(own.keys().map(String::as_str))
    {
        let entry = entry(&entries, name);
        let is_open = name.ends_with("max.connections");
        assert_eq!(entry.sensitive, !is_open, "{name}");
        assert_eq!(entry.value.as_deref(), is_open.then_some("7"), "{name}");
        assert!(entry.synonyms.iter().all(|synonym| synonym.value.as_deref() != Some("secret")), "{name}");
    }
    let his = entries.iter().filter(|entry| !entry.name.starts_with("klamm."));
    assert_eq!(his.count(), 350 + 6, "public ones, and those that are set beside them");
}

#[test]
fn a_cluster_tells_what_is_set_for_it() {
    let cluster =
        properties(&[("log.retention.ms", " 5 "), ("leader.replication.throttled.rate", "7"), ("x", "y")]);
    let (now, _) = settings(&[]).with_dynamic(&cluster, &properties(&[("log.retention.ms", "6")]));
    let entries = now.describe_cluster_default();
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["leader.replication.throttled.rate", "log.retention.ms", "x"]);
    let retention = entry(&entries, "log.retention.ms");
    assert_eq!(
        (retention.value.as_deref(), retention.read_only),
        (Some(" 5 "), false),
        "the text as it is stored"
    );
    assert_eq!(retention.synonyms.len(), 1, "other levels have no say here");
    let unknown = entry(&entries, "x");
    assert_eq!((unknown.kind, unknown.doc, unknown.read_only), (None, None, true));
}

#[test]
fn pauses_between_assignments_are_kept_within_their_bounds() {
    let stored = properties(&[("group.share.assignment.interval.ms", "99999999")]);
    let (now, faults) = settings(&[]).with_dynamic(&stored, &Properties::new());
    assert_eq!(faults, []);
    assert_eq!(
        told(&now.describe_broker(), "group.share.assignment.interval.ms").0.as_deref(),
        Some("15000")
    );
}

#[test]
fn groups_and_subscriptions_are_held_against_the_broker() {
    let settings = settings(&[("group.consumer.max.session.timeout.ms", "70000")]);
    let group = |name: &str, value: &str| match settings.check_group_configs(&properties(&[(name, value)])) {
        Ok(()) => String::new(),
        Err(fault) => fault.to_string(),
    };
    assert_eq!(group("consumer.session.timeout.ms", "70000"), "");
    assert_eq!(
        group("consumer.session.timeout.ms", "70001"),
        "consumer.session.timeout.ms must be in the range 45000 to 70000 inclusive."
    );
    assert_eq!(
        group("streams.num.standby.replicas", "3"),
        "streams.num.standby.replicas must be less than or equal to 2"
    );
    assert_eq!(
        group("streams.task.offset.interval.ms", "1"),
        "streams.task.offset.interval.ms must be greater than or equal to 15000"
    );
    assert_eq!(
        group("streams.assignor.name", "x"),
        "streams.assignor.name 'x' is not a registered task assignor. Registered assignors are: [sticky]."
    );
    assert_eq!(group("no.such", "1"), "Unknown group config name: no.such");
    let subscription =
        |name: &str, value: &str| match check_client_metrics("m", &properties(&[(name, value)])) {
            Ok(()) => String::new(),
            Err(fault) => fault.to_string(),
        };
    assert_eq!(subscription("match", " client_id = a.* "), "");
    assert_eq!(subscription("match", "client_id=("), "Illegal client matching pattern: client_id=(");
    assert_eq!(subscription("match", "client_id=a=b"), "Illegal client matching pattern: client_id=a=b");
    assert_eq!(
        subscription("interval.ms", "99"),
        "Invalid value 99 for interval.ms, interval must be between 100 and 3600000 (1 hour)"
    );
    assert_eq!(subscription("x", "1"), "Unknown client metrics configuration: x");
    let own = properties(&[("consumer.session.timeout.ms", "50000")]);
    let entries = settings.describe_group(&own).expect("all hold");
    assert_eq!(told(&entries, "consumer.session.timeout.ms").1[0].1, ConfigSource::Group);
    assert_eq!(told(&entries, "streams.assignor.name").0.as_deref(), Some("sticky"));
    assert_eq!(entries.len(), 21, "internal ones only where they are set");
}
