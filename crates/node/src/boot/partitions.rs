//! Opens the logs of all partitions (Kafka: `LogManager.loadLogs`).
//!
//! | A folder | and so |
//! |---|---|
//! | of a partition that the image places here | opened, recovered if the directory was not left clean |
//! | whose topic id the image does not know, or that never had one | renamed to `-stray` and never touched again |
//! | whose topic id cannot be read | no start |
//! | `-delete` | removed |
//! | `-stray`, `-future` | left alone |
//! | of a partition that another directory has too | no start: nobody knows which is the right one |
//! | in which the disk fails | its directory goes offline, the others go on |

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use klamm_base::owned::Mutex;
use klamm_base::rng::random_uuid;
use klamm_base::{Now, TopicIdPartition, TopicPartition, Uuid};
use klamm_config::TopicConfig;
use klamm_log::format::partition_metadata;
use klamm_log::home::read_file;
use klamm_log::{Checkpoint, DirKind, Log, LogFault, Malformed, OpenLog, PartitionDir, Recovery};
use klamm_metadata::MetadataImage;
use klamm_metadata::image::TopicImage;
use klamm_replica::Acknowledge;

use super::directories::Directories;
use super::markers::Markers;
use super::start_fault;
use crate::broker::Broker;
use crate::controller::metadata_log::metadata_partition;
use crate::disposal::Disposal;
use crate::fault::{StartFault, is_out_of_descriptors};
use crate::news::News;
use crate::partitions::{Directory, Partition, acknowledge, checkpoints, log_config};
use crate::replicas::DirectoryFault;
use crate::workers::Workers;

/// Opens and recovers every partition that the image knows; returns the directories that failed meanwhile.
pub fn open(
    directories: &Directories,
    markers: &Markers,
    broker: &Broker,
    disposal: &Disposal,
    workers: &dyn Workers,
    now: Now,
) -> Result<Vec<DirectoryFault>, StartFault> {
    let mut failed = Vec::new();
    for (directory, clean) in directories.data().iter().zip(&markers.clean) {
        let opening = Opening { directory, clean: *clean, broker, disposal, now };
        match opening.open_all(workers) {
            Ok(()) => {}
            Err(Refused::Fault(fault)) if can_go_on(directories, directory, &fault) => {
                failed.push(DirectoryFault { directory: directory.clone(), fault });
            }
            Err(Refused::Fault(fault)) => return Err(start_fault(directory.path(), fault)),
            Err(Refused::Start(fault)) => return Err(fault),
        }
    }
    if failed.len() == directories.data
        && let Some(DirectoryFault { directory, fault }) = failed.pop()
    {
        return Err(start_fault(directory.path(), fault));
    }
    Ok(failed)
}

/// Only the disk takes one directory away, and only one that the metadata does not need.
fn can_go_on(directories: &Directories, directory: &Arc<Directory>, fault: &LogFault) -> bool {
    let is_of_the_disk = matches!(fault, LogFault::Disk(_)) && !is_out_of_descriptors(fault);
    is_of_the_disk && !Arc::ptr_eq(directory, &directories.metadata)
}

/// Why a directory's partitions were not all opened.
enum Refused {
    Fault(LogFault),
    Start(StartFault),
}

impl From<LogFault> for Refused {
    fn from(fault: LogFault) -> Refused {
        Refused::Fault(fault)
    }
}

/// Offsets by partition, as the last owner left them.
struct Checkpoints {
    recovery_points: BTreeMap<TopicPartition, i64>,
    log_starts: BTreeMap<TopicPartition, i64>,
    high_watermarks: BTreeMap<TopicPartition, i64>,
}

/// A log on its way to its partition.
struct Opened {
    topic: Arc<str>,
    id: TopicIdPartition,
    config: Arc<TopicConfig>,
    log: Log,
    high_watermark: i64,
}

/// One directory being opened.
struct Opening<'a> {
    directory: &'a Arc<Directory>,
    /// Left clean by the last owner.
    clean: bool,
    broker: &'a Broker,
    disposal: &'a Disposal,
    now: Now,
}

