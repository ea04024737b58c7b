//! `.kafka_cleanshutdown`: left behind by a clean stop (Kafka: `CleanShutdownFileHandler`).
//!
//! `{"version":0,"brokerEpoch":12}` without a newline. The file alone says "clean"; the epoch is proof for the
//! controller (KIP-966) and absent when the content cannot be read.

use serde_json::Value;

/// File name in a log directory.
pub const FILE_NAME: &str = ".kafka_cleanshutdown";

/// Longer content counts as unreadable.
pub const MAX_BYTES: u64 = 4096;

/// The broker epoch, if the content names one.
pub fn decode(bytes: &[u8]) -> Option<i64> {
    let content: Value = serde_json::from_slice(bytes).ok()?;
    content.get("brokerEpoch")?.as_i64()
}

pub fn encode(broker_epoch: i64) -> Vec<u8> {
    format!("{{\"version\":0,\"brokerEpoch\":{broker_epoch}}}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_both_ways() {
        assert_eq!(encode(12), br#"{"version":0,"brokerEpoch":12}"#);
        assert_eq!(decode(&encode(12)), Some(12));
        assert_eq!(decode(&encode(-1)), Some(-1));
        assert_eq!(decode(br#"{"version":1,"brokerEpoch":5,"more":[]}"#), Some(5));
        assert_eq!(decode(b""), None);
        assert_eq!(decode(br#"{"version":0}"#), None);
    }
}
