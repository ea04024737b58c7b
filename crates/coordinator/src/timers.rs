//! Points of time at which something is due, by name (Kafka: `CoordinatorTimer`).

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::Mono;

/// One deadline for each key; setting it again moves it.
#[derive(Clone, Debug)]
pub struct Timers<K> {
    by_key: BTreeMap<K, Mono>,
    by_time: BTreeSet<(Mono, K)>,
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Timers { by_key: BTreeMap::new(), by_time: BTreeSet::new() }
    }
}

impl<K: Ord + Clone> Timers<K> {
    pub fn set(&mut self, key: K, due: Mono) {
        if let Some(before) = self.by_key.insert(key.clone(), due) {
            self.by_time.remove(&(before, key.clone()));
        }
        self.by_time.insert((due, key));
    }

    pub fn cancel(&mut self, key: &K) {
        if let Some(due) = self.by_key.remove(key) {
            self.by_time.remove(&(due, key.clone()));
        }
    }

    /// The earliest deadline.
    pub fn next(&self) -> Option<Mono> {
        self.by_time.first().map(|(due, _)| *due)
    }

    /// Takes one key whose time has come, the earliest first.
    pub fn take_due(&mut self, now: Mono) -> Option<K> {
        let (due, _) = self.by_time.first()?;
        if *due > now {
            return None;
        }
        let (_, key) = self.by_time.pop_first()?;
        self.by_key.remove(&key);
        Some(key)
    }

    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.by_key.keys()
    }

    pub fn len(&self) -> usize {
        assert_eq!(self.by_key.len(), self.by_time.len(), "timers by key and by time");
        self.by_key.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_moves_and_fires_once() {
        let mut timers = Timers::default();
        timers.set("a", Mono(10));
        timers.set("b", Mono(5));
        timers.set("a", Mono(3));
        assert_eq!((timers.len(), timers.next()), (2, Some(Mono(3))));
        assert_eq!(timers.take_due(Mono(4)), Some("a"));
        assert_eq!(timers.take_due(Mono(4)), None);
        timers.cancel(&"b");
        assert!(timers.is_empty() && timers.next().is_none());
        timers.set("c", Mono(1));
        timers.cancel(&"c");
        assert_eq!(timers.take_due(Mono::NEVER), None);
    }
}
