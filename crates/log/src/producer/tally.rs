//! The producers of all logs that have a bound in common.
//!
//! A log counts its producers here, and marks each with the number of newcomers that there have been anywhere when it
//! last wrote: so who has been silent for longest is known across logs without a clock, whatever timestamps clients
//! choose, and nothing has to be looked for while a batch is appended.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// See the module.
#[derive(Debug, Default)]
pub struct ProducerTally {
    producers: AtomicUsize,
    newcomers: AtomicU64,
}

impl ProducerTally {
    /// Producers that are remembered, each once for every log.
    pub fn count(&self) -> usize {
        self.producers.load(Ordering::Relaxed)
    }
}

/// A log's part; it is given back with the log.
#[derive(Debug)]
pub(super) struct Share {
    tally: Arc<ProducerTally>,
    counted: usize,
}

impl Share {
    pub fn new(tally: Arc<ProducerTally>) -> Share {
        Share { tally, counted: 0 }
    }

    /// The log remembers so many.
    pub fn recount(&mut self, producers: usize) {
        if producers != self.counted {
            self.tally.producers.fetch_add(producers.wrapping_sub(self.counted), Ordering::Relaxed);
            self.counted = producers;
        }
    }

    /// A producer writes, perhaps for the first time; its mark.
    pub fn heard(&self, is_new: bool) -> u64 {
        match is_new {
            true => self.tally.newcomers.fetch_add(1, Ordering::Relaxed) + 1,
            false => self.tally.newcomers.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.recount(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_count_together_until_they_are_gone() {
        let tally = Arc::new(ProducerTally::default());
        let [mut one, mut other] = [(); 2].map(|()| Share::new(tally.clone()));
        one.recount(5);
        other.recount(3);
        assert_eq!(tally.count(), 8);
        one.recount(1);
        assert_eq!(tally.count(), 4);
        drop(other);
        assert_eq!(tally.count(), 1);
        assert_eq!([one.heard(false), one.heard(true), one.heard(false), one.heard(true)], [0, 1, 1, 2]);
    }
}
