//! Fetches that wait for bytes (Kafka: `DelayedFetch`).
//!
//! A waiter is told every new byte it may read, exactly once, and its request counts them over all its
//! partitions. Where bytes cannot be counted (the log has rolled since, or was truncated) the waiter is told to read
//! again at once, as Kafka completes such fetches.

use crate::log_offset::LogOffsetMetadata;

/// How far a reader may see (Kafka: `FetchIsolation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadBound {
    /// Another replica: everything written.
    LogEnd,
    /// A consumer with read_uncommitted.
    HighWatermark,
    /// A consumer with read_committed.
    LastStableOffset,
}

/// What has become readable for a waiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewBytes {
    /// This many more than it was told before.
    Counted(u32),
    /// Not countable, or the partition has changed: the request must read again.
    ReadAgain,
}

/// One partition of a sleeping fetch.
#[derive(Clone, Debug)]
pub struct FetchWaiter<T> {
    pub token: T,
    pub bound: ReadBound,
    /// Where the fetch would start to read.
    pub start: LogOffsetMetadata,
    /// The partition's own limit: more bytes than this do not help the request.
    pub max_bytes: u32,
    /// Bytes the request has already counted for this partition.
    pub counted: u32,
}

/// The sleeping fetches of one partition.
#[derive(Clone, Debug)]
pub struct FetchWaiters<T> {
    slots: Vec<Option<FetchWaiter<T>>>,
    free: Vec<u32>,
}

