//! `recovery-point-`, `log-start-`, `replication-` and `cleaner-offset-checkpoint` (Kafka: `OffsetCheckpointFile`).
//!
//! Text as in [`text_checkpoint`](super::text_checkpoint), an entry being `topic partition offset`, in no fixed order.
//! We write them sorted, which makes two files comparable.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use klamm_base::TopicPartition;

use super::text_checkpoint;
use crate::Malformed;

pub fn decode(bytes: &[u8]) -> Result<BTreeMap<TopicPartition, i64>, Malformed> {
    let mut offsets = BTreeMap::new();
    text_checkpoint::parse(bytes, |fields| {
        let topic: Arc<str> = fields.next()?.into();
        let partition: i32 = fields.next()?.parse().ok()?;
        let offset: i64 = fields.next()?.parse().ok()?;
        offsets.insert(TopicPartition { topic, partition }, offset);
        Some(())
    })?;
    Ok(offsets)
}

pub fn encode(offsets: &BTreeMap<&TopicPartition, i64>) -> Vec<u8> {
    let mut text = text_checkpoint::begin(offsets.len());
    for (topic_partition, offset) in offsets {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} {} {offset}", topic_partition.topic, topic_partition.partition);
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tp(topic: &str, partition: i32) -> TopicPartition {
        TopicPartition { topic: topic.into(), partition }
    }

    #[test]
    fn goes_both_ways() {
        let (a, b) = (tp("a", 3), tp("b.c-d", 0));
        let bytes = encode(&BTreeMap::from([(&b, 7), (&a, i64::MAX)]));
        assert_eq!(bytes, b"0\n2\na 3 9223372036854775807\nb.c-d 0 7\n");
        assert_eq!(decode(&bytes), Ok(BTreeMap::from([(a, i64::MAX), (b, 7)])));
    }

    #[test]
    fn empty_files_hold_nothing() {
        for bytes in [&b""[..], b"0", b"0\n", b"0\n0\n"] {
            assert_eq!(decode(bytes), Ok(BTreeMap::new()));
        }
    }

    #[test]
    fn damage_is_named() {
        let cases: [(&[u8], Malformed); 7] = [
            (b"1\n0\n", Malformed::UnknownVersion { found: 1 }),
            (b"x\n0\n", Malformed::BadLine { line: 1 }),
            (b"0\nx\n", Malformed::BadLine { line: 2 }),
            (b"0\n1\na 0\n", Malformed::BadLine { line: 3 }),
            (b"0\n1\na 0 1 2\n", Malformed::BadLine { line: 3 }),
            (b"0\n2\na 0 1\n", Malformed::CountMismatch { expected: 2, found: 1 }),
            (b"0\n\xff\n", Malformed::NotText),
        ];
        for (bytes, why) in cases {
            assert_eq!(decode(bytes), Err(why), "{bytes:?}");
        }
    }
}
