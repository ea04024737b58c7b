//! The clean end of a log, and other changes of its directory as a whole.

use std::path::PathBuf;

use klamm_base::Uuid;

use super::Log;
use crate::disk::OpenMode;
use crate::epochs::EpochEntry;
use crate::fault::{DiskFault, DiskOp, LogFault};
use crate::format::partition_metadata;
use crate::home::replace_file;
use crate::writer::Lane;

impl Log {
    /// Clean close: everything written and synced, indexes trimmed, producer snapshot and epochs on the disk. A log that
    /// nothing happened to since it was opened costs nothing. The directory's writer must have no work for this log
    /// any more, and none may come.
    ///
    /// # Errors
    /// Also [`LogFault::Offline`]'s cause when the log failed before: then the directory was not left clean.
    pub fn close(&mut self) -> Result<(), LogFault> {
        self.save(|lane, snapshot, epochs| lane.finish_all(snapshot, epochs))?;
        self.note_closed();
        Ok(())
    }

    /// True when [`Log::close`] would have to sync files.
    pub fn has_unsynced(&self) -> bool {
        self.lane.has_unsynced() || self.epochs_changed
    }

    /// The part of a close before the sync of the whole file system; returns whether a file is to be renamed behind it.
    pub(crate) fn write_out(&mut self) -> Result<bool, LogFault> {
        self.save(Lane::write_out)
    }

    /// The part behind it.
    pub(crate) fn all_synced(&mut self, renames: bool) -> Result<(), LogFault> {
        let done = self.lane.all_synced(renames);
        done.inspect_err(|fault| self.lane.home().fail(fault.clone()))?;
        self.note_closed();
        Ok(())
    }

    fn note_closed(&mut self) {
        self.ends.durable = self.ends.assigned.offset;
        self.ends.recovery_point = self.ends.assigned.offset;
    }

    /// Renames the directory and drops pending writes.
    pub(crate) fn move_away(&mut self, to: PathBuf) -> Result<(), LogFault> {
        let home = self.lane.home();
        let from = home.dir();
        // First, so that a turn that loses its files meanwhile knows why.
        home.set_removed();
        let _io = self.lane.exclusive();
        home.disk().rename(&from, &to).map_err(|source| DiskFault::new(DiskOp::Rename, &*from, source))?;
        home.moved_to(to);
        Ok(())
    }

    /// Writes `partition.metadata` of a directory that has none.
    pub fn set_topic_id(&mut self, topic_id: Uuid) -> Result<(), LogFault> {
        let home = self.lane.home();
        let path = home.dir().join(partition_metadata::FILE_NAME);
        replace_file(&**home.disk(), &path, &partition_metadata::encode(topic_id))?;
        self.topic_id = Some(topic_id);
        Ok(())
    }

    /// Gathers what only memory has and lets `write` bring it to the disk.
    fn save<T>(
        &mut self,
        write: impl FnOnce(&Lane, Option<&(i64, Vec<u8>)>, Option<&[EpochEntry]>) -> Result<T, LogFault>,
    ) -> Result<T, LogFault> {
        if let Some(fault) = self.lane.home().fault() {
            return Err(fault.clone());
        }
        let (assigned, written) = (self.ends.assigned.offset, self.ends.written.offset);
        assert_eq!(assigned, written, "{} is closed with writes on their way", self.topic_partition);
        let saved = self.finish_active().and_then(|()| {
            for segment in self.segments.iter().filter(|segment| segment.has_index_tail()) {
                self.lane.touched(segment, false);
            }
            let snapshot = self.producers.take_snapshot();
            let changed = std::mem::take(&mut self.epochs_changed);
            write(&self.lane, snapshot.as_ref(), changed.then(|| self.epochs.entries()))
        });
        saved.inspect_err(|fault| self.lane.home().fail(fault.clone()))
    }

    fn finish_active(&mut self) -> Result<(), LogFault> {
        let active = self.split_segments().0.clone();
        if self.active.size > 0 {
            active.index_finish()?;
        } else if active.base_offset() > 0 {
            // The name of an empty segment is all that says where the log goes on.
            active.file(OpenMode::CreateOrOpen)?;
            self.lane.touched(&active, true);
        }
        Ok(())
    }
}
