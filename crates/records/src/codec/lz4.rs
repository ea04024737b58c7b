//! LZ4 frames as Kafka's client writes and reads them (Kafka: `Lz4BlockInputStream`,
//! `Lz4BlockOutputStream`).
//!
//! Written: `04224d18 60 40 82` (independent blocks of 64 KiB, no checksums, no content size). Read:
//! one frame with independent blocks of up to 4 MiB, with or without checksums and content size; bytes
//! behind the frame are ignored.
//!
//! The library decodes frames from a reader of its own and cannot borrow each batch in turn. So the frame
//! is cut into blocks here and fed block by block, and the decoder with its buffers stays for the next
//! batch. This is also how a frame without its end mark is told from a complete one.

use std::io::{BufRead, Read, Write};

use bytes::{BufMut, BytesMut};
use lz4_flex::frame::{BlockMode, BlockSize, FrameDecoder, FrameEncoder, FrameInfo};

use super::{Pull, RETAINED_BYTES_MAX, recycle};

const MAGIC: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];
/// Magic, flags, block descriptor.
const FIXED_SIZE: usize = 6;
/// Version 1, independent blocks: these bits must be so, the two lowest must be clear.
const FLAGS_MASK: u8 = 0b1110_0011;
const FLAGS_WANTED: u8 = 0b0110_0000;
const FLAG_BLOCK_CHECKSUM: u8 = 0x10;
const FLAG_CONTENT_SIZE: u8 = 0x08;
const FLAG_CONTENT_CHECKSUM: u8 = 0x04;
/// Top bit of a block's length: the block is stored, not compressed.
const STORED: u32 = 0x8000_0000;

/// Kept between batches.
#[derive(Default)]
pub(super) struct State {
    decoder: Option<Decoder>,
    encoder: Option<Box<FrameEncoder<Vec<u8>>>>,
}

struct Decoder {
    frames: Box<FrameDecoder<Feed>>,
    /// The block size code it has buffers for.
    block_size_code: u8,
    /// Whether the last frame was read to its end, so that the next may follow.
    between_frames: bool,
}

/// The bytes that the decoder may read next.
#[derive(Default)]
struct Feed {
    bytes: Vec<u8>,
    at: usize,
}

impl Read for Feed {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = (&self.bytes[self.at..]).read(out)?;
        self.at += read;
        Ok(read)
    }
}

/// Reads one frame.
pub(super) struct Reader<'a, 's> {
    input: &'a [u8],
    state: &'s mut State,
    at: Position,
    flags: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Header,
    Blocks,
    End,
}

impl<'a, 's> Reader<'a, 's> {
    pub fn open(input: &'a [u8], state: &'s mut State) -> Reader<'a, 's> {
        Reader { input, state, at: Position::Header, flags: 0 }
    }

    pub fn pull(&mut self, out: &mut Vec<u8>) -> Result<bool, Pull> {
        if self.at == Position::Header {
            self.start()?;
        }
        while self.at == Position::Blocks {
            let ended = self.feed_block()?;
            let decoder = self.decoder();
            let block = decoder.frames.fill_buf().map_err(|_| Pull::Corrupt)?;
            let len = block.len();
            out.extend_from_slice(block);
            decoder.frames.consume(len);
            decoder.between_frames = ended;
            if ended {
                self.at = Position::End;
            } else if len > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Checks the frame header as Kafka does and hands it to a decoder with fitting buffers.
    fn start(&mut self) -> Result<(), Pull> {
        let head = self.input.first_chunk::<FIXED_SIZE>().ok_or(Pull::Corrupt)?;
        let (flags, descriptor) = (head[4], head[5]);
        let block_size_code = descriptor >> 4;
        let sizes_known = (4..=7).contains(&block_size_code) && descriptor & 0x0f == 0;
        if head[..4] != MAGIC || flags & FLAGS_MASK != FLAGS_WANTED || !sizes_known {
            return Err(Pull::Corrupt);
        }
        let content_size = if flags & FLAG_CONTENT_SIZE != 0 { 8 } else { 0 };
        let header = FIXED_SIZE + content_size + 1;
        if self.input.len() < header {
            return Err(Pull::Corrupt);
        }

        let kept = self.state.decoder.take();
        let kept = kept.filter(|kept| kept.between_frames && kept.block_size_code == block_size_code);
        let decoder = self.state.decoder.insert(kept.unwrap_or_else(|| Decoder::new(block_size_code)));
        decoder.between_frames = false;
        decoder.feed(&[&self.input[..header]]);
        self.input = &self.input[header..];
        self.flags = flags;
        self.at = Position::Blocks;
        Ok(())
    }

    /// Feeds the next block, or the end mark; true for the end mark.
    fn feed_block(&mut self) -> Result<bool, Pull> {
        let (length, rest) = self.input.split_first_chunk::<4>().ok_or(Pull::Corrupt)?;
        let len = (u32::from_le_bytes(*length) & !STORED) as usize;
        let ended = len == 0;
        let checksum = if ended { FLAG_CONTENT_CHECKSUM } else { FLAG_BLOCK_CHECKSUM };
        let size = len + if self.flags & checksum != 0 { 4 } else { 0 };
        if size > rest.len() {
            return Err(Pull::Corrupt);
        }
        let (block, rest) = rest.split_at(size);
        self.input = rest;
        // A stored block of no bytes counts as the end mark in Java, but not in the library.
        let length = if ended { &[0; 4] } else { length };
        self.decoder().feed(&[length, block]);
        Ok(ended)
    }

    fn decoder(&mut self) -> &mut Decoder {
        self.state.decoder.as_mut().expect("a decoder is there from the header on")
    }
}

impl Drop for Reader<'_, '_> {
    fn drop(&mut self) {
        // Blocks of 1 or 4 MiB are rare; their buffers are not worth keeping.
        let large = |decoder: &Decoder| decoder.frames.get_ref().bytes.capacity() > RETAINED_BYTES_MAX / 4;
        if self.state.decoder.as_ref().is_some_and(|d| d.block_size_code > 5 || large(d)) {
            self.state.decoder = None;
        }
    }
}

impl Decoder {
    fn new(block_size_code: u8) -> Decoder {
        let frames = Box::new(FrameDecoder::new(Feed::default()));
        Decoder { frames, block_size_code, between_frames: true }
    }

    /// Adds bytes behind those that the decoder has not read yet (none, or a frame header).
    fn feed(&mut self, parts: &[&[u8]]) {
        let feed = self.frames.get_mut();
        feed.bytes.drain(..feed.at);
        feed.at = 0;
        for part in parts {
            feed.bytes.extend_from_slice(part);
        }
    }
}

pub(super) fn compress(input: &[u8], state: &mut State, out: &mut BytesMut) {
    let fresh = || {
        let info = FrameInfo::new().block_size(BlockSize::Max64KB).block_mode(BlockMode::Independent);
        Box::new(FrameEncoder::with_frame_info(info, Vec::new()))
    };
    if input.is_empty() {
        // The library's encoder opens a second frame only when there is something to put in.
        state.encoder = None;
    }
    let encoder = state.encoder.get_or_insert_with(fresh);
    encoder.write_all(input).expect("writing to memory does not fail");
    encoder.try_finish().expect("writing to memory does not fail");
    out.put_slice(encoder.get_ref());
    recycle(encoder.get_mut());
}
