//! Quantiles of the last minutes out of counts that only grow: what has come since a look of five minutes ago. Nothing
//! runs between two looks; who looks seldom gets the time since his last one.

use std::collections::{BTreeMap, VecDeque};

use klamm_base::Mono;

use crate::counting::Counts;

/// What quantiles are about, at least, once somebody looks regularly.
const WINDOW_MS: i64 = 5 * 60 * 1000;
/// Looks are kept so far apart.
const APART_MS: i64 = 60 * 1000;

/// Name and number of a histogram.
pub type Key = (&'static str, i16);

#[derive(Debug, Default)]
pub struct Windows {
    /// Oldest first.
    kept: VecDeque<(Mono, BTreeMap<Key, Counts>)>,
    /// Of the look that goes on.
    present: BTreeMap<Key, Counts>,
}

impl Windows {
    /// What has come of a histogram in the window that ends now.
    pub fn recent(&mut self, key: Key, counts: &Counts, now: Mono) -> Counts {
        self.present.insert(key, counts.clone());
        let is_old = |(at, _): &&(Mono, _)| now.ms_since(*at) >= WINDOW_MS;
        let before = self.kept.iter().rev().find(is_old).and_then(|(_, kept)| kept.get(&key));
        before.map_or_else(|| counts.clone(), |before| counts.since(before))
    }

    /// All histograms have been looked at.
    pub fn end_look(&mut self, now: Mono) {
        let present = std::mem::take(&mut self.present);
        if self.kept.back().is_none_or(|(at, _)| now.ms_since(*at) >= APART_MS) {
            self.kept.push_back((now, present));
        }
        // Of those older than the window the newest is enough.
        while self.kept.get(1).is_some_and(|(at, _)| now.ms_since(*at) >= WINDOW_MS) {
            self.kept.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counting::Histogram;

    #[test]
    fn the_window_ends_behind_looks_that_are_old_enough() {
        let (mut windows, histogram) = (Windows::default(), Histogram::default());
        let mut look = |seconds: u64| {
            histogram.add(7);
            let (mut counts, now) = (Counts::default(), Mono(seconds * 1_000_000));
            counts.add(&histogram);
            let recent = windows.recent(("x", 0), &counts, now).total();
            windows.end_look(now);
            (recent, windows.kept.len())
        };
        assert_eq!(look(0), (1, 1));
        assert_eq!(look(30), (2, 1));
        assert_eq!(look(60), (3, 2));
        assert_eq!(look(299), (4, 3));
        // Since the look at 0, then since that at 60.
        assert_eq!(look(301), (4, 3));
        assert_eq!(look(361), (3, 3));
        assert_eq!(look(10_000), (1, 2));
    }
}
