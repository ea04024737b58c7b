//! The seam's traits on the simulated disk.

use std::io::{self, IoSlice};
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_base::owned::Mutex;

use super::SimDisk;
use super::state::{Access, Dir, DirOp, Fate, FileOp, Inode, Node, State, input_output_error, split};
use crate::disk::{DirEntry, Disk, DiskFile, DiskLock, DiskSpace, EntryKind, FileStat, OpenMode};

/// What a disk without a planned end of its space says about its size.
const ENDLESS: u64 = 1 << 40;

const TOO_MANY_OPEN_FILES: i32 = 24;

impl SimDisk {
    /// Whether every opening of a file fails because the process has no descriptor left.
    pub fn set_out_of_descriptors(&self, out: bool) {
        self.state.lock().out_of_descriptors = out;
    }
}

impl Disk for SimDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state.lock();
        state.allows(path, if mode == OpenMode::Read { Access::Look } else { Access::Change })?;
        if state.out_of_descriptors {
            return Err(io::Error::from_raw_os_error(TOO_MANY_OPEN_FILES));
        }
        let inode = match (state.file(path), mode) {
            (Ok(inode), OpenMode::CreateOrTruncate) if !state.inodes[inode].current.is_empty() => {
                state.plain_operation()?;
                state.inode(inode).apply(FileOp::SetLen { len: 0 });
                state.answer()?;
                inode
            }
            (Ok(inode), _) => inode,
            (Err(error), OpenMode::Read | OpenMode::ReadWrite) => return Err(error),
            (Err(_), OpenMode::CreateOrOpen | OpenMode::CreateOrTruncate) => {
                let (parent, name) = split(path);
                let dir = state.dir(&parent)?;
                state.plain_operation()?;
                state.inodes.push(Arc::default());
                let inode = state.inodes.len() - 1;
                state.enter(dir, DirOp::Put { name, node: Node::File(inode) });
                state.answer()?;
                inode
            }
        };
        let (life, writable) = (state.life, mode != OpenMode::Read);
        let path = path.to_owned();
        Ok(Arc::new(SimFile { state: self.state.clone(), path, inode, life, writable }))
    }

    fn stat(&self, path: &Path) -> io::Result<FileStat> {
        let state = self.state.lock();
        state.allows(path, Access::Look)?;
        let inode = state.file(path)?;
        Ok(FileStat { len: state.inodes[inode].current.len() as u64, modified_ms: 0 })
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let state = self.state.lock();
        state.allows(dir, Access::Look)?;
        let dir = state.dir(dir)?;
        let entry = |(name, node): (&String, &Node)| {
            let kind = if matches!(node, Node::File(_)) { EntryKind::File } else { EntryKind::Directory };
            DirEntry { name: name.clone(), kind }
        };
        Ok(state.dirs[dir].current.iter().map(entry).collect())
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.allows(dir, Access::Change)?;
        let mut path = PathBuf::new();
        for component in dir.components() {
            let parent = state.dir(&path)?;
            path.push(component);
            if state.find(&path).is_err() {
                state.plain_operation()?;
                state.dirs.push(Arc::default());
                let node = Node::Dir(state.dirs.len() - 1);
                state.enter(parent, DirOp::Put { name: split(&path).1, node });
                state.answer()?;
            }
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.allows(from, Access::Change)?;
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
        state.allows(path, Access::Change)?;
        state.file(path)?;
        let (parent, name) = split(path);
        let dir = state.dir(&parent)?;
        state.plain_operation()?;
        state.enter(dir, DirOp::Remove { name });
        state.answer()
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.allows(dir, Access::Change)?;
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
        state.allows(dir, Access::Change)?;
        let dir = state.dir(dir)?;
        sync(&mut state, |state| state.directory(dir).sync(), |_| {})
    }

    fn sync_file_system(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.allows(dir, Access::Change)?;
        state.dir(dir)?;
        let sync_all = |state: &mut State| {
            let unsynced = state.inodes.iter_mut().filter(|inode| !inode.pending.is_empty());
            unsynced.for_each(|inode| Inode::sync(Arc::make_mut(inode)));
            let unsynced = state.dirs.iter_mut().filter(|dir| !dir.pending.is_empty());
            unsynced.for_each(|dir| Dir::sync(Arc::make_mut(dir)));
        };
        sync(&mut state, sync_all, |_| {})
    }

    fn space(&self, dir: &Path) -> io::Result<DiskSpace> {
        let state = self.state.lock();
        state.allows(dir, Access::Look)?;
        state.dir(dir)?;
        let usable = state.faults.space_left.unwrap_or(ENDLESS).min(ENDLESS);
        Ok(DiskSpace { total: ENDLESS, usable })
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
        let state = self.state.lock();
        state.allows(path, Access::Change)?;
        state.file(path).map(|_| ())
    }
}

/// Carries out a sync, or what happens when it fails; a power cut during it leaves everything pending.
fn sync(state: &mut State, done: impl FnOnce(&mut State), failed: impl FnOnce(&mut State)) -> io::Result<()> {
    match state.operation()? {
        Fate::Done => {
            state.record_crash();
            done(state);
        }
        Fate::Failed => {
            failed(state);
            return Err(input_output_error());
        }
        Fate::DoneAndCut => {}
    }
    state.alive()
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
    /// As it was opened.
    path: PathBuf,
    inode: usize,
    life: u64,
    writable: bool,
}

impl SimFile {
    fn with<T>(&self, access: Access, act: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state.lock();
        if state.life != self.life {
            return Err(io::Error::other("a handle from before the restart"));
        }
        state.allows(&self.path, access)?;
        act(&mut state)
    }

    fn change(&self, op: FileOp) -> io::Result<()> {
        assert!(self.writable, "a file opened for reading is written");
        self.with(Access::Change, |state| {
            state.plain_operation()?;
            state.inode(self.inode).apply(op);
            state.answer()
        })
    }
}

impl DiskFile for SimFile {
    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        self.with(Access::Look, |state| {
            let content = &state.inodes[self.inode].current;
            let start = content.len().min(position as usize);
            let len = buf.len().min(content.len() - start);
            buf[..len].copy_from_slice(&content[start..start + len]);
            Ok(len)
        })
    }

    fn write_vectored_at(&self, bufs: &[IoSlice<'_>], position: u64) -> io::Result<()> {
        let bytes = bufs.iter().flat_map(|buf| buf.iter().copied()).collect::<Vec<u8>>();
        self.with(Access::Change, |state| state.take_space(bytes.len()))?;
        self.change(FileOp::Write { position: position as usize, bytes })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.with(Access::Change, |state| {
            // After a failed sync the kernel marks the pages clean and forgets them.
            let forget = |state: &mut State| state.inode(self.inode).pending.clear();
            sync(state, |state| state.inode(self.inode).sync(), forget)
        })
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(FileOp::SetLen { len: len as usize })
    }

    fn len(&self) -> io::Result<u64> {
        self.with(Access::Look, |state| Ok(state.inodes[self.inode].current.len() as u64))
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}
