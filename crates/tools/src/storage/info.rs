//! `kafka-storage info`: which directories are there, who they belong to, and what is wrong.

use super::directories::{explain, meta_properties_path, names, read_identity};
use super::fault::StorageFault;
use crate::World;
use klamm_config::Settings;
use klamm_log::MetaProperties;
use klamm_log::disk::{Disk, EntryKind};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

#[derive(Default)]
struct Findings {
    found: Vec<String>,
    problems: Vec<String>,
    first: Option<MetaProperties>,
}

/// Prints the findings; 1 if there is a problem.
pub(super) fn info(settings: &Settings, world: &mut World<'_>) -> Result<u8, StorageFault> {
    let mut findings = Findings::default();
    for dir in names(settings) {
        findings.look_at(world.disk.as_ref(), &dir);
    }
    if findings.first.as_ref().is_some_and(|identity| identity.version == 0) {
        findings.problems.push(
            "The kafka configuration file appears to be for a cluster in KRaft mode, but the directories are \
             formatted for legacy mode."
                .to_string(),
        );
    }
    findings.print(world.out)?;
    Ok(u8::from(!findings.problems.is_empty()))
}

impl Findings {
    fn look_at(&mut self, disk: &dyn Disk, dir: &str) {
        let path = java_path(dir);
        match kind_of(disk, &path) {
            None => return self.problems.push(format!("{path} does not exist")),
            Some(EntryKind::Directory) => self.found.push(path.clone()),
            Some(_) => return self.problems.push(format!("{path} is not a directory")),
        }
        let identity = match read_identity(disk, dir) {
            Ok(Some(identity)) => identity,
            Ok(None) => return self.problems.push(format!("{path} is not formatted.")),
            Err(fault) => {
                let file = meta_properties_path(&path).display().to_string();
                return self.problems.push(format!("Error loading {file}: {}", explain(&fault)));
            }
        };
        match &self.first {
            None => self.first = Some(identity),
            Some(first) if first.cluster_id != identity.cluster_id => {
                self.problems.push("Mismatched cluster IDs between storage directories.".to_string());
            }
            Some(first) if first.node_id != identity.node_id => {
                self.problems.push("Mismatched node IDs between storage directories.".to_string());
            }
            Some(_) => {}
        }
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        print_list(out, "Found log directory:", "Found log directories:", &self.found)?;
        if let Some(identity) = &self.first {
            writeln!(out, "Found metadata: {{{}}}\n", in_order(identity))?;
        }
        print_list(out, "Found problem:", "Found problems:", &self.problems)
    }
}

fn print_list(out: &mut dyn Write, one: &str, many: &str, lines: &[String]) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", if lines.len() == 1 { one } else { many })?;
    for line in lines {
        writeln!(out, "  {line}")?;
    }
    writeln!(out)
}

/// The keys of the file in alphabetical order, `key=value`.
fn in_order(identity: &MetaProperties) -> String {
    let node_key = if identity.version == 0 { "broker.id" } else { "node.id" };
    let pairs: BTreeMap<&str, Option<String>> = BTreeMap::from([
        ("cluster.id", identity.cluster_id.clone()),
        ("directory.id", identity.directory_id.map(|id| id.to_string())),
        (node_key, identity.node_id.map(|id| id.to_string())),
        ("version", Some(identity.version.to_string())),
    ]);
    let pairs: Vec<String> =
        pairs.into_iter().filter_map(|(key, value)| value.map(|value| format!("{key}={value}"))).collect();
    pairs.join(", ")
}

/// What is at `path`, symbolic links followed; None = nothing.
fn kind_of(disk: &dyn Disk, path: &str) -> Option<EntryKind> {
    match disk.list(Path::new(path)) {
        Ok(_) => Some(EntryKind::Directory),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Some(EntryKind::File),
        // A directory nobody may list is one all the same.
        Err(_) => Some(EntryKind::Directory),
    }
}

/// Java's `Path.toString`: no doubled and no trailing separators.
fn java_path(text: &str) -> String {
    let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty()).collect();
    let root = if text.starts_with('/') { "/" } else { "" };
    format!("{root}{}", names.join("/"))
}
