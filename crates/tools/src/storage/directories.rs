//! What the log directories say about themselves. Kafka: `MetaPropertiesEnsemble`.

use super::fault::IdentityFault;
use klamm_base::Uuid;
use klamm_base::rng::{Rng, random_uuid};
use klamm_config::Settings;
use klamm_log::disk::Disk;
use klamm_log::format::meta_properties::{self, MetaProperties};
use klamm_log::home::read_file;
use klamm_log::{LogFault, Malformed};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The log directories of a node, by whether they are formatted. Names are as configured.
#[derive(Debug, Default)]
pub struct Directories {
    pub formatted: BTreeMap<String, MetaProperties>,
    pub empty: Vec<String>,
    /// With an unreadable identity.
    pub broken: Vec<(String, LogFault)>,
}

/// All directories of `settings`, that of the metadata log among them, sorted and each once.
pub fn names(settings: &Settings) -> Vec<String> {
    let dirs = settings.log.dirs.iter().chain([&settings.metadata.log_dir]);
    let mut names: Vec<String> = dirs.map(|dir| dir.as_os_str().to_string_lossy().into_owned()).collect();
    names.sort();
    names.dedup();
    names
}

pub fn meta_properties_path(dir: &str) -> PathBuf {
    Path::new(dir).join(meta_properties::FILE_NAME)
}

/// The identity of one directory; None when it was never formatted.
pub fn read_identity(disk: &dyn Disk, dir: &str) -> Result<Option<MetaProperties>, LogFault> {
    let path = meta_properties_path(dir);
    let Some(bytes) = read_file(disk, &path, meta_properties::MAX_BYTES)? else { return Ok(None) };
    meta_properties::decode(&bytes).map(Some).map_err(|why| LogFault::malformed(&path, why))
}

/// Kafka's sentence for an identity that cannot be read.
pub fn explain(fault: &LogFault) -> String {
    match fault {
        LogFault::Malformed { why: Malformed::UnknownVersion { found }, .. } => {
            format!("Unknown meta.properties version number {found}")
        }
        LogFault::Malformed { why: Malformed::MissingKey(key), .. } => format!("{key} was not found."),
        LogFault::Malformed { why: Malformed::BadValue("version"), .. } => {
            "Invalid meta.properties version string".to_string()
        }
        LogFault::Malformed { why: Malformed::BadValue("directory.id"), .. } => {
            "Unable to read directory.id as a Uuid".to_string()
        }
        LogFault::Malformed { why: Malformed::BadValue(key), .. } => {
            format!("Unable to read {key} as a base-10 number.")
        }
        other => other.to_string(),
    }
}

impl Directories {
    pub fn load(disk: &dyn Disk, names: &[String]) -> Directories {
        let mut directories = Directories::default();
        for name in names {
            match read_identity(disk, name) {
                Ok(Some(identity)) => drop(directories.formatted.insert(name.clone(), identity)),
                Ok(None) => directories.empty.push(name.clone()),
                Err(fault) => directories.broken.push((name.clone(), fault)),
            }
        }
        directories
    }

    /// Whether all belong to this node of this cluster and no two have one id.
    pub fn check(&self, cluster_id: &str, node_id: i32) -> Result<(), IdentityFault> {
        let mut seen: BTreeMap<Uuid, &String> = BTreeMap::new();
        for (dir, identity) in &self.formatted {
            let path = || meta_properties_path(dir).display().to_string();
            if let Some(read) = identity.cluster_id.as_ref().filter(|read| *read != cluster_id) {
                let (expected, read) = (cluster_id.to_string(), read.clone());
                return Err(IdentityFault::ClusterId { path: path(), expected, read });
            }
            if let Some(read) = identity.node_id.filter(|read| *read != node_id) {
                return Err(IdentityFault::NodeId { path: path(), expected: node_id, read });
            }
            let Some(id) = identity.directory_id else { continue };
            if id.is_reserved() {
                return Err(IdentityFault::ReservedDirectoryId { dir: dir.clone(), id });
            }
            if let Some(other) = seen.insert(id, dir) {
                return Err(IdentityFault::SharedDirectoryId { dir: dir.clone(), other: other.clone(), id });
            }
        }
        Ok(())
    }

    /// An id that none of the directories has.
    pub fn new_id(&self, rng: &mut dyn Rng) -> Uuid {
        loop {
            let id = random_uuid(rng);
            if !self.formatted.values().any(|identity| identity.directory_id == Some(id)) {
                return id;
            }
        }
    }
}
