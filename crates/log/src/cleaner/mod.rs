//! Compaction: of each key only the newest record stays (Kafka: `LogCleaner`, `Cleaner`).
//!
//! ```text
//! 0 ──── clean ────┬──── dirty ────┬──── not to be touched ────► end
//!                  │               └ active segment, open transactions, records younger than min.compaction.lag.ms
//!                  └ cleaner-offset-checkpoint
//! ```
//!
//! A round reads the dirty part into a map from keys to their newest offsets, then writes all segments anew without the
//! records that the map knows to be outdated. Offsets and order stay. Steps, of which only the last one wants the
//! partition's lock:
//!
//! 1. [`LogView::cleanable`](crate::LogView::cleanable) – is there enough to do, and how far may it go?
//! 2. [`Cleaning::run`] – new segments beside the old ones, under `.cleaned` names.
//! 3. [`Cleaned::rename`] – they get `.swap` names, then the old ones `.deleted` ones, then the new ones their own. A crash
//!    before the first of these leaves the old segments, one behind it the new ones.
//! 4. [`Log::exchange`](crate::Log::exchange) – the log goes on with the new ones.
//!
//! * [`cleanable`] – step 1; [`offset_map`] – keys to offsets; [`transactions`] – which batches were aborted
//! * [`rewrite`] – one group of segments into one; [`exchange`] – steps 3 and 4
//!
//! Batches of magic 0 and 1 are kept whole: nobody writes them any more.

mod cleanable;
mod exchange;
mod offset_map;
mod rewrite;
mod transactions;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::cleanable::{CleanRules, Cleanable};
pub use self::exchange::{Cleaned, CleanedGroup};
use self::offset_map::OffsetMap;
use self::rewrite::Rewrite;
use self::transactions::CleanedTransactions;
use crate::fault::LogFault;
use crate::log::Log;
use crate::segment::Segment;
use crate::writer::Lane;

/// What a live producer's last record is: it must stay, so that the producer goes on being known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LastRecord {
    /// `None` when only a marker is left of it.
    data_offset: Option<i64>,
    epoch: i16,
}

/// A round on one log, with all that it needs to know of it.
pub struct Cleaning {
    lane: Arc<Lane>,
    segments: Vec<Arc<Segment>>,
    segment_bytes: u32,
    segment_index_bytes: u32,
    index_interval_bytes: u32,
    high_watermark: i64,
    producers: BTreeMap<i64, LastRecord>,
    cleanable: Cleanable,
}

impl Log {
    /// Begins a round. Short; `high_watermark` is that of now.
    pub fn cleaning(&self, cleanable: Cleanable, high_watermark: i64) -> Cleaning {
        let last = self.producers().map(|(producer_id, entry)| {
            let data_offset = entry.last_batch().map(|batch| batch.last_offset);
            (producer_id, LastRecord { data_offset, epoch: entry.epoch })
        });
        Cleaning {
            producers: last.collect(),
            lane: self.lane().clone(),
            segments: self.segments_below(cleanable.first_uncleanable),
            segment_bytes: self.config().segment_bytes,
            segment_index_bytes: self.config().segment_index_bytes,
            index_interval_bytes: self.config().index_interval_bytes,
            high_watermark,
            cleanable,
        }
    }
}

impl Cleaning {
    /// Writes the new segments. Nothing of the log changes yet; what a failure leaves is removed with the next start.
    ///
    /// # Errors
    /// [`LogFault`]: of the disk, or of a batch that cannot be read. Nothing is lost then.
    pub fn run(self, rules: &CleanRules, now_ms: i64) -> Result<Cleaned, LogFault> {
        let aborted = transactions::all_aborted(&self.segments)?;
        let map = self.build_map(rules, CleanedTransactions::new(&aborted))?;
        let end = map.end();
        let mut transactions = CleanedTransactions::new(&aborted);
        let below_end = self.segments.iter().filter(|segment| segment.base_offset() < end);
        let below_end: Vec<Arc<Segment>> = below_end.cloned().collect();
        let mut groups = Vec::new();
        for group in rewrite::groups(&below_end, self.segment_bytes, self.segment_index_bytes, end)? {
            let rewrite = Rewrite {
                home: self.lane.home(),
                map: &map,
                producers: &self.producers,
                high_watermark: self.high_watermark,
                index_interval_bytes: self.index_interval_bytes,
                horizon_ms: now_ms.saturating_add(rules.delete_retention_ms),
                now_ms,
            };
            let new = rewrite.run(&group, &mut transactions)?;
            groups.push(CleanedGroup { old: group, new });
        }
        Ok(Cleaned { lane: self.lane, groups, end })
    }

    fn build_map(
        &self,
        rules: &CleanRules,
        mut transactions: CleanedTransactions,
    ) -> Result<OffsetMap, LogFault> {
        let Cleanable { first_dirty, first_uncleanable, .. } = self.cleanable;
        let mut map = OffsetMap::new(first_dirty, rules.map_bytes_max);
        let starts = self.segments.iter().map(|segment| segment.base_offset()).skip(1);
        let ends = starts.chain([first_uncleanable]);
        for (segment, end) in self.segments.iter().zip(ends) {
            if end > first_dirty
                && !map.add_segment(segment, end.min(first_uncleanable), &mut transactions)?
            {
                break;
            }
        }
        Ok(map)
    }
}
