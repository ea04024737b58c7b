//! `.txnindex`: aborted transactions whose marker lies in the segment (Kafka: `TransactionIndex`, `AbortedTxn`).
//!
//! | Pos | Field | Pos | Field |
//! |---|---|---|---|
//! | 0 | int16 version, 0 | 18 | int64 last offset: that of the abort marker |
//! | 2 | int64 producer id | 26 | int64 last stable offset after the abort |
//! | 10 | int64 first offset | | |
//!
//! Big-endian, last offsets ascending. The file exists only when the segment holds an abort marker.

use super::field;
use crate::Malformed;

/// Bytes of an entry.
pub const ENTRY_BYTES: usize = 34;

/// Larger files are refused: this is four million aborted transactions in one segment.
pub const MAX_BYTES: u64 = 4_000_000 * ENTRY_BYTES as u64;

/// One aborted transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTxn {
    pub producer_id: i64,
    pub first_offset: i64,
    pub last_offset: i64,
    pub last_stable_offset: i64,
}

impl AbortedTxn {
    pub fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[2..10].copy_from_slice(&self.producer_id.to_be_bytes());
        bytes[10..18].copy_from_slice(&self.first_offset.to_be_bytes());
        bytes[18..26].copy_from_slice(&self.last_offset.to_be_bytes());
        bytes[26..34].copy_from_slice(&self.last_stable_offset.to_be_bytes());
        bytes
    }
}

/// All entries; a half entry at the end is ignored, as Kafka does.
pub fn decode(bytes: &[u8], base_offset: i64) -> Result<Vec<AbortedTxn>, Malformed> {
    let mut entries: Vec<AbortedTxn> = Vec::with_capacity(bytes.len() / ENTRY_BYTES);
    for (index, entry) in bytes.chunks_exact(ENTRY_BYTES).enumerate() {
        let version = i16::from_be_bytes(field(entry, 0));
        if version != 0 {
            return Err(Malformed::UnknownVersion { found: i32::from(version) });
        }
        let entry = AbortedTxn {
            producer_id: i64::from_be_bytes(field(entry, 2)),
            first_offset: i64::from_be_bytes(field(entry, 10)),
            last_offset: i64::from_be_bytes(field(entry, 18)),
            last_stable_offset: i64::from_be_bytes(field(entry, 26)),
        };
        let ascends = entries.last().is_none_or(|before| before.last_offset < entry.last_offset);
        if !ascends || entry.last_offset < base_offset || entry.first_offset > entry.last_offset {
            return Err(Malformed::OutOfOrder { entry: index as u32 });
        }
        entries.push(entry);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_both_ways() {
        let a = AbortedTxn { producer_id: 1, first_offset: 5, last_offset: 9, last_stable_offset: 10 };
        let b = AbortedTxn { producer_id: 2, first_offset: 3, last_offset: 12, last_stable_offset: 13 };
        let mut bytes = [a.to_bytes(), b.to_bytes()].concat();
        assert_eq!(decode(&bytes, 4), Ok(vec![a, b]));
        bytes.truncate(50);
        assert_eq!(decode(&bytes, 4), Ok(vec![a]));
        assert_eq!(decode(&bytes, 10), Err(Malformed::OutOfOrder { entry: 0 }));
        bytes[1] = 1;
        assert_eq!(decode(&bytes, 4), Err(Malformed::UnknownVersion { found: 1 }));
    }
}
