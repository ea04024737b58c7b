//! Directories of deleted partitions, on their way out: renamed at once, removed after `file.delete.delay.ms`.

use std::collections::BTreeMap;
use std::sync::Arc;

use klamm_base::Mono;
use klamm_log::{LogFault, PartitionDir};
use parking_lot::Mutex;

use crate::partitions::Directory;

/// What waits for its removal, by the time it is due.
#[derive(Default)]
pub struct Disposal(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: BTreeMap<(Mono, u64), (Arc<Directory>, PartitionDir)>,
    added: u64,
}

impl Disposal {
    pub fn later(&self, due: Mono, directory: Arc<Directory>, left: PartitionDir) {
        let mut state = self.0.lock();
        state.added += 1;
        let key = (due, state.added);
        state.waiting.insert(key, (directory, left));
    }

    pub fn next_due(&self) -> Mono {
        self.0.lock().waiting.first_key_value().map_or(Mono::NEVER, |((due, _), _)| *due)
    }

    /// Removes one directory that is due; `None` when there is none.
    pub fn turn(&self, now: Mono) -> Option<Result<(), (Arc<Directory>, LogFault)>> {
        let (directory, left) = {
            let mut state = self.0.lock();
            let first = state.waiting.first_entry().filter(|entry| entry.key().0 <= now)?;
            first.remove()
        };
        if directory.is_offline() {
            // It is found again by its name at the next start.
            return Some(Ok(()));
        }
        let removed = directory.log_dir.remove_deleted(&left);
        Some(removed.map_err(|fault| (directory, fault)))
    }
}
