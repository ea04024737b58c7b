//! Making logs durable that asked for it, beside the turns that write.

use std::collections::BTreeMap;
use std::sync::Arc;

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
pub(super) type Syncs<T> = BTreeMap<u64, Sync<T>>;

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
        self.syncs.lock().insert(lane.id(), Sync { lane, owner, end });
    }

    fn run_sync(&self, sync: &Sync<T>) -> Progress {
        let Sync { lane, end, .. } = sync;
        if lane.home().is_removed() {
            return Progress::default();
        }
        let fault = self.why_not(lane).or_else(|| {
            let fault = lane.sync_data().err()?;
            give_up(lane, fault)
        });
        if fault.is_some() || lane.home().is_removed() {
            return Progress { fault, ..Progress::default() };
        }
        // The turn that wrote the end may not have been reported yet. The recovery point stays at the segment's start:
        // the segment's indexes are in memory only, and a segment that begins at this very offset may follow.
        Progress { written: Some(*end), durable: Some(end.offset), ..Progress::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use klamm_base::{TopicPartition, Uuid};
    use klamm_records::{BatchBuilder, BatchHeader, BatchOptions, Scratch};

    use super::*;
    use crate::disk::sim::SimDisk;
    use crate::{AppendContext, AppendOrigin, Appended, Log, LogConfig, LogDir, OpenLog};

    fn new_log(disk: &SimDisk) -> Log {
        let dir = LogDir::open(Arc::new(disk.clone()), "/data").unwrap();
        let open = OpenLog {
            config: LogConfig::default(),
            clean: false,
            recovery_point: 0,
            log_start: 0,
            now_ms: 0,
            seed: 1,
            sync_recovered: false,
        };
        dir.create_log(TopicPartition::new("t", 0), Uuid([1; 16]), open).unwrap().0
    }

    fn append(log: &mut Log, writer: &Writer<()>, sync: bool) {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        builder.append(0, None, Some(b"value"), &[]).unwrap();
        let bytes = builder.build(&mut Scratch::default());
        let header = BatchHeader::parse(&bytes).unwrap();
        let context = AppendContext { origin: AppendOrigin::Client, leader_epoch: 0, now_ms: 0, sync };
        let Ok(Appended::New { op, .. }) = log.append(&header, bytes, &context) else { panic!("no append") };
        writer.submit(op, ());
    }

    #[test]
    fn writes_go_on_while_a_sync_waits_and_share_it() {
        let disk = SimDisk::new();
        let (mut log, writer) = (new_log(&disk), Writer::new());
        for _ in 0..3 {
            append(&mut log, &writer, true);
            let done = writer.turn();
            assert!(done.iter().all(|done| done.progress.durable.is_none()), "{done:?}");
            done.iter().for_each(|done| log.advance(&done.progress));
        }
        append(&mut log, &writer, false);
        writer.turn().iter().for_each(|done| log.advance(&done.progress));
        assert_eq!((log.ends().written.offset, log.ends().durable), (4, 0));
        assert!(writer.has_sync_work());
        let done = writer.sync_turn();
        assert_eq!(done.len(), 1);
        assert_eq!(done[0].progress.durable, Some(3));
        assert!(!writer.has_sync_work());
    }

    #[test]
    fn a_sync_that_is_reported_before_its_turn_is_no_surprise() {
        let disk = SimDisk::new();
        let (mut log, writer) = (new_log(&disk), Writer::new());
        append(&mut log, &writer, true);
        let turn = writer.turn();
        for done in writer.sync_turn().iter().chain(&turn) {
            log.advance(&done.progress);
        }
        assert_eq!((log.ends().written, log.ends().durable), (log.ends().assigned, 1));
    }

    #[test]
    fn nothing_is_synced_after_a_fault() {
        let disk = SimDisk::new();
        let (mut log, writer) = (new_log(&disk), Writer::new());
        append(&mut log, &writer, true);
        writer.turn();
        let fault = crate::LogFault::Offline { path: std::path::Path::new("/data").into() };
        writer.fail(fault);
        let operations = disk.operations();
        let done = writer.sync_turn();
        assert!(done[0].progress.fault.is_some() && done[0].progress.durable.is_none());
        assert_eq!(disk.operations(), operations);
    }
}
