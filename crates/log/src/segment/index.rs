//! Both indexes of one segment (Kafka: `OffsetIndex`, `TimeIndex` and the part of `LogSegment` that feeds them).
//!
//! The newest entries are a tail in memory, the others lie in the files. The tail of a segment being written is spilled to
//! the files now and then, so that it stays small, and wholly when the segment is rolled or closed. Files are only ever
//! appended to and never preallocated: their length says how many entries they have.
//!
//! Entries point into the log by position, and a wrong one is found when it is used: the batch at its position must
//! end with its offset. So a damaged offset index costs time, never truth.

use super::scan::BatchHead;
use crate::format::offset_index::{self, OffsetEntry};
use crate::format::time_index::{self, TimeEntry};

/// Entries that stay in memory at most, before a spill: 20 KiB in both indexes together.
pub const SPILL_ENTRIES: usize = 1024;

/// How many entries the indexes of a segment have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntryCounts {
    pub offset: u32,
    pub time: u32,
}

impl EntryCounts {
    /// True when a further batch might not find room in index files of `max_bytes`; the time index keeps its last place
    /// for the entry that rolling forces (Kafka: `AbstractIndex.isFull`, `TimeIndex.isFull`).
    pub fn is_full(self, max_bytes: u32) -> bool {
        let max_offset = max_bytes / offset_index::ENTRY_BYTES as u32;
        let max_time = max_bytes / time_index::ENTRY_BYTES as u32;
        self.offset >= max_offset || self.time + 1 >= max_time
    }
}

/// The largest timestamp of a segment, and the last offset of the first batch that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxTimestamp {
    pub timestamp: i64,
    pub offset: i64,
}

/// The state of both indexes.
#[derive(Debug)]
pub struct IndexState {
    base_offset: i64,
    offset: Entries<OffsetEntry>,
    time: Entries<TimeEntry>,
    max: MaxTimestamp,
    bytes_since_entry: u32,
    /// The order of the time index file was looked at, or the file is our own.
    pub(super) time_is_checked: bool,
}

/// One index: so many entries in the file, the rest here.
#[derive(Debug)]
struct Entries<E> {
    in_file: u32,
    /// The file exists and has these entries and nothing else; else none of it is believed.
    is_exact: bool,
    /// The file was written to and not synced.
    is_unsynced: bool,
    tail: Vec<E>,
    last: Option<E>,
}

impl<E: Copy> Entries<E> {
    fn new() -> Entries<E> {
        Entries { in_file: 0, is_exact: false, is_unsynced: false, tail: Vec::new(), last: None }
    }

    fn from_file(in_file: u32, last: Option<E>) -> Entries<E> {
        Entries { in_file, is_exact: true, last, ..Entries::new() }
    }

    fn spill<const N: usize>(&self, to_bytes: impl Fn(&E) -> [u8; N]) -> Spill {
        Spill {
            position: u64::from(self.in_file) * N as u64,
            entries: self.tail.len(),
            bytes: self.tail.iter().flat_map(to_bytes).collect(),
            is_exact: self.is_exact,
            is_unsynced: self.is_unsynced,
        }
    }

    fn spilled(&mut self, spill: &Spill, synced: bool) {
        self.tail.drain(..spill.entries);
        self.in_file += spill.entries as u32;
        self.is_exact = true;
        self.is_unsynced = !synced;
        if self.tail.is_empty() {
            self.tail.shrink_to(SPILL_ENTRIES);
        }
    }

    fn push(&mut self, entry: E) {
        self.tail.push(entry);
        self.last = Some(entry);
    }

    fn count(&self) -> u32 {
        self.in_file + self.tail.len() as u32
    }
}

/// What an index file lacks.
#[derive(Debug)]
pub struct Spill {
    /// Where it goes: behind the entries that the file has.
    pub position: u64,
    entries: usize,
    pub bytes: Vec<u8>,
    /// The file needs no more than `bytes`; else it is made anew.
    pub is_exact: bool,
    pub is_unsynced: bool,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexKind {
    Offset,
    Time,
}

/// Where a lookup has to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<E> {
    /// Answered from memory; `None` when every entry is larger.
    Found(Option<E>),
    /// So many entries of the file have to be searched.
    InFile(u32),
}

impl IndexState {
    pub fn new(base_offset: i64) -> IndexState {
        IndexState {
            base_offset,
            offset: Entries::new(),
            time: Entries::new(),
            max: MaxTimestamp { timestamp: klamm_records::NO_TIMESTAMP, offset: base_offset },
            bytes_since_entry: 0,
            time_is_checked: true,
        }
    }

    /// The state of index files that are as they should be.
    pub fn from_files(
        base_offset: i64,
        counts: EntryCounts,
        last: (Option<OffsetEntry>, Option<TimeEntry>),
    ) -> Self {
        let mut state = IndexState::new(base_offset);
        state.offset = Entries::from_file(counts.offset, last.0);
        state.time = Entries::from_file(counts.time, last.1);
        state.time_is_checked = false;
        if let Some(entry) = last.1 {
            let offset = base_offset + i64::from(entry.relative_offset);
            state.max = MaxTimestamp { timestamp: entry.timestamp, offset };
        }
        state
    }

    pub fn counts(&self) -> EntryCounts {
        EntryCounts { offset: self.offset.count(), time: self.time.count() }
    }

    pub fn max_timestamp(&self) -> MaxTimestamp {
        self.max
    }

    /// True when both files have their entries and nothing else.
    pub fn is_exact(&self) -> bool {
        self.offset.is_exact && self.time.is_exact
    }

    /// True when no entry speaks of `end` or what is behind it.
    pub fn ends_below(&self, end: i64) -> bool {
        let is_below = |relative: u32| self.base_offset + i64::from(relative) < end;
        self.offset.last.is_none_or(|entry| is_below(entry.relative_offset))
            && self.time.last.is_none_or(|entry| is_below(entry.relative_offset))
    }

