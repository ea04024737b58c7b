//! Reading: a frame, a place in it, and what the values may still cost.

use super::error::{DecodeError, DecodeFault};
use crate::Uuid;
use bytes::Bytes;

/// Memory granted per byte of the frame.
const BUDGET_PER_BYTE: usize = 8;
/// Memory granted to the smallest frame.
const BUDGET_BASE: usize = 64 * 1024;
/// Kafka 4.4 accepts exactly this many elements in one array.
pub const ELEMENTS_MAX: u32 = 1_000_000;
/// Kafka 4.4 accepts exactly this many tagged fields in one struct.
pub const TAGGED_FIELDS_MAX: u32 = 10_000;
/// Places reserved in an array before its first element has been read.
pub const INITIAL_CAPACITY_MAX: usize = 1_024;

/// Reads one frame from front to back.
///
/// `bytes` and `records` come out as slices of the frame, without a copy. Everything that does cost
/// memory is charged before it is allocated, so a frame cannot make its reader hold more than
/// eight times its own size and 64 KiB.
#[derive(Clone, Debug)]
pub struct Reader {
    frame: Bytes,
    at: usize,
    budget: usize,
}

impl Reader {
    /// A reader at the start of a frame, with the budget that its size justifies.
    pub fn new(frame: Bytes) -> Reader {
        let budget = frame.len().saturating_mul(BUDGET_PER_BYTE).saturating_add(BUDGET_BASE);
        Reader::with_budget(frame, budget)
    }

    /// A reader at the start of a frame, with that budget but no more than `max`.
    pub fn bounded(frame: Bytes, max: usize) -> Reader {
        let reader = Reader::new(frame);
        Reader { budget: reader.budget.min(max), ..reader }
    }

    /// A reader whose values may take `budget` bytes of memory beside the frame.
    pub fn with_budget(frame: Bytes, budget: usize) -> Reader {
        Reader { frame, at: 0, budget }
    }

