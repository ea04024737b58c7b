//! The slow work on the metadata's files: writing snapshots, dropping what they make superfluous. Requests go on
//! meanwhile: an image does not change, and the lock is held for decisions only.

use std::sync::atomic::Ordering;

use klamm_base::Now;
use klamm_log::{DeletedSegments, LogFault, MetadataDir, SnapshotId};
use klamm_metadata::snapshot::{self, Head};

use super::load::log_time_of;
use super::snapshots::{Known, id_of};
use super::{ActiveController, State};
use crate::news::{News, NewsDesk};

/// What one step of cleaning has taken out of log and list, and whose files may go.
struct Superfluous {
    start: SnapshotId,
    segments: Option<DeletedSegments>,
    snapshots: Vec<SnapshotId>,
}

impl ActiveController {
    /// Whether [`ActiveController::upkeep_turn`] has something to do. One atomic read.
    pub fn has_upkeep(&self) -> bool {
        self.has_upkeep.load(Ordering::Acquire)
    }

    /// Does one piece of slow work; false when there was none.
    ///
    /// # Errors
    /// The disk of the metadata log has failed. A snapshot that cannot be written is no such fault: what it would say is
    /// in the log.
    pub fn upkeep_turn(&self, now: Now, news: &NewsDesk) -> Result<bool, LogFault> {
        if !self.has_upkeep.swap(false, Ordering::AcqRel) {
            return Ok(false);
        }
        self.write_snapshot(now, news);
        if self.state.lock().snapshots.take_cleaning() {
            self.clean(now, news)?;
        }
        Ok(true)
    }

    fn write_snapshot(&self, now: Now, news: &NewsDesk) {
        let (image, attempt, files, kraft_version, voters) = {
            let mut state = self.state.lock();
            let Some((image, attempt)) = state.snapshots.take_due(now.mono) else { return };
            let end = image.provenance.last_contained_offset + 1;
            let (kraft_version, voters) = state.quorum.at_snapshot(end);
            (image, attempt, state.log.files().clone(), kraft_version, voters.clone())
        };
        let head = Head {
            epoch: image.provenance.last_contained_epoch,
            last_contained_log_time_ms: image.provenance.last_contained_log_time_ms,
            kraft_version,
            voters: &voters,
            now_ms: now.wall_ms,
        };
        let bytes = snapshot::write(head, &snapshot::records_of(&image));
        let id = id_of(&image);
        let written = match files.write_snapshot(id, &bytes, attempt) {
            Ok(()) => {
                news.add(News::SnapshotWritten { id, bytes: bytes.len() as u64 });
                let log_time_ms = Some(head.last_contained_log_time_ms);
                Some((id, Known { bytes: bytes.len() as u64, log_time_ms }))
            }
            Err(fault) => {
                news.add(News::SnapshotFailed { id, fault });
                None
            }
        };
        self.state.lock().snapshots.done(written);
    }

    fn clean(&self, now: Now, news: &NewsDesk) -> Result<(), LogFault> {
        let files = self.state.lock().log.files().clone();
        self.read_times(&files)?;
        loop {
            let Some(superfluous) = self.state.lock().take_superfluous(now) else { return Ok(()) };
            if let Some(segments) = superfluous.segments {
                segments.rename()?;
                segments.remove()?;
            }
            for id in superfluous.snapshots {
                files.delete_snapshot(id)?;
            }
            news.add(News::MetadataCleaned { up_to: superfluous.start });
        }
    }

    /// Asks the files of snapshots from earlier lives how old they are.
    fn read_times(&self, files: &MetadataDir) -> Result<(), LogFault> {
        let unknown = self.state.lock().snapshots.without_time();
        for id in unknown {
            let bytes = files.read_snapshot(id)?;
            // One that cannot be read counts as young: it was good enough to start from, or is not needed.
            if let Ok(content) = snapshot::read(&bytes) {
                self.state.lock().snapshots.set_time(id, log_time_of(&content));
            }
        }
        Ok(())
    }
}

impl State {
    fn take_superfluous(&mut self, now: Now) -> Option<Superfluous> {
        let start = self.snapshots.next_start(self.log.start(), self.log.size_in_bytes(), now.wall_ms)?;
        let segments = self.log.begin_at(start.end_offset, now.wall_ms);
        let snapshots = self.snapshots.forget_before(start);
        Some(Superfluous { start, segments, snapshots })
    }
}
