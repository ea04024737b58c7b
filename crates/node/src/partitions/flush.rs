//! Flushing logs by age (Kafka: `LogManager.flushDirtyLogs`).

use std::sync::Arc;

use super::{Owner, Partition};

impl Partition {
    /// Asks for a sync when the last one lies `flush.ms` back; time counts from the first look on.
    pub fn flush_if_due(self: &Arc<Self>, now_ms: i64) {
        let flush_ms = self.config().flush_ms;
        if flush_ms == i64::MAX {
            return;
        }
        let mut state = self.lock();
        let flushed_ms = *state.flushed_ms.get_or_insert(now_ms);
        if now_ms.saturating_sub(flushed_ms) < flush_ms || state.check_log().is_err() {
            return;
        }
        state.flushed_ms = Some(now_ms);
        if let Some(sync) = state.log.flush() {
            self.directory.writer.submit(sync, Owner::Partition(self.clone()));
        }
    }
}
