//! The only place where randomness enters.

use klamm_base::rng::Rng;
use rustix::rand::{GetRandomFlags, getrandom};

/// The operating system's source.
pub struct OsRng;

impl Rng for OsRng {
    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        let mut filled = 0;
        while filled < bytes.len() {
            match getrandom(&mut bytes[filled..], GetRandomFlags::empty()) {
                Ok(more) => filled += more,
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => panic!("the system has no random numbers: {error}"),
            }
        }
        u64::from_ne_bytes(bytes)
    }
}
