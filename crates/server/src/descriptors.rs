//! As many descriptors as the process may have: shells and service managers often begin with 1,024, for programs that
//! cannot count further, and let whoever needs more ask for it. Java's machine does the same (`-XX:+MaxFDLimit`).

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit as far as no privilege is needed.
pub fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        // Where it is refused, the process has as many as before.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    }
}
