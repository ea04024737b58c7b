//! Whether a log is worth a round, and how far it may go (Kafka: `LogCleanerManager.cleanableOffsets`, `LogToClean`).

use std::sync::Arc;

use crate::segment::Segment;
use crate::view::{LogView, ReadError};

/// Settings of a round; names are Kafka's topic settings, but the last one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CleanRules {
    /// `min.cleanable.dirty.ratio`: a round needs a larger part of the log to be dirty.
    pub min_cleanable_dirty_ratio: f64,
    /// `min.compaction.lag.ms`: what is younger is left alone.
    pub min_compaction_lag_ms: i64,
    /// `max.compaction.lag.ms`: a round is due when dirty records are older, whatever their part.
    pub max_compaction_lag_ms: i64,
    /// `delete.retention.ms`: how long tombstones stay after the round that finds them.
    pub delete_retention_ms: i64,
    /// `log.cleaner.dedupe.buffer.size` of the broker: what the map of keys may take.
    pub map_bytes_max: usize,
}

/// A log that is worth a round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cleanable {
    pub first_dirty: i64,
    pub first_uncleanable: i64,
    /// Part of the bytes that may be cleaned which is dirty. The dirtiest log goes first.
    pub dirty_ratio: f64,
}

impl LogView {
    /// Looks whether there is enough to do. `checkpoint` is where the last round ended, `last_stable` the last stable
    /// offset.
    ///
    /// # Errors
    /// [`ReadError`]
    pub fn cleanable(
        &self,
        rules: &CleanRules,
        checkpoint: Option<i64>,
        last_stable: i64,
        now_ms: i64,
    ) -> Result<Option<Cleanable>, ReadError> {
        let segments = self.segments();
        let Some((active, closed)) = segments.split_last() else { return Ok(None) };
        let start = segments[0].base_offset().max(self.log_start());
        // A checkpoint from another time of this log says nothing about it.
        let first_dirty =
            checkpoint.filter(|offset| (start..=active.base_offset()).contains(offset)).unwrap_or(start);
        let mut first_uncleanable = active.base_offset().min(last_stable);
        if rules.min_compaction_lag_ms > 0 {
            for segment in closed.iter().filter(|segment| segment.base_offset() >= first_dirty) {
                if segment.max_timestamp()?.timestamp > now_ms.saturating_sub(rules.min_compaction_lag_ms) {
                    first_uncleanable = first_uncleanable.min(segment.base_offset());
                    break;
                }
            }
        }
        let first_uncleanable = first_uncleanable.max(first_dirty);
        let size_of = |from: i64, to: i64| -> u64 {
            let of = |segment: &&Arc<Segment>| (from..to).contains(&segment.base_offset());
            closed.iter().filter(of).map(|segment| u64::from(segment.size())).sum()
        };
        let (clean, dirty) = (size_of(0, first_dirty), size_of(first_dirty, first_uncleanable));
        if dirty == 0 {
            return Ok(None);
        }
        let dirty_ratio = dirty as f64 / (clean + dirty) as f64;
        let is_worth_it = dirty_ratio > rules.min_cleanable_dirty_ratio;
        let found = Cleanable { first_dirty, first_uncleanable, dirty_ratio };
        Ok((is_worth_it || self.is_overdue(rules, &found, now_ms)?).then_some(found))
    }

    /// Whether dirty records have waited for longer than `max.compaction.lag.ms`.
    fn is_overdue(&self, rules: &CleanRules, found: &Cleanable, now_ms: i64) -> Result<bool, ReadError> {
        if rules.max_compaction_lag_ms == i64::MAX {
            return Ok(false);
        }
        let dirty = found.first_dirty..found.first_uncleanable;
        for segment in self.segments().iter().filter(|segment| dirty.contains(&segment.base_offset())) {
            if let Some(first) = segment.first_timestamp()?.filter(|first| *first >= 0) {
                return Ok(first < now_ms.saturating_sub(rules.max_compaction_lag_ms));
            }
        }
        Ok(false)
    }
}
