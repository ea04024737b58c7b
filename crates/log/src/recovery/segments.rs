//! Finding segments, and removing what recovery has to give up.

use std::sync::Arc;

use super::Loading;
use crate::fault::{DiskFault, DiskOp, LogFault, Malformed};
use crate::format::file_name::{FileKind, FileName};
use crate::segment::Segment;

impl Loading {
    /// Fills the list of segments and the list of producer snapshots.
    pub(super) fn find_segments(&mut self, names: &[String]) -> Result<(), LogFault> {
        let mut files: Vec<FileName> = names.iter().filter_map(|name| FileName::parse(name)).collect();
        files.sort_unstable();
        let has = |base_offset, kind| files.binary_search(&FileName::new(base_offset, kind)).is_ok();
        let mut snapshots = Vec::new();
        for file in &files {
            match file.kind {
                FileKind::Log => {
                    let size = self.size_of(file)?;
                    let with_aborts = has(file.base_offset, FileKind::TransactionIndex);
                    self.segments.push(Arc::new(Segment::existing(
                        self.home.clone(),
                        file.base_offset,
                        self.open.config.index_interval_bytes,
                        size,
                        with_aborts,
                    )));
                }
                FileKind::ProducerSnapshot => snapshots.push(file.base_offset),
                FileKind::OffsetIndex | FileKind::TimeIndex | FileKind::TransactionIndex => {
                    if !has(file.base_offset, FileKind::Log) {
                        self.home.remove_file(&file.to_string())?;
                        self.lane.names_changed();
                    }
                }
            }
        }
        self.segments.sort_unstable_by_key(|segment| segment.base_offset());
        self.producers.set_snapshots(snapshots);
        let lacks_index = |base_offset| !has(base_offset, FileKind::OffsetIndex);
        for index in 0..self.segments.len() {
            let (segment, is_last) = (&self.segments[index], index + 1 == self.segments.len());
            if lacks_index(segment.base_offset()) || !segment.has_sound_aborts(is_last)? {
                self.scan_from(segment.base_offset());
                break;
            }
        }
        Ok(())
    }

    /// A segment that has lost its offset index may have lost its transaction index too, which only a scan brings back.
    /// (Kafka: `LogLoader.loadSegmentFiles` recovers such segments.) Below the recovery point all have one.
    fn scan_from(&mut self, base_offset: i64) {
        self.must_scan = true;
        if self.open.clean || base_offset < self.open.recovery_point {
            self.open.clean = false;
            self.open.recovery_point = self.open.recovery_point.min(base_offset);
        }
    }

    /// Positions are int32, so no honest segment is larger.
    fn size_of(&self, file: &FileName) -> Result<u32, LogFault> {
        let path = self.home.dir().join(file.to_string());
        let stat =
            self.home.disk().stat(&path).map_err(|source| DiskFault::new(DiskOp::Open, &*path, source))?;
        match u32::try_from(stat.len) {
            Ok(size) if size <= i32::MAX as u32 => Ok(size),
            _ => Err(LogFault::malformed(path, Malformed::TooLarge)),
        }
    }

    /// Removes segments durably, the last one first, so that a crash in between leaves no hole; with `keep` their bytes
    /// are kept aside.
    pub(super) fn remove_segments(&mut self, segments: &[Arc<Segment>], keep: bool) -> Result<(), LogFault> {
        for segment in segments.iter().rev() {
            if keep && segment.size() > 0 {
                self.keep_whole(segment)?;
            }
            for kind in
                [FileKind::Log, FileKind::OffsetIndex, FileKind::TimeIndex, FileKind::TransactionIndex]
            {
                self.home.remove_file(&FileName::new(segment.base_offset(), kind).to_string())?;
            }
            // Names reach the disk in any order unless each one is waited for.
            self.home.sync_dir()?;
        }
        // What is gone needs no sync any more.
        self.lane.forget(segments, None);
        self.report.dropped_segments += segments.len() as u32;
        Ok(())
    }
}
