//! Messages of magic 0 and 1, as segments from before Kafka 0.11 hold them (Kafka: `LegacyRecord`,
//! `AbstractLegacyRecordBatch`). Read-only and shallow: sized, checked, dated, passed on as bytes.
//!
//! Layout: offset int64, size int32, CRC-32 uint32 over the rest, magic int8, attributes int8,
//! timestamp int64 (magic 1 only), key, value (int32 length, -1 null). A compressed message wraps
//! an inner set; its offset is that of the last inner message.

use crate::fault::BatchFault;
use crate::prefix::BatchPrefix;
use crate::{Attributes, CompressionType, NO_TIMESTAMP, TimestampType};

const CRC: usize = 12;
const MAGIC: usize = 16;
const ATTRIBUTES: usize = 17;
const TIMESTAMP: usize = 18;

/// One message, or one compressed wrapper of several.
#[derive(Clone, Copy, Debug)]
pub struct LegacyBatch<'a> {
    bytes: &'a [u8],
    prefix: BatchPrefix,
}

impl<'a> LegacyBatch<'a> {
    /// # Errors
    /// As [`BatchPrefix::parse`]; [`BatchFault::Truncated`] when the message is not whole;
    /// [`BatchFault::BadMagic`] for magic 2.
    pub fn parse(bytes: &'a [u8]) -> Result<LegacyBatch<'a>, BatchFault> {
        let prefix = BatchPrefix::parse(bytes)?;
        if prefix.magic > 1 {
            return Err(BatchFault::BadMagic { magic: prefix.magic });
        }
        match bytes.get(..prefix.size_in_bytes) {
            Some(bytes) => Ok(LegacyBatch { bytes, prefix }),
            None => Err(BatchFault::Truncated { needed: prefix.size_in_bytes, available: bytes.len() }),
        }
    }

    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub fn magic(&self) -> i8 {
        self.bytes[MAGIC] as i8
    }

    /// The offset of the message, or of the last message inside.
    pub fn offset(&self) -> i64 {
        self.prefix.offset
    }

    pub fn codec(&self) -> Option<CompressionType> {
        CompressionType::from_id(self.bytes[ATTRIBUTES] & 0x07)
    }

    pub fn timestamp_type(&self) -> TimestampType {
        Attributes(i16::from(self.bytes[ATTRIBUTES])).timestamp_type()
    }

    /// The timestamp in ms (of a wrapper: the largest inside), [`NO_TIMESTAMP`] at magic 0.
    pub fn timestamp(&self) -> i64 {
        if self.magic() == 0 {
            return NO_TIMESTAMP;
        }
        i64::from_be_bytes(std::array::from_fn(|i| self.bytes[TIMESTAMP + i]))
    }

    /// # Errors
    /// [`BatchFault::BadCrc`].
    pub fn check_crc(&self) -> Result<(), BatchFault> {
        let stored = u32::from_be_bytes(std::array::from_fn(|i| self.bytes[CRC + i]));
        let mut crc = flate2::Crc::new();
        crc.update(&self.bytes[MAGIC..]);
        if crc.sum() == stored { Ok(()) } else { Err(BatchFault::BadCrc { stored, computed: crc.sum() }) }
    }
}
