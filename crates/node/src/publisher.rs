//! What this broker does when the image moves, in one written order: the image itself, settings, topics, topics'
//! settings (Kafka: `BrokerMetadataPublisher`, `ReplicaManager.applyDelta`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use klamm_base::rng::random_uuid;
use klamm_base::{ErrorCode, Now, TopicIdPartition, TopicPartition, Uuid};
use klamm_config::{Settings, TopicConfig};
use klamm_log::{LogFault, OpenLog};
use klamm_metadata::image::{ConfigResourceType, PartitionRegistration, TopicImage};
use klamm_metadata::{MetadataImage, Published};
use klamm_replica::LeaderTerm;

use crate::broker::Broker;
use crate::disposal::Disposal;
use crate::gather::Wakes;
use crate::partitions::{Directory, Partition, log_config};

/// Carries out what the image says on this broker's partitions.
pub struct Publisher {
    pub directories: Vec<Arc<Directory>>,
    /// The node's own settings, below the dynamic layers.
    pub static_settings: Arc<Settings>,
    pub disposal: Disposal,
    /// Partitions follow the image from the end of the start on; before it only the image itself moves.
    pub is_serving: AtomicBool,
}

/// A directory failed while a partition was made or removed in it.
pub struct DirectoryFault {
    pub directory: Arc<Directory>,
    pub fault: LogFault,
}

impl Publisher {
    /// Makes one step of the image take effect; returns the directories that failed meanwhile.
    pub fn publish(
        &self,
        broker: &Broker,
        step: &Published,
        now: Now,
        wakes: &mut Wakes,
    ) -> Vec<DirectoryFault> {
        broker.image.publish(step.image.clone());
        let image = &*step.image;
        let is_broker_level =
            step.changes.configs.iter().any(|resource| resource.resource_type == ConfigResourceType::Broker);
        if is_broker_level {
            self.refresh_settings(broker, image);
        }
        let mut faults = Vec::new();
        if !self.is_serving.load(Ordering::Acquire) {
            return faults;
        }
        for (topic_id, change) in &step.changes.topics {
            match image.topics.by_id(*topic_id) {
                None => faults.extend(self.delete_topic(broker, *topic_id, now, wakes)),
                Some(topic) => {
                    let changed =
                        change.partitions.iter().filter_map(|index| Some((*index, topic.partition(*index)?)));
                    for (index, partition) in changed {
                        let applied = self.apply(broker, image, topic, index, partition, now, wakes);
                        faults.extend(applied.err());
                    }
                }
            }
        }
        self.apply_configs(broker, step, is_broker_level, wakes);
        faults
    }

    /// Makes everything the image says take effect, at the end of the start.
    pub fn publish_all(&self, broker: &Broker, now: Now, wakes: &mut Wakes) -> Vec<DirectoryFault> {
        self.is_serving.store(true, Ordering::Release);
        let image = broker.image.get();
        self.refresh_settings(broker, &image);
        let mut faults = Vec::new();
        for topic in image.topics.iter() {
            for (index, partition) in topic.partitions() {
                faults.extend(self.apply(broker, &image, topic, index, partition, now, wakes).err());
            }
        }
        faults
    }

    /// The settings of a topic as of this image.
    pub fn topic_config(&self, broker: &Broker, image: &MetadataImage, topic: &str) -> Arc<TopicConfig> {
        Arc::new(broker.settings().topic_config(image.configs.topic(topic)))
    }

    fn refresh_settings(&self, broker: &Broker, image: &MetadataImage) {
        let configs = &image.configs;
        let (settings, _rejected) =
            self.static_settings.with_dynamic(configs.cluster(), configs.broker(broker.node_id));
        broker.fetch_sessions.lock().set_max_slots(settings.fetch.session_cache_slots.max(0) as usize);
        *broker.settings.write() = Arc::new(settings);
    }

    #[expect(clippy::too_many_arguments, reason = "one partition with everything that is known about it")]
    fn apply(
        &self,
        broker: &Broker,
        image: &MetadataImage,
        topic: &TopicImage,
        index: i32,
        registration: &PartitionRegistration,
        now: Now,
        wakes: &mut Wakes,
    ) -> Result<(), DirectoryFault> {
        if !registration.replicas.contains(&broker.node_id) {
            return Ok(());
        }
        let partition = match broker.partitions.by_id(topic.id, index) {
            Some(partition) => partition,
            None => self.create(broker, image, topic, index, registration, now)?,
        };
        if registration.leader == broker.node_id {
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
        Ok(())
    }

    fn create(
        &self,
        broker: &Broker,
        image: &MetadataImage,
        topic: &TopicImage,
        index: i32,
        registration: &PartitionRegistration,
        now: Now,
    ) -> Result<Arc<Partition>, DirectoryFault> {
        let directory = self.directory(registration.directory(broker.node_id));
        let config = self.topic_config(broker, image, &topic.name);
        let open = OpenLog {
            config: log_config(&config, &broker.settings()),
            clean: true,
            recovery_point: 0,
            log_start: 0,
            now_ms: now.wall_ms,
            seed: u64::from(index as u32),
            sync_recovered: false,
        };
        let name = TopicPartition { topic: topic.name.clone(), partition: index };
        let (log, _recovery) = directory
            .log_dir
            .create_log(name, topic.id, open)
            .map_err(|fault| DirectoryFault { directory: directory.clone(), fault })?;
        let id = TopicIdPartition { topic_id: topic.id, partition: index };
        let partition =
            Partition::new(topic.name.clone(), id, directory.clone(), broker.node_id, config, log, 0);
        let partition = Arc::new(partition);
        broker.partitions.insert(partition.clone());
        Ok(partition)
    }

    /// Where a replica lies: in the directory that the controller has named, or in the first good one.
    fn directory(&self, id: Option<Uuid>) -> &Arc<Directory> {
        let named = self.directories.iter().find(|directory| Some(directory.id) == id);
        let good = || self.directories.iter().find(|directory| !directory.is_offline());
        named.or_else(good).unwrap_or(&self.directories[0])
    }

    fn delete_topic(
        &self,
        broker: &Broker,
        topic_id: Uuid,
        now: Now,
        wakes: &mut Wakes,
    ) -> Vec<DirectoryFault> {
        let mut faults = Vec::new();
        for partition in broker.partitions.remove_topic(topic_id) {
            let unique = random_uuid(&mut broker.rng.clone());
            let directory = partition.directory.clone();
            match partition.delete(unique, wakes) {
                Ok(left) => {
                    let due = now.mono.plus_ms(partition.config().file_delete_delay_ms);
                    self.disposal.later(due, directory, left);
                }
                Err(fault) => faults.push(DirectoryFault { directory, fault }),
            }
        }
        faults
    }

    /// Gives partitions their new settings: those of the topics named, or all when the broker's own have changed.
    fn apply_configs(&self, broker: &Broker, step: &Published, is_broker_level: bool, wakes: &mut Wakes) {
        let changed = step.changes.configs.iter();
        let topics = changed.filter(|resource| resource.resource_type == ConfigResourceType::Topic);
        let partitions = match is_broker_level {
            true => broker.partitions.all(),
            false => topics.flat_map(|resource| broker.partitions.of_topic(&resource.name)).collect(),
        };
        for partition in partitions {
            let config = self.topic_config(broker, &step.image, &partition.topic);
            let log_config = log_config(&config, &broker.settings());
            partition.set_config(config, log_config, wakes);
        }
    }
}
