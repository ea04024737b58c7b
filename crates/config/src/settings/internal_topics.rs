//! How the topics that the cluster keeps for itself are made. Kafka: `GroupCoordinatorConfig`, `TransactionLogConfig`,
//! `ShareCoordinatorConfig`.

use super::values::Values;

/// One of the cluster's own topics, as it is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternalTopic {
    pub name: &'static str,
    pub num_partitions: i32,
    pub replication_factor: i16,
    /// Its topic settings, by name.
    pub configs: Vec<(&'static str, String)>,
}

/// The cluster's own topics that have settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternalTopicSettings {
    pub consumer_offsets: InternalTopic,
    pub transaction_state: InternalTopic,
    pub share_group_state: InternalTopic,
}

impl InternalTopicSettings {
    pub(super) fn from_values(values: &Values) -> InternalTopicSettings {
        let text = |name: &str| values.int(name).to_string();
        let topic =
            |name, num_partitions, replication_factor, configs: &[(&'static str, String)]| InternalTopic {
                name,
                num_partitions: values.int(num_partitions),
                replication_factor: values.int(replication_factor) as i16,
                configs: configs.to_vec(),
            };
        InternalTopicSettings {
            consumer_offsets: topic(
                "__consumer_offsets",
                "offsets.topic.num.partitions",
                "offsets.topic.replication.factor",
                &[
                    ("cleanup.policy", "compact".to_owned()),
                    ("compression.type", "producer".to_owned()),
                    ("segment.bytes", text("offsets.topic.segment.bytes")),
                ],
            ),
            transaction_state: topic(
                "__transaction_state",
                "transaction.state.log.num.partitions",
                "transaction.state.log.replication.factor",
                &[
                    ("cleanup.policy", "compact".to_owned()),
                    ("compression.type", "uncompressed".to_owned()),
                    ("min.insync.replicas", text("transaction.state.log.min.isr")),
                    ("segment.bytes", text("transaction.state.log.segment.bytes")),
                    ("unclean.leader.election.enable", "false".to_owned()),
                ],
            ),
            share_group_state: topic(
                "__share_group_state",
                "share.coordinator.state.topic.num.partitions",
                "share.coordinator.state.topic.replication.factor",
                &[
                    ("cleanup.policy", "delete".to_owned()),
                    ("compression.type", "producer".to_owned()),
                    ("min.insync.replicas", text("share.coordinator.state.topic.min.isr")),
                    ("retention.ms", "-1".to_owned()),
                    ("segment.bytes", text("share.coordinator.state.topic.segment.bytes")),
                ],
            ),
        }
    }

    /// The settings of a topic by its name; `None` for topics of clients.
    pub fn by_name(&self, name: &str) -> Option<&InternalTopic> {
        [&self.consumer_offsets, &self.transaction_state, &self.share_group_state]
            .into_iter()
            .find(|topic| topic.name == name)
    }
}
