//! A count that one thread keeps and others read.

use std::sync::atomic::{AtomicU64, Ordering};

/// Only the thread that owns it adds, so that adding is a plain load and store; anybody may read.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, count: u64) {
        self.0.store(self.get().wrapping_add(count), Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
