//! gzip, snappy, lz4 and zstd in the dialects of Kafka's Java client, both ways, output always bounded
//! (Kafka: package `compress`).
//!
//! Reading is pulled: a window asks the codec for the next bytes when a record needs them, so memory
//! follows what is held, not what a stream announces. States and buffers live in [`Scratch`] and are
//! used again for the next batch.

mod gzip;
mod lz4;
mod snappy;
mod window;
mod zstd;

use bytes::{BufMut, BytesMut};

pub(crate) use window::Window;

use crate::{Compression, CompressionType};

/// Bounds on decompression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes that one batch may decompress to; Kafka has no such bound.
    pub decompressed_bytes_max: u64,
    /// Most bytes of a single record in a compressed batch, its length field not counted:
    /// `max.decompressed.message.bytes` (since 4.4).
    pub record_bytes_max: usize,
    /// Largest zstd window, as a power of two (10-31). Memory for it is taken as output arrives, so a small
    /// batch stays cheap whatever window it announces.
    pub zstd_window_log_max: u32,
}

impl Limits {
    /// Kafka's default of `max.decompressed.message.bytes`: the largest array of a JVM.
    pub const RECORD_BYTES_MAX: usize = 2_147_483_639;
    /// 8 MiB: what zstd recommends every reader to support, and all levels up to 19 stay within.
    pub const ZSTD_WINDOW_LOG_STRICT: u32 = 23;
    /// 128 MiB: what Kafka's reader takes. Levels 20-22 of its own producer write windows of 32-128 MiB.
    pub const ZSTD_WINDOW_LOG_KAFKA: u32 = 27;
}

impl Default for Limits {
    /// Nothing is refused that Kafka accepts, short of 2 GiB from one batch.
    fn default() -> Limits {
        Limits {
            decompressed_bytes_max: i32::MAX as u64,
            record_bytes_max: Self::RECORD_BYTES_MAX,
            zstd_window_log_max: Self::ZSTD_WINDOW_LOG_KAFKA,
        }
    }
}

/// Why a stream does not decompress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodecFault {
    /// Not a stream of this codec, a damaged one, or a form that Kafka refuses too.
    Corrupt(CompressionType),
    /// More output than [`Limits::decompressed_bytes_max`].
    TooLarge { limit: u64 },
    /// A zstd frame with a window above [`Limits::zstd_window_log_max`].
    WindowTooLarge { window_log_max: u32 },
}

impl std::fmt::Display for CodecFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Corrupt(codec) => write!(f, "corrupt {} stream", codec.name()),
            Self::TooLarge { limit } => write!(f, "batch decompresses to more than {limit} bytes"),
            Self::WindowTooLarge { window_log_max } => {
                write!(f, "zstd window larger than 2^{window_log_max} bytes")
            }
        }
    }
}

impl std::error::Error for CodecFault {}

/// Buffers and codec states that are kept from batch to batch. One per worker; a new one allocates
/// nothing until the first compressed batch, and what a huge batch made it grow to is given back.
#[derive(Default)]
pub struct Scratch {
    window: Vec<u8>,
    gzip: gzip::State,
    snappy: snappy::State,
    lz4: lz4::State,
    zstd: zstd::State,
}

impl Scratch {
    pub fn new() -> Scratch {
        Scratch::default()
    }
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scratch").field("window", &self.window.capacity()).finish_non_exhaustive()
    }
}

/// Buffers above this many bytes are given back after use.
const RETAINED_BYTES_MAX: usize = 1 << 20;

/// Empties a buffer, and frees it when one large batch has made it grow beyond common sizes.
fn recycle(buffer: &mut Vec<u8>) {
    if buffer.capacity() > RETAINED_BYTES_MAX {
        *buffer = Vec::new();
    } else {
        buffer.clear();
    }
}

/// A compressed stream being read.
enum Stream<'a, 's> {
    Gzip(gzip::Reader<'a, 's>),
    Snappy(snappy::Reader<'a>),
    Lz4(lz4::Reader<'a, 's>),
    Zstd(zstd::Reader<'a, 's>),
}

impl Stream<'_, '_> {
    /// Appends at least one byte to `out`, or says false at the end of the stream. `left` bytes may
    /// still come in all; a codec that knows a larger size beforehand refuses before it allocates.
    fn pull(&mut self, out: &mut Vec<u8>, left: u64) -> Result<bool, Pull> {
        match self {
            Stream::Gzip(reader) => reader.pull(out),
            Stream::Snappy(reader) => reader.pull(out, left),
            Stream::Lz4(reader) => reader.pull(out),
            Stream::Zstd(reader) => reader.pull(out),
        }
    }
}

/// Why a codec stops; the window adds which limit was meant.
#[derive(Clone, Copy, Debug)]
enum Pull {
    Corrupt,
    TooLarge,
    WindowTooLarge,
}

/// Appends the compressed form of `input` to `out`. Lz4 has one level here, the fast one that Kafka's
/// default level 9 means; gzip and zstd levels are the libraries' own.
pub fn compress(compression: Compression, input: &[u8], scratch: &mut Scratch, out: &mut BytesMut) {
    match compression.codec {
        CompressionType::None => out.put_slice(input),
        CompressionType::Gzip => gzip::compress(compression.level, input, &mut scratch.gzip, out),
        CompressionType::Snappy => snappy::compress(input, &mut scratch.snappy, out),
        CompressionType::Lz4 => lz4::compress(input, &mut scratch.lz4, out),
        CompressionType::Zstd => zstd::compress(compression.level, input, &mut scratch.zstd, out),
    }
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
    if codec == CompressionType::None {
        out.put_slice(input);
        return Ok(());
    }
    let mut window = Window::open(codec, input, limits, scratch);
    while window.ensure(1)? {
        let all = window.available().len();
        out.put_slice(window.consume(all));
    }
    Ok(())
}
