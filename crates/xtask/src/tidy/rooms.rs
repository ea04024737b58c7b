//! The room table: which crate may know which. Only downwards.

use crate::Findings;
use crate::manifest::{Dependency, Table, dependencies};
use crate::repo::{Crate, Repo};
use std::path::Path;

/// A room and the rooms that it may import.
struct Room {
    name: &'static str,
    may_import: &'static [&'static str],
    quiet: bool,
}

const fn quiet(name: &'static str, may_import: &'static [&'static str]) -> Room {
    Room { name, may_import, quiet: true }
}

const fn loud(name: &'static str, may_import: &'static [&'static str]) -> Room {
    Room { name, may_import, quiet: false }
}

const ROOMS: [Room; 18] = [
    quiet("base", &[]),
    loud("wire-derive", &[]),
    quiet("wire", &["base", "wire-derive"]),
    quiet("records", &["base"]),
    quiet("config", &["base"]),
    quiet("raft", &["base", "wire-derive"]),
    quiet("replica", &["base"]),
    // The metadata log and its snapshots are batches that hold the quorum's control records too (ADR 0002).
    quiet("metadata", &["base", "wire-derive", "wire", "records", "config", "raft"]),
    quiet("coordinator", &["base", "wire-derive", "wire", "config"]),
    quiet("log", &["base", "records"]),
    quiet(
        "node",
        &["base", "wire", "records", "config", "raft", "replica", "metadata", "coordinator", "log"],
    ),
    loud("client", &["base", "wire", "records", "config"]),
    loud("server", &["base", "wire", "config", "log", "node"]),
    loud("tools", &["base", "wire", "config", "records", "raft", "log", "metadata", "coordinator", "client"]),
    loud("klamm", &["server", "tools"]),
    loud(
        "sim",
        &["base", "wire", "records", "config", "raft", "replica", "metadata", "coordinator", "log", "node"],
    ),
    // The floor checks what it is sent, and the load makes batches.
    loud("bench", &["records"]),
    loud("xtask", &["base", "wire", "config", "metadata", "coordinator", "raft"]),
];

/// Packages that a quiet room must not even be able to call.
const LOUD_PACKAGES: [&str; 8] =
    ["tokio", "mio", "socket2", "rand", "getrandom", "fastrand", "async-std", "smol"];

/// Whether a room must be a pure function of its arguments.
pub fn is_quiet(room: &str) -> bool {
    ROOMS.iter().any(|known| known.name == room && known.quiet)
}

pub fn check(repo: &Repo) -> Findings {
    let mut findings = Findings::new();
    for package in repo.crates() {
        let manifest = repo.text(&package.folder.join("Cargo.toml")).expect("manifests are UTF-8");
        match ROOMS.iter().find(|room| room.name == package.room) {
            Some(room) => findings.extend(check_room(room, &dependencies(&manifest))),
            None => findings.push(format!("{}: not in the room table of tidy", package.room)),
        }
        findings.extend(check_explanations(&package, &manifest));
        if !manifest.contains("[lints]\nworkspace = true") {
            findings.push(format!("{}: does not take the lints of the workspace", package.room));
        }
    }
    findings
}

fn check_room(room: &Room, dependencies: &[Dependency<'_>]) -> Findings {
    let mut findings = Findings::new();
    for dependency in dependencies.iter().filter(|dependency| dependency.table != Table::Workspace) {
        let name = dependency.name;
        let imported =
            ROOMS.iter().find(|known| name == format!("klamm-{}", known.name) || name == known.name);
        match imported {
            // A room's own tests may ask it for a feature.
            Some(imported) if imported.name == room.name && dependency.table == Table::Dev => {}
            // The door's tests and examples are clients.
            Some(imported)
                if room.name == "klamm" && imported.name == "client" && dependency.table == Table::Dev => {}
            // And it may be driven in the simulator, which is never shipped.
            Some(imported) if imported.name == "sim" && dependency.table == Table::Dev => {}
            Some(imported) if !room.may_import.contains(&imported.name) => {
                findings.push(format!("{}: must not import {}", room.name, imported.name));
            }
            Some(_) => {}
            None if room.quiet && dependency.table == Table::Normal && LOUD_PACKAGES.contains(&name) => {
                findings.push(format!("{}: a quiet room must not depend on {name}", room.name));
            }
            None => {}
        }
    }
    findings
}

/// Every package from outside gets a sentence that says why.
fn check_explanations(package: &Crate, manifest: &str) -> Findings {
    let at_root = package.folder == Path::new("");
    let unexplained = dependencies(manifest)
        .into_iter()
        .filter(|dependency| at_root && dependency.table == Table::Workspace)
        .filter(|dependency| !dependency.name.starts_with("klamm-") && !dependency.explained);
    unexplained
        .map(|dependency| format!("Cargo.toml: no comment says why there is {}", dependency.name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(room: &str, manifest: &str) -> Findings {
        let room = ROOMS.iter().find(|known| known.name == room).expect("a room of the table");
        check_room(room, &dependencies(manifest))
    }

    #[test]
    fn imports_upwards_and_sideways_are_found() {
        assert!(findings("wire", "[dependencies]\nklamm-base.workspace = true\nbytes = \"1\"\n").is_empty());
        assert_eq!(findings("wire", "[dependencies]\nklamm-node.workspace = true\n").len(), 1);
        assert_eq!(findings("raft", "[dependencies]\nklamm-wire = { path = \"../wire\" }\n").len(), 1);
        assert_eq!(findings("log", "[dev-dependencies]\nklamm-node.workspace = true\n").len(), 1);
    }

    #[test]
    fn quiet_rooms_have_no_runtime() {
        assert_eq!(findings("node", "[dependencies]\ntokio.workspace = true\n").len(), 1);
        assert!(findings("node", "[dev-dependencies]\ntokio.workspace = true\n").is_empty());
        assert!(findings("server", "[dependencies]\ntokio.workspace = true\n").is_empty());
    }

    #[test]
    fn the_table_itself_has_no_circle() {
        for room in &ROOMS {
            let mut reached = vec![room.name];
            let mut at = 0;
            while at < reached.len() {
                let next = ROOMS.iter().find(|known| known.name == reached[at]).expect("a room of the table");
                assert!(!next.may_import.contains(&room.name), "{} reaches itself", room.name);
                let unseen: Vec<_> = next.may_import.iter().filter(|name| !reached.contains(name)).collect();
                reached.extend(unseen);
                at += 1;
            }
        }
    }
}
