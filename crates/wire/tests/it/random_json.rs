//! Any message with any values, as JSON made from its schema and a seed.

use klamm_base::codec::{FieldSchema, MessageSchema, StructSchema, Type};
use klamm_base::rng::{Rng, SeededRng};
use serde_json::{Map, Value, json};

/// A message of a version that has it.
pub fn message(schema: &MessageSchema, version: i16, rng: &mut SeededRng) -> Value {
    structure(schema.body, version, rng)
}

fn structure(schema: &StructSchema, version: i16, rng: &mut SeededRng) -> Value {
    let mut object = Map::new();
    for field in schema.fields.iter().filter(|field| field.versions.contains(version)) {
        if field.tagged.contains(version) && rng.below(2) == 0 {
            continue;
        }
        object.insert(field.json_name(), value(field, version, rng));
    }
    Value::Object(object)
}

fn value(field: &FieldSchema, version: i16, rng: &mut SeededRng) -> Value {
    if field.nullable.contains(version) && rng.below(4) == 0 {
        return Value::Null;
    }
    of_type(field.ty, version, rng)
}

fn of_type(ty: &Type, version: i16, rng: &mut SeededRng) -> Value {
    match ty {
        Type::Bool => json!(rng.below(2) == 1),
        Type::Int8 => json!(integer(rng) as i8),
        Type::Int16 => json!(integer(rng) as i16),
        Type::Uint16 => json!(integer(rng) as u16),
        Type::Int32 => json!(integer(rng) as i32),
        Type::Uint32 => json!(integer(rng) as u32),
        Type::Int64 => json!(integer(rng)),
        Type::Float64 => json!(integer(rng) as i32 as f64 / 2.0),
        Type::Uuid => json!(klamm_base::rng::random_uuid(rng).to_string()),
        Type::String => json!(text(rng)),
        // Base64 of some zeros: four letters for three bytes.
        Type::Bytes | Type::Records => json!("AAAA".repeat(length(rng))),
        Type::Array(element) => {
            let count = if matches!(element, Type::Struct(_)) { rng.below(3) as usize } else { length(rng) };
            Value::Array((0..count).map(|_| of_type(element, version, rng)).collect())
        }
        Type::Struct(schema) => structure(schema, version, rng),
    }
}

/// Small numbers, ends of ranges, anything.
fn integer(rng: &mut SeededRng) -> i64 {
    match rng.below(4) {
        0 => rng.below(4) as i64 - 1,
        1 => [i64::MAX, i64::MIN, 0x7f, 0x80][rng.below(4) as usize],
        _ => rng.next_u64() as i64,
    }
}

/// Mostly short; now and then past the lengths that fit one byte.
fn length(rng: &mut SeededRng) -> usize {
    match rng.below(12) {
        0 => 126 + rng.below(4) as usize,
        bound => rng.below(bound) as usize,
    }
}

fn text(rng: &mut SeededRng) -> String {
    (0..length(rng)).map(|_| ['a', 'Z', '.', 'é', '\u{1f600}'][rng.below(5) as usize]).collect()
}
