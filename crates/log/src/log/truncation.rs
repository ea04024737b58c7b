//! Cutting a log's end off (Kafka: `UnifiedLog.truncateTo`, `truncateFullyAndStartAt`): a follower gives up what its
//! leader does not have.
//!
//! The only change of a log that takes something back, so it is the only one that is through when the call returns: on
//! the disk, durably, from the end towards the start, so that a crash leaves some prefix of the old history. What the
//! writer still has for the old history (syncs, flushes of rolled segments) is given up with the log's lane.

use std::sync::Arc;

use super::retention::{DeletedSegments, rename_snapshots};
use super::{ActiveSegment, Log, new_segment, roll_jitter};
use crate::disk::OpenMode;
use crate::fault::{DiskFault, DiskOp, LogFault};
use crate::format::file_name::FileKind;
use crate::home::LogHome;
use crate::offset::LogOffset;
use crate::producer_load::ProducerLoad;
use crate::segment::Segment;

/// Where the last segment that stays is cut.
struct Cut {
    /// Index among the log's segments.
    index: usize,
    /// Bytes that stay.
    position: u32,
    /// The log's new end.
    end: i64,
}

impl Log {
    /// Removes everything from `offset` on; a batch that reaches beyond it goes whole. Nothing but epochs that begin
    /// there is lost when the log ends before. Returns what lies renamed on the disk, to be
    /// [removed](DeletedSegments::remove) after `file.delete.delay.ms`; `None` when the log ended before `offset`.
    ///
    /// Blocks on the disk. All appends have been written and [reported](Log::advance), and none may come meanwhile. The
    /// recovery-point checkpoint must be written before the next append: the recovery point may have gone back. So may
    /// the log start (Kafka too), when `offset` lies below it. The high watermark is the caller's to lower.
    ///
    /// # Errors
    /// The log is offline, and as it was in memory.
    pub fn truncate_to(&mut self, offset: i64, now_ms: i64) -> Result<Option<DeletedSegments>, LogFault> {
        assert!(offset >= 0, "{} cannot end at {offset}", self.topic_partition);
        if offset >= self.ends.assigned.offset {
            // A leader that never appended may have noted an epoch that begins where the log ends.
            self.epochs_changed |= self.epochs.truncate_from_end(self.ends.assigned.offset);
            return Ok(None);
        }
        if offset < self.segments[0].base_offset() {
            return self.truncate_fully_and_start_at(offset, None, now_ms).map(Some);
        }
        self.with_lane_taken(|log| {
            let cut = log.find_cut(offset)?;
            let removed = log.segments[cut.index + 1..].to_vec();
            remove_from_end(log.lane.home(), &removed)?;
            let shortened = log.cut_file(&cut)?;
            let snapshots = log.producers.drop_snapshots(|snapshot| snapshot > cut.end);
            rename_snapshots(log.lane.home(), &snapshots)?;
            // What is written from now on must never meet these names again.
            log.lane.home().sync_dir()?;
            log.lane.forget(&log.segments[cut.index..], None);
            log.lane.touched(&shortened, false);
            let segments = Arc::make_mut(&mut log.segments);
            segments[cut.index..].iter().for_each(|segment| segment.outdate());
            segments.truncate(cut.index);
            segments.push(shortened);
            log.end_at(cut.end, now_ms)?;
            Ok(log.deleted(removed, snapshots))
        })
        .map(Some)
    }

    /// Removes everything and goes on at `offset`, as a follower does whose log ends before its leader's begins.
    /// `log_start` is `offset` unless given (with tiered storage). For the rest see [`Log::truncate_to`].
    pub fn truncate_fully_and_start_at(
        &mut self,
        offset: i64,
        log_start: Option<i64>,
        now_ms: i64,
    ) -> Result<DeletedSegments, LogFault> {
        let log_start = log_start.unwrap_or(offset);
        assert!(0 <= log_start && log_start <= offset, "{log_start} cannot begin a log at {offset}");
        self.with_lane_taken(|log| {
            let home = log.lane.home().clone();
            let removed = log.segments.to_vec();
            remove_from_end(&home, &removed)?;
            let snapshots = log.producers.drop_snapshots(|_| true);
            rename_snapshots(&home, &snapshots)?;
            log.epochs.clear();
            log.lane.write_epochs(&[])?;
            log.epochs_changed = false;
            let first = new_segment(&home, offset, &log.config);
            // Its name says where the log goes on.
            first.file(OpenMode::CreateOrTruncate)?;
            home.sync_dir()?;
            log.lane.forget(&removed, Some(offset));
            log.lane.touched(&first, false);
            removed.iter().for_each(|segment| segment.outdate());
            log.segments = Arc::new(vec![first]);
            log.ends.log_start = log_start;
            log.ends.local_log_start = offset;
            (log.ends.durable, log.ends.recovery_point) = (offset, offset);
            log.end_at(offset, now_ms)?;
            Ok(log.deleted(removed, snapshots))
        })
    }

