//! One step of the image on this broker's replicas: made, led, given up, deleted (Kafka: `ReplicaManager.applyDelta`).

use std::sync::Arc;

use klamm_base::rng::random_uuid;
use klamm_base::{ErrorCode, Now, TopicIdPartition, TopicPartition, Uuid};
use klamm_log::{LogFault, OpenLog};
use klamm_metadata::MetadataImage;
use klamm_metadata::image::{PartitionRegistration, TopicImage};
use klamm_replica::{Acknowledge, LeaderTerm};

use crate::broker::Broker;
use crate::disposal::Disposal;
use crate::fault::is_out_of_descriptors;
use crate::gather::Wakes;
use crate::news::News;
use crate::partitions::{Directory, Partition, acknowledge, checkpoints, log_config, placement};

/// A directory failed while a partition was made or removed in it.
pub struct DirectoryFault {
    pub directory: Arc<Directory>,
    pub fault: LogFault,
}

/// A replica that lies in another directory than the image says (KIP-858).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misplaced {
    pub partition: TopicIdPartition,
    /// Where it is.
    pub directory: Uuid,
}

/// What a step leaves to do.
#[derive(Default)]
pub struct Aftermath {
    pub faults: Vec<DirectoryFault>,
    /// To be told to the controller.
    pub misplaced: Vec<Misplaced>,
    /// Some logs could not be made because the process has no descriptor left.
    pub must_repeat: bool,
    /// The controller must hear of this broker at once.
    pub must_tell: bool,
}

impl Aftermath {
    pub fn add(&mut self, other: Aftermath) {
        self.faults.extend(other.faults);
        self.misplaced.extend(other.misplaced);
        self.must_repeat |= other.must_repeat;
        self.must_tell |= other.must_tell;
    }

    fn has_failed(&self, directory: &Arc<Directory>) -> bool {
        self.faults.iter().any(|fault| Arc::ptr_eq(&fault.directory, directory))
    }
}

/// A step being carried out.
pub struct Applying<'a> {
    disposal: &'a Disposal,
    broker: &'a Broker,
    image: &'a MetadataImage,
    /// The image before; `None` when all of the image is applied.
    before: Option<&'a MetadataImage>,
    now: Now,
    /// Directories in which partitions were deleted.
    deleted_in: Vec<Arc<Directory>>,
    pub aftermath: Aftermath,
}

