//! Messages as JSON, in the shape of Kafka's generated `*JsonConverter` classes.
//!
//! Names begin with a small letter; a field stands there if its version has it and, when tagged, if
//! it does not hold its default; bytes are base64, ids their text. Unlike Kafka's converters, which
//! write every `records` field as empty, the batches are written as bytes are.
//!
//! - [`value`](JsonValue): each type, both ways
//! - [`fields`](FieldWriter): the fields of a struct, led by its schema

mod error;
mod fields;
mod value;

pub use error::{JsonError, JsonFault};
pub use fields::{FieldReader, FieldWriter, JsonStruct};
pub use value::JsonValue;

use super::message::Message;
use serde_json::Value;

/// The JSON of a message in one of its versions; refuses what encoding would refuse.
pub fn to_json<M: Message>(message: &M, version: i16) -> Result<Value, JsonError> {
    check_version::<M>(version)?;
    message.to_json(version).map_err(|fault| JsonError { message: M::SCHEMA.name(), fault })
}

/// A message from its JSON in one of its versions. Fields that are not there take their default,
/// unless the version must have them.
pub fn from_json<M: Message>(json: &Value, version: i16) -> Result<M, JsonError> {
    check_version::<M>(version)?;
    M::from_json(json, version).map_err(|fault| JsonError { message: M::SCHEMA.name(), fault })
}

fn check_version<M: Message>(version: i16) -> Result<(), JsonError> {
    if M::SCHEMA.versions.contains(version) {
        return Ok(());
    }
    Err(JsonError { message: M::SCHEMA.name(), fault: JsonFault::UnsupportedVersion(version) })
}
