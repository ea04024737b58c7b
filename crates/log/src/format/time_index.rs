//! `.timeindex`: from timestamps to offsets (Kafka: `TimeIndex`).
//!
//! | Pos | Field |
//! |---|---|
//! | 0 | int64 largest timestamp so far, ms |
//! | 8 | int32 relative *last* offset of the first batch that reached it |
//!
//! Big-endian, timestamps strictly ascending, offsets ascending. Preallocated as `.index`.

use super::field;

/// Bytes of an entry.
pub const ENTRY_BYTES: usize = 12;

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeEntry {
    pub timestamp: i64,
    pub relative_offset: u32,
}

impl TimeEntry {
    /// Reads the entry at the start of `bytes`, which must hold one.
    pub fn read(bytes: &[u8]) -> TimeEntry {
        TimeEntry {
            timestamp: i64::from_be_bytes(field(bytes, 0)),
            relative_offset: u32::from_be_bytes(field(bytes, 8)),
        }
    }

    pub fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..].copy_from_slice(&self.relative_offset.to_be_bytes());
        bytes
    }
}
