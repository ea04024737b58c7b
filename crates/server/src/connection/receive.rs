//! From bytes to frames: a size of four bytes, then so many bytes. Kafka: `NetworkReceive`.
//!
//! Memory follows what has *arrived*, never what a size announces: a frame that says 100 MiB and sends ten bytes
//! holds a few bytes. The room for an unfinished frame is at most four times what is there of it, unless the
//! connection has shown by a finished frame of that size that it sends such frames.

use std::fmt;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use socket2::SockRef;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::buffers::{Buffer, Buffers, ROOM_BYTES};

/// Bytes of a frame's size.
const SIZE_BYTES: usize = 4;

/// Frames up to here are copied out of the shared buffer: a request that waits for long (a fetch, a join) must
/// not hold 256 KiB for its hundred bytes.
pub const COPIED_BYTES_MAX: usize = 4096;

/// The same for requests that may wait for any time, and for all when memory is short.
pub const PARKED_BYTES_MAX: usize = 64 * 1024;

/// Frames up to here are small: they go on when memory is short.
const SMALL_BYTES_MAX: usize = 64 * 1024;

/// An unfinished frame up to here is moved to a small buffer of its own between two turns.
const MOVED_BYTES_MAX: usize = 64 * 1024;

/// The room is made larger when less than this is left.
const SPARE_BYTES_MIN: usize = ROOM_BYTES / 4;

/// More than this is never believed before it arrives.
const TRUSTED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How large a frame is, as far as that matters when memory is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameSize {
    /// At most 64 KiB, or nothing is known of it yet.
    Small,
    /// As large as others that this connection has finished, or twice that.
    Proven,
    Large,
    /// Larger than 4 MiB.
    Huge,
}

/// A connection that sends such frames gets a larger receive buffer in the kernel: with Kafka's 100 KiB, a frame of
/// 1 MiB takes eight reads and as many wake-ups, and a quarter more CPU than with this one (docs/performance.md).
const WIDE_FRAME_BYTES_MIN: usize = 128 * 1024;
const WIDE_BUFFER_BYTES: usize = 512 * 1024;

/// A frame that no client may send. The connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameFault {
    /// The size is zero or negative.
    Size(i32),
    /// The size is above the listener's limit (`socket.request.max.bytes`).
    TooLarge { size: i32, size_max: usize },
}