impl<T> Default for FetchWaiters<T> {
    fn default() -> Self {
        FetchWaiters { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> FetchWaiters<T> {
    /// Keeps a waiter whose bound is at `end` now; returns the slot that `remove` takes, and what there is already.
    pub fn add(&mut self, mut waiter: FetchWaiter<T>, end: LogOffsetMetadata) -> (u32, Option<NewBytes>) {
        let news = waiter.see(end);
        match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(waiter);
                (slot, news)
            }
            None => {
                self.slots.push(Some(waiter));
                ((self.slots.len() - 1) as u32, news)
            }
        }
    }

    /// Gives a slot back; the waiter hears nothing more.
    pub fn remove(&mut self, slot: u32) {
        let was = self.slots[slot as usize].take();
        assert!(was.is_some(), "slot {slot} of {} was already given back", self.slots.len());
        self.free.push(slot);
        if self.is_empty() {
            *self = FetchWaiters::default();
        }
    }

    /// The end that bounds these readers is now `end`.
    pub fn end_moved(
        &mut self,
        bound: ReadBound,
        end: LogOffsetMetadata,
        mut told: impl FnMut(&T, NewBytes),
    ) {
        for waiter in self.slots.iter_mut().flatten().filter(|waiter| waiter.bound == bound) {
            if let Some(news) = waiter.see(end) {
                told(&waiter.token, news);
            }
        }
    }

    /// The log begins at `log_start` now: whoever would read below it must hear so.
    pub fn start_moved(&self, log_start: i64, mut told: impl FnMut(&T, NewBytes)) {
        let below = |waiter: &&FetchWaiter<T>| waiter.start.offset < log_start;
        self.slots.iter().flatten().filter(below).for_each(|waiter| told(&waiter.token, NewBytes::ReadAgain));
    }

    /// Something else has happened that the readers must look at: a new leader epoch, a lost role.
    pub fn disturb(&mut self, mut told: impl FnMut(&T, NewBytes)) {
        self.slots.iter().flatten().for_each(|waiter| told(&waiter.token, NewBytes::ReadAgain));
    }

    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> FetchWaiter<T> {
    fn see(&mut self, end: LogOffsetMetadata) -> Option<NewBytes> {
        if end.offset == self.start.offset {
            return None;
        }
        let Some(bytes) = end.bytes_since(&self.start).filter(|_| end.offset > self.start.offset) else {
            return Some(NewBytes::ReadAgain);
        };
        let bytes = bytes.min(self.max_bytes);
        let new = bytes.saturating_sub(self.counted);
        self.counted = self.counted.max(bytes);
        (new > 0).then_some(NewBytes::Counted(new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use NewBytes::{Counted, ReadAgain};

    fn at(offset: i64, segment_base_offset: i64, position: u32) -> LogOffsetMetadata {
        LogOffsetMetadata { offset, segment_base_offset, position }
    }

    fn waiter(token: &'static str, bound: ReadBound, max_bytes: u32) -> FetchWaiter<&'static str> {
        FetchWaiter { token, bound, start: at(5, 0, 500), max_bytes, counted: 0 }
    }

    fn told(
        waiters: &mut FetchWaiters<&'static str>,
        bound: ReadBound,
        end: LogOffsetMetadata,
    ) -> Vec<(&'static str, NewBytes)> {
        let mut out = Vec::new();
        waiters.end_moved(bound, end, |token, news| out.push((*token, news)));
        out
    }

    #[test]
    fn every_new_byte_is_told_once_and_up_to_the_limit() {
        let mut waiters = FetchWaiters::default();
        let begin = at(5, 0, 500);
        assert_eq!(waiters.add(waiter("a", ReadBound::HighWatermark, 1000), begin), (0, None));
        waiters.add(waiter("limited", ReadBound::HighWatermark, 150), begin);
        waiters.add(waiter("committed", ReadBound::LastStableOffset, 1000), begin);
        let hw = ReadBound::HighWatermark;
        assert_eq!(told(&mut waiters, hw, at(5, 0, 500)), []);
        assert_eq!(told(&mut waiters, hw, at(6, 0, 600)), [("a", Counted(100)), ("limited", Counted(100))]);
        assert_eq!(told(&mut waiters, hw, at(7, 0, 700)), [("a", Counted(100)), ("limited", Counted(50))]);
        assert_eq!(told(&mut waiters, hw, at(7, 0, 700)), []);
        let lso = ReadBound::LastStableOffset;
        assert_eq!(told(&mut waiters, lso, at(7, 0, 700)), [("committed", Counted(200))]);
    }

    #[test]
    fn what_came_while_the_waiter_was_on_its_way_is_told_at_once() {
        let mut waiters = FetchWaiters::default();
        let seen = FetchWaiter { counted: 30, ..waiter("a", ReadBound::HighWatermark, 1000) };
        assert_eq!(waiters.add(seen, at(6, 0, 600)), (0, Some(Counted(70))));
        assert_eq!(told(&mut waiters, ReadBound::HighWatermark, at(6, 0, 600)), []);
    }

    #[test]
    fn what_cannot_be_counted_is_read_again() {
        for end in [at(9, 8, 100), LogOffsetMetadata::offset_only(9), at(3, 0, 300)] {
            let mut waiters = FetchWaiters::default();
            waiters.add(waiter("a", ReadBound::LogEnd, 1000), at(5, 0, 500));
            assert_eq!(told(&mut waiters, ReadBound::LogEnd, end), [("a", ReadAgain)], "{end:?}");
        }
    }

    #[test]
    fn readers_below_a_new_start_read_again_and_others_sleep_on() {
        let mut waiters = FetchWaiters::default();
        waiters.add(waiter("at 5", ReadBound::LogEnd, 1000), at(5, 0, 500));
        let mut told = Vec::new();
        waiters.start_moved(5, |token, news| told.push((*token, news)));
        assert_eq!(told, []);
        waiters.start_moved(6, |token, news| told.push((*token, news)));
        assert_eq!(told, [("at 5", ReadAgain)]);
    }

    #[test]
    fn slots_are_used_again_and_memory_is_given_back() {
        let mut waiters = FetchWaiters::default();
        let end = at(5, 0, 500);
        let (a, _) = waiters.add(waiter("a", ReadBound::LogEnd, 1), end);
        let (b, _) = waiters.add(waiter("b", ReadBound::LogEnd, 1), end);
        waiters.remove(a);
        assert_eq!(waiters.add(waiter("c", ReadBound::LogEnd, 1), end), (a, None));
        waiters.remove(a);
        waiters.remove(b);
        assert_eq!((waiters.len(), waiters.slots.capacity()), (0, 0));
    }
}
