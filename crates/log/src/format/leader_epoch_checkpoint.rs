//! `leader-epoch-checkpoint`: where each leader epoch begins (Kafka: `LeaderEpochCheckpointFile`).
//!
//! Text as in [`text_checkpoint`](super::text_checkpoint), an entry being `epoch start_offset`, both ascending.

use std::fmt::Write as _;

use super::text_checkpoint;
use crate::Malformed;

/// File name in a partition directory.
pub const FILE_NAME: &str = "leader-epoch-checkpoint";

/// A file of this size lies in one sector: it is written whole, but for its end.
pub const IN_PLACE_MAX: usize = 512;

/// First offset written under an epoch (Kafka: `EpochEntry`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEntry {
    pub epoch: i32,
    pub start_offset: i64,
}

/// # Errors
/// Also a last line without its end: it may have been cut, and say too little.
pub fn decode(bytes: &[u8]) -> Result<Vec<EpochEntry>, Malformed> {
    if bytes.last().is_some_and(|last| *last != b'\n') {
        return Err(Malformed::Truncated);
    }
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

/// True when a file with the content `old` may be written over with `new`: both are small, and whatever a power cut makes
/// of them, the count of entries tells. So entries may only be added, and an empty file may become anything.
pub fn may_replace(old: &[u8], new: &[u8]) -> bool {
    if new.len() > IN_PLACE_MAX {
        return false;
    }
    // Behind version and count.
    let entries = |bytes: &[u8]| bytes.splitn(3, |byte| *byte == b'\n').nth(2).map(<[u8]>::to_vec);
    match (entries(old), entries(new)) {
        (Some(old_entries), Some(new_entries)) => {
            let has_same_head = old.len() - old_entries.len() == new.len() - new_entries.len();
            has_same_head && new_entries.starts_with(&old_entries) && old.ends_with(b"\n")
        }
        _ => old.is_empty(),
    }
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
        assert_eq!(decode(b"0\n1\n1 5"), Err(Malformed::Truncated));
    }

    #[test]
    fn what_may_be_written_over_is_old_or_new_or_nothing_whatever_comes_through() {
        let entry = |epoch: i32| EpochEntry { epoch, start_offset: i64::from(epoch) * 37 };
        let encoded = |count: i32| encode(&(0..count).map(entry).collect::<Vec<_>>());
        for (before, after) in [(0, 1), (0, 3), (1, 2), (2, 5), (8, 9), (10, 13), (18, 21)] {
            let (old, new) = (encoded(before), encoded(after));
            let old = if before == 0 { Vec::new() } else { old };
            assert!(may_replace(&old, &new), "{before} to {after}");
            for len in old.len()..=new.len() {
                for written in 0..=len {
                    // A length that the disk has, so many bytes of the new content, and of the old one behind them.
                    let mut left = new[..written].to_vec();
                    left.extend(old.get(written..).unwrap_or_default());
                    left.resize(len.max(left.len()), 0);
                    if let Ok(found) = decode(&left) {
                        let found = encode(&found);
                        let is_nothing = before == 0 && found == encode(&[]);
                        let is_known = is_nothing || found == old || found == new;
                        assert!(is_known, "{:?}", String::from_utf8_lossy(&left));
                    }
                }
            }
        }
    }

    #[test]
    fn other_changes_are_not_written_over() {
        let old = b"0\n2\n0 0\n2 25\n";
        assert!(!may_replace(old, b"0\n2\n0 0\n3 25\n"), "another entry");
        assert!(!may_replace(old, b"0\n1\n0 0\n"), "fewer entries");
        assert!(!may_replace(b"0\n9\n", b"0\n10\n"), "a longer count");
        assert!(!may_replace(b"0\n1\n0 1", b"0\n2\n0 12\n3 4\n"), "a line without an end");
        assert!(!may_replace(b"rubbish", b"0\n1\n0 0\n"));
        assert!(!may_replace(old, &encode(&[EpochEntry { epoch: 1, start_offset: 1 }; 200])));
        assert!(may_replace(old, old));
    }
}
