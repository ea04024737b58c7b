//! Names of the metadata partition's snapshots (Kafka: `Snapshots`).
//!
//! | Name | Meaning |
//! |---|---|
//! | `<20 digits>-<10 digits>.checkpoint` | whole snapshot: end offset (exclusive) and epoch |
//! | the same stem, `-<random>.checkpoint.part` | being written |
//! | whole name + `.deleted` | dropped, removed at the next start |

use super::file_name::parse_offset;

/// A snapshot by its name (Kafka: `OffsetAndEpoch`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SnapshotId {
    /// First offset that is *not* in the snapshot.
    pub end_offset: i64,
    pub epoch: i32,
}

/// What a name says about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotFile {
    Whole(SnapshotId),
    Partial(SnapshotId),
    Deleted(SnapshotId),
}

impl SnapshotId {
    pub fn file_name(self) -> String {
        format!("{self}.checkpoint")
    }

    /// Name while the snapshot is being written; `unique` keeps two attempts apart.
    pub fn partial_name(self, unique: u64) -> String {
        format!("{self}-{unique}.checkpoint.part")
    }

    pub fn deleted_name(self) -> String {
        format!("{self}.checkpoint.deleted")
    }
}

impl std::fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:020}-{:010}", self.end_offset, self.epoch)
    }
}

impl SnapshotFile {
    /// `None` for names of other files.
    pub fn parse(name: &str) -> Option<SnapshotFile> {
        let (stem, extension) = name.split_once('.')?;
        let (offset, rest) = stem.split_at_checked(20)?;
        let end_offset = parse_offset(offset)?;
        let rest = rest.strip_prefix('-')?;
        let (epoch, unique) = rest.split_at_checked(10)?;
        if !epoch.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let id = SnapshotId { end_offset, epoch: epoch.parse().ok()? };
        match (extension, unique) {
            ("checkpoint", "") => Some(SnapshotFile::Whole(id)),
            ("checkpoint.deleted", "") => Some(SnapshotFile::Deleted(id)),
            ("checkpoint.part", unique) if unique.starts_with('-') => Some(SnapshotFile::Partial(id)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        let id = SnapshotId { end_offset: 1234, epoch: 7 };
        assert_eq!(id.file_name(), "00000000000000001234-0000000007.checkpoint");
        assert_eq!(SnapshotFile::parse(&id.file_name()), Some(SnapshotFile::Whole(id)));
        assert_eq!(SnapshotFile::parse(&id.partial_name(99)), Some(SnapshotFile::Partial(id)));
        assert_eq!(SnapshotFile::parse(&id.deleted_name()), Some(SnapshotFile::Deleted(id)));
        for other in ["bootstrap.checkpoint", "00000000000000001234.snapshot", "1-1.checkpoint", "é"] {
            assert_eq!(SnapshotFile::parse(other), None);
        }
    }
}
