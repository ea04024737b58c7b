//! A topic's settings as the log room wants them.

use klamm_config::{Settings, TopicConfig};
use klamm_log::LogConfig;

pub fn log_config(topic: &TopicConfig, settings: &Settings) -> LogConfig {
    LogConfig {
        segment_bytes: topic.segment_bytes.max(0) as u32,
        segment_ms: topic.segment_ms,
        segment_jitter_ms: topic.segment_jitter_ms,
        segment_index_bytes: topic.segment_index_bytes.max(0) as u32,
        index_interval_bytes: topic.index_interval_bytes.max(0) as u32,
        retention_ms: topic.retention_ms,
        retention_bytes: topic.retention_bytes,
        delete: topic.cleanup_delete,
        compact: topic.cleanup_compact,
        file_delete_delay_ms: topic.file_delete_delay_ms,
        flush_messages: topic.flush_messages.max(1) as u64,
        producer_id_expiration_ms: settings.log.producer_id_expiration_ms.into(),
        producers_max: settings.limits.producer_ids_per_partition,
    }
}
