//! Where a log ends that need not be scanned: one that was left clean, or one that nothing was written to since its
//! recovery point.

use klamm_records::AnyBatch;

use super::{Loading, scan};
use crate::fault::LogFault;
use crate::format::file_name::FileKind;
use crate::producer::ProducerEntry;
use crate::segment::Segment;
use crate::segment::scan::BatchHead;

impl Loading {
    /// The end of a log that was left clean; `None` when it was not, or when its end is damaged all the same.
    pub(super) fn clean_end(&mut self) -> Result<Option<i64>, LogFault> {
        if !self.open.clean {
            return Ok(None);
        }
        let Some(last) = self.segments.last().cloned() else { return Ok(Some(self.open.log_start)) };
        match self.end_of(&last) {
            Ok(end) => Ok(Some(end)),
            Err(LogFault::Malformed { .. }) => {
                self.open.recovery_point = self.open.recovery_point.min(last.base_offset());
                self.open.clean = false;
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// The recovery point after an unclean stop, if the log ends exactly there: then everything in it had been synced,
    /// its indexes too, and there is nothing to check. `None` when the log has to be scanned.
    pub(super) fn untouched_end(&mut self) -> Result<Option<i64>, LogFault> {
        let recovery_point = self.open.recovery_point;
        let Some(last) = self.segments.last().cloned() else { return Ok(None) };
        if self.must_scan || last.base_offset() > recovery_point {
            return Ok(None);
        }
        let end = match self.walk_end(&last) {
            Ok((end, _)) => end,
            Err(LogFault::Malformed { .. }) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        // Files that are not as they should be, full of zeros for instance, would stay so: a close writes what has
        // changed. Batches behind the recovery point may be lost while their index entries are not; and an earlier
        // scan, of which not everything came to the disk, may have emptied what had been synced.
        let is_sound = end == recovery_point
            && last.with_index(|state| state.is_exact() && state.ends_below(end))?
            && has_whole_time_index(&last)?
            && !self.had_transactions(end)?;
        Ok(is_sound.then_some(end))
    }

    /// A lost transaction index would not be missed.
    fn had_transactions(&mut self, end: i64) -> Result<bool, LogFault> {
        self.load_producers(end)?;
        let mut producers = self.producers.producers();
        let is_transactional =
            |entry: &ProducerEntry| entry.coordinator_epoch >= 0 || entry.current_txn_first_offset.is_some();
        Ok(producers.any(|(_, entry)| is_transactional(entry)))
    }

    /// The offset behind a segment's last batch. After a clean stop that is the recovery point; if not, the batch has to
    /// prove itself, because its length of offsets decides where the log goes on.
    fn end_of(&mut self, segment: &Segment) -> Result<i64, LogFault> {
        let (end, last) = self.walk_end(segment)?;
        if let Some(last) = last.filter(|_| end != self.open.recovery_point) {
            let corrupt = |why| LogFault::corrupt(segment.path(FileKind::Log), last.position, why);
            let bytes = segment.read_batch(&last)?;
            AnyBatch::parse(&bytes).and_then(|batch| batch.check_crc()).map_err(corrupt)?;
        }
        Ok(end)
    }

    /// Walks from the last index entry to the segment's end; returns the offset behind it, and the last batch.
    fn walk_end(&mut self, segment: &Segment) -> Result<(i64, Option<BatchHead>), LogFault> {
        let position = segment.last_indexed_position()?;
        let (mut end, mut last) = (segment.base_offset(), None);
        let mut first_timestamp = None;
        segment.walk(position, segment.size(), |head| {
            if head.position == 0 {
                first_timestamp = Some((segment.base_offset(), head.max_timestamp));
            }
            scan::check_order(segment.base_offset(), head, end)
                .map_err(|why| LogFault::malformed(segment.path(FileKind::Log), why))?;
            end = head.last_offset + 1;
            last = Some(*head);
            Ok(true)
        })?;
        self.first_timestamp = first_timestamp;
        Ok((end, last))
    }
}

/// The last entry of a segment's time index has the largest timestamp: no batch from its own one on has a larger.
fn has_whole_time_index(segment: &Segment) -> Result<bool, LogFault> {
    let max = segment.max_timestamp()?;
    let found = segment.find(max.offset, segment.size())?;
    let own = found.filter(|head| head.last_offset == max.offset && head.max_timestamp == max.timestamp);
    let (mut is_whole, from) = match own {
        Some(head) => (true, head.position),
        None => (max.timestamp < 0, 0),
    };
    segment.walk(from, segment.size(), |head| {
        is_whole &= head.max_timestamp <= max.timestamp;
        Ok(is_whole)
    })?;
    Ok(is_whole)
}