    /// Does disk work that nobody else may do meanwhile, and that no report from before may follow.
    fn with_lane_taken<T>(
        &mut self,
        work: impl FnOnce(&mut Log) -> Result<T, LogFault>,
    ) -> Result<T, LogFault> {
        let (assigned, written) = (self.ends.assigned.offset, self.ends.written.offset);
        assert_eq!(assigned, written, "{} is truncated with writes on their way", self.topic_partition);
        let old = self.lane.clone();
        let _io = old.exclusive();
        if let Some(fault) = old.home().fault() {
            return Err(fault.clone());
        }
        self.lane = Arc::new(old.successor());
        work(self).inspect_err(|fault| old.home().fail(fault.clone()))
    }

    fn find_cut(&self, offset: i64) -> Result<Cut, LogFault> {
        let below = self.segments.partition_point(|segment| segment.base_offset() <= offset);
        let index = below - 1;
        let segment = &self.segments[index];
        let (position, end) = match segment.find(offset, segment.size())? {
            Some(head) => (head.position, offset.min(head.base_offset)),
            None => (segment.size(), offset),
        };
        Ok(Cut { index, position, end })
    }

    /// Cuts a segment's files, durably; returns it as the log goes on with it.
    fn cut_file(&self, cut: &Cut) -> Result<Arc<Segment>, LogFault> {
        let old = &self.segments[cut.index];
        let aborted = old.with_aborted(|aborted| {
            let stays = aborted.iter().filter(|txn| txn.last_offset < cut.end);
            stays.copied().collect::<Vec<_>>()
        })?;
        let file = old.file(OpenMode::CreateOrOpen)?;
        let fault = |op| move |source| LogFault::from(DiskFault::new(op, old.path(FileKind::Log), source));
        file.set_len(u64::from(cut.position)).map_err(fault(DiskOp::SetLen))?;
        file.sync_all().map_err(fault(DiskOp::Sync))?;
        let interval = self.config.index_interval_bytes;
        let home = self.lane.home().clone();
        let shortened = Segment::existing(home, old.base_offset(), interval, cut.position, true);
        // The files of both indexes are written anew with the first entries that leave memory.
        shortened.rebuild_index()?;
        shortened.reset_aborted()?;
        aborted.into_iter().for_each(|txn| shortened.add_aborted(txn));
        Ok(Arc::new(shortened))
    }

    /// Everything in memory that depends on the end, from the segments as they are now.
    fn end_at(&mut self, end: i64, now_ms: i64) -> Result<(), LogFault> {
        let active = self.split_segments().0.clone();
        let place =
            LogOffset { offset: end, segment_base_offset: active.base_offset(), position: active.size() };
        let ends = &mut self.ends;
        (ends.assigned, ends.written) = (place, place);
        ends.log_start = ends.log_start.min(end);
        ends.local_log_start = ends.local_log_start.min(end);
        ends.durable = ends.durable.min(end);
        // The segment's indexes are in memory only now.
        ends.recovery_point = ends.recovery_point.min(active.base_offset()).min(ends.durable);
        let (first_timestamp, created_ms) = match active.size() {
            0 => (None, now_ms),
            _ => (active.first_timestamp()?, self.active.created_ms),
        };
        self.active = ActiveSegment {
            size: active.size(),
            counts: active.with_index(|state| state.counts())?,
            created_ms,
            first_timestamp,
            jitter_ms: roll_jitter(&self.config, &mut self.jitter),
        };
        self.unflushed_records = 0;
        self.epochs_changed |= self.epochs.truncate_from_end(end);
        self.reload_producers(end, now_ms)?;
        self.update_first_unstable();
        self.validate();
        Ok(())
    }

