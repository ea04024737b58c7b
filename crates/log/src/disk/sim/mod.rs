//! A disk in memory that loses what was not synced, deterministically.
//!
//! Every file has two images: what survives a power cut (`durable`) and what readers see (`current`), with the list of
//! operations in between. Directories have their entries in the same two forms, with their own list, so a synced file
//! can still vanish when its directory was not synced.
//!
//! [`SimDisk::power_cut`] decides by its seed, for each file, whether the pending operations survive: all, none, a prefix,
//! any subset, or with each write torn at 512-byte sectors. Of a directory's pending operations any subset survives; a
//! rename is atomic. Afterwards every handle from before is dead and every lock is free.
//!
//! [`Faults`] plans failures: the n-th operation fails and the power goes, the n-th write or sync reports an error, or
//! the space ends. A failed sync loses the file's pending bytes for good, as Linux does.

mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IoSlice};
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_base::rng::{Rng, SeededRng};
use parking_lot::Mutex;

use self::state::{Dir, DirOp, Fate, FileOp, Inode, Node, State, apply_dir, split, survive};
use super::{DirEntry, Disk, DiskFile, DiskLock, EntryKind, FileStat, OpenMode};

/// Failures to come. Operations are counted from 1 since the last power cut: creations, writes, length changes, syncs,
/// renames, removals.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// The power goes with this operation: it may still be half done, and everything after it fails.
    pub power_cut_at: Option<u64>,
    /// These operations report an input/output error and do nothing; a sync loses what it should have kept.
    pub fail_at: BTreeSet<u64>,
    /// Bytes that can still be written or preallocated before the disk is full.
    pub space_left: Option<u64>,
}

/// See the module. Clones share the disk.
#[derive(Clone)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
}

impl Default for SimDisk {
    fn default() -> Self {
        SimDisk::new()
    }
}

impl SimDisk {
    pub fn new() -> SimDisk {
        SimDisk { state: Arc::new(Mutex::new(State::new())) }
    }

    pub fn set_faults(&self, faults: Faults) {
        self.state.lock().faults = faults;
    }

    /// Operations so far in this life.
    pub fn operations(&self) -> u64 {
        self.state.lock().operations
    }

    /// Cuts the power and brings the machine back: pending operations survive as `seed` decides.
    pub fn power_cut(&self, seed: u64) {
        let mut chance = SeededRng::new(seed);
        let mut state = self.state.lock();
        for inode in &mut state.inodes {
            inode.durable = survive(inode, &mut chance);
            inode.current = inode.durable.clone();
            inode.pending.clear();
        }
        for dir in &mut state.dirs {
            for op in std::mem::take(&mut dir.pending) {
                if chance.below(2) == 0 {
                    apply_dir(&mut dir.durable, &op);
                }
            }
            dir.current = dir.durable.clone();
        }
        state.rise_again();
    }

    /// Ends the process but not the machine (kill -9): everything written stays.
    pub fn kill(&self) {
        self.state.lock().rise_again();
    }

    /// The content of every file under `dir` as readers see it, for comparing two disks.
    pub fn image(&self, dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let state = self.state.lock();
        let mut files = BTreeMap::new();
        if let Ok(Node::Dir(root)) = state.find(dir) {
            state.collect(root, dir, &mut files);
        }
        files
    }

    /// Overwrites bytes behind everybody's back, durably (bit rot).
    pub fn corrupt(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state.lock();
        let inode = state.file(path).unwrap_or_else(|_| panic!("no file {}", path.display()));
        let inode = &mut state.inodes[inode];
        change(&mut inode.current);
        inode.durable = inode.current.clone();
        inode.pending.clear();
    }
}

