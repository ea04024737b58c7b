//! gzip members around raw deflate (RFC 1952), as `GZIPInputStream` and `GZIPOutputStream` treat them:
//! several members may follow each other, anything behind the last that is no member is ignored.
//!
//! The framing is read here because the library's own gzip reader cannot be used again for the next
//! batch without giving up its 32 KiB of state.

use bytes::{BufMut, BytesMut};
use flate2::{Compress, Crc, Decompress, FlushCompress, FlushDecompress, Status};

use super::Pull;

const MAGIC: [u8; 2] = [0x1f, 0x8b];
const DEFLATE: u8 = 8;
const HEADER_SIZE: usize = 10;
const TRAILER_SIZE: usize = 8;
/// So few bytes behind a member are never taken for another one, by Java's reader.
const NO_MEMBER_BYTES_MAX: usize = 18;
const FLAG_HEADER_CRC: u8 = 0x02;
const FLAG_EXTRA: u8 = 0x04;
const FLAG_NAME: u8 = 0x08;
const FLAG_COMMENT: u8 = 0x10;
/// What Java's default compression level -1 means in deflate libraries.
const LEVEL_DEFAULT: u32 = 6;

/// Kept between batches.
#[derive(Default)]
pub(super) struct State {
    inflate: Option<Box<Decompress>>,
    deflate: Option<(Box<Compress>, u32)>,
}

/// Reads the members of one payload.
pub(super) struct Reader<'a, 's> {
    input: &'a [u8],
    inflate: &'s mut Decompress,
    crc: Crc,
    at: Position,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    FirstHeader,
    NextHeader,
    Body,
    End,
}

impl<'a, 's> Reader<'a, 's> {
    pub fn open(input: &'a [u8], state: &'s mut State) -> Reader<'a, 's> {
        let inflate = state.inflate.get_or_insert_with(|| Box::new(Decompress::new(false)));
        Reader { input, inflate, crc: Crc::new(), at: Position::FirstHeader }
    }

    pub fn pull(&mut self, out: &mut Vec<u8>) -> Result<bool, Pull> {
        loop {
            match self.at {
                Position::End => return Ok(false),
                Position::FirstHeader | Position::NextHeader => match header_size(self.input) {
                    Some(size) => {
                        self.input = &self.input[size..];
                        self.inflate.reset(false);
                        self.crc.reset();
                        self.at = Position::Body;
                    }
                    None if self.at == Position::FirstHeader => return Err(Pull::Corrupt),
                    None => self.at = Position::End,
                },
                Position::Body => {
                    if self.inflate_some(out)? {
                        return Ok(true);
                    }
                }
            }
        }
    }

    /// Inflates into the spare room of `out`; false when nothing came because the member ended.
    fn inflate_some(&mut self, out: &mut Vec<u8>) -> Result<bool, Pull> {
        let (len, read) = (out.len(), self.inflate.total_in());
        let status =
            self.inflate.decompress_vec(self.input, out, FlushDecompress::None).map_err(|_| Pull::Corrupt)?;
        let read = (self.inflate.total_in() - read) as usize;
        self.input = &self.input[read..];
        self.crc.update(&out[len..]);
        if status == Status::StreamEnd {
            self.end_member()?;
        } else if out.len() == len {
            // No progress with room to spare: the member is cut off.
            return Err(Pull::Corrupt);
        }
        Ok(out.len() > len)
    }

    fn end_member(&mut self) -> Result<(), Pull> {
        let trailer = self.input.first_chunk::<TRAILER_SIZE>().ok_or(Pull::Corrupt)?;
        let crc = u32::from_le_bytes(std::array::from_fn(|i| trailer[i]));
        let size = u32::from_le_bytes(std::array::from_fn(|i| trailer[4 + i]));
        if crc != self.crc.sum() || size != self.crc.amount() {
            return Err(Pull::Corrupt);
        }
        self.input = &self.input[TRAILER_SIZE..];
        let another = self.input.len() > NO_MEMBER_BYTES_MAX;
        self.at = if another { Position::NextHeader } else { Position::End };
        Ok(())
    }
}

/// Bytes of the member header at the front of `input`; `None` when there is none.
fn header_size(input: &[u8]) -> Option<usize> {
    let head = input.first_chunk::<HEADER_SIZE>()?;
    if head[..2] != MAGIC || head[2] != DEFLATE {
        return None;
    }
    let flags = head[3];
    let mut size = HEADER_SIZE;
    if flags & FLAG_EXTRA != 0 {
        let len = input.get(size..)?.first_chunk::<2>()?;
        size += 2 + usize::from(u16::from_le_bytes(*len));
    }
    for flag in [FLAG_NAME, FLAG_COMMENT] {
        if flags & flag != 0 {
            size += 1 + input.get(size..)?.iter().position(|&byte| byte == 0)?;
        }
    }
    if flags & FLAG_HEADER_CRC != 0 {
        let stored = u16::from_le_bytes(*input.get(size..)?.first_chunk::<2>()?);
        let mut crc = Crc::new();
        crc.update(&input[..size]);
        if stored != crc.sum() as u16 {
            return None;
        }
        size += 2;
    }
    (size <= input.len()).then_some(size)
}

pub(super) fn compress(level: i32, input: &[u8], state: &mut State, out: &mut BytesMut) {
    let level = u32::try_from(level).unwrap_or(LEVEL_DEFAULT).min(9);
    // The level is part of a deflate state, so another level needs another state.
    let fresh = || (Box::new(Compress::new(flate2::Compression::new(level), false)), level);
    let (deflate, kept_level) = state.deflate.get_or_insert_with(fresh);
    if *kept_level != level {
        (*deflate, *kept_level) = fresh();
    }
    deflate.reset();

    out.put_slice(&[MAGIC[0], MAGIC[1], DEFLATE, 0, 0, 0, 0, 0, 0, 0xff]);
    deflate_all(deflate, input, out);
    let mut crc = Crc::new();
    crc.update(input);
    out.put_u32_le(crc.sum());
    out.put_u32_le(crc.amount());
}

fn deflate_all(deflate: &mut Compress, input: &[u8], out: &mut BytesMut) {
    loop {
        let from = out.len();
        let (read, written) = (deflate.total_in(), deflate.total_out());
        out.resize(from + (input.len() - read as usize) / 2 + 1024, 0);
        let status = deflate
            .compress(&input[read as usize..], &mut out[from..], FlushCompress::Finish)
            .expect("deflate takes any input");
        out.truncate(from + (deflate.total_out() - written) as usize);
        if status == Status::StreamEnd {
            return;
        }
    }
}
