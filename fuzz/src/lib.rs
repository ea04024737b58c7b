//! Fuzz targets for every family of readers: whatever comes from a connection, a disk or a command line.
//!
//! A target is a function of bytes that must not panic, must not take more memory than it may, and must
//! find what it promises to hold. Its seeds are made from what Kafka has written (`interop/golden`, the
//! rooms' own golden files) and from what our writers write.
//!
//! - [`allocation`]: memory counted, and bounded
//! - `engine`: a target as a program
//! - [`input`]: how bytes become choices
//! - [`foreign`]: files of rooms that are too large to be built for a few readers
//! - [`targets`]: one file per family
//! - [`seeds`]: where a corpus begins

pub mod allocation;
#[macro_use]
mod engine;
pub mod foreign;
/// As the plans of offsets know it.
#[path = "../../crates/tools/src/hash_map.rs"]
#[allow(dead_code, reason = "only what plans need of it")]
mod hash_map;
pub mod input;
pub mod seeds;
pub mod targets;

/// One target.
#[derive(Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    /// What it reads and what it holds.
    pub meaning: &'static str,
    pub run: fn(&[u8]),
    pub seeds: fn() -> Vec<Vec<u8>>,
}

#[cfg(klamm_fuzz)]
#[doc(hidden)]
pub use libfuzzer_sys;

/// Runs a target on the files that the command line names: what a crash has left, without the engine.
///
/// # Panics
/// When the target does, and for a file that cannot be read.
pub fn run_files(target: &Target) {
    for path in std::env::args_os().skip(1) {
        let input = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (target.run)(&input);
        println!("{}: {} bytes are survived by {}", path.display(), input.len(), target.name);
    }
}
