//! Receive buffers, shared by the connections of a shard.
//!
//! A connection holds a buffer only while it has an unfinished frame: one that was read empty goes back to the
//! shard, so an idle connection costs no buffer and busy ones read into memory that is still in the cache.

use std::cell::RefCell;

use bytes::BytesMut;

/// What one read may take in. One system call for all that a pipelining client has in flight.
pub const ROOM_BYTES: usize = 256 * 1024;

/// Larger buffers were made for one large frame and are not kept.
const KEPT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Buffers kept; more exist at once only while frames are split off and still being answered.
const KEPT_MAX: usize = 4;

/// A growing buffer whose front is split off as frames.
#[derive(Default)]
pub struct Buffer {
    pub bytes: BytesMut,
    /// Size of the allocation behind `bytes`, of which split-off frames may hold a part.
    allocated: usize,
}

impl Buffer {
    /// Makes room for `wanted` bytes in all, counting those that are there. Takes the front of the allocation
    /// back when all frames split off from it are gone, and only else allocates.
    pub fn ensure(&mut self, wanted: usize) {
        let additional = wanted.saturating_sub(self.bytes.len());
        if self.bytes.capacity() >= wanted || self.bytes.try_reclaim(additional) {
            return;
        }
        let mut larger = BytesMut::with_capacity(wanted);
        larger.extend_from_slice(&self.bytes);
        self.allocated = larger.capacity();
        self.bytes = larger;
    }

    /// Whether this is one of the large buffers that connections of a shard share.
    pub fn is_shared(&self) -> bool {
        self.allocated > 0
    }

    pub fn allocated(&self) -> usize {
        self.allocated
    }

    /// Bytes that can be read without another allocation.
    pub fn spare(&self) -> usize {
        self.bytes.capacity() - self.bytes.len()
    }
}

/// The buffers of one shard that no connection holds.
#[derive(Default)]
pub struct Buffers {
    kept: RefCell<Vec<Buffer>>,
}

impl Buffers {
    /// The buffer that was used last, or a new one.
    pub fn take(&self) -> Buffer {
        self.kept.borrow_mut().pop().unwrap_or_default()
    }

    /// Takes back a buffer without unread bytes.
    pub fn put(&self, buffer: Buffer) {
        assert!(buffer.bytes.is_empty(), "{} bytes of a client are still in the buffer", buffer.bytes.len());
        let mut kept = self.kept.borrow_mut();
        if buffer.allocated > 0 && buffer.allocated <= KEPT_BYTES_MAX && kept.len() < KEPT_MAX {
            kept.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_is_reused_when_its_frames_are_gone() {
        let mut buffer = Buffer::default();
        buffer.ensure(1000);
        buffer.bytes.extend_from_slice(&[7; 900]);
        let address = buffer.bytes.as_ptr();
        let frame = buffer.bytes.split_to(900).freeze();
        drop(frame);
        buffer.ensure(1000);
        assert_eq!(buffer.bytes.as_ptr(), address);
    }

    #[test]
    fn a_frame_that_is_held_keeps_its_bytes() {
        let mut buffer = Buffer::default();
        buffer.ensure(1000);
        buffer.bytes.extend_from_slice(&[7; 900]);
        let frame = buffer.bytes.split_to(880).freeze();
        buffer.ensure(1000);
        assert!(buffer.spare() >= 980);
        buffer.bytes.extend_from_slice(&[8; 900]);
        assert_eq!(frame, vec![7; 880]);
        assert_eq!(&buffer.bytes[..20], [7; 20]);
    }

    #[test]
    fn large_buffers_are_not_kept() {
        let buffers = Buffers::default();
        let mut buffer = buffers.take();
        buffer.ensure(KEPT_BYTES_MAX + 1);
        buffers.put(buffer);
        assert_eq!(buffers.take().allocated, 0);
        let mut buffer = buffers.take();
        buffer.ensure(ROOM_BYTES);
        buffers.put(buffer);
        assert!(buffers.take().allocated >= ROOM_BYTES);
    }
}