impl Opening<'_> {
    fn open_all(&self, workers: &dyn Workers) -> Result<(), Refused> {
        let checkpoints = self.checkpoints()?;
        let mut live = Vec::new();
        for dir in self.directory.log_dir.partition_dirs()? {
            match dir.kind {
                DirKind::Delete => {
                    self.disposal.later(self.now.mono, self.directory.clone(), dir);
                }
                DirKind::Live if dir.topic_partition != metadata_partition() => live.push(dir),
                DirKind::Live | DirKind::Stray | DirKind::Future => {}
            }
        }
        self.open_each(&live, &checkpoints, workers)?;
        self.drop_old_names(&checkpoints)?;
        Ok(())
    }

    /// Logs do not know each other: as many are opened at once as there are workers.
    fn open_each(
        &self,
        dirs: &[PartitionDir],
        checkpoints: &Checkpoints,
        workers: &dyn Workers,
    ) -> Result<(), Refused> {
        let next = AtomicUsize::new(0);
        let (refused, opened) = (Mutex::new(None), Mutex::new(Vec::new()));
        let work = || {
            while refused.lock().is_none()
                && let Some(dir) = dirs.get(next.fetch_add(1, Ordering::Relaxed))
            {
                match self.open_or_set_aside(dir, checkpoints) {
                    Ok(found) => opened.lock().extend(found),
                    Err(why) => {
                        refused.lock().get_or_insert(why);
                    }
                }
            }
        };
        let threads = self.broker.settings().log.recovery_threads_per_dir.max(1) as usize;
        workers.run(threads, &work);
        let mut opened = opened.into_inner();
        let outcome = match refused.into_inner() {
            Some(why) => Err(why),
            None => self.sync_recovered(&mut opened).map_err(Refused::Fault),
        };
        // Also in a directory that fails: who asks for them is told so.
        opened.into_iter().for_each(|opened| self.take_in(opened));
        outcome
    }

    /// Where only synced records count, those found must count again.
    fn sync_recovered(&self, opened: &mut [Opened]) -> Result<(), LogFault> {
        let lacks_sync = |opened: &&mut Opened| {
            let ends = opened.log.ends();
            acknowledge(&opened.config) == Acknowledge::Durable && ends.durable < ends.written.offset
        };
        let logs = opened.iter_mut().filter(lacks_sync).map(|opened| &mut opened.log);
        self.directory.log_dir.sync_recovered(logs)
    }

    fn take_in(&self, opened: Opened) {
        let Opened { topic, id, config, log, high_watermark } = opened;
        let (directory, node_id) = (self.directory.clone(), self.broker.node_id);
        let partition = Partition::new(topic, id, directory, node_id, config, log, high_watermark);
        self.broker.partitions.insert(Arc::new(partition));
    }

    /// Checkpoints go by name. Names of partitions that are no longer here, because a crash came between their deletion
    /// and its note, must not wait there for a new topic.
    fn drop_old_names(&self, found: &Checkpoints) -> Result<(), LogFault> {
        let partitions = self.broker.partitions.all();
        let here = checkpoints::names_in(self.directory, &partitions);
        let Checkpoints { recovery_points, log_starts, high_watermarks } = found;
        let mut named = recovery_points.keys().chain(log_starts.keys()).chain(high_watermarks.keys());
        match named.any(|name| !here.contains(name)) {
            true => checkpoints::rewrite(self.directory, &partitions),
            false => Ok(()),
        }
    }

    /// Recovery points and high watermarks can be found anew. Log starts cannot: without them deleted records would
    /// come back.
    fn checkpoints(&self) -> Result<Checkpoints, LogFault> {
        let log_dir = &self.directory.log_dir;
        let or_reset = |read: Result<BTreeMap<_, _>, LogFault>| match read {
            Err(fault @ LogFault::Malformed { .. }) => {
                self.broker.news.add(News::CheckpointReset { fault });
                Ok(BTreeMap::new())
            }
            read => read,
        };
        Ok(Checkpoints {
            recovery_points: or_reset(log_dir.read_checkpoint(Checkpoint::RecoveryPoint))?,
            log_starts: log_dir.read_checkpoint(Checkpoint::LogStart)?,
            high_watermarks: or_reset(log_dir.read_checkpoint(Checkpoint::HighWatermark))?,
        })
    }

    /// `None` when the folder belongs to no partition of this broker.
    fn open_or_set_aside(
        &self,
        dir: &PartitionDir,
        checkpoints: &Checkpoints,
    ) -> Result<Option<Opened>, Refused> {
        let (broker, name) = (self.broker, &dir.topic_partition);
        let image = broker.image.get();
        let Some(topic) = known_topic(dir, &image, broker.node_id) else {
            self.check_is_nameless(dir)?;
            self.set_aside(dir)?;
            return Ok(None);
        };
        let id = TopicIdPartition { topic_id: topic.id, partition: name.partition };
        if let Some(other) = broker.partitions.by_id(topic.id, name.partition) {
            let dirs = [other.directory.path().to_owned(), self.directory.path().to_owned()];
            return Err(Refused::Start(StartFault::PartitionTwice { partition: name.clone(), dirs }));
        }
        let of = |offsets: &BTreeMap<TopicPartition, i64>| offsets.get(name).copied().unwrap_or(0);
        let config = broker.topic_config(&image, &name.topic);
        let open = OpenLog {
            config: log_config(&config, &broker.settings()),
            clean: self.clean,
            recovery_point: of(&checkpoints.recovery_points),
            log_start: of(&checkpoints.log_starts),
            now_ms: self.now.wall_ms,
            seed: u64::from(name.partition as u32),
            sync_recovered: acknowledge(&config) == Acknowledge::Durable,
        };
        let (log, recovery) = self.directory.log_dir.open_log_to_sync(dir, open)?;
        self.tell(name, recovery);
        // A crash may have come between the two checkpoints.
        let high_watermark = of(&checkpoints.high_watermarks).max(log.ends().log_start);
        Ok(Some(Opened { topic: topic.name.clone(), id, config, log, high_watermark }))
    }

    /// A folder whose id cannot be read although it once was written is not set aside: records would go with it.
    fn check_is_nameless(&self, dir: &PartitionDir) -> Result<(), LogFault> {
        if dir.topic_id.is_some() {
            return Ok(());
        }
        let log_dir = &self.directory.log_dir;
        let path = log_dir.path().join(&dir.name).join(partition_metadata::FILE_NAME);
        let found = read_file(&**log_dir.disk(), &path, partition_metadata::MAX_BYTES)?.unwrap_or_default();
        // What a power cut leaves of a file that nobody has synced: nothing, its length, its beginning.
        let is_cut_off = found.len() < partition_metadata::encode(Uuid::ZERO).len();
        let was_never_synced = is_cut_off || found.iter().all(|byte| *byte == 0);
        match was_never_synced {
            true => Ok(()),
            false => Err(LogFault::malformed(path, Malformed::MissingKey("topic_id"))),
        }
    }

    fn set_aside(&self, dir: &PartitionDir) -> Result<(), LogFault> {
        let unique = random_uuid(&mut self.broker.rng.clone());
        let stray = self.directory.log_dir.mark_dir(dir, DirKind::Stray, unique)?;
        self.broker.news.add(News::Stray {
            dir: self.directory.path().to_owned(),
            name: dir.name.clone(),
            now: stray.name,
        });
        Ok(())
    }

    fn tell(&self, partition: &TopicPartition, recovery: Recovery) {
        if let Some(truncation) = recovery.truncated {
            let dir = self.directory.path().to_owned();
            self.broker.news.add(News::Cut { dir, partition: partition.clone(), truncation });
        }
    }
}

/// The topic that a folder belongs to, if the image places that partition here. A topic of the same name with another
/// id is another topic, and a folder without an id has never had a record synced: the id's file is synced with it.
fn known_topic<'a>(
    dir: &PartitionDir,
    image: &'a MetadataImage,
    node_id: i32,
) -> Option<&'a Arc<TopicImage>> {
    let name = &dir.topic_partition;
    let topic = image.topics.by_id(dir.topic_id?).filter(|topic| *topic.name == *name.topic)?;
    topic.partition(name.partition)?.replicas.contains(&node_id).then_some(topic)
}
