//! What this broker does when the image moves, in one written order: the image itself, settings, topics, topics'
//! settings (Kafka: `BrokerMetadataPublisher`, `ReplicaManager.applyDelta`).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use klamm_base::{Now, Uuid};
use klamm_config::Settings;
use klamm_metadata::image::ConfigResourceType;
use klamm_metadata::{MetadataImage, Published};

use crate::broker::Broker;
use crate::disposal::Disposal;
use crate::gather::Wakes;
use crate::news::News;
use crate::partitions::log_config;
use crate::replicas::{Aftermath, Applying};

/// Carries out what the image says on this broker's partitions.
pub struct Publisher {
    /// The node's own settings, below the dynamic layers.
    pub static_settings: Arc<Settings>,
    pub disposal: Disposal,
    /// Partitions follow the image from the end of the start on; before it only the image itself moves.
    pub is_serving: AtomicBool,
}

impl Publisher {
    /// Makes one step of the image take effect; returns what is left to do for the caller.
    pub fn publish(&self, broker: &Broker, step: &Published, now: Now, wakes: &mut Wakes) -> Aftermath {
        broker.image.publish(step.image.clone());
        let image = &*step.image;
        let is_broker_level =
            step.changes.configs.iter().any(|resource| resource.resource_type == ConfigResourceType::Broker);
        let cordoned = broker.settings().log.cordoned_dirs.clone();
        if is_broker_level {
            self.refresh_settings(broker, image);
        }
        if !self.is_serving.load(Ordering::Acquire) {
            return Aftermath::default();
        }
        let mut applying = Applying::new(&self.disposal, broker, image, Some(&step.before), now);
        let topics = &step.changes.topics;
        // First what goes: something new may have its name.
        for topic_id in topics.keys().filter(|topic_id| image.topics.by_id(**topic_id).is_none()) {
            applying.delete_topic(*topic_id, wakes);
        }
        applying.forget_deleted();
        for (topic_id, change) in topics {
            let Some(topic) = image.topics.by_id(*topic_id) else { continue };
            let changed =
                change.partitions.iter().filter_map(|index| Some((*index, topic.partition(*index)?)));
            changed.for_each(|(index, partition)| applying.apply(topic, index, partition, wakes));
        }
        let mut aftermath = applying.aftermath;
        coordinate(broker, step, wakes);
        aftermath.must_tell = broker.settings().log.cordoned_dirs != cordoned;
        self.apply_configs(broker, step, is_broker_level, wakes);
        aftermath
    }

    /// Makes everything the image says take effect: at the end of the start, and again when something had to wait.
    pub fn publish_all(&self, broker: &Broker, now: Now, wakes: &mut Wakes) -> Aftermath {
        self.is_serving.store(true, Ordering::Release);
        let image = broker.image.get();
        self.refresh_settings(broker, &image);
        let mut applying = Applying::new(&self.disposal, broker, &image, None, now);
        for topic in image.topics.iter() {
            topic.partitions().for_each(|(index, partition)| applying.apply(topic, index, partition, wakes));
        }
        let aftermath = applying.aftermath;
        broker.coordinate(wakes);
        aftermath
    }

    fn refresh_settings(&self, broker: &Broker, image: &MetadataImage) {
        let configs = &image.configs;
        // Should what is stored not fit together, what counts stays as it is.
        let (settings, left_out) =
            broker.settings().with_dynamic(configs.cluster(), configs.broker(broker.node_id));
        left_out.into_iter().for_each(|fault| broker.news.add(News::SettingLeftOut { fault }));
        broker.fetch_sessions.lock().set_max_slots(settings.fetch.session_cache_slots.max(0) as usize);
        *broker.settings.write() = Arc::new(settings);
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
            let config = broker.topic_config(&step.image, &partition.topic);
            let log_config = log_config(&config, &broker.settings());
            partition.set_config(config, log_config, wakes);
        }
    }
}

/// Coordinators come and go with the leadership of their partitions, and forget what is committed of deleted topics.
fn coordinate(broker: &Broker, step: &Published, wakes: &mut Wakes) {
    if step.changes.topics.is_empty() {
        return;
    }
    broker.coordinate(wakes);
    let gone = step.changes.topics.keys().filter(|id| step.image.topics.by_id(**id).is_none());
    let gone = gone.filter_map(|id| Some((step.before.topics.by_id(*id)?.name.to_string(), *id)));
    let gone: BTreeMap<String, Uuid> = gone.collect();
    if !gone.is_empty() {
        broker.group_coordinators.topics_deleted(&gone);
    }
}
