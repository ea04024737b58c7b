//! Every case of every version of every message, both ways.

use crate::golden::{NOT_OURS, Vector, messages, vectors};
use bytes::Bytes;
use klamm_base::codec::{AnyMessage, MessageType, Reader, Writer};
use std::collections::{BTreeMap, BTreeSet};

const FILES: [&str; 3] = ["requests.jsonl.gz", "responses.jsonl.gz", "records.jsonl.gz"];

#[test]
fn requests() {
    assert!(check_file(FILES[0]) > 2000);
}

#[test]
fn responses() {
    assert!(check_file(FILES[1]) > 2000);
}

#[test]
fn records() {
    assert!(check_file(FILES[2]) > 700);
}

/// Nothing of ours is without golden bytes, and there are none of what we do not have.
#[test]
fn every_version_has_golden_bytes() {
    let mut golden: BTreeMap<String, BTreeSet<i16>> = BTreeMap::new();
    for vector in FILES.into_iter().flat_map(vectors) {
        golden.entry(vector.name).or_default().insert(vector.version);
    }
    let ours = messages().into_values().map(|m| (m.name().to_owned(), m.schema.versions.iter().collect()));
    assert_eq!(ours.collect::<BTreeMap<String, BTreeSet<i16>>>(), golden);
    assert!(NOT_OURS.iter().all(|name| !messages().contains_key(name)));
}

/// The checks themselves: a byte that Kafka did not write cannot pass them.
#[test]
fn a_changed_byte_is_noticed() {
    let messages = messages();
    let mut changed = 0;
    for vector in FILES.into_iter().flat_map(vectors).filter(|vector| vector.case == "filled") {
        let message = messages[vector.name.as_str()];
        let bytes = vector.bytes.clone().expect("filled messages can be written");
        for at in (changed % 7..bytes.len()).step_by(7) {
            let mut other = bytes.to_vec();
            other[at] ^= 1;
            let other = Bytes::from(other);
            assert!(!is_golden(message, &vector, &other), "{}: byte {at} may be anything", vector.title());
            changed += 1;
        }
    }
    assert!(changed > 10_000, "{changed} bytes were changed");
}

/// Whether these bytes stand for the values of the vector.
fn is_golden(message: &MessageType, vector: &Vector, bytes: &Bytes) -> bool {
    let mut reader = Reader::new(bytes.clone());
    let Ok(decoded) = (message.decode)(&mut reader, vector.version) else { return false };
    let same_values = decoded.to_json(vector.version).is_ok_and(|json| json == vector.json);
    same_values && reader.remaining() == 0 && encode(&*decoded, vector) == bytes
}

fn check_file(file: &str) -> usize {
    let messages = messages();
    let mut filled = Bytes::new();
    let vectors = vectors(file);
    for vector in &vectors {
        let message = messages.get(vector.name.as_str());
        let message = message.unwrap_or_else(|| panic!("{}: no such message", vector.title()));
        match vector.case.as_str() {
            "foreign" => check_foreign(message, vector),
            "unknown-tags" => check_unknown_tags(message, vector, &filled),
            case => {
                check_both_ways(message, vector);
                check_cut_off(message, vector);
                if case == "filled" {
                    filled = vector.bytes.clone().expect("filled messages can be written");
                }
            }
        }
    }
    vectors.len()
}

fn decode(message: &MessageType, vector: &Vector) -> Box<dyn AnyMessage> {
    let bytes = vector.bytes.clone().unwrap_or_else(|| panic!("{}: no bytes", vector.title()));
    let mut reader = Reader::new(bytes);
    let decoded = (message.decode)(&mut reader, vector.version);
    let decoded = decoded.unwrap_or_else(|e| panic!("{}: {e}", vector.title()));
    assert_eq!(reader.remaining(), 0, "{}: bytes are left over", vector.title());
    decoded
}

fn encode(message: &dyn AnyMessage, vector: &Vector) -> Bytes {
    let mut writer = Writer::new();
    let encoded = message.encode(&mut writer, vector.version);
    encoded.unwrap_or_else(|e| panic!("{}: {e}", vector.title()));
    writer.into_bytes()
}

fn from_json(message: &MessageType, vector: &Vector) -> Box<dyn AnyMessage> {
    let made = (message.from_json)(&vector.json, vector.json_version);
    made.unwrap_or_else(|e| panic!("{}: {e}", vector.title()))
}

fn check_json(message: &dyn AnyMessage, vector: &Vector) {
    let json = message.to_json(vector.version).unwrap_or_else(|e| panic!("{}: {e}", vector.title()));
    assert_eq!(json, vector.json, "{}: other values", vector.title());
}

fn check_both_ways(message: &MessageType, vector: &Vector) {
    let title = vector.title();
    let bytes = vector.bytes.as_ref().expect("ordinary cases can be written");
    let decoded = decode(message, vector);
    check_json(&*decoded, vector);
    assert_eq!(encode(&*decoded, vector), bytes, "{title}: other bytes from the message decoded");
    let made = from_json(message, vector);
    assert_eq!(encode(&*made, vector), bytes, "{title}: other bytes from the values");
    assert!(made.equals(&*decoded), "{title}: {made:?}\nis not {decoded:?}");
    if vector.case == "defaults" {
        let default = encode(&*(message.default)(), vector);
        assert_eq!(default, bytes, "{title}: other bytes from the default");
    }
    let size = decoded.encoded_size(vector.version).expect("what was encoded has a size");
    assert_eq!(size.total(), bytes.len(), "{title}: another size");
}

/// A message that ends too early is an error, wherever it ends; it never is a panic.
fn check_cut_off(message: &MessageType, vector: &Vector) {
    let bytes = vector.bytes.as_ref().expect("ordinary cases can be written");
    let step = (bytes.len() / 64).max(1);
    for len in (0..bytes.len()).step_by(step) {
        let cut = (message.decode)(&mut Reader::new(bytes.slice(..len)), vector.version);
        assert!(cut.is_err(), "{}: {len} bytes of {} were enough", vector.title(), bytes.len());
    }
}

/// Tags that nobody knows are skipped; the rest of the message is what it was without them.
fn check_unknown_tags(message: &MessageType, vector: &Vector, filled: &Bytes) {
    let decoded = decode(message, vector);
    check_json(&*decoded, vector);
    if message.schema.body.fields.is_empty() {
        return;
    }
    assert_eq!(encode(&*decoded, vector), filled, "{}: other bytes without the tags", vector.title());
}

/// A field that the version does not have: left out where Kafka leaves it out, refused where Kafka refuses.
fn check_foreign(message: &MessageType, vector: &Vector) {
    let made = from_json(message, vector);
    match &vector.bytes {
        Some(bytes) => assert_eq!(encode(&*made, vector), bytes, "{}: other bytes", vector.title()),
        None => {
            let refused = made.encode(&mut Writer::new(), vector.version);
            assert!(refused.is_err(), "{}: Kafka refuses {}", vector.title(), vector.json);
        }
    }
}
