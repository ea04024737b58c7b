//! Batches that this process neither wrote nor scanned are checked when they are read for the first time: a segment
//! below the recovery point, or of a directory that was left clean, is opened without looking at it, and disks forget.
//!
//! Which bytes have been checked is kept for each segment as a few ranges: readers that go along a segment join them to
//! one, readers at single places pay again when they are too many. Bytes behind those that were found need nothing.

use std::ops::Range;

use klamm_base::owned::Mutex;
use klamm_records::AnyBatch;

use super::Segment;
use super::scan::{BatchHead, HeaderScan};
use crate::fault::{LogFault, Malformed};
use crate::format::file_name::FileKind;

/// Ranges kept for a segment.
const RANGES_MAX: usize = 16;

/// What is known about the bytes of a segment.
#[derive(Debug)]
pub struct Verified(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Bytes that were there when the segment was opened.
    found: u32,
    /// Ranges of them that were checked, from batch to batch, ascending and apart from each other.
    ranges: Vec<Range<u32>>,
}

impl Verified {
    /// Of a segment with so many bytes from an earlier life.
    pub fn new(found: u32) -> Verified {
        Verified(Mutex::new(State { found, ranges: Vec::new() }))
    }

    /// How far bytes from `position` on have to be checked; `None` when they have been.
    fn unchecked(&self, position: u32, end: u32) -> Option<u32> {
        let state = self.0.lock();
        let end = end.min(state.found);
        let covers = |range: &Range<u32>| range.start <= position && end <= range.end;
        (position < end && !state.ranges.iter().any(covers)).then_some(end)
    }

    fn note(&self, checked: Range<u32>) {
        let mut state = self.0.lock();
        let touches = |range: &Range<u32>| range.start <= checked.end && checked.start <= range.end;
        let (joined, mut apart): (Vec<_>, Vec<_>) = state.ranges.drain(..).partition(touches);
        let whole = joined
            .iter()
            .fold(checked, |whole, range| whole.start.min(range.start)..whole.end.max(range.end));
        if apart.len() == RANGES_MAX {
            apart.remove(0);
        }
        let at = apart.partition_point(|range| range.start < whole.start);
        apart.insert(at, whole);
        state.ranges = apart;
    }
}

impl Segment {
    /// A scan has seen every batch.
    pub fn trust(&self) {
        self.verified.0.lock().found = 0;
    }

    /// True when `len` bytes from `position` on can be given out as they are.
    pub fn is_verified(&self, position: u32, len: u32) -> bool {
        self.verified.unchecked(position, position.saturating_add(len)).is_none()
    }

    /// Of `len` bytes that begin with a batch, those that can be given out: all, or what lies before the first bad batch.
    /// `limit` is where a batch ends, `below` an offset that no batch of the segment reaches.
    ///
    /// # Errors
    /// The bad batch, when it is the first one.
    pub fn verified_len(&self, first: &BatchHead, len: u32, limit: u32, below: i64) -> Result<u32, LogFault> {
        let position = first.position;
        let Some(end) = self.verified.unchecked(position, position.saturating_add(len)) else {
            return Ok(len);
        };
        match self.verify(position..end, limit, below) {
            (_, None) => Ok(len),
            (good, Some(_)) if good > position => Ok(good - position),
            (_, Some(fault)) => Err(fault),
        }
    }

    /// Checks batches until one reaches the range's end; returns where the good ones end, and what comes then.
    fn verify(&self, range: Range<u32>, limit: u32, below: i64) -> (u32, Option<LogFault>) {
        let (mut good, mut last) = (range.start, None::<BatchHead>);
        let mut bad = None;
        // One batch more than asked for: its offset tells whether that of the last one is true.
        let walked = self.walk(range.start, limit, |head| {
            let expected = last.map_or(self.base_offset(), |last| last.last_offset + 1);
            if let Err(why) = check_order(self.base_offset(), head, expected) {
                bad = Some(LogFault::malformed(self.path(FileKind::Log), why));
                // Which of the two is wrong cannot be told.
                good = last.map_or(good, |last| last.position);
                return Ok(false);
            }
            if head.position >= range.end {
                return Ok(false);
            }
            bad = self.check_batch(head, below).err();
            if bad.is_none() {
                good = head.end();
                last = Some(*head);
            }
            Ok(bad.is_none())
        });
        let bad = bad.or(walked.err().filter(|_| good < range.end));
        if good > range.start {
            self.verified.note(range.start..good);
        }
        (good, bad)
    }

    fn check_batch(&self, head: &BatchHead, below: i64) -> Result<(), LogFault> {
        if head.last_offset >= below {
            let (position, offset) = (head.position, head.last_offset);
            let why = Malformed::BadOffset { position, offset, expected: below };
            return Err(LogFault::malformed(self.path(FileKind::Log), why));
        }
        let bytes = self.read_batch(head)?;
        let checked = AnyBatch::parse(&bytes).and_then(|batch| batch.check_crc());
        checked.map_err(|why| LogFault::corrupt(self.path(FileKind::Log), head.position, why))
    }

    /// The first batch whose last offset is not below `offset`, on the way of `scan`. Batches passed have to be in order,
    /// else the one found may be another.
    pub(super) fn find_from(&self, scan: HeaderScan<'_>, offset: i64) -> Result<Option<BatchHead>, LogFault> {
        let mut end = self.base_offset();
        for head in scan {
            let head = head.map_err(|fault| self.scan_fault(fault))?;
            check_order(self.base_offset(), &head, end)
                .map_err(|why| LogFault::malformed(self.path(FileKind::Log), why))?;
            end = head.last_offset + 1;
            if head.last_offset >= offset {
                return Ok(Some(head));
            }
        }
        Ok(None)
    }
}

/// A batch's offsets, which lie outside the CRC, must go on behind `end` and belong into the segment.
pub(crate) fn check_order(segment_base_offset: i64, head: &BatchHead, end: i64) -> Result<(), Malformed> {
    let relative = head.last_offset.checked_sub(segment_base_offset);
    let in_segment = relative.is_some_and(|relative| (0..=i64::from(i32::MAX)).contains(&relative));
    if head.base_offset < end || head.last_offset < head.base_offset || !in_segment {
        let (position, offset) = (head.position, head.base_offset);
        return Err(Malformed::BadOffset { position, offset, expected: end });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_become_one() {
        let verified = Verified::new(100);
        assert_eq!(verified.unchecked(0, 200), Some(100));
        assert_eq!(verified.unchecked(100, 200), None);
        verified.note(0..10);
        verified.note(20..30);
        assert_eq!(verified.unchecked(0, 11), Some(11));
        assert_eq!(verified.unchecked(22, 30), None);
        verified.note(10..20);
        assert_eq!(verified.unchecked(0, 30), None);
        assert_eq!(verified.0.lock().ranges[..], *std::slice::from_ref(&(0..30)));
        for start in 2..60u32 {
            verified.note(start * 40..start * 40 + 1);
        }
        assert!(verified.0.lock().ranges.len() <= RANGES_MAX + 1);
        assert!(verified.0.lock().ranges.is_sorted_by_key(|range| range.start));
    }
}
