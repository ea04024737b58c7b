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
