//! Where each leader epoch of a log begins (Kafka: `LeaderEpochFileCache`). In memory only; the log decides when it goes
//! to `leader-epoch-checkpoint`.

pub use crate::format::leader_epoch_checkpoint::EpochEntry;

/// "No epoch" in answers (Kafka: `OffsetsForLeaderEpochResponse.UNDEFINED_EPOCH`).
pub const UNDEFINED_EPOCH: i32 = -1;
/// "No offset" in answers.
pub const UNDEFINED_EPOCH_OFFSET: i64 = -1;

/// Entries ascend in epoch and, weakly, in start offset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochCache {
    entries: Vec<EpochEntry>,
}

impl EpochCache {
    pub fn new(entries: Vec<EpochEntry>) -> EpochCache {
        EpochCache { entries }
    }

    pub fn entries(&self) -> &[EpochEntry] {
        &self.entries
    }

    pub fn latest(&self) -> Option<EpochEntry> {
        self.entries.last().copied()
    }

    pub fn earliest(&self) -> Option<EpochEntry> {
        self.entries.first().copied()
    }

    /// Notes that `epoch` begins at `start_offset`; entries it contradicts are dropped. Returns true when something has
    /// changed.
    pub fn assign(&mut self, epoch: i32, start_offset: i64) -> bool {
        assert!(epoch >= 0 && start_offset >= 0, "epoch {epoch} at offset {start_offset}");
        if let Some(latest) = self.latest()
            && epoch == latest.epoch
            && start_offset >= latest.start_offset
        {
            return false;
        }
        while self.latest().is_some_and(|last| last.epoch >= epoch || last.start_offset >= start_offset) {
            self.entries.pop();
        }
        self.entries.push(EpochEntry { epoch, start_offset });
        true
    }

    /// Drops epochs that begin at or behind the log's new end.
    pub fn truncate_from_end(&mut self, end_offset: i64) -> bool {
        let kept = self.entries.partition_point(|entry| entry.start_offset < end_offset);
        let changed = kept < self.entries.len();
        self.entries.truncate(kept);
        changed
    }

    /// Drops epochs that end at or before the log's new start; the one that covers it begins there from now on.
    pub fn truncate_from_start(&mut self, start_offset: i64) -> bool {
        let begun = self.entries.partition_point(|entry| entry.start_offset <= start_offset);
        let Some(covering) = begun.checked_sub(1) else { return false };
        let changed = covering > 0 || self.entries[0].start_offset != start_offset;
        self.entries[covering].start_offset = start_offset;
        self.entries.drain(..covering);
        changed
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The largest known epoch not above `epoch` and its end; the undefined pair when there is none.
    pub fn end_offset_for(&self, epoch: i32, log_end: i64) -> (i32, i64) {
        if epoch == UNDEFINED_EPOCH {
            return (UNDEFINED_EPOCH, UNDEFINED_EPOCH_OFFSET);
        }
        if self.latest().is_some_and(|latest| latest.epoch == epoch) {
            return (epoch, log_end);
        }
        let above = self.entries.partition_point(|entry| entry.epoch <= epoch);
        let Some(next) = self.entries.get(above) else {
            return (UNDEFINED_EPOCH, UNDEFINED_EPOCH_OFFSET);
        };
        // Below the first known epoch the data is gone: its start is the best that can be said.
        let floor = above.checked_sub(1).map_or(epoch, |index| self.entries[index].epoch);
        (floor, next.start_offset)
    }

    pub fn epoch_for_offset(&self, offset: i64) -> Option<i32> {
        let begun = self.entries.partition_point(|entry| entry.start_offset <= offset);
        begun.checked_sub(1).map(|index| self.entries[index].epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(entries: &[(i32, i64)]) -> EpochCache {
        let entries = entries.iter();
        EpochCache::new(entries.map(|&(epoch, start_offset)| EpochEntry { epoch, start_offset }).collect())
    }

    #[test]
    fn assigning_keeps_both_columns_ascending() {
        let mut epochs = cache(&[]);
        assert!(epochs.assign(0, 0));
        assert!(!epochs.assign(0, 10));
        assert!(epochs.assign(2, 25));
        // Nothing was written under epoch 2.
        assert!(epochs.assign(4, 25));
        assert_eq!(epochs, cache(&[(0, 0), (4, 25)]));
        // A conflicting history wins.
        assert!(epochs.assign(3, 20));
        assert_eq!(epochs, cache(&[(0, 0), (3, 20)]));
    }

    #[test]
    fn truncation_at_both_ends() {
        let mut epochs = cache(&[(0, 0), (2, 25), (4, 29)]);
        assert!(epochs.truncate_from_end(29));
        assert!(!epochs.truncate_from_end(29));
        assert_eq!(epochs, cache(&[(0, 0), (2, 25)]));
        assert!(epochs.truncate_from_start(26));
        assert_eq!(epochs, cache(&[(2, 26)]));
        assert!(!epochs.truncate_from_start(26));
        assert!(!epochs.truncate_from_start(3));
        let mut epochs = cache(&[(0, 0), (2, 25)]);
        assert!(epochs.truncate_from_start(25));
        assert_eq!(epochs, cache(&[(2, 25)]));
    }

    #[test]
    fn ends_of_epochs_are_kafkas() {
        let epochs = cache(&[(2, 10), (4, 20), (7, 30)]);
        assert_eq!(epochs.end_offset_for(-1, 40), (-1, -1));
        assert_eq!(epochs.end_offset_for(7, 40), (7, 40));
        assert_eq!(epochs.end_offset_for(8, 40), (-1, -1));
        assert_eq!(epochs.end_offset_for(4, 40), (4, 30));
        assert_eq!(epochs.end_offset_for(5, 40), (4, 30));
        assert_eq!(epochs.end_offset_for(1, 40), (1, 10));
        assert_eq!(cache(&[]).end_offset_for(0, 40), (-1, -1));
        assert_eq!(epochs.epoch_for_offset(9), None);
        assert_eq!(epochs.epoch_for_offset(10), Some(2));
        assert_eq!(epochs.epoch_for_offset(29), Some(4));
        assert_eq!(epochs.epoch_for_offset(99), Some(7));
    }
}
