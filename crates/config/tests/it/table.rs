//! Every row against Kafka's own definition, both directions.

use klamm_config::definition::{Bounds, Default, Definition, Dynamic};
use klamm_config::table::{self, Table};
use klamm_config::value::Value;

const FACTS: &str = include_str!("../data/kafka-4.4.0-table.tsv");

fn table_of(resource: &str) -> &'static Table {
    match resource {
        "broker" => table::broker(),
        "dynamic" => table::broker_dynamic_only(),
        "topic" => table::topic(),
        "group" => table::group(),
        "client-metrics" => table::client_metrics(),
        other => panic!("no resource {other}"),
    }
}

/// Kafka's `toString` of the validator.
fn validator_text(row: &Definition) -> String {
    match row.bounds {
        Bounds::Any if row.name == "authorizer.class.name" => "non-null string".to_string(),
        Bounds::Any => String::new(),
        Bounds::Range { min, max } if max.is_infinite() => format!("[{min},...]"),
        Bounds::Range { min, max } => format!("[{min},...,{max}]"),
        Bounds::GzipLevel => "[1,...,9] or -1".to_string(),
        Bounds::OneOf(allowed) => format!("[{}]", allowed.join(", ")),
        Bounds::OneOfIgnoringCase(allowed) => format!("(case insensitive) [{}]", allowed.join(", ")),
        Bounds::NonEmptyText => "non-empty string".to_string(),
        Bounds::Elements { allowed: [], .. } => String::new(),
        Bounds::Elements { allowed, .. } => format!("[{}]", allowed.join(", ")),
        Bounds::Voters | Bounds::Servers => "non-empty list".to_string(),
        Bounds::ThrottledReplicas => "[partitionId]:[brokerId],[partitionId]:[brokerId],...".to_string(),
        Bounds::OffsetReset => "[latest, earliest, by_duration:PnDTnHnMn.nS]".to_string(),
    }
}

/// Unlimited in Kafka and finite here; and a backlog that does not cost a second when more than 50 come at once.
const OTHERWISE: [(&str, &str); 6] = [
    ("group.max.size", "\"2147483647\""),
    ("socket.listen.backlog.size", "\"50\""),
    ("max.connection.creation.rate", "\"2147483647\""),
    ("max.connections", "\"2147483647\""),
    ("max.connections.per.ip", "\"2147483647\""),
    ("queued.max.request.bytes", "\"-1\""),
];

fn default_text(row: &Definition) -> String {
    if let Some((_, kafkas)) = OTHERWISE.iter().find(|(name, _)| *name == row.name) {
        return kafkas.to_string();
    }
    match row.default {
        Default::Required => "(required)".to_string(),
        _ => row.default_text().map_or_else(|| "null".to_string(), |text| format!("\"{text}\"")),
    }
}

fn mode_text(resource: &str, row: &Definition) -> &'static str {
    match row.dynamic {
        _ if !matches!(resource, "broker" | "dynamic") => "",
        Dynamic::ReadOnly => "read-only",
        Dynamic::PerBroker => "per-broker",
        Dynamic::ClusterWide => "cluster-wide",
    }
}

#[test]
fn every_row_is_kafkas() {
    let mut different = Vec::new();
    let mut seen = 0;
    for line in FACTS.lines() {
        let facts: Vec<&str> = line.split('\t').collect();
        let [resource, name, ..] = facts[..] else { panic!("{line}") };
        let Some(row) = table_of(resource).get(name) else {
            different.push(format!("{resource} {name} is missing"));
            continue;
        };
        let takes_empty = if Value::parse(row, "").is_ok() { "=" } else { "!" };
        // Kafka loads the class, which is none when the text is empty.
        let takes_empty = if row.kind.java_name() == "CLASS" { "!" } else { takes_empty };
        let ours = [
            resource.to_string(),
            name.to_string(),
            row.kind.java_name().to_string(),
            default_text(row),
            row.internal.to_string(),
            mode_text(resource, row).to_string(),
            validator_text(row),
            takes_empty.to_string(),
        ];
        if ours != facts[..] {
            different.push(format!("ours {ours:?}\nhis  {facts:?}"));
        }
        seen += 1;
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert_eq!(seen, 450, "properties compared");
}

#[test]
fn there_are_as_many_rows_as_kafka_has() {
    let his = |row: &&&Definition| !row.name.starts_with("klamm.");
    let counts = |table: &Table| {
        (table.values().filter(his).count(), table.values().filter(his).filter(|row| row.internal).count())
    };
    assert_eq!(counts(table::broker()), (379, 29));
    assert_eq!(counts(table::broker_dynamic_only()), (3, 0));
    assert_eq!(counts(table::topic()), (38, 1));
    assert_eq!(counts(table::group()), (27, 6));
    assert_eq!(counts(table::client_metrics()), (3, 0));
}

#[test]
fn every_default_but_the_required_ones_is_within_its_bounds() {
    for resource in ["broker", "dynamic", "topic", "group", "client-metrics"] {
        for row in table_of(resource).values() {
            if let Some(text) = row.default_text() {
                assert_eq!(Value::parse(row, &text), Ok(Value::default_of(row)), "{resource} {}", row.name);
            }
        }
    }
}

#[test]
fn every_synonym_is_a_broker_property() {
    for resource in ["topic", "group"] {
        for row in table_of(resource).values() {
            for synonym in row.synonyms {
                assert!(table::broker().contains_key(synonym.name), "{} of {}", synonym.name, row.name);
            }
        }
    }
}

#[test]
fn every_property_is_described_in_one_line() {
    for resource in ["broker", "dynamic", "topic", "group", "client-metrics"] {
        for row in table_of(resource).values() {
            let is_sentence =
                row.doc.ends_with('.') && row.doc.starts_with(|c: char| c.is_uppercase() || c == '`');
            assert!(
                is_sentence && (10..=110).contains(&row.doc.len()),
                "{resource} {}: {:?}",
                row.name,
                row.doc
            );
        }
    }
}