    /// Forgets how many bytes came since the last entry, as Kafka does when it loads a segment.
    pub fn restart_interval(&mut self) {
        self.bytes_since_entry = 0;
    }

    /// Notes a batch that goes to the end of the segment (Kafka: `LogSegment.append`).
    pub fn append(&mut self, batch: &BatchHead, interval_bytes: u32) {
        if batch.max_timestamp > self.max.timestamp {
            self.max = MaxTimestamp { timestamp: batch.max_timestamp, offset: batch.last_offset };
        }
        if self.bytes_since_entry > interval_bytes {
            let relative_offset = self.relative(batch.last_offset);
            self.offset.push(OffsetEntry { relative_offset, position: batch.position });
            self.append_time();
            self.bytes_since_entry = 0;
        }
        self.bytes_since_entry = self.bytes_since_entry.saturating_add(batch.size);
    }

    /// Adds the entry that a segment ends with, unless it is there (Kafka: `LogSegment.onBecomeInactiveSegment`).
    pub fn finish(&mut self) {
        self.append_time();
    }

    fn append_time(&mut self) {
        let last = self.time.last.map_or(klamm_records::NO_TIMESTAMP, |entry| entry.timestamp);
        if self.max.timestamp > last {
            let relative_offset = self.relative(self.max.offset);
            self.time.push(TimeEntry { timestamp: self.max.timestamp, relative_offset });
        }
    }

    fn relative(&self, offset: i64) -> u32 {
        let relative = offset - self.base_offset;
        // Rolling keeps offsets of a segment within an int32 above its base.
        assert!((0..=i64::from(i32::MAX)).contains(&relative), "offset {offset} above {}", self.base_offset);
        relative as u32
    }

    /// The last entry at or below an offset.
    pub fn lookup_offset(&self, offset: i64) -> Lookup<OffsetEntry> {
        match self.relative_bound(offset) {
            Some(target) => lookup(&self.offset, |entry| entry.relative_offset <= target),
            None => Lookup::Found(None),
        }
    }

    /// The first offset index entry at or behind a place in the log.
    pub fn lookup_position(&self, position: u32) -> Lookup<OffsetEntry> {
        let tail = &self.offset.tail;
        let before = tail.partition_point(|entry| entry.position < position);
        if before == 0 && self.offset.in_file > 0 {
            return Lookup::InFile(self.offset.in_file);
        }
        Lookup::Found(tail.get(before).copied())
    }

    /// The first entry that the file does not have.
    pub fn first_in_tail(&self) -> Option<OffsetEntry> {
        self.offset.tail.first().copied()
    }

    /// An offset to look for as entries carry it; `None` below the segment, at most its end above it.
    fn relative_bound(&self, offset: i64) -> Option<u32> {
        let relative = offset.saturating_sub(self.base_offset);
        (relative >= 0).then(|| u32::try_from(relative).unwrap_or(u32::MAX))
    }

    /// The last entry at or before a timestamp.
    pub fn lookup_timestamp(&self, timestamp: i64) -> Lookup<TimeEntry> {
        lookup(&self.time, |entry| entry.timestamp <= timestamp)
    }

    /// True when the tail has grown so that it should go to the files.
    pub fn wants_spill(&self) -> bool {
        self.offset.tail.len() >= SPILL_ENTRIES
    }

    /// True when the files lack entries.
    pub fn has_tail(&self) -> bool {
        !self.offset.tail.is_empty() || !self.time.tail.is_empty()
    }

    /// What a file lacks, encoded. Readers use the tail until [`IndexState::spilled`].
    pub fn spill(&self, kind: IndexKind) -> Spill {
        match kind {
            IndexKind::Offset => self.offset.spill(|entry| entry.to_bytes()),
            IndexKind::Time => self.time.spill(|entry| entry.to_bytes()),
        }
    }

    /// The file has what it lacked.
    pub fn spilled(&mut self, kind: IndexKind, spill: &Spill, synced: bool) {
        match kind {
            IndexKind::Offset => self.offset.spilled(spill, synced),
            IndexKind::Time => self.time.spilled(spill, synced),
        }
    }
}

fn lookup<E: Copy>(entries: &Entries<E>, is_at_most: impl Fn(&E) -> bool) -> Lookup<E> {
    let below = entries.tail.partition_point(is_at_most);
    match below.checked_sub(1) {
        Some(index) => Lookup::Found(Some(entries.tail[index])),
        None if entries.in_file == 0 => Lookup::Found(None),
        None => Lookup::InFile(entries.in_file),
    }
}

/// Why index files are not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexDamage {
    Missing,
    /// Not a whole number of entries.
    BadLength,
    /// The last entry is that of a preallocated file, or lies outside the segment.
    BadLastEntry,
    /// A time index without the order it must have.
    OutOfOrder,
}

/// Reads a whole time index and checks its order: unlike an offset index, a wrong time index would give wrong
/// answers.
pub fn check_time_entries(bytes: &[u8]) -> Result<Option<TimeEntry>, IndexDamage> {
    let mut last: Option<TimeEntry> = None;
    for bytes in bytes.chunks(time_index::ENTRY_BYTES) {
        if bytes.len() < time_index::ENTRY_BYTES {
            return Err(IndexDamage::BadLength);
        }
        let entry = TimeEntry::read(bytes);
        let ascends = last.is_none_or(|last| {
            last.timestamp < entry.timestamp && last.relative_offset <= entry.relative_offset
        });
        if !ascends || entry.relative_offset > i32::MAX as u32 {
            return Err(IndexDamage::OutOfOrder);
        }
        last = Some(entry);
    }
    Ok(last)
}
