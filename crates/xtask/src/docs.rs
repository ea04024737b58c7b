//! Pages that are written from tables in the code, so that they cannot say something else.

use crate::Findings;
use crate::repo::Repo;
use std::path::PathBuf;

const SETTINGS: &str = "docs/settings.md";

/// Writes the pages.
pub fn write(repo: &Repo) -> Findings {
    let path = path_of(repo);
    match std::fs::write(&path, settings()) {
        Ok(()) => Findings::new(),
        Err(error) => vec![format!("{}: {error}", path.display())],
    }
}

/// Finds pages that no longer say what the tables say.
pub fn check(repo: &Repo) -> Findings {
    match std::fs::read_to_string(path_of(repo)) {
        Ok(text) if text == settings() => Findings::new(),
        Ok(_) => vec![format!("{SETTINGS} is not what the table of settings says: cargo xtask docs")],
        Err(error) => vec![format!("{SETTINGS}: {error}")],
    }
}

fn path_of(repo: &Repo) -> PathBuf {
    repo.root.join(SETTINGS)
}

fn settings() -> String {
    format!(
        "# Settings\n\n\
         Written by `cargo xtask docs` from the table in `crates/config`. A setting works, or is refused at start with \
         a line that says why, or is in a list \"no effect yet\": then it is read, checked and named once at start.\n\n\
         ## What has an effect\n\n{}\n## What works\n\n{}",
        klamm_config::docs::settings_by_status(),
        klamm_config::docs::working_settings(),
    )
}
