//! Kafka's 128-bit ids: topics, log directories, incarnations.
//!
//! The text form is URL-safe base64 without padding, 22 characters. The first hundred values and
//! `ONE`, `ZERO` have fixed meanings and are never drawn. Kafka: `org.apache.kafka.common.Uuid`.

use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Characters of the text form.
const TEXT_LEN: usize = 22;
/// Ids below this number are kept for fixed meanings (log directories use three of them).
const RESERVED: u128 = 100;

/// A 128-bit id in network byte order.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// "No id".
    pub const ZERO: Uuid = Uuid([0; 16]);
    /// Reserved; also the id of the metadata topic.
    pub const ONE: Uuid = Uuid(1u128.to_be_bytes());
    /// The topic id of `__cluster_metadata`.
    pub const METADATA_TOPIC_ID: Uuid = Uuid::ONE;

    /// The id made of two 64-bit halves, as Java's `new Uuid(most, least)`.
    pub const fn from_halves(most: u64, least: u64) -> Uuid {
        Uuid((((most as u128) << 64) | least as u128).to_be_bytes())
    }

    /// Both halves, most significant first.
    pub const fn halves(&self) -> (u64, u64) {
        let bits = u128::from_be_bytes(self.0);
        ((bits >> 64) as u64, bits as u64)
    }

    /// True for "no id".
    pub fn is_zero(&self) -> bool {
        *self == Uuid::ZERO
    }

    /// True for the ids with a fixed meaning, which are never given to anything new.
    pub fn is_reserved(&self) -> bool {
        u128::from_be_bytes(self.0) < RESERVED
    }
}

/// Java's `Uuid` orders by its halves as signed numbers; so do we, since Kafka sorts by it.
impl Ord for Uuid {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |id: &Uuid| {
            let (most, least) = id.halves();
            (most as i64, least as i64)
        };
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Uuid {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 128 bits are 21 characters of six bits and one of two, shifted to the left.
        let bits = u128::from_be_bytes(self.0);
        let mut text = [0u8; TEXT_LEN];
        for (index, character) in text.iter_mut().enumerate() {
            let shift = 122i32 - 6 * index as i32;
            let six = if shift >= 0 { bits >> shift } else { bits << -shift };
            *character = ALPHABET[(six & 63) as usize];
        }
        f.write_str(std::str::from_utf8(&text).expect("the alphabet is ASCII"))
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UuidParseError {
    /// Not 22 characters (two `=` of padding are ignored); holds the length.
    Length(usize),
    /// A character outside the URL-safe base64 alphabet; holds its place.
    Character(usize),
    /// The last character carries bits beyond the 128.
    TrailingBits,
}

impl fmt::Display for UuidParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UuidParseError::Length(len) => write!(f, "an id has {TEXT_LEN} characters, not {len}"),
            UuidParseError::Character(at) => write!(f, "character {at} is not URL-safe base64"),
            UuidParseError::TrailingBits => f.write_str("the last character has more than two bits"),
        }
    }
}

impl std::error::Error for UuidParseError {}

impl FromStr for Uuid {
    type Err = UuidParseError;

    fn from_str(text: &str) -> Result<Uuid, UuidParseError> {
        let text = text.strip_suffix("==").unwrap_or(text).as_bytes();
        if text.len() != TEXT_LEN {
            return Err(UuidParseError::Length(text.len()));
        }
        let mut bits: u128 = 0;
        for (at, character) in text.iter().enumerate() {
            let six = six_bits(*character).ok_or(UuidParseError::Character(at))?;
            if at < TEXT_LEN - 1 {
                bits = (bits << 6) | u128::from(six);
            } else if six & 0b1111 != 0 {
                return Err(UuidParseError::TrailingBits);
            } else {
                bits = (bits << 2) | u128::from(six >> 4);
            }
        }
        Ok(Uuid(bits.to_be_bytes()))
    }
}

fn six_bits(character: u8) -> Option<u8> {
    match character {
        b'A'..=b'Z' => Some(character - b'A'),
        b'a'..=b'z' => Some(character - b'a' + 26),
        b'0'..=b'9' => Some(character - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_is_javas() {
        assert_eq!(Uuid::ZERO.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(Uuid::ONE.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        assert_eq!(Uuid([0xff; 16]).to_string(), "_____________________w");
        // Java: new Uuid(0x0123456789abcdefL, 0x0011223344556677L)
        let id = Uuid::from_halves(0x0123_4567_89ab_cdef, 0x0011_2233_4455_6677);
        assert_eq!(id.to_string(), "ASNFZ4mrze8AESIzRFVmdw");
        assert_eq!("ASNFZ4mrze8AESIzRFVmdw".parse(), Ok(id));
        assert_eq!("ASNFZ4mrze8AESIzRFVmdw==".parse(), Ok(id));
    }

    #[test]
    fn every_single_bit_survives_the_text() {
        for bit in 0..128 {
            let id = Uuid((1u128 << bit).to_be_bytes());
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn texts_that_are_no_ids() {
        assert_eq!("".parse::<Uuid>(), Err(UuidParseError::Length(0)));
        assert_eq!("AAAAAAAAAAAAAAAAAAAAA".parse::<Uuid>(), Err(UuidParseError::Length(21)));
        assert_eq!("AAAAAAAAAA+AAAAAAAAAAA".parse::<Uuid>(), Err(UuidParseError::Character(10)));
        assert_eq!("AAAAAAAAAAAAAAAAAAAAAB".parse::<Uuid>(), Err(UuidParseError::TrailingBits));
    }

    #[test]
    fn reserved_are_the_first_hundred() {
        assert!(Uuid::from_halves(0, 99).is_reserved());
        assert!(!Uuid::from_halves(0, 100).is_reserved());
        assert!(!Uuid::from_halves(1, 0).is_reserved());
    }

    #[test]
    fn order_is_that_of_signed_halves() {
        assert!(Uuid::from_halves(u64::MAX, 0) < Uuid::from_halves(0, 0));
        assert!(Uuid::from_halves(0, u64::MAX) < Uuid::from_halves(0, 0));
    }
}
