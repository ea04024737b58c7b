//! The words that every room uses: ids, error codes, time and randomness as plain values, and the codec.
//!
//! Absent: I/O, threads, clocks, anything that a single room could keep for itself.

pub mod base64;
pub mod codec;
mod error_code;
mod java_hash;
pub mod owned;
pub mod rng;
pub mod time;
mod topic_partition;
mod uuid;

pub use error_code::ErrorCode;
pub use java_hash::{java_abs, java_string_hash};
pub use time::{Mono, Now, WallMs};
pub use topic_partition::{TopicIdPartition, TopicPartition};
pub use uuid::{Uuid, UuidParseError};
