//! Views over concatenated batches in a byte slice, as they lie in a segment or a produce request.

use crate::header::{BatchHeader, position};
use crate::legacy::LegacyBatch;
use crate::{Limits, RecordFault, RecordReader, Scratch, crc};

/// Why the bytes at some position are no batch. Recovery treats all of them as the end of the log;
/// they differ in what they say about its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchFault {
    /// The bytes end inside a batch (or inside its header).
    Truncated { needed: usize, available: usize },
    /// A magic byte other than 0, 1 or 2.
    BadMagic { magic: i8 },
    /// A length below the smallest batch of its magic.
    BadLength { length: i32 },
    /// Stored and computed CRC differ.
    BadCrc { stored: u32, computed: u32 },
}

impl std::fmt::Display for BatchFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Truncated { needed, available } => {
                write!(f, "batch cut off: {needed} bytes needed, {available} there")
            }
            Self::BadMagic { magic } => write!(f, "unknown magic {magic}"),
            Self::BadLength { length } => write!(f, "impossible batch length {length}"),
            Self::BadCrc { stored, computed } => {
                write!(f, "stored CRC {stored:08x} differs from computed {computed:08x}")
            }
        }
    }
}

impl std::error::Error for BatchFault {}

/// What the first 17 bytes say: enough to know how much to read. Any magic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchPrefix {
    /// Base offset at magic 2; at magic 0 and 1 the entry's (last) offset.
    pub offset: i64,
    /// Bytes of the whole batch, prefix included.
    pub size_in_bytes: usize,
    pub magic: i8,
}

impl BatchPrefix {
    /// Bytes needed for [`BatchPrefix::parse`].
    pub const SIZE: usize = position::CRC;
    /// Smallest value of the length field: a magic 0 message with null key and value.
    const LENGTH_MIN: i32 = 14;

    /// Reads the prefix at the start of `bytes`, which need not hold the whole batch.
    ///
    /// # Errors
    /// [`BatchFault::BadLength`] as soon as the length is there, then [`BatchFault::Truncated`] below
    /// 17 bytes and [`BatchFault::BadMagic`].
    pub fn parse(bytes: &[u8]) -> Result<BatchPrefix, BatchFault> {
        let truncated = BatchFault::Truncated { needed: Self::SIZE, available: bytes.len() };
        let start = bytes.first_chunk::<{ BatchHeader::LOG_OVERHEAD }>().ok_or(truncated)?;
        let offset = i64::from_be_bytes(std::array::from_fn(|i| start[position::BASE_OFFSET + i]));
        let length = i32::from_be_bytes(std::array::from_fn(|i| start[position::LENGTH + i]));
        if length < Self::LENGTH_MIN {
            return Err(BatchFault::BadLength { length });
        }
        let head = bytes.first_chunk::<{ BatchPrefix::SIZE }>().ok_or(truncated)?;
        let magic = head[position::MAGIC] as i8;
        let length_min = match magic {
            0 => Self::LENGTH_MIN,
            1 => Self::LENGTH_MIN + 8,
            2 => (BatchHeader::SIZE - BatchHeader::LOG_OVERHEAD) as i32,
            magic => return Err(BatchFault::BadMagic { magic }),
        };
        if length < length_min {
            return Err(BatchFault::BadLength { length });
        }
        Ok(BatchPrefix { offset, size_in_bytes: BatchHeader::LOG_OVERHEAD + length as usize, magic })
    }
}

/// One whole magic 2 batch in place: exactly its bytes, and its parsed header.
#[derive(Clone, Copy, Debug)]
pub struct BatchView<'a> {
    bytes: &'a [u8],
    header: BatchHeader,
}

