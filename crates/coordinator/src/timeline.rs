//! A map of which readers see the committed part, while writers see everything
//! (Kafka: `TimelineHashMap`, `SnapshotRegistry`).
//!
//! The map itself holds the newest values. Behind it stands a tail of what uncommitted records have overwritten, by
//! the offset of the record; a committed reader looks there first. Committing cuts the tail from its old end. Nothing
//! is ever rolled back: what the log refuses is never replayed, and who loses the log reads it anew.

use std::borrow::Borrow;
use std::collections::{BTreeMap, VecDeque};

/// What lies around an overwritten value, rounded up.
pub const OVERWRITTEN: usize = 320;

/// What takes so many bytes of memory.
pub trait Held {
    fn held_bytes(&self) -> usize;
}

/// One value that a record has overwritten.
#[derive(Clone, Debug)]
struct Overwritten<K, V> {
    offset: i64,
    key: K,
    before: Option<V>,
}

#[derive(Clone, Debug)]
pub struct Timeline<K, V> {
    newest: BTreeMap<K, V>,
    /// In the order of the offsets.
    tail: VecDeque<Overwritten<K, V>>,
    /// Of the newest values with their keys, and of the tail.
    newest_bytes: usize,
    tail_bytes: usize,
}

impl<K, V> Default for Timeline<K, V> {
    fn default() -> Self {
        Timeline { newest: BTreeMap::new(), tail: VecDeque::new(), newest_bytes: 0, tail_bytes: 0 }
    }
}

impl<K: Held, V: Held> Overwritten<K, V> {
    fn held_bytes(&self) -> usize {
        OVERWRITTEN + self.key.held_bytes() + self.before.as_ref().map_or(0, Held::held_bytes)
    }
}

impl<K: Ord + Clone + Held, V: Clone + Held> Timeline<K, V> {
    /// The newest value, committed or not.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.newest.get(key)
    }

    /// The value without what is not committed yet.
    pub fn committed<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        match self.tail.iter().find(|overwritten| overwritten.key.borrow() == key) {
            Some(overwritten) => overwritten.before.as_ref(),
            None => self.newest.get(key),
        }
    }

    /// How many newest values there are.
    pub fn count(&self) -> usize {
        self.newest.len()
    }

    /// All newest values.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.newest.iter()
    }

    /// The newest values of a range of keys.
    pub fn range<Q: Ord + ?Sized>(
        &self,
        range: impl std::ops::RangeBounds<Q>,
    ) -> impl Iterator<Item = (&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.newest.range(range)
    }

    /// Keys whose values differ between the newest and the committed state, once each.
    pub fn uncommitted_keys(&self) -> impl Iterator<Item = &K> {
        let keys: std::collections::BTreeSet<&K> =
            self.tail.iter().map(|overwritten| &overwritten.key).collect();
        keys.into_iter()
    }

    /// Sets (`Some`) or removes a value as the record at `offset` says; returns the one before.
    pub fn put(&mut self, offset: i64, key: K, value: Option<V>) -> Option<V> {
        let last = self.tail.back().map_or(i64::MIN, |overwritten| overwritten.offset);
        assert!(offset >= last, "record {offset} is replayed after {last}");
        let key_bytes = key.held_bytes();
        let added = value.as_ref().map_or(0, |value| key_bytes + value.held_bytes());
        let before = match value {
            Some(value) => self.newest.insert(key.clone(), value),
            None => self.newest.remove(&key),
        };
        let removed = before.as_ref().map_or(0, |before| key_bytes + before.held_bytes());
        self.newest_bytes = self.newest_bytes + added - removed;
        let overwritten = Overwritten { offset, key, before: before.clone() };
        self.tail_bytes += overwritten.held_bytes();
        self.tail.push_back(overwritten);
        before
    }

    /// Everything below `end` is committed.
    pub fn commit(&mut self, end: i64) {
        while self.tail.front().is_some_and(|overwritten| overwritten.offset < end) {
            let cut = self.tail.pop_front();
            self.tail_bytes -= cut.map_or(0, |overwritten| overwritten.held_bytes());
        }
    }

    /// Bytes of the newest values with their keys, and of what uncommitted records have overwritten.
    pub fn held_bytes(&self) -> (usize, usize) {
        (self.newest_bytes, self.tail_bytes)
    }

    /// The same, counted anew.
    pub fn recount(&self) -> (usize, usize) {
        let newest = self.newest.iter().map(|(key, value)| key.held_bytes() + value.held_bytes());
        (newest.sum(), self.tail.iter().map(Overwritten::held_bytes).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Held for &str {
        fn held_bytes(&self) -> usize {
            self.len()
        }
    }

    impl Held for i32 {
        fn held_bytes(&self) -> usize {
            4
        }
    }

    #[test]
    fn bytes_are_those_of_what_is_there() {
        let mut timeline = Timeline::default();
        timeline.put(0, "a", Some(1));
        timeline.put(1, "bb", Some(1));
        assert_eq!(timeline.held_bytes(), (11, 2 * OVERWRITTEN + 3));
        timeline.put(2, "a", Some(2));
        timeline.put(3, "bb", None);
        timeline.put(4, "c", None);
        assert_eq!(timeline.held_bytes(), (5, 5 * OVERWRITTEN + 7 + 8));
        assert_eq!(timeline.held_bytes(), timeline.recount());
        timeline.commit(5);
        assert_eq!(timeline.held_bytes(), (5, 0));
    }

    fn shown(timeline: &Timeline<&'static str, i32>) -> (Option<i32>, Option<i32>) {
        (timeline.get("a").copied(), timeline.committed("a").copied())
    }

    #[test]
    fn writers_see_everything_and_readers_what_is_committed() {
        let mut timeline = Timeline::default();
        timeline.put(0, "a", Some(1));
        assert_eq!(shown(&timeline), (Some(1), None));
        timeline.commit(1);
        assert_eq!(shown(&timeline), (Some(1), Some(1)));
        timeline.put(1, "a", Some(2));
        timeline.put(2, "a", None);
        assert_eq!(shown(&timeline), (None, Some(1)));
        timeline.commit(2);
        assert_eq!(shown(&timeline), (None, Some(2)));
        assert_eq!(timeline.uncommitted_keys().collect::<Vec<_>>(), [&"a"]);
    }
}
