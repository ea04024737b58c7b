//! Which segments may be deleted (Kafka: `UnifiedLog.deleteOldSegments`).

use super::{LogView, ReadError};
use crate::config::LogConfig;
use crate::format::file_name::FileKind;
use crate::segment::Segment;

impl LogView {
    /// The offset below which whole segments go, by log start, `retention.bytes` and `retention.ms`; to be handed to
    /// [`Log::delete_below`](crate::Log::delete_below). Nothing at or beyond the high watermark goes. `None` when all
    /// segments stay.
    pub fn retention_point(
        &self,
        config: &LogConfig,
        now_ms: i64,
        high_watermark: i64,
    ) -> Result<Option<i64>, ReadError> {
        self.explained(self.deletable_end(config, now_ms, high_watermark))
    }

    fn deletable_end(
        &self,
        config: &LogConfig,
        now_ms: i64,
        high_watermark: i64,
    ) -> Result<Option<i64>, ReadError> {
        let total: u64 = self.segments.iter().map(|segment| u64::from(segment.size())).sum();
        let mut excess = match u64::try_from(config.retention_bytes) {
            Ok(retained) if config.delete => total.saturating_sub(retained),
            _ => 0,
        };
        let mut point = None;
        for (index, segment) in self.segments.iter().enumerate() {
            let next = self.segments.get(index + 1);
            let end = next.map_or(self.written.offset, |next| next.base_offset());
            if high_watermark < end || (next.is_none() && segment.size() == 0) {
                break;
            }
            let size = u64::from(segment.size());
            let below_start = next.is_some() && end <= self.log_start;
            let too_much = excess > 0 && excess >= size;
            let goes = below_start || too_much || self.is_too_old(segment, config, now_ms)?;
            if !goes {
                break;
            }
            excess = excess.saturating_sub(size);
            point = Some(end);
        }
        Ok(point)
    }

    fn is_too_old(&self, segment: &Segment, config: &LogConfig, now_ms: i64) -> Result<bool, ReadError> {
        if !config.delete || config.retention_ms < 0 {
            return Ok(false);
        }
        // Compaction may have left nothing of a segment but its file.
        let mut newest_ms = if segment.size() == 0 {
            klamm_records::NO_TIMESTAMP
        } else {
            segment.max_timestamp()?.timestamp
        };
        if newest_ms < 0 {
            // Records without timestamps are as old as their file.
            newest_ms = segment.modified_ms(FileKind::Log)?;
        }
        Ok(now_ms.saturating_sub(newest_ms) > config.retention_ms)
    }
}
