//! The 61 bytes before a batch's records (Kafka: `DefaultRecordBatch`).

use crate::CompressionType;
use crate::fault::BatchFault;

/// Byte positions inside a batch.
pub mod position {
    pub const BASE_OFFSET: usize = 0;
    pub const LENGTH: usize = 8;
    pub const PARTITION_LEADER_EPOCH: usize = 12;
    pub const MAGIC: usize = 16;
    pub const CRC: usize = 17;
    pub const ATTRIBUTES: usize = 21;
    pub const LAST_OFFSET_DELTA: usize = 23;
    pub const BASE_TIMESTAMP: usize = 27;
    pub const MAX_TIMESTAMP: usize = 35;
    pub const PRODUCER_ID: usize = 43;
    pub const PRODUCER_EPOCH: usize = 51;
    pub const BASE_SEQUENCE: usize = 53;
    pub const RECORD_COUNT: usize = 57;
    pub const RECORDS: usize = 61;
}

/// Whose clock a batch's timestamps come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimestampType {
    #[default]
    CreateTime,
    LogAppendTime,
}

/// The attributes int16 of a batch.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Attributes(pub i16);

impl Attributes {
    pub const CODEC_MASK: i16 = 0x07;
    pub const LOG_APPEND_TIME: i16 = 0x08;
    pub const TRANSACTIONAL: i16 = 0x10;
    pub const CONTROL: i16 = 0x20;
    /// KIP-534: the base timestamp field holds the delete horizon.
    pub const DELETE_HORIZON: i16 = 0x40;
    /// All bits that have a meaning; Kafka ignores the others and clears them when it rewrites the field.
    pub const KNOWN: i16 = 0x7f;

    /// The codec, `None` for the ids 5-7 that nobody has defined.
    pub fn codec(self) -> Option<CompressionType> {
        CompressionType::from_id(self.codec_id())
    }

    /// The codec bits, 0-7.
    pub fn codec_id(self) -> u8 {
        (self.0 & Self::CODEC_MASK) as u8
    }

    pub fn timestamp_type(self) -> TimestampType {
        if self.0 & Self::LOG_APPEND_TIME != 0 {
            TimestampType::LogAppendTime
        } else {
            TimestampType::CreateTime
        }
    }

    pub fn is_transactional(self) -> bool {
        self.0 & Self::TRANSACTIONAL != 0
    }

    pub fn is_control(self) -> bool {
        self.0 & Self::CONTROL != 0
    }

    pub fn has_delete_horizon(self) -> bool {
        self.0 & Self::DELETE_HORIZON != 0
    }
}

impl std::fmt::Debug for Attributes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attributes({:#06x})", self.0)
    }
}

/// All fields of a magic 2 header, as they stand in the bytes; nothing is checked beyond the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    pub base_offset: i64,
    /// Bytes after the length field; see [`BatchHeader::size_in_bytes`].
    pub length: i32,
    pub partition_leader_epoch: i32,
    pub magic: i8,
    pub crc: u32,
    pub attributes: Attributes,
    pub last_offset_delta: i32,
    /// Base timestamp in ms, or the delete horizon when the attributes say so.
    pub base_timestamp: i64,
    pub max_timestamp: i64,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub base_sequence: i32,
    pub record_count: i32,
}

impl BatchHeader {
    /// Bytes of a header, and of a batch without records.
    pub const SIZE: usize = position::RECORDS;
    /// Bytes of base offset and length, which the length does not count.
    pub const LOG_OVERHEAD: usize = position::PARTITION_LEADER_EPOCH;

    /// Reads the header at the start of `bytes`.
    ///
    /// # Errors
    /// [`BatchFault::Truncated`] below 61 bytes, [`BatchFault::BadMagic`] unless the magic is 2,
    /// [`BatchFault::BadLength`] when the length is too small for a header. The batch itself may
    /// reach beyond `bytes`; the CRC is not looked at.
    pub fn parse(bytes: &[u8]) -> Result<BatchHeader, BatchFault> {
        let Some(head) = bytes.first_chunk::<{ BatchHeader::SIZE }>() else {
            return Err(BatchFault::Truncated { needed: Self::SIZE, available: bytes.len() });
        };
        let header = Self::read(head);
        if header.magic != 2 {
            return Err(BatchFault::BadMagic { magic: header.magic });
        }
        if header.length < (Self::SIZE - Self::LOG_OVERHEAD) as i32 {
            return Err(BatchFault::BadLength { length: header.length });
        }
        Ok(header)
    }

