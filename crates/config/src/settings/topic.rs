//! The configs of one topic as typed values. Kafka: `LogConfig`.

use crate::definition::Definition;
use crate::fault::{ConfigFault, Conflict, Rule};
use crate::properties::Properties;
use crate::settings::values::Values;
use crate::table;
use crate::value::Value;
use std::collections::BTreeMap;

/// `compression.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompressionType {
    /// Keep what the producer chose.
    Producer,
    Uncompressed,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

/// `message.timestamp.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    CreateTime,
    LogAppendTime,
}

/// A topic's own configs over the broker's. Sizes in bytes, times in milliseconds, -1 = no limit.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicConfig {
    /// `cleanup.policy` contains `compact`: every record needs a key.
    pub cleanup_compact: bool,
    /// `cleanup.policy` contains `delete`.
    pub cleanup_delete: bool,
    pub compression_type: CompressionType,
    pub compression_gzip_level: i32,
    pub compression_lz4_level: i32,
    pub compression_zstd_level: i32,
    pub delete_retention_ms: i64,
    pub file_delete_delay_ms: i64,
    pub flush_messages: i64,
    pub flush_ms: i64,
    pub index_interval_bytes: i32,
    pub local_retention_bytes: i64,
    pub local_retention_ms: i64,
    pub max_compaction_lag_ms: i64,
    pub max_decompressed_message_bytes: i32,
    pub max_message_bytes: i32,
    pub message_timestamp_after_max_ms: i64,
    pub message_timestamp_before_max_ms: i64,
    pub message_timestamp_type: TimestampType,
    pub min_cleanable_dirty_ratio: f64,
    pub min_compaction_lag_ms: i64,
    pub min_insync_replicas: i32,
    pub preallocate: bool,
    pub remote_storage_enable: bool,
    pub retention_bytes: i64,
    pub retention_ms: i64,
    /// `internal.segment.bytes` where set, else `segment.bytes`.
    pub segment_bytes: i32,
    pub segment_index_bytes: i32,
    pub segment_jitter_ms: i64,
    pub segment_ms: i64,
    pub unclean_leader_election_enable: bool,
}

