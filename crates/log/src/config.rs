//! The settings of one log that the log room acts on (Kafka: `LogConfig`), already validated.

/// Names in the comments are Kafka's topic settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// `segment.bytes`, 1 MiB to 2 GiB - 1.
    pub segment_bytes: u32,
    /// `segment.ms`.
    pub segment_ms: i64,
    /// `segment.jitter.ms`, subtracted at random from `segment_ms`.
    pub segment_jitter_ms: i64,
    /// `segment.index.bytes`; a segment is rolled when either index would grow beyond it.
    pub segment_index_bytes: u32,
    /// `index.interval.bytes`.
    pub index_interval_bytes: u32,
    /// `retention.ms`, -1 without limit.
    pub retention_ms: i64,
    /// `retention.bytes`, -1 without limit.
    pub retention_bytes: i64,
    /// `cleanup.policy` names `delete`.
    pub delete: bool,
    /// `cleanup.policy` names `compact`.
    pub compact: bool,
    /// `file.delete.delay.ms`.
    pub file_delete_delay_ms: i64,
    /// `flush.messages`: 1 asks for a sync with every append, `u64::MAX` leaves it to roll and stop.
    pub flush_messages: u64,
    /// `producer.id.expiration.ms` of the broker.
    pub producer_id_expiration_ms: i64,
    /// Producers that are remembered.
    pub producers_max: usize,
}

impl Default for LogConfig {
    /// Kafka 4.4's defaults.
    fn default() -> Self {
        const DAY_MS: i64 = 86_400_000;
        LogConfig {
            segment_bytes: 1 << 30,
            segment_ms: 7 * DAY_MS,
            segment_jitter_ms: 0,
            segment_index_bytes: 10 << 20,
            index_interval_bytes: 4096,
            retention_ms: 7 * DAY_MS,
            retention_bytes: -1,
            delete: true,
            compact: false,
            file_delete_delay_ms: 60_000,
            flush_messages: u64::MAX,
            producer_id_expiration_ms: DAY_MS,
            producers_max: 5_000,
        }
    }
}
