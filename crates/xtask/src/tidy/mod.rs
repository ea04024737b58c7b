//! Rules that hold or do not.

mod files;
mod rooms;
mod words;

use crate::Findings;
use crate::docs;
use crate::modules;
use crate::repo::Repo;

/// Checks every rule and says what breaks one.
pub fn run(repo: &Repo) -> Findings {
    let mut findings = rooms::check(repo);
    findings.extend(files::check_texts(repo));
    findings.extend(docs::check(repo));
    for package in repo.crates() {
        let modules = modules::of_crate(repo, &package);
        findings.extend(words::check(&package, &modules));
        findings.extend(files::check_modules(repo, &package, &modules));
    }
    if findings.is_empty() {
        println!("tidy: {} files in {} crates", repo.files.len(), repo.crates().len());
    }
    findings
}
