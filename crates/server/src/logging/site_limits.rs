//! A bound on lines of one kind: those from one place in the code and of one logger. Clients can provoke many of them,
//! and a disk full of log stops more than the log.
//!
//! What is too much in a second is counted; how many there were is told before the first line of a later second,
//! whatever that is about.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use parking_lot::Mutex;
use tracing::Metadata;
use tracing::callsite::Identifier;

/// No bound.
const NONE: u32 = 0;

pub struct SiteLimits {
    /// Lines of one kind in a second of the clock.
    lines_max: AtomicU32,
    kinds: Mutex<Option<HashMap<Kind, Second>>>,
    has_untold: AtomicBool,
}

/// Place in the code, and logger.
type Kind = (Identifier, String);

struct Second {
    second: u64,
    lines: u32,
    suppressed: u64,
    at: &'static Metadata<'static>,
}

/// Lines that were not written.
#[derive(Debug, PartialEq, Eq)]
pub struct Suppressed {
    pub logger: String,
    pub count: u64,
    /// File and line.
    pub at: (&'static str, u32),
}

impl SiteLimits {
    pub const fn new() -> SiteLimits {
        SiteLimits {
            lines_max: AtomicU32::new(NONE),
            kinds: Mutex::new(None),
            has_untold: AtomicBool::new(false),
        }
    }

    /// From now on so many lines of one kind are written in a second; `None` = all.
    pub fn set(&self, lines_max: Option<u32>) {
        self.lines_max.store(lines_max.unwrap_or(NONE), Ordering::Relaxed);
    }

    /// Whether a line may be written now.
    pub fn admit(&self, at: &'static Metadata<'static>, logger: &str, second: u64) -> bool {
        let lines_max = self.lines_max.load(Ordering::Relaxed);
        if lines_max == NONE {
            return true;
        }
        let mut kinds = self.kinds.lock();
        let kind = kinds
            .get_or_insert_default()
            .entry((at.callsite(), logger.to_owned()))
            .or_insert(Second { second, lines: 0, suppressed: 0, at });
        if kind.second != second {
            (kind.second, kind.lines) = (second, 0);
        }
        if kind.lines >= lines_max {
            kind.suppressed += 1;
            self.has_untold.store(true, Ordering::Relaxed);
            return false;
        }
        kind.lines += 1;
        true
    }

    /// What was left out in seconds that are over, told once.
    pub fn take_suppressed(&self, second: u64) -> Vec<Suppressed> {
        if !self.has_untold.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let (mut told, mut is_left) = (Vec::new(), false);
        for ((_, logger), kind) in self.kinds.lock().iter_mut().flatten() {
            if kind.suppressed > 0 && kind.second == second {
                is_left = true;
            } else if kind.suppressed > 0 {
                let count = std::mem::take(&mut kind.suppressed);
                let at = (kind.at.file().unwrap_or("?"), kind.at.line().unwrap_or(0));
                told.push(Suppressed { logger: logger.clone(), count, at });
            }
        }
        self.has_untold.store(is_left, Ordering::Relaxed);
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::callsite::{Callsite, DefaultCallsite};

    static SITE: DefaultCallsite = DefaultCallsite::new(&AT);
    static AT: Metadata<'static> = tracing::metadata! {
        name: "line", target: "kafka.server", level: tracing::Level::INFO, fields: &[],
        callsite: &SITE, kind: tracing::metadata::Kind::EVENT,
    };

    #[test]
    fn too_many_lines_of_a_kind_are_counted_and_told() {
        let limits = SiteLimits::new();
        let at = SITE.metadata();
        assert!((0..1000).all(|_| limits.admit(at, "kafka.log", 5)), "no bound yet");
        limits.set(Some(3));
        let admitted = |second| (0..10).filter(|_| limits.admit(at, "kafka.log", second)).count();
        assert_eq!(admitted(5), 3);
        assert!(limits.admit(at, "kafka.server", 5), "another logger at the same place");
        assert!(limits.take_suppressed(5).is_empty(), "the second is not over");
        let told = limits.take_suppressed(6);
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].logger.as_str(), told[0].count), ("kafka.log", 7));
        assert!(limits.take_suppressed(6).is_empty(), "once");
        // Also when nobody asked in between.
        assert_eq!(admitted(7) + admitted(8), 6);
        assert_eq!(limits.take_suppressed(9)[0].count, 14);
    }
}
