//! The seam to the disk: everything the log room does to files goes through these two traits.
//!
//! * [`real`] – the operating system's files; the only place in the house that names `std::fs`.
//! * `sim` (feature `sim`) – a disk in memory that can lose what was not synced.
//!
//! All calls block. Positions and lengths are bytes. A write either takes all bytes or fails; after a failed
//! write or sync the caller must not use that file for writing again, because the kernel may have dropped the
//! dirty pages.

pub mod real;
#[cfg(any(test, feature = "sim"))]
pub mod sim;

use std::io::{self, IoSlice};
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::Arc;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// Existing file, reading only.
    Read,
    /// Existing file, reading and writing.
    ReadWrite,
    /// Reading and writing; created empty when absent, content kept when present.
    CreateOrOpen,
    /// Reading and writing; created when absent, emptied when present.
    CreateOrTruncate,
}

/// What a directory entry is. Symbolic links count as `Other` and are never followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    File,
    Directory,
    Other,
}

/// One entry of a directory listing. Names that are not UTF-8 are not listed: no file of ours has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    pub name: String,
    pub kind: EntryKind,
}

/// Length and age of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStat {
    pub len: u64,
    /// Last change of the content, wall clock, ms since 1970.
    pub modified_ms: i64,
}

/// The size of a file system and what is left of it, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    pub total: u64,
    /// What this process may still write.
    pub usable: u64,
}

/// Held while a directory belongs to this process; dropping it gives the directory back.
pub trait DiskLock: Send + Sync {}

/// A file system, or the part of one below some directory.
pub trait Disk: Send + Sync {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>>;

    /// `NotFound` when nothing is there.
    fn stat(&self, path: &Path) -> io::Result<FileStat>;

    /// Entries in no fixed order.
    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>>;

    /// Creates the directory and missing parents; an existing directory is no error.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Atomic within a file system, replaces a file at `to`. Durable after [`Disk::sync_dir`] of the parents.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty directory.
    fn remove_dir(&self, dir: &Path) -> io::Result<()>;

    /// Makes creations, renames and removals of the directory's entries durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Makes everything durable that was written anywhere on the file system of `dir` (syncfs): cheaper than many single
    /// syncs, and dearer than a few, because others may write there too.
    fn sync_file_system(&self, dir: &Path) -> io::Result<()>;

    /// The file system that holds `dir`.
    fn space(&self, dir: &Path) -> io::Result<DiskSpace>;

    /// Takes the exclusive lock on `path`, creating the file; `None` when another process has it.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>>;

    /// Takes away all write permission (metadata snapshots are mode 0400).
    fn set_read_only(&self, path: &Path) -> io::Result<()>;
}

/// An open file. Shared freely: no call moves a cursor.
#[expect(
    clippy::len_without_is_empty,
    reason = "a file is not a collection, and asking it is a call of the system"
)]
pub trait DiskFile: Send + Sync {
    /// Bytes read, 0 at the end of the file; may be short.
    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize>;

    /// Writes all of `bufs` one after the other from `position` on.
    fn write_vectored_at(&self, bufs: &[IoSlice<'_>], position: u64) -> io::Result<()>;

    /// Content and length survive a power cut (fdatasync).
    fn sync_data(&self) -> io::Result<()>;

    /// As `sync_data`, with all attributes (fsync).
    fn sync_all(&self) -> io::Result<()>;

    /// Cuts the file or extends it with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;

    fn len(&self) -> io::Result<u64>;

    /// The descriptor for sendfile; `None` on a simulated disk.
    fn fd(&self) -> Option<BorrowedFd<'_>>;
}

impl dyn DiskFile + '_ {
    pub fn write_at(&self, buf: &[u8], position: u64) -> io::Result<()> {
        self.write_vectored_at(&[IoSlice::new(buf)], position)
    }

    /// Fills `buf` from `position` as far as the file goes; returns the bytes read.
    pub fn read_full_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() {
            match self.read_at(&mut buf[filled..], position + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    /// Fills `buf` from `position` or fails with `UnexpectedEof`.
    pub fn read_exact_at(&self, buf: &mut [u8], position: u64) -> io::Result<()> {
        let read = self.read_full_at(buf, position)?;
        if read < buf.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}
