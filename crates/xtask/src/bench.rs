//! The benchmark: builds what it runs, then runs it.

use crate::Findings;
use crate::repo::Repo;
use std::process::Command;

/// The options are those of `klamm-bench`, which says what they are.
pub fn run(repo: &Repo, options: &[&str]) -> Findings {
    let binary = repo.klamm_binary();
    let klamm = binary.display().to_string();
    let is_given = options.contains(&"--klamm");
    let mut line = vec!["run", "--release", "--quiet", "--package", "klamm-bench", "--"];
    line.extend(options);
    if !is_given {
        line.extend(["--klamm", &klamm]);
    }
    let build = ["build", "--release", "--quiet", "--package", "klamm"];
    let wanted = [&build[..], &line[..]];
    for arguments in wanted.into_iter().skip(usize::from(is_given)) {
        let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
        match Command::new(cargo).args(arguments).current_dir(&repo.root).status() {
            Ok(status) if status.success() => {}
            Ok(status) => return vec![format!("bench: {status}")],
            Err(error) => return vec![format!("bench: cargo: {error}")],
        }
    }
    Findings::new()
}
