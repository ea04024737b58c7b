//! The checkout: its files and its crates.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are not ours: builds, version control, what suites fetch.
const SKIPPED_FOLDERS: [&str; 5] = ["target", ".git", ".work", "node_modules", "__pycache__"];

/// The repository that this program was built in.
pub struct Repo {
    pub root: PathBuf,
    /// Every file, relative to the root, sorted.
    pub files: Vec<PathBuf>,
}

/// One package of the workspace.
pub struct Crate {
    /// The folder's name under `crates/`, or `klamm` for the binary at the root.
    pub room: String,
    /// Relative to the root of the repository.
    pub folder: PathBuf,
}

impl Repo {
    pub fn open() -> Repo {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
        Repo::at(root.expect("xtask lies two folders deep").to_owned())
    }

    /// A repository elsewhere; tests make small ones.
    pub fn at(root: PathBuf) -> Repo {
        let mut files = Vec::new();
        collect(&root, Path::new(""), &mut files);
        files.sort();
        Repo { root, files }
    }

    /// The text of a file, or nothing if it is not UTF-8.
    pub fn text(&self, file: &Path) -> Option<String> {
        let bytes = fs::read(self.root.join(file));
        String::from_utf8(bytes.unwrap_or_else(|e| panic!("{}: {e}", file.display()))).ok()
    }

    /// The release binary of this checkout, whether it is built or not.
    pub fn klamm_binary(&self) -> PathBuf {
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
        self.root.join(target).join("release/klamm")
    }

    /// The packages: the one at the root and those under `crates/`.
    pub fn crates(&self) -> Vec<Crate> {
        let mut crates = Vec::new();
        for file in self.files.iter().filter(|file| file.file_name().is_some_and(|n| n == "Cargo.toml")) {
            let folder = file.parent().expect("a file lies in a folder").to_owned();
            match folder.strip_prefix("crates") {
                Ok(room) => crates.push(Crate { room: room.display().to_string(), folder }),
                Err(_) if folder == Path::new("") => crates.push(Crate { room: "klamm".into(), folder }),
                Err(_) => {}
            }
        }
        crates
    }

    /// The Rust files of a package, relative to the root.
    pub fn rust_files(&self, package: &Crate) -> Vec<PathBuf> {
        let own = |file: &&PathBuf| {
            let inside = match package.room.as_str() {
                "klamm" => file.starts_with("src") || file.starts_with("tests"),
                _ => file.starts_with(&package.folder),
            };
            inside && file.extension().is_some_and(|extension| extension == "rs")
        };
        self.files.iter().filter(own).cloned().collect()
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(root.join(folder)).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let entry = entry.unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let path = folder.join(entry.file_name());
        let kind = entry.file_type().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        if kind.is_dir() {
            if !SKIPPED_FOLDERS.iter().any(|skipped| entry.file_name() == *skipped) {
                collect(root, &path, files);
            }
        } else {
            files.push(path);
        }
    }
}
