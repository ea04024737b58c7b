//! Searching index files with few reads, because each of them is a call of the system.

use std::io;
use std::ops::Range;

use crate::disk::DiskFile;
use crate::format::offset_index::{self, OffsetEntry};
use crate::format::time_index::{self, TimeEntry};

/// What is read at once where a search ends: a page, which holds the entries of 2 MiB of log or more.
const BLOCK_BYTES: usize = 4096;

/// The place in an index file that a search has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<E> {
    /// Entries before the place.
    pub count: u32,
    /// The last of them.
    pub before: Option<E>,
    /// The entry behind the place.
    pub behind: Option<E>,
}

/// Searches the first `count` entries of an offset index for the last one at or below `relative_offset`. Looks first at
/// the entries from number `near` on: who goes along a log finds its place there with a single read.
pub fn search_offset(
    file: &dyn DiskFile,
    count: u32,
    near: u32,
    relative_offset: u32,
) -> io::Result<Found<OffsetEntry>> {
    let is_before = |entry: OffsetEntry| entry.relative_offset <= relative_offset;
    let read = |bytes: &[u8; offset_index::ENTRY_BYTES]| OffsetEntry::read(bytes);
    search(file, count, Some(near), read, is_before)
}

/// Searches the first `count` entries of an offset index for the first one at or behind a place in the log.
pub fn search_position(file: &dyn DiskFile, count: u32, position: u32) -> io::Result<Option<OffsetEntry>> {
    let is_before = |entry: OffsetEntry| entry.position < position;
    let read = |bytes: &[u8; offset_index::ENTRY_BYTES]| OffsetEntry::read(bytes);
    Ok(search(file, count, None, read, is_before)?.behind)
}

/// Searches the first `count` entries of a time index for the last one at or before `timestamp`.
pub fn search_timestamp(file: &dyn DiskFile, count: u32, timestamp: i64) -> io::Result<Option<TimeEntry>> {
    let is_before = |entry: TimeEntry| entry.timestamp <= timestamp;
    let read = |bytes: &[u8; time_index::ENTRY_BYTES]| TimeEntry::read(bytes);
    Ok(search(file, count, None, read, is_before)?.before)
}

/// Binary search by single entries, until one block holds those that are left. Ends whatever the file says.
fn search<E: Copy, const N: usize>(
    file: &dyn DiskFile,
    count: u32,
    near: Option<u32>,
    read: impl Fn(&[u8; N]) -> E,
    is_before: impl Fn(E) -> bool,
) -> io::Result<Found<E>> {
    let mut block = [0; BLOCK_BYTES];
    let mut near = near.filter(|near| *near < count);
    let mut left = 0..count;
    let (mut before, mut behind) = (None, None);
    while !left.is_empty() {
        let range = next_range(&left, near.take(), (BLOCK_BYTES / N) as u32);
        let bytes = &mut block[..range.len() * N];
        file.read_exact_at(bytes, u64::from(range.start) * N as u64)?;
        let (entries, _) = bytes.as_chunks::<N>();
        let split = entries.partition_point(|entry| is_before(read(entry)));
        if let Some(last) = entries[..split].last() {
            before = Some(read(last));
            left.start = range.start + split as u32;
        }
        if let Some(first) = entries[split..].first() {
            behind = Some(read(first));
            left.end = range.start + split as u32;
        }
    }
    Ok(Found { count: left.start, before, behind })
}

/// The entries to look at next, of those `left`.
fn next_range(left: &Range<u32>, near: Option<u32>, block_entries: u32) -> Range<u32> {
    if let Some(near) = near {
        return near..left.end.min(near + block_entries);
    }
    if left.len() <= block_entries as usize {
        return left.clone();
    }
    let middle = left.start + (left.end - left.start) / 2;
    middle..middle + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::IoSlice;
    use std::os::fd::BorrowedFd;
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crate::disk::sim::SimDisk;
    use crate::disk::{Disk, OpenMode};

    /// Counts the reads.
    struct Counted(Arc<dyn DiskFile>, AtomicUsize);

    impl DiskFile for Counted {
        fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.read_at(buf, position)
        }

        fn write_vectored_at(&self, bufs: &[IoSlice<'_>], position: u64) -> io::Result<()> {
            self.0.write_vectored_at(bufs, position)
        }

        fn sync_data(&self) -> io::Result<()> {
            self.0.sync_data()
        }

        fn sync_all(&self) -> io::Result<()> {
            self.0.sync_all()
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.0.set_len(len)
        }

        fn len(&self) -> io::Result<u64> {
            self.0.len()
        }

        fn fd(&self) -> Option<BorrowedFd<'_>> {
            self.0.fd()
        }
    }

    /// An index with the offsets 10, 20, 30 ...
    fn index(count: u32) -> Counted {
        let file = SimDisk::new().open(Path::new("/i"), OpenMode::CreateOrOpen).unwrap();
        let bytes: Vec<u8> = (1..=count)
            .flat_map(|n| OffsetEntry { relative_offset: 10 * n, position: 100 * n }.to_bytes())
            .collect();
        file.write_at(&bytes, 0).unwrap();
        Counted(file, AtomicUsize::new(0))
    }

    #[test]
    fn every_place_is_found_from_everywhere() {
        for count in [0, 1, 2, 511, 512, 513, 1500] {
            let file = index(count);
            for near in [0, 1, count / 2, count.saturating_sub(1), count, count + 7, u32::MAX] {
                for wanted in [0, 9, 10, 11, 5 * count, 10 * count - count.min(1), 10 * count, 10 * count + 1]
                {
                    let found = search_offset(&file, count, near, wanted).unwrap();
                    assert_eq!(found.count, (wanted / 10).min(count), "{wanted} of {count} near {near}");
                    assert_eq!(found.before.map_or(0, |entry| entry.relative_offset), 10 * found.count);
                    let behind = (found.count < count).then(|| 10 * (found.count + 1));
                    assert_eq!(found.behind.map(|entry| entry.relative_offset), behind);
                    let place = search_position(&file, count, 10 * wanted).unwrap();
                    let expected =
                        (wanted.div_ceil(10).max(1) <= count).then(|| 100 * wanted.div_ceil(10).max(1));
                    assert_eq!(place.map(|entry| entry.position), expected, "position {wanted} of {count}");
                }
            }
        }
    }

    #[test]
    fn who_goes_along_needs_one_read() {
        let file = index(100_000);
        let mut near = 0;
        for wanted in (0..1_000_000).step_by(2560) {
            file.1.store(0, Ordering::Relaxed);
            near = search_offset(&file, 100_000, near, wanted).unwrap().count.saturating_sub(1);
            assert_eq!(file.1.load(Ordering::Relaxed), 1, "at {wanted}");
        }
        search_offset(&file, 100_000, 0, 777_777).unwrap();
        assert!(
            file.1.load(Ordering::Relaxed) <= 11,
            "a jump takes {} reads",
            file.1.load(Ordering::Relaxed)
        );
    }
}
