//! Writing: the same code runs twice, first over a [`Size`] that only counts, then over a
//! [`Writer`] of just that capacity.

use super::error::EncodeError;
use super::value::{Form, Nullable, Value};
use crate::Uuid;
use bytes::{BufMut, Bytes, BytesMut};

/// Where encoded values go.
pub trait Sink: Sized {
    /// Appends bytes.
    fn put(&mut self, bytes: &[u8]);

    /// Leaves a place of `len` bytes that someone else fills when the message goes out.
    fn gap(&mut self, len: u32);

    #[inline]
    fn i8(&mut self, value: i8) {
        self.put(&value.to_be_bytes());
    }

    #[inline]
    fn i16(&mut self, value: i16) {
        self.put(&value.to_be_bytes());
    }

    /// The code of an error, which some want to count.
    #[inline]
    fn error_code(&mut self, code: i16) {
        self.i16(code);
    }

    #[inline]
    fn i32(&mut self, value: i32) {
        self.put(&value.to_be_bytes());
    }

    #[inline]
    fn i64(&mut self, value: i64) {
        self.put(&value.to_be_bytes());
    }

    #[inline]
    fn uuid(&mut self, value: Uuid) {
        self.put(&value.0);
    }

    /// An unsigned varint of 1 to 5 bytes.
    #[inline]
    fn unsigned_varint(&mut self, value: u32) {
        if value < 0x80 {
            self.put(&[value as u8]);
        } else {
            self.unsigned_varlong(u64::from(value));
        }
    }

    /// A signed varint in zigzag form, 1 to 5 bytes.
    fn varint(&mut self, value: i32) {
        self.unsigned_varint(((value << 1) ^ (value >> 31)) as u32);
    }

    /// An unsigned varint of 1 to 10 bytes.
    fn unsigned_varlong(&mut self, mut value: u64) {
        let mut bytes = [0u8; 10];
        let mut len = 0;
        while value >= 0x80 {
            bytes[len] = value as u8 | 0x80;
            value >>= 7;
            len += 1;
        }
        bytes[len] = value as u8;
        self.put(&bytes[..=len]);
    }

    /// A signed varint in zigzag form, 1 to 10 bytes.
    fn varlong(&mut self, value: i64) {
        self.unsigned_varlong(((value << 1) ^ (value >> 63)) as u64);
    }

    /// The length before bytes, records and arrays; `None` is null.
    #[inline]
    fn length(&mut self, form: Form, len: Option<usize>) -> Result<(), EncodeError> {
        let Some(len) = len else {
            match form.flexible {
                true => self.unsigned_varint(0),
                false => self.i32(-1),
            }
            return Ok(());
        };
        let length = i32::try_from(len).ok().filter(|length| *length < i32::MAX);
        let length = length.ok_or(EncodeError::TooLong { len })?;
        match form.flexible {
            true => self.unsigned_varint(length as u32 + 1),
            false => self.i32(length),
        }
        Ok(())
    }

    /// One tagged field: tag, size, value.
    fn tagged<T: Value>(&mut self, tag: u32, form: Form, value: &T) -> Result<(), EncodeError> {
        let mut size = Size::default();
        value.write(&mut size, form)?;
        self.unsigned_varint(tag);
        self.unsigned_varint(size.total() as u32);
        value.write(self, form)
    }

    /// One tagged field that may be null; null is the byte 0 here, whatever the type.
    fn tagged_nullable<T: Nullable>(
        &mut self,
        tag: u32,
        form: Form,
        value: &Option<T>,
    ) -> Result<(), EncodeError> {
        let mut size = Size::default();
        match value {
            Some(value) => value.write_present(&mut size, form)?,
            None => size.i8(0),
        }
        self.unsigned_varint(tag);
        self.unsigned_varint(size.total() as u32);
        match value {
            Some(value) => value.write_present(self, form)?,
            None => self.i8(0),
        }
        Ok(())
    }
}

/// Counts what a [`Writer`] would get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Bytes the writer holds itself.
    pub inline: usize,
    /// Bytes that others fill in.
    pub gaps: usize,
}

