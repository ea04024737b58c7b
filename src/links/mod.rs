//! `klamm install-links DIR`: a folder as Kafka's archive unpacks, so that scripts find what they look for.
//!
//! `bin/` holds links to this program by the names of Kafka's scripts, with `.sh` and without; `config/` properties
//! files to begin with, [`config`]; `libs/` nothing. What somebody has put there or changed is left as it is.

mod config;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::fault::DoorFault;
use crate::names::{RUN_CLASS, SERVER_START};

/// What became of something that should be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Made,
    /// Was so already.
    Unchanged,
    /// Is something else, and was left.
    Kept,
}

/// Lays out `dir` and says what was done.
pub fn install(dir: &Path) -> Result<(), DoorFault> {
    let klamm = std::env::current_exe().map_err(|source| fault(Path::new("klamm"), source))?;
    let report = lay_out(dir, &klamm)?;
    // Nobody reads it any more.
    let _ = io::stdout().write_all(report.as_bytes());
    Ok(())
}

fn fault(file: &Path, source: io::Error) -> DoorFault {
    DoorFault::File { file: file.to_owned(), source }
}

fn lay_out(dir: &Path, klamm: &Path) -> Result<String, DoorFault> {
    let mut report = String::new();
    for folder in ["bin", "config", "libs"] {
        let path = dir.join(folder);
        fs::create_dir_all(&path).map_err(|source| fault(&path, source))?;
    }
    let mut counts = [0usize; 3];
    for name in names() {
        let path = dir.join("bin").join(name);
        let done = link(&path, klamm).map_err(|source| fault(&path, source))?;
        counts[done as usize] += 1;
        if done == Done::Kept {
            report.push_str(&format!("kept {}, which is no link\n", path.display()));
        }
    }
    let [made, unchanged, _] = counts;
    let bin = dir.join("bin");
    report.push_str(&format!(
        "{}: {made} links made, {unchanged} were there, to {}\n",
        bin.display(),
        klamm.display()
    ));
    for (name, text) in config::FILES {
        let path = dir.join("config").join(name);
        let said = match write(&path, text).map_err(|source| fault(&path, source))? {
            Done::Made => "made",
            Done::Unchanged => "unchanged",
            Done::Kept => "kept, with changes of yours",
        };
        report.push_str(&format!("{}: {said}\n", path.display()));
    }
    Ok(report)
}

/// Every script with `.sh`, as Kafka has them, and without, as packages have them.
fn names() -> impl Iterator<Item = PathBuf> {
    let scripts = klamm_tools::names().chain([SERVER_START, RUN_CLASS]);
    scripts.flat_map(|name| [PathBuf::from(name), PathBuf::from(format!("{name}.sh"))])
}

/// A link of an older klamm is led to this one.
fn link(path: &Path, klamm: &Path) -> io::Result<Done> {
    match fs::read_link(path) {
        Ok(target) if target == klamm => return Ok(Done::Unchanged),
        Ok(_) => fs::remove_file(path)?,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
        Err(_) => return Ok(Done::Kept),
    }
    std::os::unix::fs::symlink(klamm, path).map(|()| Done::Made)
}

fn write(path: &Path, text: &str) -> io::Result<Done> {
    match fs::read(path) {
        Ok(found) if found == text.as_bytes() => Ok(Done::Unchanged),
        Ok(_) => Ok(Done::Kept),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => fs::write(path, text).map(|()| Done::Made),
        Err(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_is_once_and_what_is_yours_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let (dir, klamm) = (folder.path(), Path::new("/usr/bin/klamm"));
        let first = lay_out(dir, klamm).ok().expect("laid out");
        let links = names().count();
        assert!(first.contains(&format!("{links} links made, 0 were there, to /usr/bin/klamm")), "{first}");
        assert_eq!(fs::read_link(dir.join("bin/kafka-topics.sh")).ok().as_deref(), Some(klamm));
        assert_eq!(fs::read_dir(dir.join("libs")).expect("a folder").count(), 0);

        fs::write(dir.join("config/server.properties"), "mine").expect("a file");
        fs::remove_file(dir.join("bin/kafka-topics")).expect("a link");
        fs::write(dir.join("bin/kafka-topics"), "#!/bin/sh").expect("a script");
        let second = lay_out(dir, klamm).ok().expect("laid out");
        assert!(second.contains(&format!("0 links made, {} were there", links - 1)), "{second}");
        assert!(second.contains("bin/kafka-topics, which is no link"), "{second}");
        assert!(
            second.contains("server.properties: kept") && second.contains("broker.properties: unchanged")
        );
        assert_eq!(fs::read_to_string(dir.join("config/server.properties")).ok().as_deref(), Some("mine"));

        let third = lay_out(dir, Path::new("/opt/klamm")).ok().expect("laid out");
        assert!(third.contains(&format!("{} links made, 0 were there, to /opt/klamm", links - 1)), "{third}");
    }
}
