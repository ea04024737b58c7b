//! A map of which readers see the committed part, while writers see everything
//! (Kafka: `TimelineHashMap`, `SnapshotRegistry`).
//!
//! The map itself holds the newest values. Behind it stands a tail of what uncommitted records have overwritten, by
//! the offset of the record; a committed reader looks there first. Committing cuts the tail from its old end. Nothing
//! is ever rolled back: what the log refuses is never replayed, and who loses the log reads it anew.

use std::borrow::Borrow;
use std::collections::{BTreeMap, VecDeque};

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
}

impl<K, V> Default for Timeline<K, V> {
    fn default() -> Self {
        Timeline { newest: BTreeMap::new(), tail: VecDeque::new() }
    }
}

impl<K: Ord + Clone, V: Clone> Timeline<K, V> {
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
        let before = match value {
            Some(value) => self.newest.insert(key.clone(), value),
            None => self.newest.remove(&key),
        };
        self.tail.push_back(Overwritten { offset, key, before: before.clone() });
        before
    }

    /// Everything below `end` is committed.
    pub fn commit(&mut self, end: i64) {
        while self.tail.front().is_some_and(|overwritten| overwritten.offset < end) {
            self.tail.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
