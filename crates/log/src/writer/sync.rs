//! Making logs durable that asked for it, beside the turns that write.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lane::LaneKey;
use super::turn::give_up;
use super::{Done, Lane, Progress, Writer};
use crate::offset::LogOffset;

/// A log that wants everything below `end` on the disk.
pub(super) struct Sync<T> {
    lane: Arc<Lane>,
    owner: T,
    end: LogOffset,
}

/// Logs that wait for a sync, by their lanes: one that asks again while it waits moves its end.
pub(super) type Syncs<T> = BTreeMap<LaneKey, Sync<T>>;

impl<T: Clone> Writer<T> {
    /// True when logs wait for a sync that no sync turn has taken.
    pub fn has_sync_work(&self) -> bool {
        !self.syncs.lock().is_empty()
    }

    /// One sync for each log that waits for one (group commit: what asks meanwhile shares the next). Takes as long as the
    /// disk does; turns that write go on beside it. Waits while another thread is in its sync turn.
    pub fn sync_turn(&self) -> Vec<Done<T>> {
        let _one_at_a_time = self.syncing.lock();
        let waiting = std::mem::take(&mut *self.syncs.lock());
        let sync = |sync: Sync<T>| Done { progress: self.run_sync(&sync), owner: sync.owner };
        waiting.into_values().map(sync).collect()
    }

    /// Everything below `end` was written.
    pub(super) fn queue_sync(&self, lane: Arc<Lane>, owner: T, end: LogOffset) {
        self.syncs.lock().insert(lane.key(), Sync { lane, owner, end });
    }

    fn run_sync(&self, sync: &Sync<T>) -> Progress {
        let Sync { lane, end, .. } = sync;
        if lane.is_gone() {
            return lane.no_progress();
        }
        let fault = self.why_not(lane).or_else(|| {
            let fault = lane.sync_data().err()?;
            give_up(lane, fault)
        });
        if fault.is_some() || lane.is_gone() {
            return Progress { fault, ..lane.no_progress() };
        }
        // The turn that wrote the end may not have been reported yet. The recovery point stays at the segment's start:
        // the segment's indexes are in memory only, and a segment that begins at this very offset may follow.
        Progress { written: Some(*end), durable: Some(end.offset), ..lane.no_progress() }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Subject;

    #[test]
    fn writes_go_on_while_a_sync_waits_and_share_it() {
        let mut subject = Subject::new();
        for value in ["a", "b", "c"] {
            subject.submit(value, None, true);
            let done = subject.writer.turn();
            assert!(done.iter().all(|done| done.progress.durable.is_none()), "{done:?}");
            done.iter().for_each(|done| subject.log.advance(&done.progress));
        }
        subject.submit("d", None, false);
        subject.writer.turn().iter().for_each(|done| subject.log.advance(&done.progress));
        assert_eq!((subject.log.ends().written.offset, subject.log.ends().durable), (4, 0));
        assert!(subject.writer.has_sync_work());
        let done = subject.writer.sync_turn();
        assert_eq!(done.len(), 1);
        assert_eq!(done[0].progress.durable, Some(3));
        assert!(!subject.writer.has_sync_work());
    }

    #[test]
    fn a_sync_that_is_reported_before_its_turn_is_no_surprise() {
        let mut subject = Subject::new();
        subject.submit("a", None, true);
        let turn = subject.writer.turn();
        for done in subject.writer.sync_turn().iter().chain(&turn) {
            subject.log.advance(&done.progress);
        }
        let ends = subject.log.ends();
        assert_eq!((ends.written, ends.durable), (ends.assigned, 1));
    }

    #[test]
    fn nothing_is_synced_after_a_fault() {
        let mut subject = Subject::new();
        subject.submit("a", None, true);
        subject.writer.turn();
        subject.writer.fail(crate::LogFault::Offline { path: std::path::Path::new("/data").into() });
        let operations = subject.disk.operations();
        let done = subject.writer.sync_turn();
        assert!(done[0].progress.fault.is_some() && done[0].progress.durable.is_none());
        assert_eq!(subject.disk.operations(), operations);
    }
}