/// Every topic property with the value that counts for one topic.
pub(crate) struct TopicValues(BTreeMap<&'static str, Value>);

impl TopicValues {
    /// The broker's level: its synonyms, else the table's default.
    pub fn of_broker(broker: &Values) -> TopicValues {
        TopicValues(table::topic().iter().map(|(name, row)| (*name, broker_value(row, broker))).collect())
    }

    /// Puts a topic's own texts on top. What does not hold is left out; see [`check_topic_configs`] for
    /// refusing it.
    pub fn with(mut self, overrides: &Properties) -> TopicValues {
        for (name, text) in overrides {
            if let Some((name, definition)) = table::topic().get_key_value(name.as_str())
                && let Ok(value) = Value::parse(definition, text)
            {
                self.0.insert(name, value);
            }
        }
        self
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    fn of(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or_else(|| panic!("the table has no topic property {name}"))
    }

    fn boolean(&self, name: &str) -> bool {
        *self.of(name) == Value::Boolean(true)
    }

    fn long(&self, name: &str) -> i64 {
        match self.of(name) {
            Value::Number(value) => *value,
            other => panic!("{name} is no number but {other:?}"),
        }
    }

    fn int(&self, name: &str) -> i32 {
        let value = self.long(name);
        i32::try_from(value).unwrap_or_else(|_| panic!("{name} is no int: {value}"))
    }

    fn has(&self, name: &str, element: &str) -> bool {
        matches!(self.of(name), Value::List(elements) if elements.iter().any(|e| e == element))
    }
}

/// The first synonym that is not null, in the topic's unit; any negative retention time means no limit.
fn broker_value(definition: &Definition, broker: &Values) -> Value {
    for synonym in definition.synonyms {
        match broker.get(synonym.name) {
            Value::Null => {}
            Value::Number(value) if definition.name == "retention.ms" => {
                return Value::Number(value.saturating_mul(synonym.factor).max(-1));
            }
            Value::Number(value) => return Value::Number(value.saturating_mul(synonym.factor)),
            other => return other.clone(),
        }
    }
    Value::default_of(definition)
}

impl TopicConfig {
    pub(crate) fn from_values(values: &TopicValues) -> TopicConfig {
        let internal = values.get("internal.segment.bytes").filter(|value| **value != Value::Null);
        let segment_bytes = if internal.is_some() { "internal.segment.bytes" } else { "segment.bytes" };
        TopicConfig {
            cleanup_compact: values.has("cleanup.policy", "compact"),
            cleanup_delete: values.has("cleanup.policy", "delete"),
            compression_type: compression_type(values.of("compression.type")),
            compression_gzip_level: values.int("compression.gzip.level"),
            compression_lz4_level: values.int("compression.lz4.level"),
            compression_zstd_level: values.int("compression.zstd.level"),
            delete_retention_ms: values.long("delete.retention.ms"),
            file_delete_delay_ms: values.long("file.delete.delay.ms"),
            flush_messages: values.long("flush.messages"),
            flush_ms: values.long("flush.ms"),
            index_interval_bytes: values.int("index.interval.bytes"),
            local_retention_bytes: values.long("local.retention.bytes"),
            local_retention_ms: values.long("local.retention.ms"),
            max_compaction_lag_ms: values.long("max.compaction.lag.ms"),
            max_decompressed_message_bytes: values.int("max.decompressed.message.bytes"),
            max_message_bytes: values.int("max.message.bytes"),
            message_timestamp_after_max_ms: values.long("message.timestamp.after.max.ms"),
            message_timestamp_before_max_ms: values.long("message.timestamp.before.max.ms"),
            message_timestamp_type: timestamp_type(values.of("message.timestamp.type")),
            min_cleanable_dirty_ratio: ratio(values.of("min.cleanable.dirty.ratio")),
            min_compaction_lag_ms: values.long("min.compaction.lag.ms"),
            min_insync_replicas: values.int("min.insync.replicas"),
            preallocate: values.boolean("preallocate"),
            remote_storage_enable: values.boolean("remote.storage.enable"),
            retention_bytes: values.long("retention.bytes"),
            retention_ms: values.long("retention.ms"),
            segment_bytes: values.int(segment_bytes),
            segment_index_bytes: values.int("segment.index.bytes"),
            segment_jitter_ms: values.long("segment.jitter.ms"),
            segment_ms: values.long("segment.ms"),
            unclean_leader_election_enable: values.boolean("unclean.leader.election.enable"),
        }
    }
}

fn ratio(value: &Value) -> f64 {
    match value {
        Value::Double(ratio) => *ratio,
        other => panic!("a ratio is no double but {other:?}"),
    }
}

fn compression_type(value: &Value) -> CompressionType {
    match value.to_text().as_deref() {
        Some("producer") => CompressionType::Producer,
        Some("uncompressed") => CompressionType::Uncompressed,
        Some("gzip") => CompressionType::Gzip,
        Some("snappy") => CompressionType::Snappy,
        Some("lz4") => CompressionType::Lz4,
        Some("zstd") => CompressionType::Zstd,
        other => panic!("the table let the compression type {other:?} pass"),
    }
}

fn timestamp_type(value: &Value) -> TimestampType {
    match value.to_text().as_deref() {
        Some("CreateTime") => TimestampType::CreateTime,
        Some("LogAppendTime") => TimestampType::LogAppendTime,
        other => panic!("the table let the timestamp type {other:?} pass"),
    }
}

/// The broker's retention time in milliseconds, of whichever unit is set.
pub(crate) fn retention_ms(broker: &Values) -> Value {
    broker_value(table::topic()["retention.ms"], broker)
}

/// Records in remote storage are not forgotten silently. Kafka:
/// `LogConfig.validateTurningOffRemoteStorageWithDelete`.
pub(crate) fn check_remote_storage_kept(
    existing: &Properties,
    proposed: &Properties,
) -> Result<(), ConfigFault> {
    let is_true = |properties: &Properties, name: &str| {
        properties.get(name).is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
    };
    let turned_off =
        is_true(existing, "remote.storage.enable") && !is_true(proposed, "remote.storage.enable");
    match turned_off && !is_true(proposed, "remote.log.delete.on.disable") {
        true => Err(Rule::RemoteStorageTurnedOff.into()),
        false => Ok(()),
    }
}

/// Names first, then values, then how they fit together. Kafka: `LogConfig.validate`.
pub(crate) fn check_topic_configs(overrides: &Properties, broker: TopicValues) -> Result<(), ConfigFault> {
    let topic = table::topic();
    if let Some(name) = overrides.keys().find(|name| !topic.contains_key(name.as_str())) {
        return Err(ConfigFault::UnknownName { resource: "topic", name: name.clone() });
    }
    for (name, text) in overrides {
        Value::parse(topic[name.as_str()], text)?;
    }
    let values = broker.with(overrides);
    let (min_ms, max_ms) = (values.long("min.compaction.lag.ms"), values.long("max.compaction.lag.ms"));
    if min_ms > max_ms {
        return Err(Conflict::CompactionLags { min_ms, max_ms }.into());
    }
    if values.boolean("remote.storage.enable") {
        return Err(Rule::TieredStorageDisabled.into());
    }
    Ok(())
}