    fn read(head: &[u8; BatchHeader::SIZE]) -> BatchHeader {
        BatchHeader {
            base_offset: i64::from_be_bytes(field(head, position::BASE_OFFSET)),
            length: i32::from_be_bytes(field(head, position::LENGTH)),
            partition_leader_epoch: i32::from_be_bytes(field(head, position::PARTITION_LEADER_EPOCH)),
            magic: i8::from_be_bytes(field(head, position::MAGIC)),
            crc: u32::from_be_bytes(field(head, position::CRC)),
            attributes: Attributes(i16::from_be_bytes(field(head, position::ATTRIBUTES))),
            last_offset_delta: i32::from_be_bytes(field(head, position::LAST_OFFSET_DELTA)),
            base_timestamp: i64::from_be_bytes(field(head, position::BASE_TIMESTAMP)),
            max_timestamp: i64::from_be_bytes(field(head, position::MAX_TIMESTAMP)),
            producer_id: i64::from_be_bytes(field(head, position::PRODUCER_ID)),
            producer_epoch: i16::from_be_bytes(field(head, position::PRODUCER_EPOCH)),
            base_sequence: i32::from_be_bytes(field(head, position::BASE_SEQUENCE)),
            record_count: i32::from_be_bytes(field(head, position::RECORD_COUNT)),
        }
    }

    /// Writes all fields to the start of a batch.
    pub fn write(&self, head: &mut [u8; BatchHeader::SIZE]) {
        put(head, position::BASE_OFFSET, self.base_offset.to_be_bytes());
        put(head, position::LENGTH, self.length.to_be_bytes());
        put(head, position::PARTITION_LEADER_EPOCH, self.partition_leader_epoch.to_be_bytes());
        put(head, position::MAGIC, self.magic.to_be_bytes());
        put(head, position::CRC, self.crc.to_be_bytes());
        put(head, position::ATTRIBUTES, self.attributes.0.to_be_bytes());
        put(head, position::LAST_OFFSET_DELTA, self.last_offset_delta.to_be_bytes());
        put(head, position::BASE_TIMESTAMP, self.base_timestamp.to_be_bytes());
        put(head, position::MAX_TIMESTAMP, self.max_timestamp.to_be_bytes());
        put(head, position::PRODUCER_ID, self.producer_id.to_be_bytes());
        put(head, position::PRODUCER_EPOCH, self.producer_epoch.to_be_bytes());
        put(head, position::BASE_SEQUENCE, self.base_sequence.to_be_bytes());
        put(head, position::RECORD_COUNT, self.record_count.to_be_bytes());
    }

    /// Bytes of the whole batch, header included. Positive for every parsed header.
    pub fn size_in_bytes(&self) -> usize {
        Self::LOG_OVERHEAD + usize::try_from(self.length).unwrap_or(0)
    }

    pub fn codec(&self) -> Option<CompressionType> {
        self.attributes.codec()
    }

    /// The last offset of the batch; compaction keeps it even when it removes that record.
    pub fn last_offset(&self) -> i64 {
        self.base_offset.wrapping_add(i64::from(self.last_offset_delta))
    }

    pub fn next_offset(&self) -> i64 {
        self.last_offset().wrapping_add(1)
    }

    pub fn has_producer_id(&self) -> bool {
        self.producer_id > crate::NO_PRODUCER_ID
    }

    /// The sequence number of the last record, or [`crate::NO_SEQUENCE`]. Sequences wrap from
    /// `i32::MAX` to 0 (Kafka: `DefaultRecordBatch.incrementSequence`).
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence == crate::NO_SEQUENCE {
            return crate::NO_SEQUENCE;
        }
        increment_sequence(self.base_sequence, self.last_offset_delta)
    }

    /// The delete horizon in ms of KIP-534, when compaction has set one.
    pub fn delete_horizon_ms(&self) -> Option<i64> {
        self.attributes.has_delete_horizon().then_some(self.base_timestamp)
    }
}

/// The sequence number `increment` after `sequence`, wrapping from `i32::MAX` to 0.
pub fn increment_sequence(sequence: i32, increment: i32) -> i32 {
    if sequence > i32::MAX.wrapping_sub(increment) {
        increment.wrapping_sub(i32::MAX.wrapping_sub(sequence)).wrapping_sub(1)
    } else {
        sequence.wrapping_add(increment)
    }
}

/// The sequence number `decrement` before `sequence`, wrapping from 0 to `i32::MAX`.
pub fn decrement_sequence(sequence: i32, decrement: i32) -> i32 {
    if sequence < decrement {
        i32::MAX.wrapping_sub(decrement.wrapping_sub(sequence)).wrapping_add(1)
    } else {
        sequence.wrapping_sub(decrement)
    }
}

fn field<const N: usize>(head: &[u8; BatchHeader::SIZE], at: usize) -> [u8; N] {
    std::array::from_fn(|i| head[at + i])
}

fn put<const N: usize>(head: &mut [u8; BatchHeader::SIZE], at: usize, value: [u8; N]) {
    head[at..at + N].copy_from_slice(&value);
}
