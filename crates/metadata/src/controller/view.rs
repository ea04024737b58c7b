//! What a decision may look at: the latest image and the settings that hold at it.

use klamm_base::Uuid;
use klamm_config::{Settings, TopicConfig};

use crate::image::{MetadataImage, PartitionRegistration, TopicImage};
use crate::placement::UsableBroker;
use crate::{MetadataVersion, RecordOptions, directory_id};

/// Kafka: the control managers' getters, put together.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub image: &'a MetadataImage,
    /// With the dynamic layers of `image` on top.
    pub settings: &'a Settings,
}

impl View<'_> {
    pub(crate) fn options(&self) -> RecordOptions {
        self.image.record_options()
    }

    pub(crate) fn metadata_version(&self) -> MetadataVersion {
        self.options().metadata_version
    }

    pub(crate) fn topic_config(&self, topic: &str) -> TopicConfig {
        self.settings.topic_config(self.image.configs.topic(topic))
    }

    /// How large the ISR has to be for the ELR to be empty: never more than there are replicas.
    pub(crate) fn effective_min_isr(&self, config: &TopicConfig, topic: &TopicImage) -> usize {
        let replicas = topic.partition(0).map_or(1, |partition| partition.replicas.len());
        usize::try_from(config.min_insync_replicas).unwrap_or(0).min(replicas)
    }

    /// The directory a new replica on `broker` gets.
    pub(crate) fn default_directory(&self, broker: i32) -> Uuid {
        if !self.metadata_version().is_directory_assignment_supported() {
            return directory_id::MIGRATING;
        }
        self.image
            .cluster
            .broker(broker)
            .map_or(directory_id::UNASSIGNED, |broker| broker.default_directory())
    }

    /// True if `broker` has the partition's directory online.
    pub(crate) fn has_online_replica(&self, broker: i32, partition: &PartitionRegistration) -> bool {
        let registration = self.image.cluster.broker(broker);
        let directory = partition.directory(broker);
        registration.zip(directory).is_some_and(|(broker, directory)| broker.has_online_directory(directory))
    }

    /// Brokers that may take replicas, by id. One on its way out takes none, unless it is fenced
    /// again and may come back.
    pub(crate) fn usable_brokers(&self) -> impl Iterator<Item = UsableBroker> {
        self.image
            .cluster
            .brokers()
            .filter(|broker| broker.fenced || !broker.in_controlled_shutdown)
            .filter(|broker| broker.has_uncordoned_directories())
            .map(|broker| UsableBroker { id: broker.id, rack: broker.rack.clone(), fenced: broker.fenced })
    }
}
