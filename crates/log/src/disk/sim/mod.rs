//! A disk in memory that loses what was not synced, deterministically.
//!
//! Every file has two images: what survives a power cut (`durable`) and what readers see (`current`), with the list of
//! operations in between. Directories have their entries in the same two forms, with their own list, so a synced file
//! can still vanish when its directory was not synced.
//!
//! * [`state`] – files and directories in both images.
//! * [`survival`] – what a power cut leaves: [`Loss`].
//! * [`access`] – the seam's traits on top of it. [`damage`] – bytes that rot.
//!
//! [`Faults`] plans failures: the n-th operation fails and the power goes, the n-th write or sync reports an error, a
//! directory fails or takes no more writes, or the space ends. A failed sync loses the file's pending bytes for good, as
//! Linux does. With [`SimDisk::record_crashes`] the disk keeps a copy of itself at every operation, so that one run of a
//! workload shows every point at which the power could have gone.

mod access;
mod damage;
mod state;
mod survival;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_base::owned::Mutex;
use klamm_base::rng::SeededRng;

pub use self::damage::Damage;
use self::state::{Node, State};
pub use self::survival::Loss;

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
    /// Everything at and below these paths reports an input/output error, reads included: a disk that is gone.
    pub failing: BTreeSet<PathBuf>,
    /// Nothing at and below these paths can be changed any more: a file system that was remounted.
    pub read_only: BTreeSet<PathBuf>,
}

/// See the module. Clones share the disk; [`SimDisk::fork`] does not.
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
        SimDisk::with(State::new())
    }

    fn with(state: State) -> SimDisk {
        SimDisk { state: Arc::new(Mutex::new(state)) }
    }

    pub fn set_faults(&self, faults: Faults) {
        self.state.lock().faults = faults;
    }

    /// Operations so far in this life.
    pub fn operations(&self) -> u64 {
        self.state.lock().operations
    }

    /// A second disk in the same state, unsynced operations included, with no faults and no locks; cheap.
    pub fn fork(&self) -> SimDisk {
        SimDisk::with(self.state.lock().fork())
    }

    /// From now on the disk keeps a copy of itself at every operation.
    pub fn record_crashes(&self) {
        self.state.lock().crashes = Some(Vec::new());
    }

    /// The copies since the last call, one for each operation: carried out but not yet answered; a sync not even
    /// carried out.
    pub fn take_crashes(&self) -> Vec<SimDisk> {
        let mut state = self.state.lock();
        let crashes = state.crashes.as_mut().map(std::mem::take).unwrap_or_default();
        crashes.into_iter().map(SimDisk::with).collect()
    }

    /// Cuts the power and brings the machine back: every file and directory keeps what `seed` decides.
    pub fn power_cut(&self, seed: u64) {
        self.power_cut_losing(Loss::Mixed, seed);
    }

    /// As [`SimDisk::power_cut`], losing unsynced operations in one way.
    pub fn power_cut_losing(&self, loss: Loss, seed: u64) {
        let mut chance = SeededRng::new(seed);
        let mut state = self.state.lock();
        survival::cut(&mut state, loss, &mut chance);
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
        let inode = state.inode(inode);
        change(&mut inode.current);
        inode.durable = inode.current.clone();
        inode.pending.clear();
    }
}
