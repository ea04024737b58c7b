//! Properties: files, variables of the environment, what requests and records set. Whatever is accepted can be
//! said again and means the same.

use crate::Target;
use crate::allocation::bounded;
use crate::seeds::files;
use klamm_config::environment::properties_of_variables;
use klamm_config::value::Value;
use klamm_config::{DynamicLevel, Properties, Settings, check_client_metrics, parse_properties, table};
use std::path::Path;
use std::sync::LazyLock;

pub const TARGET: Target = Target {
    name: "properties",
    meaning: "properties of servers, topics, groups, clients' metrics, the environment",
    run: run,
    seeds,
};

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    Settings::dev(Path::new("/nowhere"), 9092, 9093, &[]).expect("the settings of a new user")
});

/// What settings themselves take, and a name and a value for every line.
fn memory_max(len: usize) -> usize {
    128 * len + (2 << 20)
}

/// What the text is read for, then the text of a properties file.
pub fn run(input: &[u8]) {
    let [choice, ref text @ ..] = *input else { return };
    LazyLock::force(&SETTINGS);
    bounded(memory_max(text.len()), || {
        let Ok(properties) = parse_properties(text) else { return };
        match choice % 8 {
            0 => rows(&properties),
            1 => server(&properties),
            2 => topic(&properties),
            3 => dynamic(&properties, DynamicLevel::Cluster),
            4 => dynamic(&properties, DynamicLevel::Broker),
            5 => group(&properties),
            6 => {
                let name = properties.keys().next().cloned().unwrap_or_default();
                let _ = check_client_metrics(&name, &properties);
                let _ = check_client_metrics("name", &properties);
            }
            _ => variables(properties),
        }
    });
}

/// A value of a row, as text and back.
fn rows(properties: &Properties) {
    for (name, text) in properties {
        for table in [
            table::broker(),
            table::broker_dynamic_only(),
            table::topic(),
            table::group(),
            table::client_metrics(),
        ] {
            let Some(row) = table.get(name.as_str()) else { continue };
            let Ok(value) = Value::parse(row, text) else { continue };
            let Some(said) = value.to_text() else { continue };
            let again = Value::parse(row, &said);
            assert!(
                again.as_ref().is_ok_and(|again| again.to_text() == Some(said.clone())),
                "{name}={text:?}: {value:?} is {said:?} and {again:?}"
            );
        }
    }
}

fn server(properties: &Properties) {
    let told = |result: &Result<Settings, klamm_config::ConfigFault>| {
        result.as_ref().err().map(|fault| (fault.to_string(), fault.java_message()))
    };
    let file = Settings::for_tool(properties);
    let _ = told(&file);
    let mut whole: Properties = SERVER.clone();
    whole.extend(properties.clone());
    let served = Settings::from_properties(&whole, &[]);
    let _ = told(&served);
    if let Ok(settings) = served {
        let settings = settings.with_descriptors(1024);
        let _ = settings.topic_config(properties);
    }
}

/// What a server needs to be told.
static SERVER: LazyLock<Properties> = LazyLock::new(|| {
    let pairs = [
        ("process.roles", "broker,controller"),
        ("node.id", "1"),
        ("controller.quorum.voters", "1@127.0.0.1:9093"),
        ("controller.listener.names", "CONTROLLER"),
        ("listeners", "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
});

/// What passes the check is what the topic then has.
fn topic(properties: &Properties) {
    let passes = SETTINGS.check_topic_configs(properties).is_ok();
    let config = SETTINGS.topic_config(properties);
    assert!(!passes || config == SETTINGS.topic_config(properties));
    let _ = SETTINGS.check_topic_change(&SERVER, properties);
}

/// What passes the check leaves no fault when it counts.
fn dynamic(properties: &Properties, level: DynamicLevel) {
    let passes = SETTINGS.check_dynamic(properties, level).is_ok();
    let layer = SETTINGS.dynamic_layer(properties, level);
    assert!(layer.keys().all(|name| properties.contains_key(name)));
    let none = Properties::new();
    let (_, faults) = match level {
        DynamicLevel::Cluster => SETTINGS.with_dynamic(properties, &none),
        DynamicLevel::Broker => SETTINGS.with_dynamic(&none, properties),
    };
    assert!(!passes || faults.is_empty(), "{properties:?} passes and has {faults:?}");
}

fn group(properties: &Properties) {
    let _ = SETTINGS.check_group_configs(properties);
}

/// Names as the container image has them.
fn variables(properties: Properties) {
    if let Ok(properties) = properties_of_variables(&properties) {
        let _ = Settings::for_tool(&properties);
    }
}

/// Lines that Kafka was asked about, alone and together.
pub fn seeds() -> Vec<Vec<u8>> {
    let rules = files::read("crates/config/tests/data/rules.txt");
    let rules = String::from_utf8(rules).expect("the rules are text");
    let mut seeds = Vec::new();
    for (number, line) in rules.lines().enumerate() {
        seeds.push([&[number as u8 % 5], line.replace('\t', "\n").as_bytes()].concat());
        seeds.push([&[1], line.replace('\t', "\n").as_bytes()].concat());
    }
    for (choice, text) in [
        (
            6,
            "interval.ms=1000\nmetrics=org.apache\\\n .kafka\nmatch=client_id=[a-z]+(b|c)*,client_source_port=1.*\n",
        ),
        (6, "match=client_id=(?i)a{1,3}\\\\d[^\\\\]x-z]++$"),
        (5, "consumer.session.timeout.ms=45000\nshare.auto.offset.reset=by_duration:PT1H\n"),
        (
            7,
            "KAFKA_NODE_ID=1\nKAFKA_PROCESS_ROLES=broker\nKAFKA_ADVERTISED_LISTENERS=A://h:9092,B://[::1]:1\n",
        ),
        (0, "# comment\n! and one\n  a \\= b : c\\u0041\\t\\\n   d\r\n\r\nlog.dirs=/a, /b"),
        (
            2,
            "cleanup.policy=compact,delete\nsegment.bytes=1048576\nleader.replication.throttled.replicas=0:1,1:2\n",
        ),
        (3, "log.cleaner.threads=2\nmax.connections.per.ip.overrides=127.0.0.1:5,localhost:7\n"),
        (4, "listener.name.plaintext.max.connections=7\nlog.retention.ms=-1\n"),
    ] {
        seeds.push([&[choice], text.as_bytes()].concat());
    }
    seeds.push([&[1], &files::read("docs/settings.md")[..2000]].concat());
    seeds
}
