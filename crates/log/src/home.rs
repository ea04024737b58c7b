//! Where a log lives and whether it is alive: what segments, readers and the writer share about one log.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use klamm_base::owned::RwLock;

use crate::disk::{Disk, EntryKind, OpenMode};
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

/// Removes a directory with everything below it, as far as it is there.
pub fn remove_tree(disk: &dyn Disk, dir: &Path) -> Result<(), DiskFault> {
    let gone = |error: &std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
    let entries = match disk.list(dir) {
        Ok(entries) => entries,
        Err(error) if gone(&error) => return Ok(()),
        Err(error) => return Err(DiskFault::new(DiskOp::List, dir, error)),
    };
    for entry in entries {
        let path = dir.join(entry.name);
        if entry.kind == EntryKind::Directory {
            remove_tree(disk, &path)?;
            continue;
        }
        match disk.remove_file(&path) {
            Err(error) if !gone(&error) => return Err(DiskFault::new(DiskOp::Remove, path, error)),
            _ => {}
        }
    }
    match disk.remove_dir(dir) {
        Err(error) if !gone(&error) => Err(DiskFault::new(DiskOp::Remove, dir, error)),
        _ => Ok(()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::SimDisk;

    #[test]
    fn a_tree_goes_whole_and_only_once() {
        let disk = SimDisk::new();
        let file = |path: &str| write_file(&disk, Path::new(path), b"x", false).unwrap();
        disk.create_dir(Path::new("/a/b/c")).unwrap();
        ["/a/1", "/a/b/2", "/a/b/c/3"].into_iter().for_each(file);
        remove_tree(&disk, Path::new("/a/b")).unwrap();
        assert!(disk.list(Path::new("/a/b")).is_err());
        assert_eq!(disk.list(Path::new("/a")).unwrap().len(), 1);
        remove_tree(&disk, Path::new("/a/b")).unwrap();
    }

    #[test]
    fn a_counted_file_is_read_whole_however_long_it_is() {
        let disk = SimDisk::new();
        for len in [0, 1, 511, 512, 513, 5000] {
            let bytes = vec![7; len];
            write_file(&disk, Path::new("/f"), &bytes, false).unwrap();
            let read = read_counted_file(&disk, Path::new("/f"), 10_000).unwrap();
            assert_eq!(read, Some(bytes));
        }
        assert_eq!(read_counted_file(&disk, Path::new("/none"), 10).unwrap(), None);
        assert!(read_counted_file(&disk, Path::new("/f"), 4999).is_err());
    }
}
