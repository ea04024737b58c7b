//! gzip, snappy, lz4 and zstd in the dialects of Kafka's Java client, both ways, output always bounded.

use bytes::BytesMut;

use crate::{Compression, CompressionType};

/// Bounds on decompression. Reading is streamed, so memory follows what is held, not what is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes that one batch may decompress to.
    pub decompressed_bytes_max: u64,
    /// Largest zstd window, as a power of two.
    pub zstd_window_log_max: u32,
}

impl Default for Limits {
    /// Nothing is refused that Kafka accepts.
    fn default() -> Limits {
        Limits { decompressed_bytes_max: i32::MAX as u64, zstd_window_log_max: 27 }
    }
}

/// Why a stream does not decompress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodecFault {
    /// Not a stream of this codec, a damaged one, or a form that Kafka refuses too.
    Corrupt(CompressionType),
    /// More output than [`Limits`] allow.
    TooLarge { limit: u64 },
}

/// Buffers and codec states that are kept from batch to batch. One per connection or worker; a new one
/// allocates nothing until the first compressed batch.
#[derive(Debug, Default)]
pub struct Scratch {}

impl Scratch {
    pub fn new() -> Scratch {
        Scratch::default()
    }
}

/// Appends the compressed form of `input` to `out`.
pub fn compress(compression: Compression, input: &[u8], out: &mut BytesMut) {
    let _ = (compression, input, out);
    unimplemented!()
}

/// Appends the decompressed form of `input` to `out`, which grows with the data.
///
/// # Errors
/// [`CodecFault`]; `out` then holds a part.
pub fn decompress(
    codec: CompressionType,
    input: &[u8],
    limits: &Limits,
    scratch: &mut Scratch,
    out: &mut BytesMut,
) -> Result<(), CodecFault> {
    let _ = (codec, input, limits, scratch, out);
    unimplemented!()
}
