//! `.index`: from offsets to file positions (Kafka: `OffsetIndex`).
//!
//! | Pos | Field |
//! |---|---|
//! | 0 | int32 *last* offset of a batch, relative to the segment's base offset |
//! | 4 | int32 file position of that batch's first byte |
//!
//! Big-endian, ascending in both. A JVM broker preallocates the active segment's file with zeros.

use super::field;

/// Bytes of an entry.
pub const ENTRY_BYTES: usize = 8;

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetEntry {
    pub relative_offset: u32,
    pub position: u32,
}

impl OffsetEntry {
    /// Reads the entry at the start of `bytes`, which must hold one.
    pub fn read(bytes: &[u8]) -> OffsetEntry {
        OffsetEntry {
            relative_offset: u32::from_be_bytes(field(bytes, 0)),
            position: u32::from_be_bytes(field(bytes, 4)),
        }
    }

    pub fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[..4].copy_from_slice(&self.relative_offset.to_be_bytes());
        bytes[4..].copy_from_slice(&self.position.to_be_bytes());
        bytes
    }

    /// An entry of a preallocated tail. No real entry is zero: the first batch of a segment never has one.
    pub fn is_zero(self) -> bool {
        self.relative_offset == 0 && self.position == 0
    }
}
