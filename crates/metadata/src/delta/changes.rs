//! What a range of records touched, for those who act on changes.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::Uuid;

use crate::image::ConfigResource;

/// Which parts of a topic were touched; whether it is new or gone, the images on both sides tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicChange {
    pub partitions: BTreeSet<i32>,
}

/// Names of everything the records touched. A name may stand here although nothing came of it (an
/// aborted transaction, a change and its opposite): what counts is in the images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub topics: BTreeMap<Uuid, TopicChange>,
    pub brokers: BTreeSet<i32>,
    pub controllers: BTreeSet<i32>,
    pub configs: BTreeSet<ConfigResource>,
    pub features: bool,
    pub producer_ids: bool,
    /// Access control entries, SCRAM credentials, client quotas or delegation tokens.
    pub kept: bool,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        *self == Changes::default()
    }

    pub(crate) fn topic(&mut self, topic_id: Uuid) {
        self.topics.entry(topic_id).or_default();
    }

    pub(crate) fn partition(&mut self, topic_id: Uuid, partition: i32) {
        self.topics.entry(topic_id).or_default().partitions.insert(partition);
    }

    pub(crate) fn merge(&mut self, later: Changes) {
        for (topic_id, change) in later.topics {
            self.topics.entry(topic_id).or_default().partitions.extend(change.partitions);
        }
        self.brokers.extend(later.brokers);
        self.controllers.extend(later.controllers);
        self.configs.extend(later.configs);
        self.features |= later.features;
        self.producer_ids |= later.producer_ids;
        self.kept |= later.kept;
    }
}
