//! A copy of the workspace for bugs to live in. It stays from one run to the next, so that only what has changed is
//! compiled again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::list::Plant;
use crate::repo::Repo;

/// See the module.
pub struct Copy {
    pub root: PathBuf,
    /// Its own target folder.
    pub target: PathBuf,
}

impl Copy {
    /// Brings the copy up to date. Files keep their times where nothing has changed.
    pub fn make(repo: &Repo) -> io::Result<Copy> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
        let folder = repo.root.join(target).join("planted");
        let (root, target) = (folder.join("workspace"), folder.join("target"));
        for file in repo.files.iter().filter(|file| is_needed(file)) {
            write(&root.join(file), &fs::read(repo.root.join(file))?)?;
        }
        fs::create_dir_all(&root)?;
        let copied = Repo::at(root.clone());
        for file in copied.files.iter().filter(|file| !repo.files.contains(file)) {
            fs::remove_file(root.join(file))?;
        }
        Ok(Copy { root, target })
    }

    /// Does something while a bug is in.
    pub fn with<T>(&self, plant: &Plant, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let path = self.root.join(&plant.file);
        let healthy = fs::read_to_string(&path)?;
        write(&path, healthy.replacen(&plant.find, &plant.replace, 1).as_bytes())?;
        let outcome = act();
        write(&path, healthy.as_bytes())?;
        outcome
    }
}

/// What a build looks at.
fn is_needed(file: &Path) -> bool {
    file.starts_with("crates") || file.starts_with("src") || file.starts_with("tests") || !has_parent(file)
}

fn has_parent(file: &Path) -> bool {
    file.parent().is_some_and(|parent| parent != Path::new(""))
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|before| before == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content)
}
