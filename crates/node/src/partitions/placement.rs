//! In which directory a new log is made (Kafka: `Partition.createLogInAssignedDirectoryId`, `LogManager.createLog`,
//! `LogManager.nextLogDirs`).
//!
//! | The metadata says | and so |
//! |---|---|
//! | a directory that is online here | there, cordoned or not |
//! | nothing yet, and the partition is new | where there are fewest logs |
//! | anything else, all configured directories are online | where there are fewest logs |
//! | anything else, one is offline | nowhere: the log may lie there |
//!
//! Cordoned directories (KIP-1066) take what is named to them only; when all are, the first one takes everything.

use std::path::PathBuf;
use std::sync::Arc;

use klamm_base::Uuid;
use klamm_metadata::directory_id;

use super::Directory;

/// Directories in the order in which a new log is tried in them; none when it must not be made. `assigned` is what the
/// metadata says, `is_new` that the partition was created just now, so that no directory can hold it already.
pub fn candidates(
    directories: &[Arc<Directory>],
    some_unusable: bool,
    cordoned: &[PathBuf],
    assigned: Option<Uuid>,
    is_new: bool,
) -> Vec<Arc<Directory>> {
    let online = || directories.iter().filter(|directory| !directory.is_offline());
    if let Some(named) = online().find(|directory| Some(directory.id) == assigned) {
        return vec![named.clone()];
    }
    let is_unassigned = assigned.is_none_or(|id| id == directory_id::UNASSIGNED);
    let some_offline = some_unusable || online().count() < directories.len();
    if some_offline && !(is_unassigned && is_new) {
        return Vec::new();
    }
    let is_open = |directory: &&Arc<Directory>| !cordoned.iter().any(|dir| dir == directory.path());
    let mut candidates: Vec<_> = online().filter(is_open).cloned().collect();
    if candidates.is_empty() {
        return online().take(1).cloned().collect();
    }
    // Stable: among equals the order of `log.dirs` decides.
    candidates.sort_by_key(|directory| directory.logs());
    candidates
}

#[cfg(test)]
mod tests {
    use klamm_log::disk::sim::SimDisk;
    use klamm_log::{LogDir, LogFault};

    use super::*;

    const A: Uuid = Uuid([7; 16]);
    const B: Uuid = Uuid([8; 16]);

    fn directories() -> Vec<Arc<Directory>> {
        let disk = Arc::new(SimDisk::new());
        let open = |path: &str| LogDir::open(disk.clone(), path).expect("a new disk takes a directory");
        [("/a", A), ("/b", B)].map(|(path, id)| Arc::new(Directory::new(open(path), id))).into()
    }

    fn chosen(directories: &[Arc<Directory>], assigned: Option<Uuid>, is_new: bool) -> Vec<Uuid> {
        candidates(directories, false, &[], assigned, is_new).iter().map(|directory| directory.id).collect()
    }

    #[test]
    fn a_named_directory_is_taken_and_else_the_emptiest() {
        let directories = directories();
        assert_eq!(chosen(&directories, Some(B), false), [B]);
        assert_eq!(chosen(&directories, Some(directory_id::UNASSIGNED), true), [A, B]);
        directories[0].log_added();
        assert_eq!(chosen(&directories, Some(directory_id::UNASSIGNED), true), [B, A]);
        assert_eq!(
            chosen(&directories, Some(Uuid([9; 16])), false),
            [B, A],
            "a directory that was taken out"
        );
    }

    #[test]
    fn what_may_lie_in_an_offline_directory_is_not_made_anew() {
        let directories = directories();
        directories[0].fail(LogFault::Offline { path: std::path::Path::new("/a").into() });
        assert_eq!(chosen(&directories, Some(A), false), []);
        assert_eq!(chosen(&directories, Some(directory_id::UNASSIGNED), false), []);
        assert_eq!(chosen(&directories, Some(directory_id::UNASSIGNED), true), [B]);
        assert_eq!(chosen(&directories, Some(B), false), [B]);
        assert!(candidates(&directories[1..], true, &[], Some(A), false).is_empty());
    }

    #[test]
    fn a_cordoned_directory_takes_nothing_new_unless_all_are() {
        let directories = directories();
        directories[1].log_added();
        let chosen = |cordoned: &[&str], assigned| {
            let cordoned: Vec<PathBuf> = cordoned.iter().map(PathBuf::from).collect();
            let found = candidates(&directories, false, &cordoned, assigned, true);
            found.iter().map(|directory| directory.id).collect::<Vec<_>>()
        };
        assert_eq!(chosen(&["/a"], None), [B]);
        assert_eq!(chosen(&["/a"], Some(A)), [A]);
        assert_eq!(chosen(&["/a", "/b"], None), [A]);
    }
}
