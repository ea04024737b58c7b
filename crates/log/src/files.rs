//! Open descriptors of a log directory's segment files, bounded.
//!
//! A [`FileSlot`] belongs to one file and is empty until that file is first used. When more than the limit are open,
//! the cache closes those that nobody has touched since its hand last passed (the CLOCK algorithm), which costs a
//! touched file nothing but a flag. A file that a reader still holds stays open until the reader lets go.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use klamm_base::owned::Mutex;

use crate::disk::{Disk, DiskFile, OpenMode};
use crate::fault::{DiskFault, DiskOp, is_out_of_descriptors};

/// The descriptors of one log directory.
pub struct FileCache {
    disk: Arc<dyn Disk>,
    limit: AtomicUsize,
    /// Slots that hold a file, plus some that have been closed or dropped since the last sweep.
    open: AtomicUsize,
    slots: Mutex<Slots>,
}

#[derive(Default)]
struct Slots {
    slots: Vec<Weak<FileSlot>>,
    hand: usize,
}

/// One file's place in the cache.
#[derive(Default)]
pub struct FileSlot {
    held: Mutex<Option<Held>>,
    touched: AtomicBool,
}

#[derive(Clone)]
struct Held {
    file: Arc<dyn DiskFile>,
    writable: bool,
}

impl FileCache {
    /// `limit` bounds the descriptors held without use; those in use by readers come on top.
    pub fn new(disk: Arc<dyn Disk>, limit: usize) -> FileCache {
        assert!(limit > 0, "a cache of no files cannot serve any");
        FileCache { disk, limit: AtomicUsize::new(limit), open: AtomicUsize::new(0), slots: Mutex::default() }
    }

    /// Takes effect with the next file that is opened.
    pub fn set_limit(&self, limit: usize) {
        assert!(limit > 0, "a cache of no files cannot serve any");
        self.limit.store(limit, Ordering::Relaxed);
    }

    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// The file of `slot`, opened as `mode` says unless a suitable descriptor is at hand.
    pub fn get(
        &self,
        slot: &Arc<FileSlot>,
        path: impl FnOnce() -> std::path::PathBuf,
        mode: OpenMode,
    ) -> Result<Arc<dyn DiskFile>, DiskFault> {
        slot.touched.store(true, Ordering::Relaxed);
        let mut held = slot.held.lock();
        let must_write = mode != OpenMode::Read;
        if let Some(held) = held.as_ref()
            && mode != OpenMode::CreateOrTruncate
            && (held.writable || !must_write)
        {
            return Ok(held.file.clone());
        }
        let path = path();
        let file = self.open(&path, mode).map_err(|source| DiskFault::new(open_op(mode), path, source))?;
        let replaced = held.replace(Held { file: file.clone(), writable: must_write });
        drop(held);
        if replaced.is_none() {
            self.admit(slot);
        }
        Ok(file)
    }

    /// Descriptors in the cache, at most; for tests and metrics.
    pub fn open_files(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        match self.disk.open(path, mode) {
            // Out of descriptors says nothing about the disk: give all of ours back and try once more.
            Err(error) if is_out_of_descriptors(&error) => {}
            opened => return opened,
        }
        self.close_idle(0);
        self.disk.open(path, mode)
    }

    fn admit(&self, slot: &Arc<FileSlot>) {
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.slots.lock().slots.push(Arc::downgrade(slot));
        let limit = self.limit.load(Ordering::Relaxed);
        if open > limit {
            self.close_idle(limit - limit / 8);
        }
    }

    /// Closes untouched files until at most `keep` are left.
    fn close_idle(&self, keep: usize) {
        let mut slots = self.slots.lock();
        // Two rounds: the first takes the touched flags away, the second finds nothing touched.
        let mut steps = slots.slots.len() * 2;
        while slots.slots.len() > keep && steps > 0 {
            steps -= 1;
            let hand = if slots.hand < slots.slots.len() { slots.hand } else { 0 };
            let close = match slots.slots[hand].upgrade() {
                // A slot that is being opened right now is in use.
                Some(slot) if slot.touched.swap(false, Ordering::Relaxed) => false,
                Some(slot) => slot.held.try_lock().is_some_and(|mut held| {
                    *held = None;
                    true
                }),
                None => true,
            };
            if close {
                slots.slots.swap_remove(hand);
                slots.hand = hand;
            } else {
                slots.hand = hand + 1;
            }
        }
        self.open.store(slots.slots.len(), Ordering::Relaxed);
    }
}

fn open_op(mode: OpenMode) -> DiskOp {
    match mode {
        OpenMode::Read | OpenMode::ReadWrite => DiskOp::Open,
        OpenMode::CreateOrOpen | OpenMode::CreateOrTruncate => DiskOp::Create,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::SimDisk;

    fn slot(disk: &SimDisk, name: &str) -> Arc<FileSlot> {
        disk.open(Path::new(name), OpenMode::CreateOrOpen).unwrap();
        Arc::new(FileSlot::default())
    }

    #[test]
    fn open_files_are_bounded_and_come_back() {
        let disk = SimDisk::new();
        let cache = FileCache::new(Arc::new(disk.clone()), 8);
        let slots: Vec<_> = (0..100).map(|n| (format!("/{n}"), slot(&disk, &format!("/{n}")))).collect();
        for _ in 0..3 {
            for (name, slot) in &slots {
                cache.get(slot, || name.into(), OpenMode::Read).unwrap();
                assert!(cache.open_files() <= 9, "{} files open", cache.open_files());
            }
        }
    }

    #[test]
    fn a_reading_descriptor_is_replaced_for_writing() {
        let disk = SimDisk::new();
        let cache = FileCache::new(Arc::new(disk.clone()), 8);
        let slot = slot(&disk, "/f");
        cache.get(&slot, || "/f".into(), OpenMode::Read).unwrap();
        let writable = cache.get(&slot, || "/f".into(), OpenMode::ReadWrite).unwrap();
        writable.write_at(b"x", 0).unwrap();
        let again = cache.get(&slot, || unreachable!("already open"), OpenMode::Read).unwrap();
        assert_eq!(again.len().unwrap(), 1);
    }

    #[test]
    fn a_fault_names_the_call_and_the_file() {
        let cache = FileCache::new(Arc::new(SimDisk::new()), 8);
        let slot = Arc::new(FileSlot::default());
        let fault = cache.get(&slot, || "/missing".into(), OpenMode::Read).err().unwrap();
        assert_eq!((fault.op, &*fault.path), (DiskOp::Open, Path::new("/missing")));
        assert!(fault.is_not_found());
    }
}
