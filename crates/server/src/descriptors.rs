//! As many descriptors as the process may have: shells and service managers often begin with 1,024, for programs that
//! cannot count further, and let whoever needs more ask for it. Java's machine does the same (`-XX:+MaxFDLimit`).
//!
//! Some of them are for files only. A connection that gets one of these is closed: when clients have taken all others,
//! the logs still roll and topics are still made.

use std::os::fd::{AsFd, AsRawFd};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The part of the descriptors that connections may not have, and its bounds.
const RESERVED_PART: u64 = 16;
const RESERVED_MIN: u64 = 32;
const RESERVED_MAX: u64 = 1024;

/// Raises the limit as far as no privilege is needed. Returns how many there are now; none = no limit.
pub fn raise_limit() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        // Where it is refused, the process has as many as before.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    }
    getrlimit(Resource::Nofile).current
}

/// Whether `connection` has one of the last descriptors. The system always gives the lowest that is free.
pub fn is_of_the_reserve(connection: &impl AsFd) -> bool {
    let limit = getrlimit(Resource::Nofile).current;
    let number = u64::try_from(connection.as_fd().as_raw_fd()).unwrap_or(u64::MAX);
    limit.is_some_and(|limit| number >= limit - reserve(limit))
}

/// Of `limit` descriptors, those that are for files.
fn reserve(limit: u64) -> u64 {
    (limit / RESERVED_PART).clamp(RESERVED_MIN, RESERVED_MAX).min(limit / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_are_kept_however_few_there_are() {
        assert_eq!([10, 256, 1024, 20_000, 1_000_000].map(reserve), [5, 32, 64, 1024, 1024]);
        let file = std::fs::File::open("/proc/self/status").expect("is there");
        assert!(!is_of_the_reserve(&file), "a test has few");
    }
}
