//! Rules about whole files: headers, dead code files, words that have no place in the repository.

use crate::Findings;
use crate::modules::Module;
use crate::repo::{Crate, Repo};
use crate::rust_text::line_of;

/// Places outside the repository. Put together here so that this file does not say them.
const FOREIGN_PLACES: [&str; 4] =
    [concat!("../", "shared"), concat!("/", "work/"), concat!("/", "root/"), concat!("PLAN", ".md")];

/// No file names a place on somebody's machine.
pub fn check_texts(repo: &Repo) -> Findings {
    let mut findings = Findings::new();
    for file in &repo.files {
        let Some(text) = repo.text(file) else { continue };
        for place in FOREIGN_PLACES {
            let hits =
                text.match_indices(place).map(|(at, _)| at).filter(|&at| starts_path(&text, at, place));
            findings.extend(hits.map(|at| format!("{}:{}: {place}", file.display(), line_of(&text, at))));
        }
    }
    findings
}

/// Whether an absolute path starts here, as opposed to going on.
fn starts_path(text: &str, at: usize, place: &str) -> bool {
    let before = text[..at].chars().next_back();
    !place.starts_with('/') || before.is_none_or(|c| !c.is_alphanumeric() && !"._-}/*$".contains(c))
}

/// Every Rust file is a module and says in its first line what it is.
pub fn check_modules(repo: &Repo, package: &Crate, modules: &[Module]) -> Findings {
    let mut findings = Findings::new();
    for file in repo.rust_files(package) {
        if !modules.iter().any(|module| module.file == file) {
            findings.push(format!("{}: dead, no module declares it", file.display()));
        }
    }
    for module in modules {
        if !has_header(&module.text.text) {
            findings.push(format!("{}: no `//!` header", module.file.display()));
        }
    }
    findings
}

/// Whether a `//!` comment opens the file.
pub fn has_header(text: &str) -> bool {
    let header = text.lines().next().and_then(|line| line.strip_prefix("//!"));
    header.is_some_and(|words| !words.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// A repository of one crate called `room`.
    fn small_repo(name: &str, files: &[(&str, &str)]) -> (Repo, PathBuf) {
        let root = std::env::temp_dir().join(format!("klamm-tidy-{name}-{}", std::process::id()));
        for (file, text) in files {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().expect("files lie in folders"))
                .expect("a folder to write in");
            std::fs::write(path, text).expect("a file to write");
        }
        (Repo::at(root.clone()), root)
    }

    #[test]
    fn dead_and_headless_files_are_found() {
        let (repo, root) = small_repo(
            "dead",
            &[
                ("crates/room/Cargo.toml", ""),
                ("crates/room/src/lib.rs", "//! A room.\nmod a;\nmod b;"),
                ("crates/room/src/a.rs", "fn a() {}"),
                ("crates/room/src/b/mod.rs", "//! B.\nmod c;"),
                ("crates/room/src/b/c.rs", "//!\n"),
                ("crates/room/src/d.rs", "//! D."),
                ("crates/room/tests/it/main.rs", "//! Tests.\nmod e;"),
                ("crates/room/tests/it/e.rs", "//! E."),
            ],
        );
        let package = repo.crates().remove(0);
        let mut findings = check_modules(&repo, &package, &crate::modules::of_crate(&repo, &package));
        findings.sort();
        let files: Vec<_> =
            findings.iter().map(|finding| finding.split(':').next().expect("a file")).collect();
        assert_eq!(files, ["crates/room/src/a.rs", "crates/room/src/b/c.rs", "crates/room/src/d.rs"]);
        std::fs::remove_dir_all(root).expect("our own folder");
    }

    #[test]
    fn places_outside_are_found() {
        let [shared, work, ..] = FOREIGN_PLACES;
        let text = format!("see {shared}/x\n`{work}y` but interop/.work/z and net{work}\n");
        let (repo, root) = small_repo("places", &[("README.md", &text)]);
        assert_eq!(check_texts(&repo), [format!("README.md:1: {shared}"), format!("README.md:2: {work}")]);
        std::fs::remove_dir_all(root).expect("our own folder");
    }
}
