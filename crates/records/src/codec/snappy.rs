//! Snappy blocks in the framing of snappy-java ("xerial"), and single raw blocks as some other clients
//! send them.
//!
//! Framing: `82 'SNAPPY' 00`, version int32 1, compatible version int32 1 (neither is looked at), then
//! blocks of int32 length and raw snappy; big-endian. A stream may be followed by another one, header and all. Up to three
//! bytes left over at the end are ignored, as the Java client does.

use bytes::{BufMut, BytesMut};

use super::Pull;

const MAGIC: [u8; 8] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];
const HEADER_SIZE: usize = 16;
const VERSION: i32 = 1;
/// Uncompressed bytes per block, the default of snappy-java.
const BLOCK_BYTES: usize = 32 * 1024;
/// A block cannot expand further: its densest element makes 64 bytes out of three.
const EXPANSION_MAX: usize = 22;

/// Kept between batches; decompression needs no state.
#[derive(Default)]
pub(super) struct State {
    encoder: Option<Box<snap::raw::Encoder>>,
}

/// Reads the blocks of one payload.
pub(super) struct Reader<'a> {
    input: &'a [u8],
    at: Position,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Start,
    Blocks,
    End,
}

impl<'a> Reader<'a> {
    pub fn open(input: &'a [u8]) -> Reader<'a> {
        Reader { input, at: Position::Start }
    }

    pub fn pull(&mut self, out: &mut Vec<u8>, left: u64) -> Result<bool, Pull> {
        loop {
            let block = match self.at {
                Position::End => return Ok(false),
                Position::Start => match self.start()? {
                    Some(raw) => raw,
                    None => continue,
                },
                Position::Blocks => match self.next_block()? {
                    Some(block) => block,
                    None => continue,
                },
            };
            if uncompress(block, out, left)? {
                return Ok(true);
            }
        }
    }

    /// Looks for the framing; without it all of the payload is one raw block.
    fn start(&mut self) -> Result<Option<&'a [u8]>, Pull> {
        let input = self.input;
        if input.len() < HEADER_SIZE || !input.starts_with(&MAGIC) {
            self.at = Position::End;
            return if input.is_empty() { Err(Pull::Corrupt) } else { Ok(Some(input)) };
        }
        self.input = &input[HEADER_SIZE..];
        self.at = Position::Blocks;
        Ok(None)
    }

    /// The next block of a framed stream; `None` after a change of position.
    fn next_block(&mut self) -> Result<Option<&'a [u8]>, Pull> {
        if self.input.starts_with(&MAGIC[..4]) {
            if self.input.len() < HEADER_SIZE {
                return Err(Pull::Corrupt);
            }
            self.at = if self.input.starts_with(&MAGIC) { Position::Blocks } else { Position::End };
            self.input = &self.input[HEADER_SIZE..];
            return Ok(None);
        }
        let Some((len, rest)) = self.input.split_first_chunk::<4>() else {
            self.at = Position::End;
            return Ok(None);
        };
        let len = usize::try_from(i32::from_be_bytes(*len)).map_err(|_| Pull::Corrupt)?;
        if len > rest.len() {
            return Err(Pull::Corrupt);
        }
        let (block, rest) = rest.split_at(len);
        self.input = rest;
        Ok(Some(block))
    }
}

/// Appends a block's bytes to `out`; false when it holds none. The announced size is checked against
/// what the block could hold and what may still come before room is made.
fn uncompress(block: &[u8], out: &mut Vec<u8>, left: u64) -> Result<bool, Pull> {
    let size = snap::raw::decompress_len(block).map_err(|_| Pull::Corrupt)?;
    if size > block.len().saturating_mul(EXPANSION_MAX) {
        return Err(Pull::Corrupt);
    }
    if size as u64 > left {
        return Err(Pull::TooLarge);
    }
    let from = out.len();
    out.resize(from + size, 0);
    let written = snap::raw::Decoder::new().decompress(block, &mut out[from..]).map_err(|_| Pull::Corrupt)?;
    if written == size { Ok(size > 0) } else { Err(Pull::Corrupt) }
}

pub(super) fn compress(input: &[u8], state: &mut State, out: &mut BytesMut) {
    let encoder = state.encoder.get_or_insert_with(|| Box::new(snap::raw::Encoder::new()));
    out.put_slice(&MAGIC);
    out.put_i32(VERSION);
    out.put_i32(VERSION);
    for block in input.chunks(BLOCK_BYTES) {
        let length_at = out.len();
        out.resize(length_at + 4 + snap::raw::max_compress_len(block.len()), 0);
        let written = encoder
            .compress(block, &mut out[length_at + 4..])
            .expect("a block of 32 KiB fits the room that snappy asks for");
        out[length_at..length_at + 4].copy_from_slice(&(written as i32).to_be_bytes());
        out.truncate(length_at + 4 + written);
    }
}
