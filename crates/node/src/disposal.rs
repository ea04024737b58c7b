//! What was deleted and is on its way out: renamed at once, removed after `file.delete.delay.ms`.

use std::collections::BTreeMap;
use std::sync::Arc;

use klamm_base::Mono;
use klamm_base::owned::Mutex;
use klamm_log::{DeletedSegments, LogFault, PartitionDir};

use crate::partitions::Directory;

enum Waste {
    /// The folder of a partition whose topic was deleted.
    Folder(PartitionDir),
    /// Old segments of a log.
    Segments(DeletedSegments),
}

/// What waits for its removal, by the time it is due.
#[derive(Default)]
pub struct Disposal(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: BTreeMap<(Mono, u64), (Arc<Directory>, Waste)>,
    added: u64,
}

impl Disposal {
    pub fn later(&self, due: Mono, directory: Arc<Directory>, left: PartitionDir) {
        self.add(due, directory, Waste::Folder(left));
    }

    pub fn segments_later(&self, due: Mono, directory: Arc<Directory>, segments: DeletedSegments) {
        self.add(due, directory, Waste::Segments(segments));
    }

    fn add(&self, due: Mono, directory: Arc<Directory>, waste: Waste) {
        let mut state = self.0.lock();
        state.added += 1;
        let key = (due, state.added);
        state.waiting.insert(key, (directory, waste));
    }

    pub fn next_due(&self) -> Mono {
        self.0.lock().waiting.first_key_value().map_or(Mono::NEVER, |((due, _), _)| *due)
    }

    /// Removes one thing that is due; `None` when there is none.
    pub fn turn(&self, now: Mono) -> Option<Result<(), (Arc<Directory>, LogFault)>> {
        let (directory, waste) = {
            let mut state = self.0.lock();
            let first = state.waiting.first_entry().filter(|entry| entry.key().0 <= now)?;
            first.remove()
        };
        if directory.is_offline() {
            // It is found again by its name at the next start.
            return Some(Ok(()));
        }
        let removed = match &waste {
            Waste::Folder(left) => directory.log_dir.remove_deleted(left),
            Waste::Segments(segments) => segments.remove(),
        };
        Some(removed.map_err(|fault| (directory, fault)))
    }
}