impl<'a> Applying<'a> {
    pub fn new(
        disposal: &'a Disposal,
        broker: &'a Broker,
        image: &'a MetadataImage,
        before: Option<&'a MetadataImage>,
        now: Now,
    ) -> Applying<'a> {
        let (deleted_in, aftermath) = (Vec::new(), Aftermath::default());
        Applying { disposal, broker, image, before, now, deleted_in, aftermath }
    }

    /// Brings one partition to what the image says, if a replica of it belongs here.
    pub fn apply(
        &mut self,
        topic: &TopicImage,
        index: i32,
        registration: &PartitionRegistration,
        wakes: &mut Wakes,
    ) {
        let node_id = self.broker.node_id;
        if !registration.replicas.contains(&node_id) {
            return;
        }
        let partition = match self.broker.partitions.by_id(topic.id, index) {
            Some(partition) if partition.is_starved() => self.open_again(&partition),
            Some(partition) => Some(partition),
            None => self.create(topic, index, registration),
        };
        let Some(partition) = partition else { return };
        // What failed stays failed until the next start, whoever leads.
        if partition.directory.is_offline() {
            return;
        }
        if registration.leader == node_id {
            let term = LeaderTerm {
                leader_epoch: registration.leader_epoch,
                partition_epoch: registration.partition_epoch,
                replicas: registration.replicas.clone(),
                isr: registration.isr.clone(),
            };
            partition.lead(term, wakes);
        } else {
            partition.resign(ErrorCode::NotLeaderOrFollower, wakes);
        }
        self.note_place(&partition, registration);
    }

    /// Opens the log of a partition that had to be given up for want of a descriptor, as after a crash; `None` when there
    /// still is none.
    fn open_again(&mut self, starved: &Arc<Partition>) -> Option<Arc<Partition>> {
        let (broker, directory) = (self.broker, &starved.directory);
        let config = starved.config();
        let known = starved.checkpointed()?;
        let open = OpenLog {
            config: log_config(&config, &broker.settings()),
            clean: false,
            recovery_point: known.recovery_point,
            log_start: known.log_start,
            now_ms: self.now.wall_ms,
            seed: u64::from(starved.id.partition as u32),
            sync_recovered: acknowledge(&config) == Acknowledge::Durable,
        };
        let name = TopicPartition::new(starved.topic.clone(), starved.id.partition);
        let opened = directory.log_dir.partition_dir(&name).and_then(|dir| match dir {
            Some(dir) => directory.log_dir.open_log(&dir, open),
            None => directory.log_dir.create_log(name, starved.topic_id(), open),
        });
        match opened {
            Ok((log, _recovery)) => {
                let (topic, directory) = (starved.topic.clone(), directory.clone());
                let high_watermark = known.high_watermark;
                let partition =
                    Partition::new(topic, starved.id, directory, broker.node_id, config, log, high_watermark);
                let partition = Arc::new(partition);
                broker.partitions.replace(partition.clone());
                Some(partition)
            }
            Err(fault) if is_out_of_descriptors(&fault) => {
                self.aftermath.must_repeat = true;
                None
            }
            Err(fault) => {
                self.aftermath.faults.push(DirectoryFault { directory: directory.clone(), fault });
                None
            }
        }
    }

    fn note_place(&mut self, partition: &Partition, registration: &PartitionRegistration) {
        let directory = partition.directory.id;
        let is_told = registration.directory(self.broker.node_id) == Some(directory);
        let options = self.image.record_options();
        if !is_told && options.metadata_version.is_directory_assignment_supported() {
            self.aftermath.misplaced.push(Misplaced { partition: partition.id, directory });
        }
    }

    /// Makes a log where it belongs; `None` when it cannot or must not be made now.
    fn create(
        &mut self,
        topic: &TopicImage,
        index: i32,
        registration: &PartitionRegistration,
    ) -> Option<Arc<Partition>> {
        let is_new = self.before.is_some_and(|before| before.topics.partition(topic.id, index).is_none());
        let assigned = registration.directory(self.broker.node_id);
        let cordoned = &self.broker.settings().log.cordoned_dirs;
        let directories = &self.broker.directories;
        let candidates =
            placement::candidates(directories, self.broker.some_unusable, cordoned, assigned, is_new);
        for directory in candidates {
            if self.aftermath.has_failed(&directory) {
                continue;
            }
            match self.create_in(&directory, topic, index) {
                Ok(partition) => return Some(partition),
                Err(fault) if is_out_of_descriptors(&fault) => {
                    self.broker.news.add(News::OutOfDescriptors { fault });
                    self.aftermath.must_repeat = true;
                    return None;
                }
                Err(fault) => self.aftermath.faults.push(DirectoryFault { directory, fault }),
            }
        }
        None
    }

    fn create_in(
        &self,
        directory: &Arc<Directory>,
        topic: &TopicImage,
        index: i32,
    ) -> Result<Arc<Partition>, LogFault> {
        let broker = self.broker;
        let config = broker.topic_config(self.image, &topic.name);
        let open = OpenLog {
            config: log_config(&config, &broker.settings()),
            clean: true,
            recovery_point: 0,
            log_start: 0,
            now_ms: self.now.wall_ms,
            seed: u64::from(index as u32),
            sync_recovered: false,
        };
        let name = TopicPartition { topic: topic.name.clone(), partition: index };
        let (log, _recovery) = directory.log_dir.create_log(name, topic.id, open)?;
        let id = TopicIdPartition { topic_id: topic.id, partition: index };
        let partition =
            Partition::new(topic.name.clone(), id, directory.clone(), broker.node_id, config, log, 0);
        let partition = Arc::new(partition);
        broker.partitions.insert(partition.clone());
        Ok(partition)
    }

    /// Takes the topic's partitions out of the table and renames their folders; those in a directory that has failed
    /// are set aside when it comes back.
    pub fn delete_topic(&mut self, topic_id: Uuid, wakes: &mut Wakes) {
        for partition in self.broker.partitions.remove_topic(topic_id) {
            let unique = random_uuid(&mut self.broker.rng.clone());
            let directory = partition.directory.clone();
            match partition.delete(unique, wakes) {
                Ok(Some(left)) => {
                    self.note_deleted_in(&directory);
                    let due = self.now.mono.plus_ms(partition.config().file_delete_delay_ms);
                    self.disposal.later(due, directory, left);
                }
                Ok(None) => {}
                Err(fault) => self.aftermath.faults.push(DirectoryFault { directory, fault }),
            }
        }
    }

    fn note_deleted_in(&mut self, directory: &Arc<Directory>) {
        if !self.deleted_in.iter().any(|other| Arc::ptr_eq(other, directory)) {
            self.deleted_in.push(directory.clone());
        }
    }

    /// Takes the deleted partitions out of the checkpoints, which go by name: a new topic of that name must not start
    /// with their offsets after a crash (Kafka: `LogManager.asyncDelete`).
    pub fn forget_deleted(&mut self) {
        let deleted_in = std::mem::take(&mut self.deleted_in);
        if deleted_in.is_empty() {
            return;
        }
        let partitions = self.broker.partitions.all();
        for directory in deleted_in {
            if let Err(fault) = checkpoints::rewrite(&directory, &partitions) {
                self.aftermath.faults.push(DirectoryFault { directory, fault });
            }
        }
    }
}
