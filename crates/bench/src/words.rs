//! The protocol's primitive types: what messages of the benchmark are put together and taken apart with. Versions are
//! such that no message is flexible.

use std::io;

/// A message being written.
#[derive(Default)]
pub struct Put(pub Vec<u8>);

impl Put {
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Put {
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn i8(&mut self, value: i8) -> &mut Put {
        self.bytes(&value.to_be_bytes())
    }

    pub fn i16(&mut self, value: i16) -> &mut Put {
        self.bytes(&value.to_be_bytes())
    }

    pub fn i32(&mut self, value: i32) -> &mut Put {
        self.bytes(&value.to_be_bytes())
    }

    pub fn i64(&mut self, value: i64) -> &mut Put {
        self.bytes(&value.to_be_bytes())
    }

    /// Names are short.
    pub fn text(&mut self, text: &str) -> &mut Put {
        self.i16(text.len() as i16).bytes(text.as_bytes())
    }
}

/// A message being read.
pub struct Take<'a>(pub &'a [u8]);

/// What does not go on as it must.
pub fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a message that does not parse")
}

impl<'a> Take<'a> {
    pub fn bytes(&mut self, len: usize) -> io::Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or_else(malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(malformed)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub fn i16(&mut self) -> io::Result<i16> {
        self.array().map(i16::from_be_bytes)
    }

    pub fn i32(&mut self) -> io::Result<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub fn i64(&mut self) -> io::Result<i64> {
        self.array().map(i64::from_be_bytes)
    }

    /// A count or a length; null is none.
    pub fn len(&mut self) -> io::Result<usize> {
        Ok(usize::try_from(self.i32()?).unwrap_or(0))
    }

    /// Passes over fields: `b`, `h`, `i` and `q` are integers of 1, 2, 4 and 8 bytes, `t` is a text.
    pub fn skip(&mut self, fields: &str) -> io::Result<()> {
        for field in fields.bytes() {
            let len = match field {
                b'b' => 1,
                b'h' => 2,
                b'i' => 4,
                b'q' => 8,
                _ => usize::try_from(self.i16()?).unwrap_or(0),
            };
            self.bytes(len)?;
        }
        Ok(())
    }

    /// Null is empty.
    pub fn text(&mut self) -> io::Result<&'a str> {
        let len = usize::try_from(self.i16()?).unwrap_or(0);
        std::str::from_utf8(self.bytes(len)?).map_err(|_| malformed())
    }
}

/// The APIs of the benchmark, in the one version that it speaks.
pub mod api {
    pub const PRODUCE: (i16, i16) = (0, 7);
    pub const FETCH: (i16, i16) = (1, 4);
    pub const METADATA: (i16, i16) = (3, 1);
    pub const API_VERSIONS: (i16, i16) = (18, 0);
    pub const CREATE_TOPICS: (i16, i16) = (19, 2);
    pub const DELETE_TOPICS: (i16, i16) = (20, 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_taken() {
        let mut put = Put::default();
        put.i16(2).i32(-3).i64(4).text("five").i32(3).bytes(b"abc");
        let mut take = Take(&put.0);
        assert_eq!((take.i16().ok(), take.i32().ok()), (Some(2), Some(-3)));
        assert_eq!((take.i64().ok(), take.text().ok()), (Some(4), Some("five")));
        let len = take.len().expect("a length");
        assert_eq!(take.bytes(len).ok(), Some(&b"abc"[..]));
        assert!(take.i16().is_err() && take.bytes(1).is_err());
        let mut take = Take(&put.0);
        assert!(take.skip("hiqti").is_ok());
        assert_eq!(take.0, b"abc");
    }
}