    fn reload_producers(&mut self, end: i64, now_ms: i64) -> Result<(), LogFault> {
        let mut load = ProducerLoad {
            producers: &mut self.producers,
            lane: &self.lane,
            segments: &self.segments,
            log_start: self.ends.log_start,
            now_ms,
            expiration_ms: self.config.producer_id_expiration_ms,
            producers_max: self.config.producers_max,
            clean: false,
        };
        load.load(end).map(|_| ())
    }

    pub(super) fn deleted(&self, segments: Vec<Arc<Segment>>, snapshots: Vec<i64>) -> DeletedSegments {
        let active = self.split_segments().0.clone();
        DeletedSegments { lane: self.lane.clone(), segments, snapshots, active, is_renamed: true }
    }
}

/// Renames segments to `.deleted`, each durably before the one in front of it: a crash leaves no hole.
fn remove_from_end(home: &LogHome, segments: &[Arc<Segment>]) -> Result<(), LogFault> {
    for segment in segments.iter().rev() {
        segment.rename_deleted()?;
        home.sync_dir()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{NOW_MS, Subject};
    use crate::{Checkpoint, LogFault, ReadError};

    /// Ten batches in three segments or more, the epoch changing at offset 5.
    fn filled() -> Subject {
        let mut subject = Subject::new();
        for n in 0..10 {
            subject.epoch = n / 5;
            subject.submit(&format!("old{n}"), Some(n), false);
            subject.work().unwrap();
        }
        assert!(subject.log.segment_base_offsets().count() >= 3);
        subject
    }

    fn old(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("old{n}")).collect()
    }

    fn truncate(subject: &mut Subject, offset: i64) {
        let deleted = subject.log.truncate_to(offset, NOW_MS).unwrap().expect("something to truncate");
        subject.checkpoint(Checkpoint::RecoveryPoint, subject.log.ends().recovery_point);
        deleted.remove().unwrap();
    }

    #[test]
    fn the_log_ends_where_it_was_cut_and_goes_on() {
        for offset in 0..10 {
            let mut subject = filled();
            truncate(&mut subject, offset);
            let ends = subject.log.ends();
            assert_eq!((ends.assigned.offset, ends.written.offset), (offset, offset));
            assert!(ends.recovery_point <= ends.durable && ends.durable <= offset);
            assert_eq!(subject.values(), old(offset as usize));
            let producer = subject.log.producers().next().map(|(_, entry)| entry.last_sequence());
            assert_eq!(producer, (offset > 0).then_some(offset as i32 - 1));
            assert_eq!(subject.log.latest_epoch(), (offset > 0).then_some((offset as i32 - 1) / 5));
            assert!(subject.file_names().iter().all(|name| !name.ends_with(".deleted")));
            subject.epoch = 2;
            for n in 0..6 {
                subject.append(&format!("new{n}"));
            }
            let mut expected = old(offset as usize);
            expected.extend((0..6).map(|n| format!("new{n}")));
            assert_eq!(subject.values(), expected, "cut at {offset}");
            subject.log.close().unwrap();
            let (subject, recovery) = subject.reopen(true);
            assert_eq!(recovery, Default::default());
            assert_eq!(subject.values(), expected, "cut at {offset}");
        }
    }

    #[test]
    fn a_crash_at_any_operation_leaves_one_history() {
        let mut points = 0;
        for offset in 0..10 {
            let mut subject = filled();
            let plain = subject.log.config().clone();
            // Where gaps are allowed, nothing hides the hole that a truncation might leave.
            let compacted = crate::LogConfig { compact: true, ..plain.clone() };
            subject.disk.record_crashes();
            truncate(&mut subject, offset);
            let during = subject.disk.take_crashes();
            subject.epoch = 2;
            (0..6).for_each(|n| subject.append(&format!("new{n}")));
            let after = subject.disk.take_crashes();
            drop(subject);
            let during = during.iter().map(|disk| (disk, false));
            for (disk, is_over) in during.chain(after.iter().map(|disk| (disk, true))) {
                for seed in 0..4 {
                    let config = if is_over { &plain } else { &compacted };
                    let subject = Subject::after_cut(disk, config, seed);
                    check_history(&subject, offset as usize, is_over);
                    points += 1;
                }
            }
        }
        assert!(points > 1000, "{points} points");
    }

    /// Old records up to the cut and new ones behind it; while the truncation is not over, any number of old ones.
    fn check_history(subject: &Subject, cut: usize, is_over: bool) {
        let values = subject.values();
        let old_count = values.iter().take_while(|value| value.starts_with("old")).count();
        assert_eq!(values[..old_count], old(old_count), "cut at {cut}");
        let new: Vec<String> = (0..values.len() - old_count).map(|n| format!("new{n}")).collect();
        assert_eq!(values[old_count..], new, "cut at {cut}");
        assert!(!is_over || old_count <= cut, "{values:?} after a cut at {cut}");
        assert!(new.is_empty() || old_count == cut, "{values:?} after a cut at {cut}");
        let sequence = subject.log.producers().next().map_or(-1, |(_, entry)| entry.last_sequence());
        assert_eq!(sequence, old_count as i32 - 1, "{values:?} after a cut at {cut}");
    }

    #[test]
    fn a_batch_goes_whole_and_a_truncation_behind_the_end_changes_nothing() {
        let mut subject = filled();
        assert!(subject.log.truncate_to(10, NOW_MS).unwrap().is_none());
        subject.log.begin_leader_epoch(7);
        assert!(subject.log.truncate_to(12, NOW_MS).unwrap().is_none());
        assert_eq!((subject.log.latest_epoch(), subject.values().len()), (Some(1), 10));
    }

    #[test]
    fn what_was_on_its_way_for_the_old_history_says_nothing() {
        let mut subject = filled();
        subject.submit("late", None, true);
        subject.writer.turn().iter().for_each(|done| subject.log.advance(&done.progress));
        let late = subject.writer.sync_turn();
        subject.submit("later", None, true);
        subject.writer.turn().iter().for_each(|done| subject.log.advance(&done.progress));
        truncate(&mut subject, 4);
        let ends = subject.log.ends();
        late.iter().for_each(|done| subject.log.advance(&done.progress));
        subject.work().unwrap();
        assert_eq!(subject.log.ends(), ends);
        subject.append("new");
        assert_eq!(subject.log.ends().written.offset, 5);
    }

    #[test]
    fn readers_with_an_old_view_are_told_to_look_again() {
        let mut subject = filled();
        let view = subject.log.view();
        truncate(&mut subject, 2);
        let mut outdated = 0;
        for offset in 0..10 {
            match view.read(offset, 1000, view.written(), true) {
                // Before the cut, or in a segment whose file is still open.
                Ok(_) => assert!(!(2..4).contains(&offset)),
                Err(ReadError::Outdated) => outdated += 1,
                Err(error) => panic!("{offset}: {error:?}"),
            }
        }
        assert!(outdated >= 2);
    }

    #[test]
    fn everything_can_go() {
        for (start, log_start) in [(0, None), (3, None), (25, None), (25, Some(20))] {
            let mut subject = filled();
            let deleted = subject.log.truncate_fully_and_start_at(start, log_start, NOW_MS).unwrap();
            let ends = subject.log.ends();
            assert_eq!((ends.log_start, ends.written.offset), (log_start.unwrap_or(start), start));
            subject.checkpoint(Checkpoint::RecoveryPoint, ends.recovery_point);
            subject.checkpoint(Checkpoint::LogStart, ends.log_start);
            deleted.remove().unwrap();
            assert_eq!((subject.log.epochs().len(), subject.log.producers().len()), (0, 0));
            subject.disk.power_cut(1);
            let (mut subject, _) = subject.reopen(false);
            assert_eq!(subject.log.ends().written.offset, start);
            subject.append("new");
            assert_eq!(
                subject.log.view().read(start, 1000, subject.log.ends().written, true).unwrap().start.offset,
                start
            );
        }
    }

    #[test]
    fn a_disk_that_refuses_takes_the_log_offline() {
        use crate::disk::sim::Faults;
        let mut subject = filled();
        let at = subject.disk.operations() + 2;
        subject.disk.set_faults(Faults { fail_at: [at].into(), ..Faults::default() });
        assert!(matches!(subject.log.truncate_to(2, NOW_MS), Err(LogFault::Disk(_))));
        assert!(subject.log.is_offline());
        assert!(subject.log.truncate_to(2, NOW_MS).is_err());
    }
}
