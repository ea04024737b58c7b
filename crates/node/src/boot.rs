//! The start, in its one order: lock, identity, recover, quorum, image, registration
//! (Kafka: `SharedServer`, `BrokerServer.startup`). The listeners are opened by the server, after it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_base::rng::random_uuid;
use klamm_base::{Now, TopicIdPartition, TopicPartition, Uuid};
use klamm_config::Settings;
use klamm_log::{
    Checkpoint, DirKind, Disk, LogDir, LogFault, Malformed, MetaProperties, OpenLog, PartitionDir, Shutdown,
};

use crate::broker::Broker;
use crate::controller::load::{self, Load};
use crate::controller::metadata_log::metadata_partition;
use crate::fault::{LoadFault, StartFault};
use crate::partitions::{Directory, Partition, acknowledge, log_config};
use crate::publisher::Publisher;
use crate::random::SharedRng;
use klamm_metadata::MetadataImage;
use klamm_metadata::image::TopicImage;
use klamm_raft::Event;
use klamm_replica::Acknowledge;

/// All directories, locked and identified.
pub struct Directories {
    pub cluster_id: String,
    /// In the order of `log.dirs`; the metadata log's directory last when it is none of them.
    pub all: Vec<Arc<Directory>>,
    /// Those that take partitions: the first of `all`.
    pub data: usize,
    /// The one with the metadata log.
    pub metadata: Arc<Directory>,
    /// Whether each was left clean.
    clean: Vec<bool>,
    /// Epoch of the broker that left all of them clean, else -1.
    pub previous_broker_epoch: i64,
}

/// Locks the directories, reads who they are, and takes their clean-shutdown markers.
pub fn open_directories(
    disk: &Arc<dyn Disk>,
    settings: &Settings,
    rng: &mut SharedRng,
    now: Now,
) -> Result<Directories, StartFault> {
    let mut paths: Vec<&PathBuf> = settings.log.dirs.iter().collect();
    let data = paths.len();
    if !paths.contains(&&settings.metadata.log_dir) {
        paths.push(&settings.metadata.log_dir);
    }
    let mut locked = Vec::new();
    for path in &paths {
        let opened = LogDir::open(disk.clone(), (*path).clone());
        locked.push(opened.map_err(|fault| start_fault(path, fault))?);
    }
    let mut identity = Identity::default();
    let mut ids = Vec::new();
    for log_dir in &locked {
        ids.push(identity.read(log_dir, settings, rng, now)?);
    }
    let mut all = Vec::new();
    let mut shutdowns = Vec::new();
    for (log_dir, id) in locked.into_iter().zip(ids) {
        let taken = log_dir.take_clean_shutdown().map_err(|fault| start_fault(log_dir.path(), fault))?;
        shutdowns.push(taken);
        all.push(Arc::new(Directory::new(log_dir, id)));
    }
    let is_metadata = |directory: &&Arc<Directory>| directory.path() == settings.metadata.log_dir;
    let metadata = all.iter().find(is_metadata).expect("the metadata directory is among the paths").clone();
    Ok(Directories {
        cluster_id: identity.cluster_id.unwrap_or_default(),
        data,
        metadata,
        clean: shutdowns.iter().map(|shutdown| *shutdown != Shutdown::Unclean).collect(),
        previous_broker_epoch: previous_broker_epoch(&shutdowns),
        all,
    })
}

/// The epoch that all markers agree on (Kafka: `LogManager.readBrokerEpochFromCleanShutdownFiles`).
fn previous_broker_epoch(shutdowns: &[Shutdown]) -> i64 {
    let epoch = |shutdown: &Shutdown| match shutdown {
        Shutdown::Clean { broker_epoch } => broker_epoch.unwrap_or(-1),
        Shutdown::Unclean => -1,
    };
    let first = shutdowns.first().map_or(-1, epoch);
    if shutdowns.iter().all(|shutdown| epoch(shutdown) == first) { first } else { -1 }
}

/// What the `meta.properties` read so far agree on.
#[derive(Default)]
struct Identity {
    cluster_id: Option<String>,
    directory_ids: BTreeMap<Uuid, PathBuf>,
}

impl Identity {
    /// Reads one directory's file and holds it against the others; gives the directory an id if it has none.
    fn read(
        &mut self,
        log_dir: &LogDir,
        settings: &Settings,
        rng: &mut SharedRng,
        now: Now,
    ) -> Result<Uuid, StartFault> {
        let dir = log_dir.path().to_path_buf();
        let read = log_dir.meta_properties().map_err(|fault| start_fault(&dir, fault))?;
        let Some(found) = read else { return Err(StartFault::Unformatted { dir }) };
        let Some(cluster_id) = found.cluster_id.clone() else {
            let fault = LogFault::malformed(dir.join("meta.properties"), Malformed::MissingKey("cluster.id"));
            return Err(StartFault::Unreadable { dir, fault });
        };
        match &self.cluster_id {
            Some(expected) if *expected != cluster_id => {
                return Err(StartFault::WrongClusterId {
                    dir,
                    expected: expected.clone(),
                    found: cluster_id,
                });
            }
            _ => self.cluster_id = Some(cluster_id),
        }
        let configured = settings.identity.node_id;
        if let Some(found) = found.node_id.filter(|id| *id != configured) {
            return Err(StartFault::WrongNodeId { dir, configured, found });
        }
        let id = match found.directory_id {
            Some(id) => id,
            None => {
                let id = random_uuid(rng);
                let named = MetaProperties { directory_id: Some(id), ..found };
                log_dir
                    .write_meta_properties(&named, now.wall_ms)
                    .map_err(|fault| start_fault(&dir, fault))?;
                id
            }
        };
        if let Some(other) = self.directory_ids.insert(id, dir.clone()) {
            return Err(StartFault::DuplicateDirectoryId { dirs: [other, dir], id });
        }
        Ok(id)
    }
}

