//! The log directories at the start: locked, identified, sorted into those that can be used and those that cannot
//! (Kafka: `MetaPropertiesEnsemble`, `KafkaRaftServer.initializeLogDirs`, `LogManager.createAndValidateLogDirs`).
//!
//! | A directory | and so |
//! |---|---|
//! | without `meta.properties`, or absent | no start: it was never formatted |
//! | of another cluster or node, with another's id | no start |
//! | in use by another process | no start |
//! | that the disk does not give, or with a broken `meta.properties` | offline, the others are served |
//! | the same, with the metadata log or the only one | no start |
//! | with a metadata log that is not the configured one | no start |

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_base::rng::random_uuid;
use klamm_base::{Now, Uuid};
use klamm_config::Settings;
use klamm_log::{Disk, DiskFault, DiskOp, LogDir, LogFault, Malformed, MetaProperties, metadata_dir};

use super::start_fault;
use crate::fault::{StartFault, is_out_of_descriptors};
use crate::partitions::Directory;
use crate::random::SharedRng;

/// All directories that can be used, locked and identified.
pub struct Directories {
    pub cluster_id: String,
    /// In the order of `log.dirs`; the metadata log's directory last when it is none of them.
    pub all: Vec<Arc<Directory>>,
    /// How many of them take partitions: the first ones.
    pub data: usize,
    /// The one with the metadata log.
    pub metadata: Arc<Directory>,
    /// Configured for partitions, but the disk does not give them.
    pub unusable: Vec<Unusable>,
}

/// A directory that is offline from the start.
pub struct Unusable {
    pub dir: PathBuf,
    pub fault: LogFault,
}

impl Directories {
    /// Those that take partitions.
    pub fn data(&self) -> &[Arc<Directory>] {
        &self.all[..self.data]
    }
}

/// Locks the directories and reads who they are.
pub fn open(
    disk: &Arc<dyn Disk>,
    settings: &Settings,
    rng: &mut SharedRng,
    now: Now,
) -> Result<Directories, StartFault> {
    let metadata_path = &settings.metadata.log_dir;
    let mut opening = Opening { disk, settings, rng, now, identity: Identity::default() };
    let (mut all, mut unusable) = (Vec::new(), Vec::new());
    let mut paths: Vec<&PathBuf> = Vec::new();
    for dir in &settings.log.dirs {
        if paths.contains(&dir) {
            return Err(StartFault::NamedTwice { dir: dir.clone() });
        }
        paths.push(dir);
    }
    for dir in &paths {
        match opening.open(dir) {
            Ok(directory) => all.push(Arc::new(directory)),
            Err(StartFault::Unreadable { dir, fault }) if is_of_the_disk(&fault) && dir != *metadata_path => {
                unusable.push(Unusable { dir, fault });
            }
            Err(fault) => return Err(fault),
        }
    }
    let data = all.len();
    if data == 0
        && let Some(Unusable { dir, fault }) = unusable.pop()
    {
        return Err(StartFault::Unreadable { dir, fault });
    }
    if !paths.contains(&metadata_path) {
        all.push(Arc::new(opening.open(metadata_path)?));
    }
    let is_metadata = |directory: &&Arc<Directory>| directory.path() == metadata_path;
    for other in all.iter().filter(|directory| !is_metadata(directory)).map(|other| other.path()) {
        if disk.list(&other.join(metadata_dir::DIR_NAME)).is_ok() {
            return Err(StartFault::MetadataElsewhere { dir: other.to_owned() });
        }
    }
    let metadata = all.iter().find(is_metadata).expect("the metadata directory is among the paths").clone();
    let cluster_id = opening.identity.cluster_id.unwrap_or_default();
    Ok(Directories { cluster_id, all, data, metadata, unusable })
}

/// Whether a fault is that of one directory, which the others can do without. A process without descriptors says
/// nothing about a disk.
fn is_of_the_disk(fault: &LogFault) -> bool {
    match fault {
        LogFault::Disk(_) | LogFault::Malformed { .. } => !is_out_of_descriptors(fault),
        LogFault::Locked { .. } | LogFault::Offline { .. } => false,
    }
}

/// What opening the directories has come to.
struct Opening<'a> {
    disk: &'a Arc<dyn Disk>,
    settings: &'a Settings,
    rng: &'a mut SharedRng,
    now: Now,
    identity: Identity,
}

impl Opening<'_> {
    fn open(&mut self, dir: &Path) -> Result<Directory, StartFault> {
        match self.disk.list(dir) {
            Ok(_) => {}
            // Nothing is made here: only formatting does that.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(StartFault::Unformatted { dir: dir.to_owned() });
            }
            Err(source) => {
                let fault = DiskFault::new(DiskOp::List, dir, source).into();
                return Err(StartFault::Unreadable { dir: dir.to_owned(), fault });
            }
        }
        let fault = |fault| start_fault(dir, fault);
        let log_dir = LogDir::open(self.disk.clone(), dir).map_err(fault)?;
        let open_files = self.settings.log.open_files_max.max(1) as usize;
        log_dir.set_open_files_max((open_files / self.settings.log.dirs.len().max(1)).max(1));
        let Some(found) = log_dir.meta_properties().map_err(fault)? else {
            return Err(StartFault::Unformatted { dir: dir.to_owned() });
        };
        self.identity.check(dir, &found, self.settings.identity.node_id)?;
        let id = match found.directory_id {
            Some(id) => id,
            None => self.name(&log_dir, found)?,
        };
        self.identity.take_id(dir, id)?;
        Ok(Directory::new(log_dir, id))
    }

    /// Gives a directory its id, as releases before KIP-858 did not.
    fn name(&mut self, log_dir: &LogDir, found: MetaProperties) -> Result<Uuid, StartFault> {
        let id = random_uuid(self.rng);
        let named = MetaProperties { directory_id: Some(id), ..found };
        let written = log_dir.write_meta_properties(&named, self.now.wall_ms);
        written.map_err(|fault| start_fault(log_dir.path(), fault))?;
        Ok(id)
    }
}

/// What the `meta.properties` read so far agree on.
#[derive(Default)]
struct Identity {
    cluster_id: Option<String>,
    directory_ids: BTreeMap<Uuid, PathBuf>,
}

impl Identity {
    /// Holds one directory's file against the others and the settings.
    fn check(&mut self, dir: &Path, found: &MetaProperties, configured: i32) -> Result<(), StartFault> {
        let missing = |key| {
            let fault = LogFault::malformed(dir.join("meta.properties"), Malformed::MissingKey(key));
            StartFault::Unidentified { dir: dir.to_owned(), fault }
        };
        let cluster_id = found.cluster_id.clone().ok_or_else(|| missing("cluster.id"))?;
        let node_id = found.node_id.ok_or_else(|| missing("node.id"))?;
        match &self.cluster_id {
            Some(expected) if *expected != cluster_id => {
                return Err(StartFault::WrongClusterId {
                    dir: dir.to_owned(),
                    expected: expected.clone(),
                    found: cluster_id,
                });
            }
            _ => self.cluster_id = Some(cluster_id),
        }
        if node_id != configured {
            return Err(StartFault::WrongNodeId { dir: dir.to_owned(), configured, found: node_id });
        }
        Ok(())
    }

    fn take_id(&mut self, dir: &Path, id: Uuid) -> Result<(), StartFault> {
        match self.directory_ids.insert(id, dir.to_owned()) {
            Some(other) => Err(StartFault::DuplicateDirectoryId { dirs: [other, dir.to_owned()], id }),
            None => Ok(()),
        }
    }
}