impl Size {
    /// All bytes of the encoded message.
    pub fn total(&self) -> usize {
        self.inline + self.gaps
    }
}

impl Sink for Size {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.inline += bytes.len();
    }

    fn gap(&mut self, len: u32) {
        self.gaps += len as usize;
    }
}

/// A place between the written bytes that belongs to records kept elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Written bytes before it.
    pub at: usize,
    /// Bytes that go there.
    pub len: usize,
}

/// Encoded bytes and the gaps between them, in order.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    pub buf: BytesMut,
    pub gaps: Vec<Gap>,
    /// Codes of errors that were written, and how often; of many kinds the first few.
    pub errors: Vec<(i16, u32)>,
}

/// Kinds of errors that a writer counts.
const ERRORS_MAX: usize = 16;

impl Writer {
    pub fn new() -> Writer {
        Writer::default()
    }

    pub fn with_capacity(inline: usize) -> Writer {
        Writer { buf: BytesMut::with_capacity(inline), ..Writer::default() }
    }

    /// Bytes that go out: the written ones and those of the gaps.
    pub fn total_len(&self) -> usize {
        self.buf.len() + self.gaps.iter().map(|gap| gap.len).sum::<usize>()
    }

    /// The written bytes; only for messages without gaps.
    pub fn into_bytes(self) -> Bytes {
        assert!(self.gaps.is_empty(), "{} gaps are not filled", self.gaps.len());
        self.buf.freeze()
    }
}

impl Writer {
    #[cold]
    fn count_error(&mut self, code: i16) {
        if let Some((_, count)) = self.errors.iter_mut().find(|(known, _)| *known == code) {
            *count += 1;
        } else if self.errors.len() < ERRORS_MAX {
            self.errors.push((code, 1));
        }
    }
}

impl Sink for Writer {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.buf.put_slice(bytes);
    }

    fn gap(&mut self, len: u32) {
        if len > 0 {
            self.gaps.push(Gap { at: self.buf.len(), len: len as usize });
        }
    }

    #[inline]
    fn error_code(&mut self, code: i16) {
        if code != 0 {
            self.count_error(code);
        }
        self.i16(code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Reader;

    #[test]
    fn varints_come_back() {
        let numbers = (0..32).flat_map(|bit| [1u32 << bit, (1u32 << bit) - 1, !(1u32 << bit)]);
        for number in numbers {
            let (mut w, mut size) = (Writer::new(), Size::default());
            w.unsigned_varint(number);
            w.varint(number as i32);
            w.varlong(i64::from(number) << 31);
            size.unsigned_varint(number);
            size.varint(number as i32);
            size.varlong(i64::from(number) << 31);
            assert_eq!(size.total(), w.total_len());
            let mut r = Reader::new(w.into_bytes());
            assert_eq!(r.unsigned_varint(), Ok(number));
            assert_eq!(r.varint(), Ok(number as i32));
            assert_eq!(r.varlong(), Ok(i64::from(number) << 31));
        }
    }

    #[test]
    fn a_gap_counts_but_is_not_written() {
        let mut w = Writer::new();
        w.i16(1);
        w.gap(100);
        w.gap(0);
        w.i16(2);
        assert_eq!(&w.buf[..], [0, 1, 0, 2]);
        assert_eq!(w.gaps, [Gap { at: 2, len: 100 }]);
        assert_eq!(w.total_len(), 104);
    }

    #[test]
    #[should_panic(expected = "1 gaps are not filled")]
    fn bytes_with_gaps_are_not_the_message() {
        let mut w = Writer::new();
        w.gap(1);
        w.into_bytes();
    }

    #[test]
    fn lengths_end_at_31_bits() {
        let old = Form { version: 0, flexible: false };
        let len = i32::MAX as usize;
        assert_eq!(Size::default().length(old, Some(len)), Err(EncodeError::TooLong { len }));
        assert_eq!(Size::default().length(old, Some(len - 1)), Ok(()));
    }
}
