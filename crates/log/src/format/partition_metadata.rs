//! `partition.metadata`: the topic's id (Kafka: `PartitionMetadataFile`).
//!
//! | Line | Content |
//! |---|---|
//! | 1 | `version: 0` |
//! | 2 | `topic_id: <22 characters base64url>`, without a newline at the end |
//!
//! Later versions are accepted as long as these two lines stay; the zero id is an error.

use klamm_base::Uuid;

use crate::Malformed;

/// File name in a partition directory.
pub const FILE_NAME: &str = "partition.metadata";

/// Larger files are refused.
pub const MAX_BYTES: u64 = 4096;

pub fn decode(bytes: &[u8]) -> Result<Uuid, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Malformed::NotText)?;
    let mut lines = text.lines();
    let version = value(lines.next(), "version", 1)?;
    let version: i32 = version.parse().map_err(|_| Malformed::BadLine { line: 1 })?;
    if version < 0 {
        return Err(Malformed::UnknownVersion { found: version });
    }
    let topic_id = value(lines.next(), "topic_id", 2)?;
    let topic_id: Uuid = topic_id.parse().map_err(|_| Malformed::BadLine { line: 2 })?;
    if topic_id == Uuid::ZERO {
        return Err(Malformed::BadValue("topic_id"));
    }
    Ok(topic_id)
}

pub fn encode(topic_id: Uuid) -> Vec<u8> {
    format!("version: 0\ntopic_id: {topic_id}").into_bytes()
}

fn value<'a>(line: Option<&'a str>, key: &'static str, number: u32) -> Result<&'a str, Malformed> {
    let line = line.ok_or(Malformed::Truncated)?;
    let (found, value) = line.split_once(':').ok_or(Malformed::BadLine { line: number })?;
    let value = value.trim_start();
    if found != key || value.is_empty() {
        return Err(Malformed::BadLine { line: number });
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_both_ways() {
        let id = Uuid([7; 16]);
        let bytes = encode(id);
        assert_eq!(bytes.len(), 43);
        assert_eq!(decode(&bytes), Ok(id));
        let newer = String::from_utf8(bytes).unwrap().replace("version: 0", "version: 3");
        assert_eq!(decode(format!("{newer}\nmore: x\n").as_bytes()), Ok(id));
    }

    #[test]
    fn damage_is_named() {
        assert_eq!(decode(b""), Err(Malformed::Truncated));
        assert_eq!(decode(b"version: 0"), Err(Malformed::Truncated));
        assert_eq!(decode(b"version: x\n"), Err(Malformed::BadLine { line: 1 }));
        assert_eq!(decode(b"version: 0\ntopic_id: AAAA"), Err(Malformed::BadLine { line: 2 }));
        assert_eq!(decode(&encode(Uuid::ZERO)), Err(Malformed::BadValue("topic_id")));
    }
}
