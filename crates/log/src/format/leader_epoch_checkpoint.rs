//! `leader-epoch-checkpoint`: where each leader epoch begins (Kafka: `LeaderEpochCheckpointFile`).
//!
//! Text as in [`text_checkpoint`](super::text_checkpoint), an entry being `epoch start_offset`, both ascending.

use std::fmt::Write as _;

use super::text_checkpoint;
use crate::Malformed;

/// File name in a partition directory.
pub const FILE_NAME: &str = "leader-epoch-checkpoint";

/// First offset written under an epoch (Kafka: `EpochEntry`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEntry {
    pub epoch: i32,
    pub start_offset: i64,
}

pub fn decode(bytes: &[u8]) -> Result<Vec<EpochEntry>, Malformed> {
    let mut entries: Vec<EpochEntry> = Vec::new();
    text_checkpoint::parse(bytes, |fields| {
        let epoch: i32 = fields.next()?.parse().ok()?;
        let start_offset: i64 = fields.next()?.parse().ok()?;
        if epoch < 0 || start_offset < 0 {
            return None;
        }
        entries.push(EpochEntry { epoch, start_offset });
        Some(())
    })?;
    for (index, pair) in entries.windows(2).enumerate() {
        if pair[0].epoch >= pair[1].epoch || pair[0].start_offset > pair[1].start_offset {
            return Err(Malformed::OutOfOrder { entry: index as u32 + 1 });
        }
    }
    Ok(entries)
}

pub fn encode(entries: &[EpochEntry]) -> Vec<u8> {
    let mut text = text_checkpoint::begin(entries.len());
    for entry in entries {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} {}", entry.epoch, entry.start_offset);
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_both_ways() {
        let entries =
            vec![EpochEntry { epoch: 0, start_offset: 0 }, EpochEntry { epoch: 2, start_offset: 25 }];
        let bytes = encode(&entries);
        assert_eq!(bytes, b"0\n2\n0 0\n2 25\n");
        assert_eq!(decode(&bytes), Ok(entries));
        assert_eq!(decode(b""), Ok(vec![]));
    }

    #[test]
    fn disorder_is_refused() {
        assert_eq!(decode(b"0\n2\n2 0\n1 5\n"), Err(Malformed::OutOfOrder { entry: 1 }));
        assert_eq!(decode(b"0\n2\n1 5\n2 4\n"), Err(Malformed::OutOfOrder { entry: 1 }));
        assert_eq!(decode(b"0\n1\n-1 5\n"), Err(Malformed::BadLine { line: 3 }));
    }
}
