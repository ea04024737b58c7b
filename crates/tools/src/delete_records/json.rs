//! The file that says which records go (Kafka: `DeleteRecordsCommand.parseOffsetJsonStringWithoutDedup`).
//!
//! ```text
//! {"partitions": [{"topic": "foo", "partition": 1, "offset": 1}], "version": 1}
//! ```

use klamm_base::TopicPartition;
use serde_json::{Map, Value};

use crate::exception::Exception;

/// The only version there is.
const VERSION: i64 = 1;

/// Partitions and offsets in the order of the file.
///
/// # Errors
/// What Kafka throws.
pub fn parse(text: &str) -> Result<Vec<(TopicPartition, i64)>, Exception> {
    // What stands behind the first value is not looked at.
    let first = serde_json::Deserializer::from_str(text).into_iter::<Value>().next();
    let Some(Ok(json)) = first else { return Err(refused("The input string is not a valid JSON")) };
    let object = object(&json)?;
    let version = object.get("version").map_or(Ok(VERSION), |version| integer(version).map(i64::from))?;
    if version != VERSION {
        return Err(refused(format!("Not supported version field value {version}")));
    }
    let partitions = object.get("partitions").ok_or_else(|| refused("Missing partitions field"))?;
    let partitions = partitions
        .as_array()
        .ok_or_else(|| mapping(format!("Expected JSON array, received {partitions}")))?;
    partitions.iter().map(partition).collect()
}

fn partition(json: &Value) -> Result<(TopicPartition, i64), Exception> {
    let object = object(json)?;
    let topic = field(object, "topic")?;
    let topic = topic.as_str().ok_or_else(|| expected("String", topic))?;
    let index = integer(field(object, "partition")?)?;
    let offset = field(object, "offset")?;
    let offset = offset.as_i64().ok_or_else(|| expected("Long", offset))?;
    Ok((TopicPartition::new(topic, index), offset))
}

fn object(json: &Value) -> Result<&Map<String, Value>, Exception> {
    json.as_object().ok_or_else(|| mapping(format!("Expected JSON object, received {json}")))
}

fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a Value, Exception> {
    object.get(name).ok_or_else(|| mapping(format!("No such field exists: `{name}`")))
}

fn integer(json: &Value) -> Result<i32, Exception> {
    let number = json.as_i64().and_then(|number| i32::try_from(number).ok());
    number.ok_or_else(|| expected("Integer", json))
}

fn expected(kind: &str, json: &Value) -> Exception {
    mapping(format!("Expected `{kind}` value, received {json}"))
}

fn refused(message: impl Into<String>) -> Exception {
    Exception::new("org.apache.kafka.tools.AdminOperationException", message)
}

fn mapping(message: String) -> Exception {
    Exception::new("com.fasterxml.jackson.databind.JsonMappingException", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match parse(text) {
            Ok(partitions) => {
                let shown = partitions.iter().map(|(partition, offset)| format!("{partition}@{offset}"));
                shown.collect::<Vec<_>>().join(" ")
            }
            Err(exception) => exception.message().to_owned(),
        }
    }

    #[test]
    fn partitions_with_offsets() {
        let two = r#"{"partitions":[{"topic":"a","partition":0,"offset":3},{"topic":"b","partition":1,"offset":-1}]}"#;
        assert_eq!(shown(two), "a-0@3 b-1@-1");
        assert_eq!(shown(&format!("{two} and more")), "a-0@3 b-1@-1");
        assert_eq!(shown(r#"{"version":1,"partitions":[]}"#), "");
    }

    #[test]
    fn everything_else_has_its_own_words() {
        let one = |fields: &str| format!(r#"{{"partitions":[{{{fields}}}]}}"#);
        for (text, said) in [
            (String::new(), "The input string is not a valid JSON"),
            ("no json".to_owned(), "The input string is not a valid JSON"),
            ("[]".to_owned(), "Expected JSON object, received []"),
            (r#"{"version":2}"#.to_owned(), "Not supported version field value 2"),
            (r#"{"version":"1"}"#.to_owned(), "Expected `Integer` value, received \"1\""),
            (r#"{"version":1}"#.to_owned(), "Missing partitions field"),
            (r#"{"partitions":{}}"#.to_owned(), "Expected JSON array, received {}"),
            (r#"{"partitions":[3]}"#.to_owned(), "Expected JSON object, received 3"),
            (one(r#""topic":1"#), "Expected `String` value, received 1"),
            (one(r#""topic":"a""#), "No such field exists: `partition`"),
            (one(r#""topic":"a","partition":"x""#), "Expected `Integer` value, received \"x\""),
            (one(r#""topic":"a","partition":3000000000"#), "Expected `Integer` value, received 3000000000"),
            (one(r#""topic":"a","partition":0,"offset":3.5"#), "Expected `Long` value, received 3.5"),
        ] {
            assert_eq!(shown(&text), said);
        }
    }
}
