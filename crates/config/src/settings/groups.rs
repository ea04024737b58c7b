//! What the group coordinator is told. Kafka: `GroupCoordinatorConfig`.

use super::values::Values;

/// Limits of classic groups and of what groups commit; times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSettings {
    pub session_timeout_ms_min: i32,
    pub session_timeout_ms_max: i32,
    /// How long the first rebalance of a group waits for company.
    pub initial_rebalance_delay_ms: i32,
    pub members_max: i32,
    /// Of the text that goes with an offset, in UTF-16 units.
    pub offset_metadata_max: i32,
    pub offsets_retention_ms: i64,
    /// Pause between two looks for offsets whose time is over.
    pub offsets_retention_check_interval_ms: i64,
    /// How long records may be on their way into the log.
    pub offsets_commit_timeout_ms: i32,
    /// What is read at a time when a coordinator is loaded.
    pub offsets_load_buffer_bytes: i32,
    /// Number of the codec of the batches in `__consumer_offsets`.
    pub offsets_topic_codec: i32,
}

const MS_PER_MINUTE: i64 = 60_000;

impl GroupSettings {
    pub(super) fn from_values(values: &Values) -> GroupSettings {
        GroupSettings {
            session_timeout_ms_min: values.int("group.min.session.timeout.ms"),
            session_timeout_ms_max: values.int("group.max.session.timeout.ms"),
            initial_rebalance_delay_ms: values.int("group.initial.rebalance.delay.ms"),
            members_max: values.int("group.max.size"),
            offset_metadata_max: values.int("offset.metadata.max.bytes"),
            offsets_retention_ms: i64::from(values.int("offsets.retention.minutes")) * MS_PER_MINUTE,
            offsets_retention_check_interval_ms: values.long("offsets.retention.check.interval.ms"),
            offsets_commit_timeout_ms: values.int("offsets.commit.timeout.ms"),
            offsets_load_buffer_bytes: values.int("offsets.load.buffer.size"),
            offsets_topic_codec: values.int("offsets.topic.compression.codec"),
        }
    }
}
