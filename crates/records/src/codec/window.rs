//! The part of a decompressed batch that is being looked at.

use super::{CodecFault, Limits, Pull, Scratch, Stream, gzip, lz4, recycle, snappy, zstd};
use crate::CompressionType;

/// Room made before a codec is asked for more: one lz4 block of Kafka's producers, and small enough to
/// stay in the second-level cache.
const REFILL_BYTES: usize = 64 * 1024;

/// A sliding view of a decompressed stream. It grows only when a caller wants more bytes at once than
/// it holds, and then with the bytes that have come out, never ahead of them.
pub(crate) struct Window<'a, 's> {
    buffer: &'s mut Vec<u8>,
    /// Bytes at the front of `buffer` that are used up.
    start: usize,
    stream: Stream<'a, 's>,
    codec: CompressionType,
    limits: Limits,
    /// Bytes decompressed so far.
    produced: u64,
    ended: bool,
}

impl<'a, 's> Window<'a, 's> {
    /// # Panics
    /// For [`CompressionType::None`], which has no stream.
    pub fn open(
        codec: CompressionType,
        input: &'a [u8],
        limits: &Limits,
        scratch: &'s mut Scratch,
    ) -> Window<'a, 's> {
        let stream = match codec {
            CompressionType::None => unreachable!("an uncompressed batch has no stream to open"),
            CompressionType::Gzip => Stream::Gzip(gzip::Reader::open(input, &mut scratch.gzip)),
            CompressionType::Snappy => Stream::Snappy(snappy::Reader::open(input)),
            CompressionType::Lz4 => Stream::Lz4(lz4::Reader::open(input, &mut scratch.lz4)),
            CompressionType::Zstd => {
                Stream::Zstd(zstd::Reader::open(input, limits.zstd_window_log_max, &mut scratch.zstd))
            }
        };
        let buffer = &mut scratch.window;
        buffer.clear();
        Window { buffer, start: 0, stream, codec, limits: *limits, produced: 0, ended: false }
    }

    /// The bytes at hand.
    #[inline]
    pub fn available(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Bytes decompressed so far.
    pub fn produced(&self) -> u64 {
        self.produced
    }

    /// Decompresses until `len` bytes are at hand; false when the stream ends before.
    #[inline]
    pub fn ensure(&mut self, len: usize) -> Result<bool, CodecFault> {
        while self.buffer.len() - self.start < len {
            if !self.refill()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes `len` bytes that are at hand; the slice holds until the window is used again.
    #[inline]
    pub fn consume(&mut self, len: usize) -> &[u8] {
        let from = self.start;
        self.start += len;
        assert!(self.start <= self.buffer.len(), "{len} bytes consumed of {}", self.buffer.len() - from);
        &self.buffer[from..self.start]
    }

    /// Passes over `len` bytes without holding them; false when the stream ends before.
    pub fn skip(&mut self, mut len: usize) -> Result<bool, CodecFault> {
        loop {
            let here = len.min(self.buffer.len() - self.start);
            self.start += here;
            len -= here;
            if len == 0 {
                return Ok(true);
            }
            if !self.refill()? {
                return Ok(false);
            }
        }
    }

    #[cold]
    fn refill(&mut self) -> Result<bool, CodecFault> {
        if self.ended {
            return Ok(false);
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.reserve(REFILL_BYTES);
        let before = self.buffer.len();
        let left = self.limits.decompressed_bytes_max - self.produced;
        let pulled = self.stream.pull(self.buffer, left).map_err(|why| self.fault(why))?;
        self.produced += (self.buffer.len() - before) as u64;
        if self.produced > self.limits.decompressed_bytes_max {
            return Err(self.fault(Pull::TooLarge));
        }
        self.ended = !pulled;
        Ok(pulled)
    }

    fn fault(&self, why: Pull) -> CodecFault {
        match why {
            Pull::Corrupt => CodecFault::Corrupt(self.codec),
            Pull::TooLarge => CodecFault::TooLarge { limit: self.limits.decompressed_bytes_max },
            Pull::WindowTooLarge => {
                CodecFault::WindowTooLarge { window_log_max: self.limits.zstd_window_log_max }
            }
        }
    }
}

impl Drop for Window<'_, '_> {
    fn drop(&mut self) {
        recycle(self.buffer);
    }
}

impl std::fmt::Debug for Window<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Window")
            .field("codec", &self.codec)
            .field("available", &(self.buffer.len() - self.start))
            .field("produced", &self.produced)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
