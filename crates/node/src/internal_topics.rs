//! Topics that the cluster keeps for itself (Kafka: `Topic.isInternal`).

use klamm_config::settings::InternalTopicSettings;
use klamm_wire::create_topics::{CreatableTopic, CreatableTopicConfig};

/// Clients are shown them as internal, and may not write them.
pub fn is_internal(topic: &str) -> bool {
    matches!(topic, "__consumer_offsets" | "__transaction_state" | "__share_group_state")
}

/// How a topic is created that somebody asks for: one of the cluster's own by its settings, others by the defaults
/// (Kafka: `DefaultAutoTopicCreationManager.creatableTopic`).
pub fn creatable(name: &str, settings: &InternalTopicSettings) -> CreatableTopic {
    let topic = CreatableTopic {
        name: name.to_owned(),
        num_partitions: -1,
        replication_factor: -1,
        ..CreatableTopic::default()
    };
    let Some(internal) = settings.by_name(name) else { return topic };
    let config = |(name, value): &(&str, String)| CreatableTopicConfig {
        name: (*name).to_owned(),
        value: Some(value.clone()),
    };
    CreatableTopic {
        num_partitions: internal.num_partitions,
        replication_factor: internal.replication_factor,
        configs: internal.configs.iter().map(config).collect(),
        ..topic
    }
}
