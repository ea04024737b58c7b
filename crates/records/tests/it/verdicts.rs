//! Record sets that Kafka 4.4.0 was asked to take: the same answer here, and the same bytes in the log.

use std::fs;

use klamm_records::crc::crc32c;
use klamm_records::{ProduceRules, RecordFault, Refusal, Scratch, TimestampType, Validated, patch, validate};

use crate::support::{NOW_MS, rules, unhex};

/// Where Kafka takes a batch that is refused here; each reason stands at the head of `validate`.
const STRICTER: [&str; 4] =
    ["-deltas-", "-size-one-", "lz4-content-size-wrong", "lz4-content-checksum-wrong"];

#[test]
fn verdicts_are_those_of_kafka() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/verdicts.txt");
    let text = fs::read_to_string(path).unwrap();
    let mut scratch = Scratch::new();
    let (mut cases, mut stricter) = (0, Vec::new());
    for line in text.lines() {
        let [name, changes, bytes, kafka] = line.split('|').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let (rules, bytes) = (changed(rules(), changes), unhex(bytes));
        let result = validate(&bytes, &rules, &mut scratch);
        let here = match &result {
            Ok(validated) => accepted(validated, &rules, bytes),
            Err(refusal) => refused(refusal),
        };
        cases += 1;
        if kafka.starts_with("OK") && result.is_err() {
            stricter.push((name, result));
        } else if kafka.starts_with("UNEXPECTED") {
            assert_eq!(here, "INVALID_RECORD", "{name}: Kafka has {kafka}");
        } else {
            assert_eq!(here, kafka, "{name}");
        }
    }
    assert!(cases > 800, "{cases} cases");
    for (name, result) in &stricter {
        let listed = STRICTER.iter().any(|part| name.contains(part));
        let random = name.contains("flip") && contradictory(result);
        assert!(listed || random, "{name}: Kafka takes it, here {result:?}");
    }
    assert!(stricter.len() < 40, "{} sets refused that Kafka takes", stricter.len());
}

/// Whether this is what a random change runs into where Kafka is lax: wrong inner lengths or deltas.
fn contradictory(result: &Result<Validated, Refusal>) -> bool {
    matches!(
        result,
        Err(Refusal::Records(
            RecordFault::Malformed { .. } | RecordFault::BadOffsetDelta { .. } | RecordFault::Missing { .. }
        ))
    )
}

/// Stamps the batch as a leader does at offset 1000 in epoch 7.
fn accepted(validated: &Validated, rules: &ProduceRules, mut bytes: Vec<u8>) -> String {
    let batch = &mut bytes[..validated.header.size_in_bytes()];
    let max_timestamp = match rules.timestamp_type {
        TimestampType::CreateTime => validated.max_timestamp,
        TimestampType::LogAppendTime => NOW_MS,
    };
    patch::set_base_offset(batch, 1000);
    patch::set_partition_leader_epoch(batch, 7);
    patch::set_max_timestamp(batch, rules.timestamp_type, max_timestamp);
    format!("OK max_timestamp={max_timestamp} appended={:08x}", crc32c(batch))
}

fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::RecordErrors(found) => {
            let code = if found.about_timestamp { "INVALID_TIMESTAMP" } else { "INVALID_RECORD" };
            let indices: Vec<String> = found.errors.iter().map(|error| error.index.to_string()).collect();
            assert_eq!(found.total as usize, indices.len());
            format!("{code} records={}", indices.join(","))
        }
        Refusal::Corrupt(_) => "CORRUPT_MESSAGE".to_owned(),
        Refusal::ZstdNotAllowed => "UNSUPPORTED_COMPRESSION_TYPE".to_owned(),
        Refusal::TooLarge { .. } => "MESSAGE_TOO_LARGE".to_owned(),
        _ => "INVALID_RECORD".to_owned(),
    }
}

fn changed(mut rules: ProduceRules, changes: &str) -> ProduceRules {
    for change in changes.split_whitespace() {
        let (name, number) = change.split_once('=').unwrap_or((change, "0"));
        let number: i64 = number.parse().unwrap();
        match name {
            "version" => rules.zstd_allowed = number >= 7,
            "compacted" => rules.compacted = true,
            "append_time" => rules.timestamp_type = TimestampType::LogAppendTime,
            "before" => rules.timestamp_before_max_ms = number,
            "after" => rules.timestamp_after_max_ms = number,
            "max_bytes" => rules.max_message_bytes = number as usize,
            "record_max" => rules.limits.record_bytes_max = number as usize,
            other => panic!("unknown rule {other}"),
        }
    }
    rules
}
