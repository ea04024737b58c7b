//! The producers that a partition remembers (Kafka: `Partition.activeProducerState`, `UnifiedLog`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use klamm_base::ErrorCode;
use klamm_log::{ProducerEntry, ProducerTally};

use super::Partition;

/// The bound on the producers of all partitions (`klamm.max.producer.ids`).
#[derive(Debug)]
pub struct ProducersBound {
    tally: Arc<ProducerTally>,
    max: usize,
    /// So many must there be until somebody is forgotten again.
    next: AtomicUsize,
    is_forgetting: AtomicBool,
}

impl ProducersBound {
    pub fn new(max: usize) -> ProducersBound {
        ProducersBound {
            tally: Arc::default(),
            max,
            next: AtomicUsize::new(max),
            is_forgetting: AtomicBool::new(false),
        }
    }

    pub fn tally(&self) -> &Arc<ProducerTally> {
        &self.tally
    }

    /// There are too many. Two atomic reads.
    pub fn is_passed(&self) -> bool {
        self.tally.count() > self.next.load(Ordering::Relaxed)
    }

    /// Forgets those that have been silent for longest, a tenth of all that may be: so few newcomers make it necessary to
    /// look at all partitions again. Nobody waits for it: who comes while somebody else is at it goes on. Called without
    /// any lock.
    pub fn enforce(&self, partitions: &[Arc<Partition>]) {
        if self.is_forgetting.swap(true, Ordering::Acquire) {
            return;
        }
        let mut marks = Vec::new();
        partitions.iter().for_each(|partition| partition.silent_since(&mut marks));
        let surplus = (self.tally.count().saturating_sub(self.max) + self.max / 10).min(marks.len());
        if surplus > 0 {
            let (before, mark, _) = marks.select_nth_unstable(surplus - 1);
            let mark = *mark;
            let mut at_mark = 1 + before.iter().filter(|before| **before == mark).count();
            for partition in partitions {
                at_mark -= partition.forget_silent(mark, at_mark);
            }
        }
        // Those with open transactions stay; it would be in vain to look again at once.
        let left = self.tally.count();
        let next = if left > self.max { left + self.max / 10 } else { self.max };
        self.next.store(next, Ordering::Relaxed);
        self.is_forgetting.store(false, Ordering::Release);
    }
}

impl Partition {
    /// All producers by id, whoever leads.
    ///
    /// # Errors
    /// `KAFKA_STORAGE_ERROR` when the log has failed, `UNKNOWN_TOPIC_OR_PARTITION` when it was given up.
    pub fn producers(&self) -> Result<Vec<(i64, ProducerEntry)>, ErrorCode> {
        let state = self.lock();
        state.check_log()?;
        Ok(state.log.producers().map(|(id, entry)| (id, entry.clone())).collect())
    }

    /// From now on its producers count together with those of other partitions.
    pub fn count_producers_in(&self, tally: &Arc<ProducerTally>) {
        self.lock().log.count_producers_in(tally.clone());
    }

    fn silent_since(&self, marks: &mut Vec<u64>) {
        marks.extend(self.lock().log.producers_silent_since());
    }

    fn forget_silent(&self, mark: u64, at_mark: usize) -> usize {
        self.lock().log.forget_silent_producers(mark, at_mark)
    }

    /// Forgets producers that have been silent for long.
    pub fn remove_expired_producers(&self, now_ms: i64) {
        self.lock().log.remove_expired_producers(now_ms);
    }
}