    /// Bytes not read yet.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.frame.len() - self.at
    }

    /// Bytes read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    /// What the values to come may still cost, in bytes of memory.
    pub fn budget(&self) -> usize {
        self.budget
    }

    /// All bytes that have not been read, as a slice of the frame.
    pub fn rest(&self) -> Bytes {
        self.frame.slice(self.at..)
    }

    /// The error for a fault at the present place.
    #[cold]
    pub fn error(&self, fault: DecodeFault) -> DecodeError {
        DecodeError { at: self.at, fault }
    }

    /// Takes `bytes` of memory from the budget; to be called before they are allocated.
    #[inline]
    pub fn charge(&mut self, bytes: usize) -> Result<(), DecodeError> {
        match self.budget.checked_sub(bytes) {
            Some(left) => {
                self.budget = left;
                Ok(())
            }
            None => Err(self.error(DecodeFault::BudgetExceeded { needed: bytes, left: self.budget })),
        }
    }

    #[inline]
    fn need(&self, needed: usize) -> Result<(), DecodeError> {
        if needed <= self.remaining() { Ok(()) } else { Err(self.truncated(needed)) }
    }

    #[cold]
    fn truncated(&self, needed: usize) -> DecodeError {
        self.error(DecodeFault::Truncated { needed, left: self.remaining() })
    }

    /// The next `N` bytes.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        match self.frame[self.at..].first_chunk::<N>() {
            Some(bytes) => {
                self.at += N;
                Ok(*bytes)
            }
            None => Err(self.truncated(N)),
        }
    }

    /// The next `len` bytes, borrowed.
    #[inline]
    pub fn take(&mut self, len: usize) -> Result<&[u8], DecodeError> {
        self.need(len)?;
        let start = self.at;
        self.at += len;
        Ok(&self.frame[start..self.at])
    }

    /// The next `len` bytes as a slice that keeps the frame alive.
    #[inline]
    pub fn slice(&mut self, len: usize) -> Result<Bytes, DecodeError> {
        self.need(len)?;
        let start = self.at;
        self.at += len;
        Ok(self.frame.slice(start..self.at))
    }

    /// Steps over `len` bytes.
    pub fn skip(&mut self, len: usize) -> Result<(), DecodeError> {
        self.need(len)?;
        self.at += len;
        Ok(())
    }

    #[inline]
    pub fn i8(&mut self) -> Result<i8, DecodeError> {
        Ok(i8::from_be_bytes(self.array()?))
    }

    #[inline]
    pub fn i16(&mut self) -> Result<i16, DecodeError> {
        Ok(i16::from_be_bytes(self.array()?))
    }

    #[inline]
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    #[inline]
    pub fn i32(&mut self) -> Result<i32, DecodeError> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    #[inline]
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    #[inline]
    pub fn i64(&mut self) -> Result<i64, DecodeError> {
        Ok(i64::from_be_bytes(self.array()?))
    }

    #[inline]
    pub fn f64(&mut self) -> Result<f64, DecodeError> {
        Ok(f64::from_be_bytes(self.array()?))
    }

    #[inline]
    pub fn uuid(&mut self) -> Result<Uuid, DecodeError> {
        Ok(Uuid(self.array()?))
    }

    /// An unsigned varint of at most 5 bytes and 32 bits; overlong forms within that pass.
    #[inline]
    pub fn unsigned_varint(&mut self) -> Result<u32, DecodeError> {
        match self.frame.get(self.at) {
            Some(&byte) if byte < 0x80 => {
                self.at += 1;
                Ok(u32::from(byte))
            }
            _ => Ok(self.long_varint(32)? as u32),
        }
    }

    /// A signed (zigzag) varint of at most 5 bytes.
    pub fn varint(&mut self) -> Result<i32, DecodeError> {
        let zigzag = self.unsigned_varint()?;
        Ok((zigzag >> 1) as i32 ^ -((zigzag & 1) as i32))
    }

    /// An unsigned varint of at most 10 bytes and 64 bits.
    pub fn unsigned_varlong(&mut self) -> Result<u64, DecodeError> {
        self.long_varint(64)
    }

    /// A signed (zigzag) varint of at most 10 bytes.
    pub fn varlong(&mut self) -> Result<i64, DecodeError> {
        let zigzag = self.unsigned_varlong()?;
        Ok((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    fn long_varint(&mut self, bits: u32) -> Result<u64, DecodeError> {
        let (mut value, mut shift, start) = (0u64, 0u32, self.at);
        loop {
            let [byte] = self.array()?;
            let low = u64::from(byte & 0x7f);
            let fits = bits - shift;
            if fits < 7 && low >> fits != 0 {
                return Err(DecodeError { at: start, fault: DecodeFault::BadVarint });
            }
            value |= low << shift;
            if byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
            if shift >= bits {
                return Err(DecodeError { at: start, fault: DecodeFault::BadVarint });
            }
        }
    }

    /// A compact length: the varint less one, `None` for null.
    #[inline]
    pub fn compact_length(&mut self) -> Result<Option<usize>, DecodeError> {
        match self.unsigned_varint()? {
            0 => Ok(None),
            length if length <= i32::MAX as u32 => Ok(Some(length as usize - 1)),
            length => Err(self.error(DecodeFault::BadLength(i64::from(length)))),
        }
    }

    /// A fixed-width length, -1 for null.
    #[inline]
    pub fn fixed_length(&mut self, length: i64) -> Result<Option<usize>, DecodeError> {
        match length {
            -1 => Ok(None),
            0.. => Ok(Some(length as usize)),
            _ => Err(self.error(DecodeFault::BadLength(length))),
        }
    }

    /// A count of array elements, checked against the rest of the frame and charged to the budget.
    ///
    /// `wire_size_min` is the least an element can take in the frame, `memory_size` what it takes
    /// in memory without what it points to.
    pub fn element_count(
        &mut self,
        flexible: bool,
        wire_size_min: usize,
        memory_size: usize,
    ) -> Result<Option<usize>, DecodeError> {
        let length = if flexible {
            self.compact_length()?
        } else {
            let length = self.i32()?;
            self.fixed_length(i64::from(length))?
        };
        let Some(count) = length else { return Ok(None) };
        if count > ELEMENTS_MAX as usize || count > self.remaining() / wire_size_min.max(1) {
            return Err(self.error(DecodeFault::TooManyElements(count as u32)));
        }
        self.charge(count * memory_size)?;
        Ok(Some(count))
    }

    /// The tagged fields at the end of a struct. `known` reads the value of a tag it knows and says
    /// true; other tags are stepped over without being kept.
    pub fn tagged_fields(
        &mut self,
        known: &mut dyn FnMut(&mut Reader, u32) -> Result<bool, DecodeError>,
    ) -> Result<(), DecodeError> {
        let count = self.unsigned_varint()?;
        if count == 0 {
            return Ok(());
        }
        // Each takes at least two bytes: its tag and its size.
        if count > TAGGED_FIELDS_MAX || count as usize > self.remaining() / 2 {
            return Err(self.error(DecodeFault::TooManyTaggedFields(count)));
        }
        for _ in 0..count {
            let tag = self.unsigned_varint()?;
            let said = self.unsigned_varint()?;
            self.need(said as usize)?;
            let start = self.at;
            if !known(self, tag)? {
                self.skip(said as usize)?;
            } else if self.at - start != said as usize {
                let read = self.at - start;
                return Err(self.error(DecodeFault::BadTaggedSize { said, read }));
            }
        }
        Ok(())
    }

    /// Steps over the tagged fields of a struct that knows none.
    #[inline]
    pub fn no_tagged_fields(&mut self) -> Result<(), DecodeError> {
        if self.frame.get(self.at) == Some(&0) {
            self.at += 1;
            return Ok(());
        }
        self.tagged_fields(&mut |_, _| Ok(false))
    }
}

#[cfg(test)]
mod tests;
