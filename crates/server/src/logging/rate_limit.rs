//! A bound on lines that a client can provoke.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// So many lines in each second of the clock; the rest is counted and the count told with the next line.
pub struct RateLimit {
    lines_per_second: u64,
    second: AtomicU64,
    lines: AtomicU64,
    suppressed: AtomicU64,
}

impl RateLimit {
    pub const fn per_second(lines: u64) -> Self {
        RateLimit {
            lines_per_second: lines,
            second: AtomicU64::new(0),
            lines: AtomicU64::new(0),
            suppressed: AtomicU64::new(0),
        }
    }

    /// `Some` when a line may be written, with the number of those that were not since the last one.
    pub fn admit(&self) -> Option<u64> {
        self.admit_at(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs()))
    }

    fn admit_at(&self, second: u64) -> Option<u64> {
        if self.second.swap(second, Ordering::Relaxed) != second {
            self.lines.store(0, Ordering::Relaxed);
        }
        if self.lines.fetch_add(1, Ordering::Relaxed) >= self.lines_per_second {
            self.suppressed.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(self.suppressed.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_counted() {
        let limit = RateLimit::per_second(2);
        assert_eq!(limit.admit_at(10), Some(0));
        assert_eq!(limit.admit_at(10), Some(0));
        assert_eq!(limit.admit_at(10), None);
        assert_eq!(limit.admit_at(10), None);
        assert_eq!(limit.admit_at(11), Some(2));
        assert_eq!(limit.admit_at(11), Some(0));
        assert_eq!(limit.admit_at(11), None);
    }
}
