//! What the metadata partition's directory holds besides its log: the vote and the snapshots (Kafka:
//! `FileQuorumStateStore`, `KafkaRaftLog`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::disk::{Disk, EntryKind};
use crate::fault::{DiskFault, DiskOp, LogFault, Malformed};
use crate::format::quorum_state::{self, QuorumState};
use crate::format::snapshot_name::{SnapshotFile, SnapshotId};
use crate::home::{read_file, replace_file, write_file};

/// Name of the metadata partition's directory.
pub const DIR_NAME: &str = "__cluster_metadata-0";

/// Bootstrap records of releases before 4.4, in the log directory itself.
pub const BOOTSTRAP_CHECKPOINT: &str = "bootstrap.checkpoint";

/// Larger snapshots are refused.
const SNAPSHOT_MAX_BYTES: u64 = 4 << 30;

/// See the module. Needs the directory to exist.
#[derive(Clone)]
pub struct MetadataDir {
    disk: Arc<dyn Disk>,
    path: PathBuf,
}

impl MetadataDir {
    /// Creates the directory below `log_dir` (metadata.log.dir) when absent.
    pub fn open(disk: Arc<dyn Disk>, log_dir: &Path) -> Result<MetadataDir, LogFault> {
        let path = log_dir.join(DIR_NAME);
        let missing = disk.list(&path).is_err();
        if missing {
            disk.create_dir(&path).map_err(|source| DiskFault::new(DiskOp::CreateDir, &*path, source))?;
            disk.sync_dir(log_dir).map_err(|source| DiskFault::new(DiskOp::SyncDir, log_dir, source))?;
        }
        Ok(MetadataDir { disk, path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `None` before the first election.
    ///
    /// # Errors
    /// A state that cannot be read must stop the voter: a guess could vote twice.
    pub fn quorum_state(&self) -> Result<Option<QuorumState>, LogFault> {
        let path = self.path.join(quorum_state::FILE_NAME);
        let Some(bytes) = read_file(&*self.disk, &path, quorum_state::MAX_BYTES)? else { return Ok(None) };
        quorum_state::decode(&bytes).map(Some).map_err(|why| LogFault::malformed(path, why))
    }

    /// Durable when it returns.
    pub fn write_quorum_state(&self, state: &QuorumState) -> Result<(), LogFault> {
        let path = self.path.join(quorum_state::FILE_NAME);
        Ok(replace_file(&*self.disk, &path, &quorum_state::encode(state))?)
    }

    /// Whole snapshots, oldest first. Leftovers of interrupted writes and deletions are removed.
    pub fn snapshots(&self) -> Result<Vec<SnapshotId>, LogFault> {
        let entries =
            self.disk.list(&self.path).map_err(|source| DiskFault::new(DiskOp::List, &*self.path, source))?;
        let mut whole = Vec::new();
        for entry in entries.into_iter().filter(|entry| entry.kind == EntryKind::File) {
            match SnapshotFile::parse(&entry.name) {
                Some(SnapshotFile::Whole(id)) => whole.push(id),
                Some(SnapshotFile::Partial(_) | SnapshotFile::Deleted(_)) => self.remove(&entry.name)?,
                None => {}
            }
        }
        whole.sort_unstable();
        Ok(whole)
    }

    /// The bytes of a snapshot: record batches one after the other.
    pub fn read_snapshot(&self, id: SnapshotId) -> Result<Bytes, LogFault> {
        let path = self.path.join(id.file_name());
        match read_file(&*self.disk, &path, SNAPSHOT_MAX_BYTES)? {
            Some(bytes) => Ok(bytes.into()),
            None => Err(LogFault::malformed(path, Malformed::Truncated)),
        }
    }

    /// Bytes of a snapshot's file.
    pub fn snapshot_len(&self, id: SnapshotId) -> Result<u64, LogFault> {
        let path = self.path.join(id.file_name());
        let stat = self.disk.stat(&path).map_err(|source| DiskFault::new(DiskOp::Open, path, source))?;
        Ok(stat.len)
    }

    /// Writes a snapshot so that it exists whole or not at all; durable when it returns. `unique` keeps the temporary
    /// names of two attempts apart.
    pub fn write_snapshot(&self, id: SnapshotId, batches: &[u8], unique: u64) -> Result<(), LogFault> {
        let partial = self.path.join(id.partial_name(unique));
        let path = self.path.join(id.file_name());
        if let Err(fault) = write_file(&*self.disk, &partial, batches, true) {
            // A full disk wants its space back; what cannot be removed now is gone at the next start.
            let _ = self.disk.remove_file(&partial);
            return Err(fault.into());
        }
        self.disk
            .set_read_only(&partial)
            .and_then(|()| self.disk.rename(&partial, &path))
            .map_err(|source| DiskFault::new(DiskOp::Rename, path, source))?;
        self.sync_dir()
    }

    /// Removes a snapshot; interrupted, it is gone at the next start.
    pub fn delete_snapshot(&self, id: SnapshotId) -> Result<(), LogFault> {
        let path = self.path.join(id.file_name());
        self.disk
            .rename(&path, &self.path.join(id.deleted_name()))
            .map_err(|source| DiskFault::new(DiskOp::Rename, path, source))?;
        self.sync_dir()?;
        self.remove(&id.deleted_name())
    }

    fn remove(&self, name: &str) -> Result<(), LogFault> {
        let path = self.path.join(name);
        Ok(self.disk.remove_file(&path).map_err(|source| DiskFault::new(DiskOp::Remove, path, source))?)
    }

    fn sync_dir(&self) -> Result<(), LogFault> {
        let sync = self.disk.sync_dir(&self.path);
        Ok(sync.map_err(|source| DiskFault::new(DiskOp::SyncDir, &*self.path, source))?)
    }
}

/// The bootstrap records that releases before 4.4 left in a log directory, if they did.
pub fn read_bootstrap_checkpoint(disk: &dyn Disk, log_dir: &Path) -> Result<Option<Bytes>, LogFault> {
    let path = log_dir.join(BOOTSTRAP_CHECKPOINT);
    Ok(read_file(disk, &path, SNAPSHOT_MAX_BYTES)?.map(Bytes::from))
}
