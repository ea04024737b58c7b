//! The simulated disk's state: files and directories in two images, and what happens to them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::Faults;

/// `EIO` and `EROFS` of Linux.
const INPUT_OUTPUT_ERROR: i32 = 5;
const READ_ONLY_FILE_SYSTEM: i32 = 30;

/// Files and directories are shared with copies of the state until one of them changes.
#[derive(Clone)]
pub(super) struct State {
    pub(super) inodes: Vec<Arc<Inode>>,
    /// The first one is the root, which always exists.
    pub(super) dirs: Vec<Arc<Dir>>,
    pub(super) locks: BTreeSet<PathBuf>,
    /// Counts power cuts: handles of an earlier life are dead.
    pub(super) life: u64,
    pub(super) operations: u64,
    pub(super) dead: bool,
    pub(super) faults: Faults,
    /// The process has no descriptor left.
    pub(super) out_of_descriptors: bool,
    /// The state at every operation, when that is recorded.
    pub(super) crashes: Option<Vec<State>>,
}

#[derive(Default, Clone)]
pub(super) struct Inode {
    pub(super) durable: Vec<u8>,
    pub(super) current: Vec<u8>,
    pub(super) pending: Vec<FileOp>,
}

#[derive(Clone)]
pub(super) enum FileOp {
    Write { position: usize, bytes: Vec<u8> },
    SetLen { len: usize },
}

/// What a directory entry points to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    File(usize),
    Dir(usize),
}

pub(super) type Entries = BTreeMap<String, Node>;

#[derive(Default, Clone)]
pub(super) struct Dir {
    pub(super) durable: Entries,
    pub(super) current: Entries,
    pub(super) pending: Vec<DirOp>,
}

#[derive(Clone)]
pub(super) enum DirOp {
    Put { name: String, node: Node },
    Remove { name: String },
    Rename { from: String, to: String, node: Node },
}

/// What an operation meets.
pub(super) enum Fate {
    Done,
    /// Carried out, but the power goes before anybody learns of it.
    DoneAndCut,
    Failed,
}

/// What somebody wants of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Look,
    Change,
}

impl State {
    pub(super) fn new() -> State {
        State {
            inodes: Vec::new(),
            dirs: vec![Arc::default()],
            locks: BTreeSet::new(),
            life: 0,
            operations: 0,
            dead: false,
            faults: Faults::default(),
            out_of_descriptors: false,
            crashes: None,
        }
    }

    pub(super) fn fork(&self) -> State {
        State {
            inodes: self.inodes.clone(),
            dirs: self.dirs.clone(),
            locks: BTreeSet::new(),
            life: self.life,
            operations: self.operations,
            dead: false,
            faults: Faults::default(),
            out_of_descriptors: false,
            crashes: None,
        }
    }

    pub(super) fn rise_again(&mut self) {
        self.life += 1;
        self.operations = 0;
        self.dead = false;
        self.faults = Faults::default();
        self.out_of_descriptors = false;
        self.locks.clear();
    }

    pub(super) fn inode(&mut self, inode: usize) -> &mut Inode {
        Arc::make_mut(&mut self.inodes[inode])
    }

    pub(super) fn directory(&mut self, dir: usize) -> &mut Dir {
        Arc::make_mut(&mut self.dirs[dir])
    }

    pub(super) fn alive(&self) -> io::Result<()> {
        if self.dead { Err(io::Error::other("the power is off")) } else { Ok(()) }
    }

    /// Whether the machine runs and the path's file system takes part.
    pub(super) fn allows(&self, path: &Path, access: Access) -> io::Result<()> {
        self.alive()?;
        let below = |paths: &BTreeSet<PathBuf>| paths.iter().any(|failed| path.starts_with(failed));
        if below(&self.faults.failing) {
            return Err(input_output_error());
        }
        if access == Access::Change && below(&self.faults.read_only) {
            return Err(io::Error::from_raw_os_error(READ_ONLY_FILE_SYSTEM));
        }
        Ok(())
    }

