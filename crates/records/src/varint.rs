//! Zigzag varints of records, written and read (Kafka: `ByteUtils`).
//!
//! Reading is as lenient as Kafka's: an overlong form counts as long as it ends within five bytes
//! (int32) or ten (int64), and bits beyond the width are dropped.

use bytes::{BufMut, BytesMut};

/// Bytes a varint of `value` takes, 1-5.
pub fn varint_size(value: i32) -> usize {
    unsigned_size(u64::from(zigzag32(value)))
}

/// Bytes a varlong of `value` takes, 1-10.
pub fn varlong_size(value: i64) -> usize {
    unsigned_size(zigzag64(value))
}

pub fn put_varint(out: &mut BytesMut, value: i32) {
    put_unsigned(out, u64::from(zigzag32(value)));
}

pub fn put_varlong(out: &mut BytesMut, value: i64) {
    put_unsigned(out, zigzag64(value));
}

fn zigzag32(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

fn zigzag64(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unsigned_size(value: u64) -> usize {
    (64 - (value | 1).leading_zeros()).div_ceil(7) as usize
}

fn put_unsigned(out: &mut BytesMut, mut value: u64) {
    while value > 0x7f {
        out.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

/// Longest varint of an int32.
pub(crate) const VARINT_SIZE_MAX: usize = 5;
/// Longest varint of an int64.
pub(crate) const VARLONG_SIZE_MAX: usize = 10;

/// Reads the fields of a record from the front of a slice. Every method returns `None` when the bytes
/// end too early or a varint does not end; the position is then of no use any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub fn new(bytes: &'a [u8]) -> Fields<'a> {
        Fields { bytes, at: 0 }
    }

    /// Bytes read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    pub fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    #[inline]
    pub fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    pub fn varint(&mut self) -> Option<i32> {
        let first = self.byte()?;
        let raw = if first < 0x80 { u32::from(first) } else { self.rest_of_varint(first)? };
        Some((raw >> 1) as i32 ^ -((raw & 1) as i32))
    }

    #[inline]
    pub fn varlong(&mut self) -> Option<i64> {
        let first = self.byte()?;
        let raw = if first < 0x80 { u64::from(first) } else { self.rest_of_varlong(first)? };
        Some((raw >> 1) as i64 ^ -((raw & 1) as i64))
    }

    /// Continues an int32 behind its first byte. Two bytes are common, more are not worth inlining.
    #[inline]
    fn rest_of_varint(&mut self, first: u8) -> Option<u32> {
        let raw = u32::from(first & 0x7f);
        let second = self.byte()?;
        if second < 0x80 {
            return Some(raw | u32::from(second) << 7);
        }
        self.long_varint(raw | u32::from(second & 0x7f) << 7)
    }

    #[inline(never)]
    fn long_varint(&mut self, mut raw: u32) -> Option<u32> {
        for shift in [14, 21, 28] {
            let byte = self.byte()?;
            raw |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(raw);
            }
        }
        None
    }

    /// Continues an int64 behind its first byte.
    #[inline]
    fn rest_of_varlong(&mut self, first: u8) -> Option<u64> {
        let raw = u64::from(first & 0x7f);
        let second = self.byte()?;
        if second < 0x80 {
            return Some(raw | u64::from(second) << 7);
        }
        self.long_varlong(raw | u64::from(second & 0x7f) << 7)
    }

    #[inline(never)]
    fn long_varlong(&mut self, mut raw: u64) -> Option<u64> {
        for shift in [14, 21, 28, 35, 42, 49, 56, 63] {
            let byte = self.byte()?;
            raw |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(raw);
            }
        }
        None
    }

    /// Passes over `len` bytes.
    #[inline]
    pub fn skip(&mut self, len: usize) -> Option<()> {
        if len > self.bytes.len() - self.at {
            return None;
        }
        self.at += len;
        Some(())
    }

    /// Passes over a length and that many bytes; false for null.
    #[inline]
    pub fn skip_nullable(&mut self) -> Option<bool> {
        let len = self.varint()?;
        if len > 0 {
            self.skip(len as usize)?;
        }
        Some(len >= 0)
    }

    #[inline]
    pub fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..)?.get(..len)?;
        self.at += len;
        Some(taken)
    }

    /// A length and that many bytes; any negative length means null, as in Kafka's reader.
    #[inline]
    pub fn nullable_bytes(&mut self) -> Option<Option<&'a [u8]>> {
        match usize::try_from(self.varint()?) {
            Ok(len) => self.take(len).map(Some),
            Err(_) => Some(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_survive_and_sizes_agree() {
        for bits in 0..=63 {
            for value in [1i64 << bits, (1i64 << bits).wrapping_sub(1), (1i64 << bits).wrapping_neg()] {
                let mut out = BytesMut::new();
                put_varlong(&mut out, value);
                assert_eq!(out.len(), varlong_size(value), "{value}");
                assert_eq!(Fields::new(&out).varlong(), Some(value));
                if let Ok(value) = i32::try_from(value) {
                    out.clear();
                    put_varint(&mut out, value);
                    assert_eq!(out.len(), varint_size(value), "{value}");
                    assert_eq!(Fields::new(&out).varint(), Some(value));
                }
            }
        }
    }

    #[test]
    fn endless_and_cut_varints_are_refused() {
        assert_eq!(Fields::new(&[0x80; 5]).varint(), None);
        assert_eq!(Fields::new(&[0x80; 4]).varint(), None);
        assert_eq!(Fields::new(&[0x80; 10]).varlong(), None);
        assert_eq!(Fields::new(&[]).varint(), None);
    }

    #[test]
    fn overlong_forms_count_like_in_kafka() {
        assert_eq!(Fields::new(&[0x82, 0x80, 0x80, 0x80, 0x00]).varint(), Some(1));
        // The fifth byte has room for four bits; Java shifts the others out.
        assert_eq!(Fields::new(&[0x82, 0x80, 0x80, 0x80, 0x70]).varint(), Some(1));
    }
}
