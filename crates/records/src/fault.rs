//! What can be wrong with the bytes of a batch.

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
