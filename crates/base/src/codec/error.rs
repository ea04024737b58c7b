//! Why bytes are no message, and why a message has no bytes.

use std::fmt;

/// The bytes are not what they should be. Whoever sent them gets no answer but a closed connection;
/// in a file it is corruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// Bytes from the start of the frame to where reading stopped.
    pub at: usize,
    pub fault: DecodeFault,
}

/// What is wrong with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeFault {
    /// More bytes are needed than the frame has left.
    Truncated { needed: usize, left: usize },
    /// A length below -1, or above what the type allows.
    BadLength(i64),
    /// Null where this version has none.
    UnexpectedNull,
    /// More elements than an array may have, or than the rest of the frame can hold.
    TooManyElements(u32),
    /// More tagged fields than a struct may have, or than the rest of the frame can hold.
    TooManyTaggedFields(u32),
    /// A known tag in a version that does not know it.
    UnexpectedTag(u32),
    /// A tagged field whose value is longer or shorter than it said.
    BadTaggedSize { said: u32, read: usize },
    /// The values would take more memory than the frame justifies.
    BudgetExceeded { needed: usize, left: usize },
    /// A varint of more bytes or bits than its type has.
    BadVarint,
    /// A string that is not UTF-8.
    BadUtf8,
    /// The message has no such version.
    UnsupportedVersion { message: &'static str, version: i16 },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: ", self.at)?;
        match self.fault {
            DecodeFault::Truncated { needed, left } => write!(f, "{needed} bytes needed, {left} left"),
            DecodeFault::BadLength(length) => write!(f, "length {length}"),
            DecodeFault::UnexpectedNull => f.write_str("null in a version that has none"),
            DecodeFault::TooManyElements(count) => write!(f, "an array of {count} elements"),
            DecodeFault::TooManyTaggedFields(count) => write!(f, "{count} tagged fields"),
            DecodeFault::UnexpectedTag(tag) => write!(f, "tag {tag} in a version that has none"),
            DecodeFault::BadTaggedSize { said, read } => {
                write!(f, "a tagged field of {said} bytes took {read}")
            }
            DecodeFault::BudgetExceeded { needed, left } => {
                write!(f, "{needed} bytes of memory needed, {left} granted")
            }
            DecodeFault::BadVarint => f.write_str("an overlong varint"),
            DecodeFault::BadUtf8 => f.write_str("a string that is not UTF-8"),
            DecodeFault::UnsupportedVersion { message, version } => {
                write!(f, "{message} has no version {version}")
            }
        }
    }
}

impl std::error::Error for DecodeError {}

/// The values do not fit the version (Kafka throws UnsupportedVersionException), or the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// The message has no such version.
    UnsupportedVersion { message: &'static str, version: i16 },
    /// A field that may not be dropped has a value, and the version has no such field.
    FieldNotInVersion { field: &'static str, version: i16 },
    /// Null where this version has none.
    UnexpectedNull { field: &'static str, version: i16 },
    /// A string of more than 32,767 bytes, or anything of more than 2^31 - 1.
    TooLong { len: usize },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EncodeError::UnsupportedVersion { message, version } => {
                write!(f, "{message} has no version {version}")
            }
            EncodeError::FieldNotInVersion { field, version } => {
                write!(f, "{field} is set, and version {version} has no such field")
            }
            EncodeError::UnexpectedNull { field, version } => {
                write!(f, "{field} is null, and version {version} has no null there")
            }
            EncodeError::TooLong { len } => write!(f, "a value of {len} bytes is too long"),
        }
    }
}

impl std::error::Error for EncodeError {}
