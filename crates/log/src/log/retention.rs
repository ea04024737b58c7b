//! Deleting old segments (Kafka: `UnifiedLog.deleteOldSegments`).
//!
//! Steps, because looking at timestamps and renaming files are disk work that the partition's lock must not wait for:
//!
//! 1. [`LogView::retention_point`](crate::LogView::retention_point) decides, without the lock.
//! 2. The log-start checkpoint gets the new start, durably: a log start that somebody has seen never goes back.
//! 3. [`Log::delete_below`] takes the segments out of the log, under the lock.
//! 4. [`DeletedSegments::rename`] takes their names away, [`DeletedSegments::remove`] later their bytes.
//!
//! A crash after any of them leaves segments below the log start at most, which the next round deletes.

use std::sync::Arc;

use super::Log;
use crate::disk::OpenMode;
use crate::fault::{DiskFault, DiskOp, LogFault};
use crate::format::file_name::{FileKind, FileName, Suffix};
use crate::home::LogHome;
use crate::segment::Segment;
use crate::writer::{Lane, OpKind, WriteOp};

/// Segments that are no longer part of their log. Views made before go on reading them.
#[derive(Debug)]
pub struct DeletedSegments {
    pub(super) lane: Arc<Lane>,
    pub(super) segments: Vec<Arc<Segment>>,
    pub(super) snapshots: Vec<i64>,
    pub(super) active: Arc<Segment>,
    /// By a truncation, before the log went on.
    pub(super) is_renamed: bool,
}

impl Log {
    /// Raises the log start (DeleteRecords, retention); lower values change nothing. Returns true when it moved. The caller
    /// keeps it at or below the high watermark.
    pub fn advance_log_start(&mut self, offset: i64) -> bool {
        if offset <= self.ends.log_start {
            return false;
        }
        assert!(
            offset <= self.ends.written.offset,
            "log start {offset} of {} beyond its end {:?}",
            self.topic_partition,
            self.ends.written
        );
        self.ends.log_start = offset;
        self.ends.local_log_start = offset;
        self.epochs_changed |= self.epochs.truncate_from_start(offset);
        self.producers.on_log_start(offset);
        self.update_first_unstable();
        true
    }

    /// Takes all segments that end at or below `offset` out of the log and raises the log start to the first one left.
    /// When that is all of them, a new one is begun: hand the op to the writer before the lock is given back. `None`
    /// when no segment ends there.
    pub fn delete_below(&mut self, offset: i64, now_ms: i64) -> Option<(DeletedSegments, Option<WriteOp>)> {
        let offset = offset.min(self.ends.written.offset);
        let takes_active = offset >= self.ends.assigned.offset && self.active.size > 0;
        let roll = takes_active.then(|| {
            let roll = self.roll_at(offset, now_ms);
            WriteOp { lane: self.lane.clone(), kind: OpKind::Roll(Box::new(roll)) }
        });
        let ends_below = self.segments.windows(2).take_while(|pair| pair[1].base_offset() <= offset).count();
        if ends_below == 0 {
            return None;
        }
        let removed: Vec<Arc<Segment>> = Arc::make_mut(&mut self.segments).drain(..ends_below).collect();
        let new_start = self.segments[0].base_offset();
        self.advance_log_start(new_start);
        removed.iter().for_each(|segment| segment.outdate());
        self.lane.forget(&removed, Some(new_start));
        let snapshots = self.producers.drop_snapshots(|snapshot| snapshot < new_start);
        let active = self.split_segments().0.clone();
        let lane = self.lane.clone();
        Some((DeletedSegments { lane, segments: removed, snapshots, active, is_renamed: false }, roll))
    }
}

impl DeletedSegments {
    /// Renames all files to `.deleted`, durably. Call once, without the partition's lock; the log-start checkpoint must
    /// have the new start by then, else a crash could bring deleted offsets back.
    pub fn rename(&self) -> Result<(), LogFault> {
        if self.is_renamed {
            return Ok(());
        }
        let _io = self.lane.exclusive();
        let home = self.lane.home();
        if self.active.size() == 0 {
            // Its name must be there before the others go: it says where the log goes on.
            self.active.file(OpenMode::CreateOrOpen)?;
            home.sync_dir()?;
        }
        for segment in &self.segments {
            segment.rename_deleted()?;
        }
        rename_snapshots(home, &self.snapshots)?;
        Ok(home.sync_dir()?)
    }

