//! The start of a batch of any magic: what it takes to find the next one.

use crate::fault::BatchFault;
use crate::header::{BatchHeader, position};

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