impl<'a> BatchView<'a> {
    /// The batch at the start of `bytes`, which may go on behind it. The CRC is not looked at.
    ///
    /// # Errors
    /// As [`BatchHeader::parse`], and [`BatchFault::Truncated`] when the batch is not whole.
    pub fn parse(bytes: &'a [u8]) -> Result<BatchView<'a>, BatchFault> {
        let header = BatchHeader::parse(bytes)?;
        let needed = header.size_in_bytes();
        match bytes.get(..needed) {
            Some(bytes) => Ok(BatchView { bytes, header }),
            None => Err(BatchFault::Truncated { needed, available: bytes.len() }),
        }
    }

    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The whole batch, header included.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The record block, compressed when the header names a codec.
    pub fn payload(&self) -> &'a [u8] {
        &self.bytes[position::RECORDS..]
    }

    /// Compares the stored CRC with that of the bytes.
    ///
    /// # Errors
    /// [`BatchFault::BadCrc`].
    pub fn check_crc(&self) -> Result<(), BatchFault> {
        let computed = crc::crc32c(&self.bytes[position::ATTRIBUTES..]);
        if computed == self.header.crc {
            Ok(())
        } else {
            Err(BatchFault::BadCrc { stored: self.header.crc, computed })
        }
    }

    /// The records of the batch in order, decompressed through `scratch` as they are asked for.
    ///
    /// # Errors
    /// [`RecordFault`] for an unknown codec or a bad record count; all else shows while reading.
    pub fn records<'s>(
        &self,
        scratch: &'s mut Scratch,
        limits: &Limits,
    ) -> Result<RecordReader<'a, 's>, RecordFault> {
        RecordReader::new(*self, scratch, limits)
    }
}

/// A batch of any magic.
#[derive(Clone, Copy, Debug)]
pub enum AnyBatch<'a> {
    V2(BatchView<'a>),
    /// Magic 0 or 1: found in segments written before Kafka 0.11, read-only.
    Legacy(LegacyBatch<'a>),
}

impl<'a> AnyBatch<'a> {
    /// The batch at the start of `bytes`, which may go on behind it. The CRC is not looked at.
    ///
    /// # Errors
    /// [`BatchFault`], never `BadCrc`.
    pub fn parse(bytes: &'a [u8]) -> Result<AnyBatch<'a>, BatchFault> {
        let prefix = BatchPrefix::parse(bytes)?;
        if prefix.magic == 2 {
            BatchView::parse(bytes).map(AnyBatch::V2)
        } else {
            LegacyBatch::parse(bytes).map(AnyBatch::Legacy)
        }
    }

    pub fn bytes(&self) -> &'a [u8] {
        match self {
            Self::V2(batch) => batch.bytes(),
            Self::Legacy(batch) => batch.bytes(),
        }
    }

    pub fn size_in_bytes(&self) -> usize {
        self.bytes().len()
    }

    pub fn last_offset(&self) -> i64 {
        match self {
            Self::V2(batch) => batch.header().last_offset(),
            Self::Legacy(batch) => batch.offset(),
        }
    }

    pub fn max_timestamp(&self) -> i64 {
        match self {
            Self::V2(batch) => batch.header().max_timestamp,
            Self::Legacy(batch) => batch.timestamp(),
        }
    }

    /// # Errors
    /// [`BatchFault::BadCrc`].
    pub fn check_crc(&self) -> Result<(), BatchFault> {
        match self {
            Self::V2(batch) => batch.check_crc(),
            Self::Legacy(batch) => batch.check_crc(),
        }
    }
}

/// The batches of a byte slice, one after the other; ends after the first fault.
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    bytes: &'a [u8],
    position: usize,
    failed: bool,
}

impl<'a> Batches<'a> {
    pub fn new(bytes: &'a [u8]) -> Batches<'a> {
        Batches { bytes, position: 0, failed: false }
    }

    /// Where the next batch starts: the bytes before it are whole batches.
    pub fn position(&self) -> usize {
        self.position
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<AnyBatch<'a>, BatchFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.position >= self.bytes.len() {
            return None;
        }
        let parsed = AnyBatch::parse(&self.bytes[self.position..]);
        match &parsed {
            Ok(batch) => self.position += batch.size_in_bytes(),
            Err(_) => self.failed = true,
        }
        Some(parsed)
    }
}
