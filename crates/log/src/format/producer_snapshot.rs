//! `<offset>.snapshot`: what the log knows about its producers before that offset (Kafka: `ProducerStateManager`,
//! schema `ProducerSnapshot`).
//!
//! | Pos | Field | Entry | Field |
//! |---|---|---|---|
//! | 0 | int16 version, 1 | 0 | int64 producer id |
//! | 2 | uint32 CRC-32C over 6..end | 8 | int16 epoch |
//! | 6 | int32 count | 10 | int32 last sequence |
//! | 10 | entries of 46 bytes | 14 | int64 last offset |
//! | | | 22 | int32 offset delta of the last batch |
//! | | | 26 | int64 timestamp |
//! | | | 34 | int32 coordinator epoch, -1 before any marker |
//! | | | 38 | int64 first offset of the open transaction, -1 none |
//!
//! After a marker with a bumped epoch, last sequence and last offset are -1 and the delta is 0.

use klamm_records::crc;

use super::field;
use crate::Malformed;

/// Bytes of an entry.
pub const ENTRY_BYTES: usize = 46;

const VERSION: i16 = 1;
const CRC_AT: usize = 2;
const COUNT_AT: usize = 6;
const ENTRIES_AT: usize = 10;

/// Larger files are refused: this is five million producers in one partition.
pub const MAX_BYTES: u64 = (ENTRIES_AT + 5_000_000 * ENTRY_BYTES) as u64;

/// One producer's last state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerSnapshotEntry {
    pub producer_id: i64,
    pub epoch: i16,
    pub last_sequence: i32,
    pub last_offset: i64,
    pub offset_delta: i32,
    pub timestamp: i64,
    pub coordinator_epoch: i32,
    pub current_txn_first_offset: i64,
}

pub fn decode(bytes: &[u8]) -> Result<Vec<ProducerSnapshotEntry>, Malformed> {
    if bytes.len() < ENTRIES_AT {
        return Err(Malformed::Truncated);
    }
    let version = i16::from_be_bytes(field(bytes, 0));
    if version != VERSION {
        return Err(Malformed::UnknownVersion { found: i32::from(version) });
    }
    let stored = u32::from_be_bytes(field(bytes, CRC_AT));
    let computed = crc::crc32c(&bytes[COUNT_AT..]);
    if stored != computed {
        return Err(Malformed::CrcMismatch { stored, computed });
    }
    let entries = &bytes[ENTRIES_AT..];
    let expected = u32::from_be_bytes(field(bytes, COUNT_AT));
    let found = (entries.len() / ENTRY_BYTES) as u32;
    if expected != found || !entries.len().is_multiple_of(ENTRY_BYTES) {
        return Err(Malformed::CountMismatch { expected, found });
    }
    Ok(entries.chunks_exact(ENTRY_BYTES).map(read_entry).collect())
}

pub fn encode(entries: impl ExactSizeIterator<Item = ProducerSnapshotEntry>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ENTRIES_AT + entries.len() * ENTRY_BYTES);
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&(entries.len() as u32).to_be_bytes());
    for entry in entries {
        bytes.extend_from_slice(&entry.producer_id.to_be_bytes());
        bytes.extend_from_slice(&entry.epoch.to_be_bytes());
        bytes.extend_from_slice(&entry.last_sequence.to_be_bytes());
        bytes.extend_from_slice(&entry.last_offset.to_be_bytes());
        bytes.extend_from_slice(&entry.offset_delta.to_be_bytes());
        bytes.extend_from_slice(&entry.timestamp.to_be_bytes());
        bytes.extend_from_slice(&entry.coordinator_epoch.to_be_bytes());
        bytes.extend_from_slice(&entry.current_txn_first_offset.to_be_bytes());
    }
    let crc = crc::crc32c(&bytes[COUNT_AT..]);
    bytes[CRC_AT..COUNT_AT].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn read_entry(bytes: &[u8]) -> ProducerSnapshotEntry {
    ProducerSnapshotEntry {
        producer_id: i64::from_be_bytes(field(bytes, 0)),
        epoch: i16::from_be_bytes(field(bytes, 8)),
        last_sequence: i32::from_be_bytes(field(bytes, 10)),
        last_offset: i64::from_be_bytes(field(bytes, 14)),
        offset_delta: i32::from_be_bytes(field(bytes, 22)),
        timestamp: i64::from_be_bytes(field(bytes, 26)),
        coordinator_epoch: i32::from_be_bytes(field(bytes, 34)),
        current_txn_first_offset: i64::from_be_bytes(field(bytes, 38)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(producer_id: i64) -> ProducerSnapshotEntry {
        ProducerSnapshotEntry {
            producer_id,
            epoch: 3,
            last_sequence: 17,
            last_offset: 1 << 40,
            offset_delta: 4,
            timestamp: 1_700_000_000_000,
            coordinator_epoch: -1,
            current_txn_first_offset: -1,
        }
    }

    #[test]
    fn an_empty_state_is_the_ten_bytes_that_kafka_writes() {
        let bytes = encode([].into_iter());
        assert_eq!(bytes, [0x00, 0x01, 0x48, 0x67, 0x4b, 0xc7, 0, 0, 0, 0]);
        assert_eq!(decode(&bytes), Ok(vec![]));
    }

    #[test]
    fn goes_both_ways_and_every_flipped_bit_is_found() {
        let entries = vec![entry(1), entry(i64::MAX)];
        let bytes = encode(entries.iter().copied());
        assert_eq!(decode(&bytes), Ok(entries));
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&damaged).is_err(), "bit {bit}");
        }
        for len in 0..bytes.len() {
            assert!(decode(&bytes[..len]).is_err(), "cut to {len}");
        }
    }
}
