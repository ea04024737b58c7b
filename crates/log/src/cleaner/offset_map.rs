//! The newest offset of each key in the dirty part (Kafka: `SkimpyOffsetMap`, which keeps digests; here the keys
//! themselves, so that no two can be taken for one).

use std::collections::HashMap;
use std::sync::Arc;

use klamm_records::{AnyBatch, BatchView, Limits, Scratch};

use super::transactions::CleanedTransactions;
use crate::fault::LogFault;
use crate::segment::Segment;

/// What an entry takes besides its key, roughly.
const ENTRY_BYTES: usize = 64;

/// See the module.
#[derive(Debug)]
pub struct OffsetMap {
    newest: HashMap<Box<[u8]>, i64>,
    first_dirty: i64,
    /// Everything below is in the map.
    end: i64,
    bytes: usize,
    bytes_max: usize,
}

impl OffsetMap {
    pub fn new(first_dirty: i64, bytes_max: usize) -> OffsetMap {
        OffsetMap { newest: HashMap::new(), first_dirty, end: first_dirty, bytes: 0, bytes_max }
    }

    /// Behind the last offset that the map knows about.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// Whether a record is the newest of its key, as far as the map goes.
    pub fn is_newest(&self, key: &[u8], offset: i64) -> bool {
        self.newest.get(key).is_none_or(|newest| offset >= *newest)
    }

    /// Takes in the records of a segment, which ends at `end`; false when the map is full. What is in it by then is
    /// right up to [`OffsetMap::end`].
    pub fn add_segment(
        &mut self,
        segment: &Arc<Segment>,
        end: i64,
        transactions: &mut CleanedTransactions,
    ) -> Result<bool, LogFault> {
        let mut scratch = Scratch::default();
        let mut is_full = false;
        segment.walk(0, segment.size(), |head| {
            if head.base_offset >= end && head.magic >= 2 {
                return Ok(false);
            }
            let bytes = segment.read_batch(head)?;
            if let AnyBatch::V2(batch) = segment.batch_of(&bytes, head)? {
                let is_aborted = transactions.on_batch(&batch, None)?;
                if !is_aborted
                    && !batch.header().attributes.is_control()
                    && head.last_offset >= self.first_dirty
                {
                    is_full =
                        !self.add_batch(&batch, &mut scratch).map_err(|why| segment.unreadable(head, why))?;
                }
            }
            if !is_full {
                self.end = self.end.max(head.last_offset + 1);
            }
            Ok(!is_full)
        })?;
        if !is_full {
            self.end = self.end.max(end);
        }
        Ok(!is_full)
    }

    /// False when there was no room for all of its keys; then the batch does not count.
    fn add_batch(
        &mut self,
        batch: &BatchView<'_>,
        scratch: &mut Scratch,
    ) -> Result<bool, klamm_records::RecordFault> {
        let limits = Limits::default();
        let mut records = batch.records(scratch, &limits)?;
        while let Some(record) = records.next() {
            let record = record?;
            let Some(key) = record.key.filter(|_| record.offset >= self.first_dirty) else { continue };
            match self.newest.get_mut(key) {
                Some(newest) => *newest = record.offset,
                // The first key always fits, so that every round comes further.
                None if self.bytes + key.len() + ENTRY_BYTES > self.bytes_max
                    && self.end > self.first_dirty =>
                {
                    return Ok(false);
                }
                None => {
                    self.bytes += key.len() + ENTRY_BYTES;
                    self.newest.insert(key.into(), record.offset);
                }
            }
        }
        Ok(true)
    }
}