    /// Removes the renamed files; due `file.delete.delay.ms` after the rename, so that readers are through with them.
    pub fn remove(&self) -> Result<(), LogFault> {
        for segment in &self.segments {
            segment.remove_deleted()?;
        }
        for snapshot in &self.snapshots {
            let name = FileName::new(*snapshot, FileKind::ProducerSnapshot);
            let name = FileName { suffix: Some(Suffix::Deleted), ..name };
            self.lane.home().remove_file(&name.to_string())?;
        }
        Ok(())
    }

    /// Bytes of the deleted segments.
    pub fn size_in_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.size())).sum()
    }
}

/// Renames producer snapshots to `.deleted`; their names are not durable yet.
pub(super) fn rename_snapshots(home: &LogHome, offsets: &[i64]) -> Result<(), LogFault> {
    let dir = home.dir();
    for offset in offsets {
        let name = FileName::new(*offset, FileKind::ProducerSnapshot);
        let from = dir.join(name.to_string());
        let to = dir.join(FileName { suffix: Some(Suffix::Deleted), ..name }.to_string());
        match home.disk().rename(&from, &to) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(DiskFault::new(DiskOp::Rename, from, error).into());
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::DeletedSegments;
    use crate::testing::{NOW_MS, Subject};
    use crate::{Checkpoint, LogConfig};

    const HOUR_MS: i64 = 3_600_000;

    fn filled(config: LogConfig) -> Subject {
        let small = Subject::new().log.config().clone();
        let (segment_bytes, index_interval_bytes) = (small.segment_bytes, small.index_interval_bytes);
        let mut subject = Subject::with(LogConfig { segment_bytes, index_interval_bytes, ..config });
        (0..10).for_each(|n| subject.append(&format!("v{n}")));
        assert!(subject.log.segment_base_offsets().count() >= 3);
        subject
    }

    fn point(subject: &Subject, now_ms: i64, high_watermark: i64) -> Option<i64> {
        subject.log.view().retention_point(subject.log.config(), now_ms, high_watermark).unwrap()
    }

    /// One round as the node does it, its files renamed.
    fn round(subject: &mut Subject, now_ms: i64) -> Option<DeletedSegments> {
        let point = point(subject, now_ms, subject.log.ends().written.offset)?;
        subject.checkpoint(Checkpoint::LogStart, point);
        let (deleted, roll) = subject.log.delete_below(point, now_ms)?;
        roll.into_iter().for_each(|op| subject.writer.submit(op, ()));
        deleted.rename().unwrap();
        subject.work().unwrap();
        Some(deleted)
    }

    fn hour() -> LogConfig {
        LogConfig { retention_ms: HOUR_MS, ..LogConfig::default() }
    }

    #[test]
    fn an_expired_log_rolls_and_goes_on_empty() {
        let mut subject = filled(hour());
        assert!(round(&mut subject, NOW_MS + HOUR_MS).is_none());
        let deleted = round(&mut subject, NOW_MS + HOUR_MS + 1).unwrap();
        let ends = subject.log.ends();
        assert_eq!((ends.log_start, ends.written.offset, subject.log.size_in_bytes()), (10, 10, 0));
        assert!(subject.file_names().iter().any(|name| name.ends_with(".log.deleted")));
        deleted.remove().unwrap();
        let mut names = subject.file_names();
        names.retain(|name| name.ends_with(".log") || name.contains("deleted"));
        assert_eq!(names, ["00000000000000000010.log"]);
        // An empty log has nothing to delete.
        assert!(round(&mut subject, NOW_MS + 3 * HOUR_MS).is_none());
        subject.append("next");
        assert_eq!(subject.log.ends().written.offset, 11);
        assert_eq!(subject.values(), ["next"]);
    }

    #[test]
    fn a_size_is_kept_and_nothing_goes_above_the_high_watermark() {
        let mut subject = filled(LogConfig { retention_bytes: 700, ..LogConfig::default() });
        let second = subject.log.segment_base_offsets().nth(1).unwrap();
        assert_eq!(point(&subject, NOW_MS, second - 1), None);
        assert_eq!(point(&subject, NOW_MS, second), Some(second));
        round(&mut subject, NOW_MS).unwrap();
        let size = subject.log.size_in_bytes();
        // Another segment of four batches or so would have been too much.
        assert!((700..1400).contains(&size), "{size}");
    }

    #[test]
    fn policies_decide() {
        for (delete, compact, goes) in
            [(true, false, 10), (true, true, 10), (false, true, 0), (false, false, 0)]
        {
            let mut subject = filled(LogConfig { delete, compact, ..hour() });
            let expected = (goes > 0).then_some(goes);
            assert_eq!(point(&subject, NOW_MS + 2 * HOUR_MS, 10), expected, "{delete} {compact}");
            // What lies below the log start goes under every policy.
            let second = subject.log.segment_base_offsets().nth(1).unwrap();
            subject.log.advance_log_start(second);
            assert_eq!(point(&subject, NOW_MS, 10), Some(second));
        }
    }

    #[test]
    fn a_segment_that_compaction_emptied_is_as_old_as_its_file() {
        let config = LogConfig { compact: true, ..hour() };
        let mut subject = filled(config);
        subject.log.close().unwrap();
        let second = subject.log.segment_base_offsets().nth(1).unwrap();
        let name = format!("/data/t-0/{second:020}.log");
        subject.disk.corrupt(Path::new(&name), |bytes| bytes.clear());
        let (subject, _) = subject.reopen(true);
        assert_eq!(point(&subject, NOW_MS + 2 * HOUR_MS, 10), Some(10));
    }

    #[test]
    fn a_late_flush_does_not_bring_a_snapshot_back() {
        let mut subject = Subject::with(LogConfig { segment_bytes: 600, ..hour() });
        for n in 0..10 {
            subject.submit(&format!("v{n}"), Some(n), false);
        }
        subject.writer.turn().iter().for_each(|done| subject.log.advance(&done.progress));
        round(&mut subject, NOW_MS + 2 * HOUR_MS).unwrap().remove().unwrap();
        let names = subject.file_names();
        let snapshots: Vec<_> = names.iter().filter(|name| name.contains("snapshot")).collect();
        assert_eq!(snapshots, ["00000000000000000010.snapshot"]);
    }

    #[test]
    fn a_crash_at_any_operation_takes_nothing_back() {
        let mut points = 0;
        for deleted_records in [0, 2, 5, 10] {
            let mut subject = filled(hour());
            subject.work().unwrap();
            subject.log.flush().into_iter().for_each(|op| subject.writer.submit(op, ()));
            subject.work().unwrap();
            subject.disk.record_crashes();
            let mut seen = Vec::new();
            // What was in memory when the power went, somebody may have seen.
            let note = |subject: &Subject, seen: &mut Vec<_>| {
                let start = subject.log.ends().log_start;
                seen.extend(subject.disk.take_crashes().into_iter().map(|disk| (disk, start)));
            };
            subject.checkpoint(Checkpoint::LogStart, deleted_records);
            note(&subject, &mut seen);
            subject.log.advance_log_start(deleted_records);
            let point = point(&subject, NOW_MS + 2 * HOUR_MS, 10).unwrap();
            subject.checkpoint(Checkpoint::LogStart, point);
            note(&subject, &mut seen);
            let (deleted, roll) = subject.log.delete_below(point, NOW_MS).unwrap();
            roll.into_iter().for_each(|op| subject.writer.submit(op, ()));
            deleted.rename().unwrap();
            subject.work().unwrap();
            deleted.remove().unwrap();
            subject.submit("new", None, true);
            subject.work().unwrap();
            note(&subject, &mut seen);
            let config = subject.log.config().clone();
            for (disk, start) in seen {
                for seed in 0..4 {
                    let subject = Subject::after_cut(&disk, &config, seed);
                    let ends = subject.log.ends();
                    assert!(ends.log_start >= start, "{} after {start}", ends.log_start);
                    assert!(ends.log_start <= 10 && ends.written.offset >= 10, "{ends:?}");
                    let expected = (ends.log_start..10).map(|n| format!("v{n}")).collect::<Vec<_>>();
                    assert_eq!(subject.values()[..expected.len()], expected);
                    points += 1;
                }
            }
        }
        assert!(points > 200, "{points} points");
    }
}
