//! Files of test data by their place in the repository.

use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> PathBuf {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR"));
    fuzz.parent().expect("fuzz/ lies in the repository").to_owned()
}

/// A file's content.
///
/// # Panics
/// When it is not there: the repository is not whole.
pub fn read(path: &str) -> Vec<u8> {
    let path = root().join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files in a folder, those in folders below left out, by name and in the order of their names.
///
/// # Panics
/// As [`read`].
pub fn folder(path: &str) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("a folder that can be listed"))
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), read(&format!("{path}/{name}")))).collect()
}
