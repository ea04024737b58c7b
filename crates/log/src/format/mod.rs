//! The bytes of every kind of file in a log directory: one file here per kind, layout table on top, reading and
//! writing side by side. Pure functions over byte slices; nothing here touches a disk.
//!
//! Everything read is untrusted: sizes are bounded before anything is allocated, and a decoder answers
//! [`Malformed`](crate::Malformed), never panics.

pub mod clean_shutdown;
pub mod file_name;
mod java_properties;
pub mod leader_epoch_checkpoint;
pub mod meta_properties;
pub mod offset_checkpoint;
pub mod offset_index;
pub mod partition_dir_name;
pub mod partition_metadata;
pub mod producer_snapshot;
pub mod quorum_state;
pub mod snapshot_name;
pub mod text_checkpoint;
pub mod time_index;
pub mod transaction_index;

/// Reads a big-endian field; the caller has checked the length.
fn field<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    std::array::from_fn(|i| bytes[at + i])
}