impl Disk for SimDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state.lock();
        state.alive()?;
        let inode = match (state.file(path), mode) {
            (Ok(inode), OpenMode::CreateOrTruncate) if !state.inodes[inode].current.is_empty() => {
                state.plain_operation()?;
                state.inodes[inode].apply(FileOp::SetLen { len: 0 });
                state.answer()?;
                inode
            }
            (Ok(inode), _) => inode,
            (Err(error), OpenMode::Read | OpenMode::ReadWrite) => return Err(error),
            (Err(_), OpenMode::CreateOrOpen | OpenMode::CreateOrTruncate) => {
                let (parent, name) = split(path);
                let dir = state.dir(&parent)?;
                state.plain_operation()?;
                state.inodes.push(Inode::default());
                let inode = state.inodes.len() - 1;
                state.enter(dir, DirOp::Put { name, node: Node::File(inode) });
                state.answer()?;
                inode
            }
        };
        let (life, writable) = (state.life, mode != OpenMode::Read);
        Ok(Arc::new(SimFile { state: self.state.clone(), inode, life, writable }))
    }

    fn stat(&self, path: &Path) -> io::Result<FileStat> {
        let state = self.state.lock();
        state.alive()?;
        let inode = state.file(path)?;
        Ok(FileStat { len: state.inodes[inode].current.len() as u64, modified_ms: 0 })
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let state = self.state.lock();
        state.alive()?;
        let dir = state.dir(dir)?;
        let entry = |(name, node): (&String, &Node)| {
            let kind = if matches!(node, Node::File(_)) { EntryKind::File } else { EntryKind::Directory };
            DirEntry { name: name.clone(), kind }
        };
        Ok(state.dirs[dir].current.iter().map(entry).collect())
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.alive()?;
        let mut path = PathBuf::new();
        for component in dir.components() {
            let parent = state.dir(&path)?;
            path.push(component);
            if state.find(&path).is_err() {
                state.plain_operation()?;
                state.dirs.push(Dir::default());
                let node = Node::Dir(state.dirs.len() - 1);
                state.enter(parent, DirOp::Put { name: split(&path).1, node });
                state.answer()?;
            }
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        let node = state.find(from)?;
        let ((parent, from), (to_parent, to)) = (split(from), split(to));
        assert_eq!(parent, to_parent, "entries are renamed inside their directory only");
        let dir = state.dir(&parent)?;
        state.plain_operation()?;
        state.enter(dir, DirOp::Rename { from, to, node });
        state.answer()
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.file(path)?;
        let (parent, name) = split(path);
        let dir = state.dir(&parent)?;
        state.plain_operation()?;
        state.enter(dir, DirOp::Remove { name });
        state.answer()
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        let removed = state.dir(dir)?;
        if !state.dirs[removed].current.is_empty() {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        let (parent, name) = split(dir);
        let parent = state.dir(&parent)?;
        state.plain_operation()?;
        state.enter(parent, DirOp::Remove { name });
        state.answer()
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        let dir = state.dir(dir)?;
        match state.operation()? {
            Fate::Failed => return Err(io::Error::from_raw_os_error(5)),
            Fate::DoneAndCut => {}
            Fate::Done => {
                state.dirs[dir].sync();
            }
        }
        state.answer()
    }

    fn sync_file_system(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.dir(dir)?;
        match state.operation()? {
            Fate::Failed => return Err(io::Error::from_raw_os_error(5)),
            Fate::DoneAndCut => {}
            Fate::Done => {
                state.inodes.iter_mut().for_each(Inode::sync);
                state.dirs.iter_mut().for_each(Dir::sync);
            }
        }
        state.answer()
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>> {
        drop(self.open(path, OpenMode::CreateOrOpen)?);
        let mut state = self.state.lock();
        if !state.locks.insert(path.to_owned()) {
            return Ok(None);
        }
        Ok(Some(Box::new(SimLock { state: self.state.clone(), path: path.to_owned(), life: state.life })))
    }

    fn set_read_only(&self, path: &Path) -> io::Result<()> {
        self.state.lock().file(path).map(|_| ())
    }
}

struct SimLock {
    state: Arc<Mutex<State>>,
    path: PathBuf,
    life: u64,
}

impl DiskLock for SimLock {}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut state = self.state.lock();
        if state.life == self.life {
            state.locks.remove(&self.path);
        }
    }
}

struct SimFile {
    state: Arc<Mutex<State>>,
    inode: usize,
    life: u64,
    writable: bool,
}

impl SimFile {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state.lock();
        if state.life != self.life {
            return Err(io::Error::other("a handle from before the restart"));
        }
        act(&mut state)
    }

    fn change(&self, op: FileOp) -> io::Result<()> {
        assert!(self.writable, "a file opened for reading is written");
        self.with(|state| {
            state.plain_operation()?;
            state.inodes[self.inode].apply(op);
            state.answer()
        })
    }
}

impl DiskFile for SimFile {
    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        self.with(|state| {
            state.alive()?;
            let content = &state.inodes[self.inode].current;
            let start = content.len().min(position as usize);
            let len = buf.len().min(content.len() - start);
            buf[..len].copy_from_slice(&content[start..start + len]);
            Ok(len)
        })
    }

    fn write_vectored_at(&self, bufs: &[IoSlice<'_>], position: u64) -> io::Result<()> {
        let bytes = bufs.iter().flat_map(|buf| buf.iter().copied()).collect::<Vec<u8>>();
        self.with(|state| state.take_space(bytes.len()))?;
        self.change(FileOp::Write { position: position as usize, bytes })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.with(|state| {
            let fate = state.operation()?;
            let inode = &mut state.inodes[self.inode];
            match fate {
                Fate::Done => inode.sync(),
                // The kernel marks the pages clean and forgets them.
                Fate::Failed => {
                    inode.pending.clear();
                    return Err(io::Error::from_raw_os_error(5));
                }
                Fate::DoneAndCut => {}
            }
            state.answer()
        })
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(FileOp::SetLen { len: len as usize })
    }

    fn len(&self) -> io::Result<u64> {
        self.with(|state| {
            state.alive()?;
            Ok(state.inodes[self.inode].current.len() as u64)
        })
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}
