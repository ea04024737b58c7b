//! Where a corpus begins: bytes that Kafka has written, as this repository keeps them for its tests.
//!
//! - [`golden`]: messages and records of `interop/golden`, in every version
//! - [`files`]: files in the rooms' folders of test data

pub mod files;
pub mod golden;

use crate::Target;
use std::path::Path;

/// Writes a target's seeds into the folder that `KLAMM_FUZZ_SEEDS` names, one file each, and ends the process.
///
/// # Panics
/// When the folder or a file in it cannot be written.
pub fn write_if_asked(target: &Target) {
    let Some(folder) = std::env::var_os("KLAMM_FUZZ_SEEDS") else { return };
    let folder = Path::new(&folder);
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        for (number, seed) in (target.seeds)().iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number:05}")), seed)?;
        }
        Ok(())
    };
    write().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    std::process::exit(0);
}
