//! Deleting old segments (Kafka: `UnifiedLog.deleteOldSegments`).
//!
//! Three steps, because looking at timestamps and renaming files are disk work that the partition's lock must not wait
//! for: [`LogView::retention_point`](crate::LogView::retention_point) decides without the lock, [`Log::delete_below`]
//! takes the segments out of the log under it, [`DeletedSegments`] does the files afterwards.

use std::sync::Arc;

use super::Log;
use crate::disk::OpenMode;
use crate::fault::{DiskFault, DiskOp, LogFault};
use crate::format::file_name::{FileKind, FileName, Suffix};
use crate::segment::Segment;
use crate::writer::{Lane, OpKind, WriteOp};

/// Segments that are no longer part of their log. Views made before go on reading them.
#[derive(Debug)]
pub struct DeletedSegments {
    lane: Arc<Lane>,
    segments: Vec<Arc<Segment>>,
    snapshots: Vec<i64>,
    active: Arc<Segment>,
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
        self.lane.forget(&removed);
        let snapshots = self.producers.drop_snapshots(|snapshot| snapshot < new_start);
        let active = self.split_segments().0.clone();
        Some((DeletedSegments { lane: self.lane.clone(), segments: removed, snapshots, active }, roll))
    }
}

impl DeletedSegments {
    /// Renames all files to `.deleted`, durably. Call once, without the partition's lock.
    pub fn rename(&self) -> Result<(), LogFault> {
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
        let dir = home.dir();
        for snapshot in &self.snapshots {
            let name = FileName::new(*snapshot, FileKind::ProducerSnapshot);
            let from = dir.join(name.to_string());
            let to = dir.join(FileName { suffix: Some(Suffix::Deleted), ..name }.to_string());
            match home.disk().rename(&from, &to) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(DiskFault::new(DiskOp::Rename, from, error).into());
                }
                _ => {}
            }
        }
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
