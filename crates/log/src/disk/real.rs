//! The operating system's files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{FlockOperation, OFlags};

use super::{DirEntry, Disk, DiskFile, DiskLock, DiskSpace, EntryKind, FileStat, OpenMode};

/// Slices the kernel takes in one call (`IOV_MAX` on Linux).
const IOV_MAX: usize = 1024;

/// The file systems of this machine. Paths are taken as they are given.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl RealDisk {
    pub fn shared() -> Arc<dyn Disk> {
        Arc::new(RealDisk)
    }
}

struct RealFile(File);

struct RealLock(#[expect(dead_code, reason = "the lock lives as long as the descriptor")] File);

impl DiskLock for RealLock {}

impl Disk for RealDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        options.read(true).custom_flags((OFlags::NOFOLLOW | OFlags::CLOEXEC).bits() as i32);
        match mode {
            OpenMode::Read => &mut options,
            OpenMode::ReadWrite => options.write(true),
            OpenMode::CreateOrOpen => options.write(true).create(true).truncate(false),
            OpenMode::CreateOrTruncate => options.write(true).create(true).truncate(true),
        };
        Ok(Arc::new(RealFile(options.open(path)?)))
    }

    fn stat(&self, path: &Path) -> io::Result<FileStat> {
        let metadata = fs::symlink_metadata(path)?;
        let modified_ms = metadata.mtime() * 1000 + metadata.mtime_nsec() / 1_000_000;
        Ok(FileStat { len: metadata.len(), modified_ms })
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let file_type = entry.file_type()?;
            let kind = match () {
                () if file_type.is_file() => EntryKind::File,
                () if file_type.is_dir() => EntryKind::Directory,
                () => EntryKind::Other,
            };
            if let Ok(name) = entry.file_name().into_string() {
                entries.push(DirEntry { name, kind });
            }
        }
        Ok(entries)
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn sync_file_system(&self, dir: &Path) -> io::Result<()> {
        Ok(rustix::fs::syncfs(File::open(dir)?)?)
    }

    fn space(&self, dir: &Path) -> io::Result<DiskSpace> {
        let stat = rustix::fs::statvfs(dir)?;
        let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
        Ok(DiskSpace { total: bytes(stat.f_blocks), usable: bytes(stat.f_bavail) })
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        // Java's FileChannel.tryLock is a POSIX record lock, which flock would not see: both are taken, so that
        // neither a JVM broker nor another Klamm can open the directory meanwhile.
        let taken = rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)
            .and_then(|()| rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive));
        match taken {
            Ok(()) => Ok(Some(Box::new(RealLock(file)))),
            Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::ACCESS) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn set_read_only(&self, path: &Path) -> io::Result<()> {
        fs::set_permissions(path, fs::Permissions::from_mode(0o400))
    }
}

impl DiskFile for RealFile {
    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        self.0.read_at(buf, position)
    }

    fn write_vectored_at(&self, bufs: &[IoSlice<'_>], position: u64) -> io::Result<()> {
        let mut position = position;
        for chunk in bufs.chunks(IOV_MAX) {
            position += write_chunk(&self.0, chunk, position)?;
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.0.sync_all()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}

/// Writes at most `IOV_MAX` slices, finishing short writes; returns the bytes written, which is all of them.
fn write_chunk(file: &File, bufs: &[IoSlice<'_>], position: u64) -> io::Result<u64> {
    let total: usize = bufs.iter().map(|buf| buf.len()).sum();
    let mut written = match rustix::io::pwritev(file, bufs, position) {
        Ok(written) => written,
        Err(rustix::io::Errno::INTR) => 0,
        Err(error) => return Err(error.into()),
    };
    // A short write is rare (a full disk, a signal): the rest goes slice by slice.
    let mut start = 0;
    for buf in bufs {
        let end = start + buf.len();
        if written < end {
            let done = written.saturating_sub(start);
            file.write_all_at(&buf[done..], position + (start + done) as u64)?;
            written = end;
        }
        start = end;
    }
    assert_eq!(written, total, "all {total} bytes of a gathered write are out");
    Ok(total as u64)
}
