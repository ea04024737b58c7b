//! New segments in the place of old ones (Kafka: `LocalLog.replaceSegments`).

use std::sync::Arc;

use crate::fault::LogFault;
use crate::format::file_name::Suffix;
use crate::log::Log;
use crate::log::retention::DeletedSegments;
use crate::segment::Segment;
use crate::writer::Lane;

/// Old segments and what is left of them.
pub struct CleanedGroup {
    pub(super) old: Vec<Arc<Segment>>,
    pub(super) new: Arc<Segment>,
}

/// A round that is written and not in the log yet.
pub struct Cleaned {
    pub(super) lane: Arc<Lane>,
    pub(super) groups: Vec<CleanedGroup>,
    pub(super) end: i64,
}

impl Cleaned {
    /// Behind the last offset that was looked at: the next round's first dirty one.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// Bytes of the segments before and after.
    pub fn bytes(&self) -> (u64, u64) {
        let size = |segment: &Arc<Segment>| u64::from(segment.size());
        let old = self.groups.iter().flat_map(|group| &group.old).map(size).sum();
        (old, self.groups.iter().map(|group| size(&group.new)).sum())
    }

    /// Gives the new segments the names of the old ones, durably. No segment of the log may be deleted or cut between
    /// [`Log::cleaning`] and [`Log::exchange`].
    ///
    /// # Errors
    /// [`LogFault`]: the log must not go on then, as memory and disk differ.
    pub fn rename(&self) -> Result<(), LogFault> {
        let _io = self.lane.exclusive();
        let home = self.lane.home();
        for CleanedGroup { old, new } in &self.groups {
            // Readers of old views go on with the descriptors: the names will be those of other files.
            old.iter().try_for_each(|segment| segment.pin())?;
            new.rename_to(Some(Suffix::Swap))?;
            home.sync_dir()?;
            old.iter().for_each(|segment| segment.outdate());
            old.iter().try_for_each(|segment| segment.rename_deleted())?;
            // The old ones must be gone for good before the new one has the name of one of them.
            home.sync_dir()?;
            new.rename_to(None)?;
            home.sync_dir()?;
        }
        Ok(())
    }
}

impl Log {
    /// Goes on with the new segments. What is returned are the old ones, to be removed after `file.delete.delay.ms`;
    /// `None` when the log was truncated or given up meanwhile.
    pub fn exchange(&mut self, cleaned: &Cleaned) -> Option<DeletedSegments> {
        if !Arc::ptr_eq(self.lane(), &cleaned.lane) || cleaned.lane.is_gone() {
            return None;
        }
        let mut removed = Vec::new();
        for CleanedGroup { old, new } in &cleaned.groups {
            self.replace_segments(old, new);
            removed.extend(old.iter().cloned());
        }
        cleaned.lane.forget(&removed, None);
        Some(self.renamed_segments(removed))
    }
}
