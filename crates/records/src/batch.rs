//! Views over concatenated batches in a byte slice, as they lie in a segment or a produce request.

use crate::crc;
use crate::fault::BatchFault;
use crate::header::{BatchHeader, position};
use crate::legacy::LegacyBatch;
use crate::prefix::BatchPrefix;

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