fn start_fault(dir: &Path, fault: LogFault) -> StartFault {
    let dir = dir.to_path_buf();
    match fault {
        LogFault::Locked { .. } => StartFault::Locked { dir },
        fault => StartFault::Unreadable { dir, fault },
    }
}

/// Reads the metadata: snapshot, log, vote.
pub fn load_metadata(
    directories: &Directories,
    settings: &Arc<Settings>,
    now: Now,
) -> Result<(load::Loaded, Event), StartFault> {
    let directory = &directories.metadata;
    let at = directories.all.iter().position(|other| Arc::ptr_eq(other, directory));
    let load = Load {
        directory,
        settings,
        cluster_id: &directories.cluster_id,
        clean: at.is_some_and(|at| directories.clean[at]),
        now,
    };
    load::load(&load).map_err(|fault| metadata_fault(directory, fault))
}

pub fn metadata_fault(directory: &Directory, fault: LoadFault) -> StartFault {
    let dir = directory.path().to_path_buf();
    match fault {
        LoadFault::Log(fault) => StartFault::Unreadable { dir, fault },
        fault => StartFault::Metadata { dir, fault },
    }
}

/// Opens and recovers every partition that the image knows. What it does not know is marked as stray, and never
/// touched again; what was being deleted is deleted.
pub fn open_partitions(
    directories: &Directories,
    broker: &Broker,
    publisher: &Publisher,
    now: Now,
) -> Result<(), StartFault> {
    for (directory, clean) in directories.all[..directories.data].iter().zip(&directories.clean) {
        let fault = |fault| start_fault(directory.path(), fault);
        let log_dir = &directory.log_dir;
        let checkpoints = Checkpoints {
            recovery_points: log_dir.read_checkpoint(Checkpoint::RecoveryPoint).map_err(fault)?,
            log_starts: log_dir.read_checkpoint(Checkpoint::LogStart).map_err(fault)?,
            high_watermarks: log_dir.read_checkpoint(Checkpoint::HighWatermark).map_err(fault)?,
        };
        for dir in log_dir.partition_dirs().map_err(fault)? {
            match dir.kind {
                DirKind::Delete => publisher.disposal.later(now.mono, directory.clone(), dir),
                DirKind::Live if dir.topic_partition != metadata_partition() => {
                    open_partition(directory, &dir, *clean, &checkpoints, broker, publisher, now)
                        .map_err(fault)?;
                }
                DirKind::Live | DirKind::Stray | DirKind::Future => {}
            }
        }
    }
    Ok(())
}

/// Offsets by partition, as the last owner left them.
struct Checkpoints {
    recovery_points: BTreeMap<TopicPartition, i64>,
    log_starts: BTreeMap<TopicPartition, i64>,
    high_watermarks: BTreeMap<TopicPartition, i64>,
}

/// The topic that a directory belongs to, if the image places that partition here: a topic of the same name with
/// another id is another topic.
fn known_topic<'a>(
    dir: &PartitionDir,
    image: &'a MetadataImage,
    node_id: i32,
) -> Option<&'a Arc<TopicImage>> {
    let name = &dir.topic_partition;
    let topic = image.topics.by_name(&name.topic)?;
    let is_here = topic.partition(name.partition)?.replicas.contains(&node_id);
    let is_same = dir.topic_id.is_none_or(|id| id == topic.id);
    (is_here && is_same).then_some(topic)
}

fn open_partition(
    directory: &Arc<Directory>,
    dir: &PartitionDir,
    clean: bool,
    checkpoints: &Checkpoints,
    broker: &Broker,
    publisher: &Publisher,
    now: Now,
) -> Result<(), LogFault> {
    let name = &dir.topic_partition;
    let image = broker.image.get();
    let Some(topic) = known_topic(dir, &image, broker.node_id) else {
        let unique = random_uuid(&mut broker.rng.clone());
        return directory.log_dir.mark_dir(dir, DirKind::Stray, unique).map(|_| ());
    };
    let of = |offsets: &BTreeMap<TopicPartition, i64>| offsets.get(name).copied().unwrap_or(0);
    let config = publisher.topic_config(broker, &image, &name.topic);
    let open = OpenLog {
        config: log_config(&config, &broker.settings()),
        clean,
        recovery_point: of(&checkpoints.recovery_points),
        log_start: of(&checkpoints.log_starts),
        now_ms: now.wall_ms,
        seed: u64::from(name.partition as u32),
        // Where only synced records count, those found must count again.
        sync_recovered: acknowledge(&config) == Acknowledge::Durable,
    };
    let (mut log, _recovery) = directory.log_dir.open_log(dir, open)?;
    if dir.topic_id.is_none() {
        log.set_topic_id(topic.id)?;
    }
    let id = TopicIdPartition { topic_id: topic.id, partition: name.partition };
    let high_watermark = of(&checkpoints.high_watermarks);
    let partition = Partition::new(
        topic.name.clone(),
        id,
        directory.clone(),
        broker.node_id,
        config,
        log,
        high_watermark,
    );
    broker.partitions.insert(Arc::new(partition));
    Ok(())
}