impl fmt::Display for FrameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameFault::Size(size) => write!(f, "a frame announces {size} bytes"),
            FrameFault::TooLarge { size, size_max } => {
                write!(f, "a frame announces {size} bytes, more than the {size_max} allowed")?;
                match other_protocol(*size) {
                    Some(protocol) => write!(f, "; perhaps it speaks {protocol}, not Kafka's protocol"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// What begins with these four bytes: somebody took this for another port, or a listener has the wrong protocol.
fn other_protocol(size: i32) -> Option<&'static str> {
    match &size.to_be_bytes() {
        [0x16, 0x03, ..] => Some("TLS"),
        b"GET " | b"POST" | b"PUT " | b"HEAD" | b"OPTI" | b"PRI " => Some("HTTP"),
        _ => None,
    }
}

/// The receiving half of a connection.
pub struct Receive {
    buffer: Buffer,
    frame_bytes_max: usize,
    /// The largest frame that this connection finished, up to a bound: what it may take room for at once.
    trusted_bytes: usize,
    /// The kernel's receive buffer has been made as large as large frames need it.
    is_wide: bool,
}

impl Receive {
    pub fn new(frame_bytes_max: usize) -> Self {
        Receive { buffer: Buffer::default(), frame_bytes_max, trusted_bytes: 0, is_wide: false }
    }

    /// The size of the frame at the front, when its four bytes are there.
    fn announced(&self) -> Result<Option<usize>, FrameFault> {
        let Some(size) = self.buffer.bytes.first_chunk::<SIZE_BYTES>() else { return Ok(None) };
        let size = i32::from_be_bytes(*size);
        match usize::try_from(size) {
            Ok(0) | Err(_) => Err(FrameFault::Size(size)),
            Ok(bytes) if bytes > self.frame_bytes_max => {
                Err(FrameFault::TooLarge { size, size_max: self.frame_bytes_max })
            }
            Ok(bytes) => Ok(Some(bytes)),
        }
    }

    /// The finished frame at the front without its size, or what of a refused one is there.
    pub fn peek(&self) -> Option<&[u8]> {
        let bytes = &self.buffer.bytes[..];
        match self.announced() {
            Ok(None) => None,
            Ok(Some(size)) => bytes.get(SIZE_BYTES..SIZE_BYTES + size),
            Err(_) => Some(&bytes[SIZE_BYTES..]),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.buffer.bytes.is_empty()
    }

    /// Bytes there of a frame that is not finished; none when there is no such frame.
    pub fn unfinished(&self) -> Option<usize> {
        let have = self.buffer.bytes.len();
        (have > 0 && self.peek().is_none()).then_some(have)
    }

    /// What the frame that is arriving will need.
    pub fn arriving(&self) -> FrameSize {
        match self.announced() {
            Ok(Some(size)) if size > TRUSTED_BYTES_MAX => FrameSize::Huge,
            Ok(Some(size)) if size > SMALL_BYTES_MAX => match size <= 2 * self.trusted_bytes {
                true => FrameSize::Proven,
                false => FrameSize::Large,
            },
            _ => FrameSize::Small,
        }
    }

    /// Bytes of memory that this half holds. Pages of a large buffer that nothing was written to are none.
    pub fn held_bytes(&self) -> usize {
        match self.buffer.bytes.len() {
            0 if !self.buffer.is_shared() => 0,
            have if self.buffer.is_shared() => self.buffer.allocated().min(have + ROOM_BYTES),
            have => have,
        }
    }

    /// The next finished frame without its size; up to `copied_max` bytes in memory of its own.
    pub fn next_frame(&mut self, copied_max: usize) -> Result<Option<Bytes>, FrameFault> {
        let Some(size) = self.announced()? else { return Ok(None) };
        let end = SIZE_BYTES + size;
        if self.buffer.bytes.len() < end {
            return Ok(None);
        }
        self.trusted_bytes = self.trusted_bytes.max(size).min(TRUSTED_BYTES_MAX);
        let frame = self.buffer.bytes.split_to(end);
        Ok(Some(match size <= copied_max {
            true => Bytes::copy_from_slice(&frame[SIZE_BYTES..]),
            false => frame.freeze().slice(SIZE_BYTES..),
        }))
    }

    /// One read. `Ready(Ok(0))` is the client's end of the stream.
    pub fn poll_receive(
        &mut self,
        socket: &mut TcpStream,
        buffers: &Buffers,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.make_room(buffers);
        if self.trusted_bytes >= WIDE_FRAME_BYTES_MIN && !self.is_wide {
            self.is_wide = true;
            widen(&SockRef::from(&*socket))?;
        }
        pin!(socket.read_buf(&mut self.buffer.bytes)).poll(cx)
    }

    fn make_room(&mut self, buffers: &Buffers) {
        let have = self.buffer.bytes.len();
        if !self.buffer.is_shared() {
            let unfinished = std::mem::replace(&mut self.buffer, buffers.take());
            self.buffer.ensure(ROOM_BYTES);
            self.buffer.bytes.extend_from_slice(&unfinished.bytes);
        }
        if self.buffer.spare() >= SPARE_BYTES_MIN {
            return;
        }
        let frame = self.announced().ok().flatten().map_or(0, |size| SIZE_BYTES + size);
        let believed = (SIZE_BYTES + self.trusted_bytes).max(have * 4);
        let least = if have <= MOVED_BYTES_MAX { ROOM_BYTES } else { 0 };
        self.buffer.ensure(frame.min(believed).max(least));
    }

    /// Called when the socket is read empty: gives back memory that the unfinished frame does not need.
    pub fn rest(&mut self, buffers: &Buffers) {
        let have = self.buffer.bytes.len();
        if have > MOVED_BYTES_MAX || !self.buffer.is_shared() {
            return;
        }
        let mut shared = std::mem::take(&mut self.buffer);
        if have > 0 {
            self.buffer.bytes = BytesMut::from(&shared.bytes[..]);
            shared.bytes.clear();
        }
        buffers.put(shared);
    }
}

/// Never makes it smaller than it was set or has grown to.
fn widen(socket: &SockRef<'_>) -> io::Result<()> {
    if socket.recv_buffer_size()? < WIDE_BUFFER_BYTES {
        socket.set_recv_buffer_size(WIDE_BUFFER_BYTES)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::io::Write;

    const FRAME_BYTES_MAX: usize = 100 * 1024 * 1024;

    #[test]
    fn other_protocols_are_recognized() {
        let told = |bytes: [u8; 4]| {
            FrameFault::TooLarge { size: i32::from_be_bytes(bytes), size_max: FRAME_BYTES_MAX }.to_string()
        };
        assert!(told(*b"GET ").ends_with("; perhaps it speaks HTTP, not Kafka's protocol"));
        assert!(told([0x16, 3, 1, 2]).ends_with("; perhaps it speaks TLS, not Kafka's protocol"));
        assert!(told([0x7f, 0xff, 0xff, 0xff]).ends_with("more than the 104857600 allowed"));
    }

    /// Receives what a client sends, with a rest after each read; returns the receiving half.
    fn received(bytes: Vec<u8>) -> Receive {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
            let address = listener.local_addr().expect("has an address");
            let wanted = bytes.len();
            let client = std::thread::spawn(move || {
                let mut client = std::net::TcpStream::connect(address).expect("somebody listens");
                client.write_all(&bytes).expect("somebody reads");
                client
            });
            let (mut socket, _) = listener.accept().await.expect("a client");
            let (mut receive, buffers) = (Receive::new(FRAME_BYTES_MAX), Buffers::default());
            let mut have = 0;
            while have < wanted {
                have += poll_fn(|cx| receive.poll_receive(&mut socket, &buffers, cx)).await.expect("bytes");
                assert!(receive.buffer.bytes.capacity() <= ROOM_BYTES.max(4 * have), "after {have} bytes");
                receive.rest(&buffers);
            }
            client.join().expect("the client ends well");
            receive
        })
    }

    #[test]
    fn an_announcement_holds_no_memory() {
        let mut bytes = (FRAME_BYTES_MAX as i32).to_be_bytes().to_vec();
        bytes.extend_from_slice(&[1; 10]);
        let receive = received(bytes);
        assert_eq!(receive.buffer.bytes.len(), 14);
        assert!(receive.buffer.bytes.capacity() <= 64, "{}", receive.buffer.bytes.capacity());
    }

    #[test]
    fn memory_follows_what_has_arrived() {
        let mut bytes = (FRAME_BYTES_MAX as i32).to_be_bytes().to_vec();
        bytes.resize(1_000_000, 1);
        let receive = received(bytes);
        assert_eq!(receive.buffer.bytes.len(), 1_000_000);
    }

    #[test]
    fn the_sender_of_a_large_frame_gets_a_larger_receive_buffer() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
            let address = listener.local_addr().expect("has an address");
            let client = std::thread::spawn(move || {
                let mut client = std::net::TcpStream::connect(address).expect("somebody listens");
                let mut frame = (WIDE_FRAME_BYTES_MIN as i32).to_be_bytes().to_vec();
                frame.resize(SIZE_BYTES + WIDE_FRAME_BYTES_MIN, 1);
                client.write_all(&frame).expect("somebody reads");
            });
            let (mut socket, _) = listener.accept().await.expect("a client");
            SockRef::from(&socket).set_recv_buffer_size(100 * 1024).expect("a buffer");
            let (mut receive, buffers) = (Receive::new(FRAME_BYTES_MAX), Buffers::default());
            while receive.next_frame(COPIED_BYTES_MAX).expect("no fault").is_none() {
                assert!(SockRef::from(&socket).recv_buffer_size().expect("a size") < WIDE_BUFFER_BYTES);
                poll_fn(|cx| receive.poll_receive(&mut socket, &buffers, cx)).await.expect("bytes");
            }
            client.join().expect("the client ends well");
            poll_fn(|cx| receive.poll_receive(&mut socket, &buffers, cx)).await.expect("the end");
            assert!(SockRef::from(&socket).recv_buffer_size().expect("a size") >= WIDE_BUFFER_BYTES);
        });
    }
}