    /// Counts an operation and says what becomes of it.
    pub(super) fn operation(&mut self) -> io::Result<Fate> {
        self.alive()?;
        self.operations += 1;
        if self.faults.power_cut_at == Some(self.operations) {
            self.dead = true;
            return Ok(Fate::DoneAndCut);
        }
        Ok(if self.faults.fail_at.contains(&self.operations) { Fate::Failed } else { Fate::Done })
    }

    /// For operations that are carried out or fail as a whole.
    pub(super) fn plain_operation(&mut self) -> io::Result<()> {
        match self.operation()? {
            Fate::Failed => Err(input_output_error()),
            Fate::Done | Fate::DoneAndCut => Ok(()),
        }
    }

    pub(super) fn take_space(&mut self, bytes: usize) -> io::Result<()> {
        let Some(left) = &mut self.faults.space_left else { return Ok(()) };
        match left.checked_sub(bytes as u64) {
            Some(rest) => *left = rest,
            None => return Err(io::ErrorKind::StorageFull.into()),
        }
        Ok(())
    }

    /// Walks down from the root.
    pub(super) fn find(&self, path: &Path) -> io::Result<Node> {
        let mut node = Node::Dir(0);
        for component in path.components() {
            let Component::Normal(name) = component else { continue };
            let Node::Dir(dir) = node else { return Err(io::ErrorKind::NotADirectory.into()) };
            let entry = self.dirs[dir].current.get(&*name.to_string_lossy());
            node = *entry.ok_or(io::ErrorKind::NotFound)?;
        }
        Ok(node)
    }

    pub(super) fn file(&self, path: &Path) -> io::Result<usize> {
        match self.find(path)? {
            Node::File(inode) => Ok(inode),
            Node::Dir(_) => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    pub(super) fn dir(&self, path: &Path) -> io::Result<usize> {
        match self.find(path)? {
            Node::Dir(dir) => Ok(dir),
            Node::File(_) => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub(super) fn enter(&mut self, dir: usize, op: DirOp) {
        let dir = self.directory(dir);
        apply_dir(&mut dir.current, &op);
        dir.pending.push(op);
    }

    pub(super) fn collect(&self, dir: usize, path: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for (name, node) in &self.dirs[dir].current {
            match node {
                Node::File(inode) => {
                    files.insert(path.join(name), self.inodes[*inode].current.clone());
                }
                Node::Dir(below) => self.collect(*below, &path.join(name), files),
            }
        }
    }

    /// After an operation: the caller never learns that the one the power went with was done.
    pub(super) fn answer(&mut self) -> io::Result<()> {
        self.alive()?;
        self.record_crash();
        Ok(())
    }

    pub(super) fn record_crash(&mut self) {
        if self.crashes.is_some() {
            let copy = self.fork();
            self.crashes.get_or_insert_default().push(copy);
        }
    }
}

pub(super) fn input_output_error() -> io::Error {
    io::Error::from_raw_os_error(INPUT_OUTPUT_ERROR)
}

pub(super) fn split(path: &Path) -> (PathBuf, String) {
    let parent = path.parent().unwrap_or(Path::new("/")).to_owned();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    (parent, name)
}

pub(super) fn apply_dir(entries: &mut Entries, op: &DirOp) {
    match op {
        DirOp::Put { name, node } => {
            entries.insert(name.clone(), *node);
        }
        DirOp::Remove { name } => {
            entries.remove(name);
        }
        DirOp::Rename { from, to, node } => {
            entries.remove(from);
            entries.insert(to.clone(), *node);
        }
    }
}

pub(super) fn apply_file(content: &mut Vec<u8>, op: &FileOp) {
    match op {
        FileOp::SetLen { len } => content.resize(*len, 0),
        FileOp::Write { position, bytes } => {
            let end = position + bytes.len();
            if content.len() < end {
                content.resize(end, 0);
            }
            content[*position..end].copy_from_slice(bytes);
        }
    }
}

impl Inode {
    pub(super) fn apply(&mut self, op: FileOp) {
        apply_file(&mut self.current, &op);
        self.pending.push(op);
    }

    pub(super) fn sync(&mut self) {
        for op in std::mem::take(&mut self.pending) {
            apply_file(&mut self.durable, &op);
        }
    }
}

impl Dir {
    pub(super) fn sync(&mut self) {
        self.durable = self.current.clone();
        self.pending.clear();
    }
}
