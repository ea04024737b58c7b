//! Flushing logs by age (Kafka: `LogManager.flushDirtyLogs`).

use std::sync::Arc;

use super::{Owner, Partition};

impl Partition {
    /// Asks for a sync when the last one lies `flush.ms` back.
    pub fn flush_if_due(self: &Arc<Self>, now_ms: i64) {
        let flush_ms = self.config().flush_ms;
        let mut state = self.lock();
        let is_due = state.flushed_ms.is_none_or(|flushed_ms| now_ms.saturating_sub(flushed_ms) >= flush_ms);
        if !is_due || state.check_log().is_err() {
            return;
        }
        state.flushed_ms = Some(now_ms);
        if let Some(sync) = state.log.flush() {
            self.directory.writer.submit(sync, Owner::Partition(self.clone()));
        }
    }
}
