//! Memory of decoded requests, over all that are being answered.
//!
//! A reader sees to it that one request takes no more than its frame justifies; this sees to it that many together
//! take no more than `klamm.queued.max.decoded.bytes`. What is charged is what the reader has charged.

use std::sync::atomic::{AtomicU64, Ordering};

/// So little is not counted: nearly all requests stay below it.
const UNCOUNTED_BYTES: usize = 2 * 1024;
/// Requests above this leave a part of the pool to smaller ones.
const SMALL_BYTES: usize = 64 * 1024;

/// The pool.
#[derive(Debug)]
pub struct RequestMemory {
    used: AtomicU64,
    max: u64,
    /// Most that one request may take.
    pub request_max: usize,
}

/// What one request holds of the pool, until it is answered.
#[derive(Debug)]
pub struct Held<'a> {
    pool: &'a RequestMemory,
    bytes: u64,
}

impl RequestMemory {
    pub fn new(max: u64, request_max: usize) -> RequestMemory {
        RequestMemory { used: AtomicU64::new(0), max, request_max }
    }

    /// Bytes that are held now.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Nothing is held yet.
    pub fn begin(&self) -> Held<'_> {
        Held { pool: self, bytes: 0 }
    }
}

impl Held<'_> {
    /// Takes `bytes` from the pool; false when there are not so many. The last quarter is for small requests.
    pub fn take(&mut self, bytes: usize) -> bool {
        if bytes <= UNCOUNTED_BYTES {
            return true;
        }
        let max = if bytes > SMALL_BYTES { self.pool.max - self.pool.max / 4 } else { self.pool.max };
        let more = bytes as u64;
        let fits = |used: u64| used.checked_add(more).filter(|then| *then <= max);
        let taken = self.pool.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok();
        if taken {
            self.bytes += more;
        }
        taken
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.pool.used.fetch_sub(self.bytes, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_requests_leave_a_quarter_to_small_ones() {
        let pool = RequestMemory::new(1 << 20, 1 << 20);
        let (mut large, mut second) = (pool.begin(), pool.begin());
        assert!(large.take(3 << 18));
        assert!(!second.take(SMALL_BYTES + 1) && second.take(SMALL_BYTES) && second.take(SMALL_BYTES));
        assert!(second.take(UNCOUNTED_BYTES));
        assert_eq!(pool.used(), (3 << 18) + 2 * SMALL_BYTES as u64);
        drop(large);
        assert!(second.take(SMALL_BYTES + 1));
        drop(second);
        assert_eq!(pool.used(), 0);
    }

    #[test]
    fn what_is_full_stays_full() {
        let pool = RequestMemory::new(100_000, 100_000);
        let mut held: Vec<Held<'_>> = (0..40).map(|_| pool.begin()).collect();
        let taken = held.iter_mut().filter_map(|held| held.take(3_000).then_some(())).count();
        assert_eq!(taken, 33);
        held.truncate(1);
        assert_eq!(pool.used(), 3_000);
    }
}
