//! What Kafka made of 28 texts, for one property of each kind: value or message.

use klamm_config::definition::Definition;
use klamm_config::table;
use klamm_config::value::Value;

const OUTCOMES: &str = include_str!("../data/kafka-4.4.0-values.tsv");

fn row_of(resource: &str, name: &str) -> &'static Definition {
    let table = match resource {
        "broker" => table::broker(),
        "dynamic" => table::broker_dynamic_only(),
        "topic" => table::topic(),
        "group" => table::group(),
        "client-metrics" => table::client_metrics(),
        other => panic!("no resource {other}"),
    };
    table.get(name).unwrap_or_else(|| panic!("no {resource} property {name}"))
}

#[test]
fn every_text_is_taken_or_refused_as_kafka_does() {
    let mut row = None;
    let mut different = Vec::new();
    let mut tried = 0;
    for line in OUTCOMES.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        match parts[..] {
            ["", text, outcome] => {
                let row: &Definition = row.expect("a property comes first");
                let ours = match Value::parse(row, text) {
                    // A secret is printed as Kafka's class for it does.
                    Ok(_) if row.sensitive() => "= [hidden]".to_string(),
                    Ok(value) => format!("= {}", value.to_text().unwrap_or_default()),
                    Err(fault) => format!("! {fault}"),
                };
                if ours != outcome {
                    different.push(format!("{} {text:?}\n  ours {ours}\n  his  {outcome}", row.name));
                }
                tried += 1;
            }
            [resource, name] => row = Some(row_of(resource, name)),
            _ => panic!("{line}"),
        }
    }
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    assert!(tried > 1500, "texts tried: {tried}");
}
