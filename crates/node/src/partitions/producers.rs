//! The producers that a partition remembers (Kafka: `Partition.activeProducerState`, `UnifiedLog`).

use klamm_base::ErrorCode;
use klamm_log::ProducerEntry;

use super::Partition;

impl Partition {
    /// All producers by id, whoever leads.
    ///
    /// # Errors
    /// `KAFKA_STORAGE_ERROR` when the log has failed, `UNKNOWN_TOPIC_OR_PARTITION` when it was given up.
    pub fn producers(&self) -> Result<Vec<(i64, ProducerEntry)>, ErrorCode> {
        let state = self.lock();
        state.check_log()?;
        Ok(state.log.producers().map(|(id, entry)| (id, entry.clone())).collect())
    }

    /// Forgets producers that have been silent for long.
    pub fn remove_expired_producers(&self, now_ms: i64) {
        self.lock().log.remove_expired_producers(now_ms);
    }
}
