//! Where a log lives and whether it is alive: what segments, readers and the writer share about one log.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::RwLock;

use crate::disk::{Disk, OpenMode};
use crate::fault::{DiskFault, DiskOp, LogFault};
use crate::files::FileCache;

/// Shared by everything of one log.
pub struct LogHome {
    files: Arc<FileCache>,
    /// Changes once, when the directory is renamed for removal.
    dir: RwLock<Arc<Path>>,
    /// Set by the first failed write or sync, never taken back.
    fault: OnceLock<LogFault>,
    /// The directory was renamed for removal: pending writes have no meaning any more.
    removed: AtomicBool,
}

impl LogHome {
    pub fn new(files: Arc<FileCache>, dir: PathBuf) -> LogHome {
        LogHome {
            files,
            dir: RwLock::new(dir.into()),
            fault: OnceLock::new(),
            removed: AtomicBool::new(false),
        }
    }

    pub fn files(&self) -> &Arc<FileCache> {
        &self.files
    }

    pub fn disk(&self) -> &Arc<dyn Disk> {
        self.files.disk()
    }

    /// The partition's directory.
    pub fn dir(&self) -> Arc<Path> {
        self.dir.read().clone()
    }

    /// The log is being given up: what fails from now on is no fault.
    pub fn set_removed(&self) {
        self.removed.store(true, Ordering::Release);
    }

    pub fn moved_to(&self, dir: PathBuf) {
        *self.dir.write() = dir.into();
    }

    pub fn is_removed(&self) -> bool {
        self.removed.load(Ordering::Acquire)
    }

    /// Takes the log offline; the first fault stays.
    pub fn fail(&self, fault: LogFault) {
        // An earlier fault says more about the cause than its consequences do.
        let _ = self.fault.set(fault);
    }

    pub fn fault(&self) -> Option<&LogFault> {
        self.fault.get()
    }

    /// Makes creations, renames and removals in the partition's directory durable.
    pub fn sync_dir(&self) -> Result<(), DiskFault> {
        let dir = self.dir();
        self.disk().sync_dir(&dir).map_err(|source| DiskFault::new(DiskOp::SyncDir, &*dir, source))
    }

    /// Removes a file of the partition's directory; a missing one is no error.
    pub fn remove_file(&self, name: &str) -> Result<(), DiskFault> {
        let path = self.dir().join(name);
        match self.disk().remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(DiskFault::new(DiskOp::Remove, path, error))
            }
            _ => Ok(()),
        }
    }
}

/// Reads a whole small file; `None` when it does not exist.
///
/// # Errors
/// [`crate::Malformed::TooLarge`] beyond `max` bytes.
pub fn read_file(disk: &dyn Disk, path: &Path, max: u64) -> Result<Option<Vec<u8>>, LogFault> {
    let file = match disk.open(path, OpenMode::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(DiskFault::new(DiskOp::Open, path, error).into()),
    };
    let read = || -> std::io::Result<Option<Vec<u8>>> {
        let len = file.len()?;
        if len > max {
            return Ok(None);
        }
        let mut bytes = vec![0; len as usize];
        let read = file.read_full_at(&mut bytes, 0)?;
        bytes.truncate(read);
        Ok(Some(bytes))
    };
    match read() {
        Ok(Some(bytes)) => Ok(Some(bytes)),
        Ok(None) => Err(LogFault::malformed(path, crate::Malformed::TooLarge)),
        Err(error) => Err(DiskFault::new(DiskOp::Read, path, error).into()),
    }
}

/// As [`read_file`], for files that tell by their content when they are cut short: a small one costs no question for its
/// length.
pub fn read_counted_file(disk: &dyn Disk, path: &Path, max: u64) -> Result<Option<Vec<u8>>, LogFault> {
    const SMALL: usize = 512;
    let file = match disk.open(path, OpenMode::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(DiskFault::new(DiskOp::Open, path, error).into()),
    };
    let mut bytes = vec![0; SMALL];
    let read = file.read_at(&mut bytes, 0).map_err(|source| DiskFault::new(DiskOp::Read, path, source))?;
    if read == SMALL {
        return read_file(disk, path, max);
    }
    bytes.truncate(read);
    Ok(Some(bytes))
}

/// Replaces a small file so that a crash leaves the old or the new content: temporary file, sync, rename, directory
/// sync.
pub fn replace_file(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), DiskFault> {
    write_temporary(disk, path, bytes, true)?;
    rename_temporary(disk, path)?;
    let dir = path.parent().unwrap_or(Path::new("/"));
    disk.sync_dir(dir).map_err(|source| DiskFault::new(DiskOp::SyncDir, dir, source))
}

/// The first half of [`replace_file`].
pub fn write_temporary(disk: &dyn Disk, path: &Path, bytes: &[u8], sync: bool) -> Result<(), DiskFault> {
    write_file(disk, &temporary(path), bytes, sync)
}

/// The second half of [`replace_file`], without the directory's sync.
pub fn rename_temporary(disk: &dyn Disk, path: &Path) -> Result<(), DiskFault> {
    disk.rename(&temporary(path), path).map_err(|source| DiskFault::new(DiskOp::Rename, path, source))
}

fn temporary(path: &Path) -> PathBuf {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    temporary.into()
}

/// Writes a whole file under its own name, for files that a checksum or their absence guards.
pub fn write_file(disk: &dyn Disk, path: &Path, bytes: &[u8], sync: bool) -> Result<(), DiskFault> {
    let file = disk
        .open(path, OpenMode::CreateOrTruncate)
        .map_err(|source| DiskFault::new(DiskOp::Create, path, source))?;
    file.write_at(bytes, 0).map_err(|source| DiskFault::new(DiskOp::Write, path, source))?;
    if sync {
        file.sync_all().map_err(|source| DiskFault::new(DiskOp::Sync, path, source))?;
    }
    Ok(())
}
