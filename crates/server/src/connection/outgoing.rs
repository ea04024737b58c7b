//! The sending half of a connection: answers in order, as few system calls as can be.
//!
//! Bytes at hand leave together in one gathered write. Slices of files below 128 KiB are read and join them; larger
//! ones go from the page cache to the socket by sendfile, announced with MSG_MORE so that the bytes before a slice
//! do not make a packet of their own. A file is read when its bytes are about to leave, not when the answer is
//! made: a client that does not read costs a few descriptions, not the data.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use klamm_log::FileSlice;
use klamm_node::Reply;
use rustix::net::{SendAncillaryBuffer, SendFlags};
use tokio::io::Interest;
use tokio::net::TcpStream;

/// Slices from here on leave by sendfile: below, one read and one write cost less than the extra system calls
/// (docs/performance.md).
pub const SENDFILE_BYTES_MIN: u32 = 128 * 1024;

/// Bytes that one gathered write takes at most.
const GATHERED_BYTES_MAX: usize = 512 * 1024;

/// Pieces that one gathered write takes at most.
const GATHERED_PIECES_MAX: usize = 64;

/// Bytes sent in one turn before other connections of the shard have theirs.
const TURN_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Part of an answer: at hand, or still in a file.
enum Piece {
    Bytes(Bytes),
    File(FileSlice),
}

/// What is to be sent, in order.
#[derive(Default)]
pub struct Outgoing {
    pieces: VecDeque<Piece>,
    /// Bytes of `pieces` that are in memory.
    memory_bytes: usize,
    is_lean: bool,
}

impl Outgoing {
    /// Adds an answer: its bytes, with the records of its gaps between them.
    pub fn push(&mut self, reply: Reply) {
        let mut bytes = reply.bytes;
        let mut taken = 0;
        for gap in reply.gaps {
            self.push_piece(Piece::Bytes(bytes.split_to(gap.at - taken)));
            self.push_piece(Piece::File(gap.slice));
            taken = gap.at;
        }
        self.push_piece(Piece::Bytes(bytes));
    }

    fn push_piece(&mut self, piece: Piece) {
        match &piece {
            Piece::Bytes(bytes) if bytes.is_empty() => return,
            Piece::File(slice) if slice.len == 0 => return,
            Piece::Bytes(bytes) => self.memory_bytes += bytes.len(),
            Piece::File(_) => {}
        }
        self.pieces.push_back(piece);
    }

    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// When memory is short nothing is read from files before it leaves: all slices go by sendfile.
    pub fn set_lean(&mut self, is_lean: bool) {
        self.is_lean = is_lean;
    }

    pub fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// Sends until nothing is left, or (`Pending`) until the socket takes no more; counts `sent` bytes in both cases.
    pub fn poll_send(
        &mut self,
        socket: &TcpStream,
        sent: &mut usize,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.pieces.is_empty() {
            if *sent >= TURN_BYTES_MAX {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            ready!(socket.poll_write_ready(cx))?;
            match socket.try_io(Interest::WRITABLE, || self.send_once(socket)) {
                Ok(bytes) => *sent += bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn send_once(&mut self, socket: &TcpStream) -> io::Result<usize> {
        self.read_small_slices()?;
        match self.pieces.front_mut() {
            Some(Piece::File(slice)) => {
                let bytes = send_file(socket, slice)?;
                if slice.len == 0 {
                    self.pieces.pop_front();
                }
                Ok(bytes)
            }
            _ => self.send_gathered(socket),
        }
    }

    /// Reads the small slices among what the next gathered write takes. Long slices of files that cannot do
    /// sendfile are read in parts.
    fn read_small_slices(&mut self) -> io::Result<()> {
        let least = if self.is_lean { 1 } else { SENDFILE_BYTES_MIN };
        let mut gathered = 0;
        let mut at = 0;
        while at < self.pieces.len().min(GATHERED_PIECES_MAX) && gathered < GATHERED_BYTES_MAX {
            match &mut self.pieces[at] {
                Piece::Bytes(bytes) => gathered += bytes.len(),
                Piece::File(slice) if slice.len >= least && slice.file.fd().is_some() => break,
                Piece::File(slice) => {
                    let part = slice.len.min(GATHERED_BYTES_MAX as u32);
                    let bytes = read_slice(slice, part)?;
                    gathered += bytes.len();
                    self.memory_bytes += bytes.len();
                    if slice.len == 0 {
                        self.pieces[at] = Piece::Bytes(bytes);
                    } else {
                        self.pieces.insert(at, Piece::Bytes(bytes));
                    }
                }
            }
            at += 1;
        }
        Ok(())
    }

    fn send_gathered(&mut self, socket: &TcpStream) -> io::Result<usize> {
        let mut slices = [IoSlice::new(&[]); GATHERED_PIECES_MAX];
        let mut count = 0;
        let mut gathered = 0;
        for piece in self.pieces.iter().take(GATHERED_PIECES_MAX) {
            let Piece::Bytes(bytes) = piece else { break };
            if gathered >= GATHERED_BYTES_MAX {
                break;
            }
            slices[count] = IoSlice::new(bytes);
            gathered += bytes.len();
            count += 1;
        }
        let mut flags = SendFlags::NOSIGNAL;
        if count < self.pieces.len() {
            flags |= SendFlags::MORE;
        }
        let bytes = match &slices[..count] {
            [one] => rustix::net::send(socket, one, flags)?,
            several => rustix::net::sendmsg(socket, several, &mut SendAncillaryBuffer::default(), flags)?,
        };
        self.forget(bytes);
        Ok(bytes)
    }

    /// Drops `sent` bytes from the front.
    fn forget(&mut self, sent: usize) {
        self.memory_bytes -= sent;
        let mut left = sent;
        while left > 0 {
            let Some(Piece::Bytes(bytes)) = self.pieces.front_mut() else {
                panic!("{left} of {sent} bytes were sent that nobody asked for")
            };
            let part = left.min(bytes.len());
            bytes.advance(part);
            left -= part;
            if bytes.is_empty() {
                self.pieces.pop_front();
            }
        }
    }
}

/// One sendfile call. The slice shrinks by what left.
fn send_file(socket: &TcpStream, slice: &mut FileSlice) -> io::Result<usize> {
    let Some(fd) = slice.file.fd() else { return Err(io::ErrorKind::Unsupported.into()) };
    let mut position = slice.position;
    let sent = rustix::fs::sendfile(socket, fd, Some(&mut position), slice.len as usize)?;
    if sent == 0 {
        return Err(truncated());
    }
    slice.position += sent as u64;
    slice.len -= sent as u32;
    Ok(sent)
}

/// Reads the next `part` bytes of a slice, which shrinks by them.
fn read_slice(slice: &mut FileSlice, part: u32) -> io::Result<Bytes> {
    let mut bytes = BytesMut::zeroed(part as usize);
    slice.file.read_exact_at(&mut bytes, slice.position)?;
    slice.position += u64::from(part);
    slice.len -= part;
    Ok(bytes.freeze())
}

/// The file became shorter than the answer says: what is promised cannot be sent, so the connection ends.
fn truncated() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}
