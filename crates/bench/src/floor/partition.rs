//! One file, and where each batch begins in it.

use std::fs::File;
use std::io;
use std::net::TcpStream;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use klamm_records::crc::crc32c;
use klamm_records::header::position;
use klamm_records::patch;

use crate::words::{Take, malformed};

pub struct Partition {
    file: File,
    state: Mutex<State>,
    grown: Condvar,
}

#[derive(Default)]
struct State {
    /// Base offset and position of every batch.
    batches: Vec<(i64, u64)>,
    next_offset: i64,
    end: u64,
}

/// What a fetch gives out.
pub struct Slice {
    pub position: u64,
    pub len: usize,
    pub end_offset: i64,
}

impl Partition {
    /// Its file has no name for long: it goes with the topic.
    pub fn create(path: &Path) -> io::Result<Partition> {
        let file = File::options().read(true).write(true).create_new(true).open(path)?;
        std::fs::remove_file(path)?;
        Ok(Partition { file, state: Mutex::default(), grown: Condvar::new() })
    }

    /// Checks a batch, gives it its offset, appends it; returns the offset.
    pub fn append(&self, batch: &mut [u8]) -> io::Result<i64> {
        let stored = Take(batch.get(position::CRC..).unwrap_or_default()).i32()? as u32;
        let last_delta = Take(batch.get(position::LAST_OFFSET_DELTA..).unwrap_or_default()).i32()?;
        if batch.len() < position::RECORDS || crc32c(&batch[position::ATTRIBUTES..]) != stored {
            return Err(malformed());
        }
        let mut state = self.lock();
        let base_offset = state.next_offset;
        patch::set_base_offset(batch, base_offset);
        patch::set_partition_leader_epoch(batch, 0);
        self.file.write_all_at(batch, state.end)?;
        let place = (base_offset, state.end);
        state.batches.push(place);
        state.next_offset = base_offset + i64::from(last_delta) + 1;
        state.end += batch.len() as u64;
        drop(state);
        self.grown.notify_all();
        Ok(base_offset)
    }

    /// Whole batches from an offset on, at least one; waits for the first one.
    pub fn find(&self, offset: i64, max_bytes: usize, max_wait: Duration) -> Slice {
        let state = self.lock();
        let is_behind = |state: &mut State| offset >= state.next_offset;
        let (state, _) =
            self.grown.wait_timeout_while(state, max_wait, is_behind).unwrap_or_else(PoisonError::into_inner);
        let end_offset = state.next_offset;
        let first = state.batches.partition_point(|(base, _)| *base <= offset).saturating_sub(1);
        let Some((_, position)) = state.batches.get(first).filter(|_| offset < end_offset) else {
            return Slice { position: state.end, len: 0, end_offset };
        };
        let most = position + max_bytes as u64;
        let last = state.batches.partition_point(|(_, start)| *start <= most) - 1;
        let end = match () {
            () if state.end <= most => state.end,
            () if last > first => state.batches[last].1,
            () => state.batches.get(first + 1).map_or(state.end, |(_, start)| *start),
        };
        Slice { position: *position, len: (end - position) as usize, end_offset }
    }

    pub fn send(&self, slice: &Slice, socket: &TcpStream) -> io::Result<()> {
        let (mut position, mut left) = (slice.position, slice.len);
        while left > 0 {
            let sent = rustix::fs::sendfile(socket, &self.file, Some(&mut position), left)?;
            if sent == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            left -= sent;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
