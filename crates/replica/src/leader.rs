//! A leader's view of its replicas: ISR, ends, high watermark (Kafka: `Partition`, `PartitionState`, `Replica`).

use std::collections::BTreeMap;

use crate::log_offset::LogOffsetMetadata;

/// Which local end counts as "this replica has it".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledge {
    /// In the page cache: Kafka's habit.
    Written,
    /// On the disk (`flush.messages=1`).
    Durable,
}

/// What the controller has decided about a partition that this broker leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaderTerm {
    pub leader_epoch: i32,
    /// Version of the partition's registration, raised with every change.
    pub partition_epoch: i32,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
}

/// The state of a leader.
#[derive(Clone, Debug)]
pub struct Leader {
    local_id: i32,
    term: LeaderTerm,
    /// Log end when the epoch began; before the high watermark has reached it, offsets must not be told.
    epoch_start_offset: i64,
    /// How far each replica is known to have come. The local one is moved by the disk, others by their fetches.
    ends: BTreeMap<i32, LogOffsetMetadata>,
    high_watermark: LogOffsetMetadata,
    min_insync_replicas: i32,
}

impl Leader {
    /// Begins to lead with a log that ends at `log_end` and is known to be committed up to `high_watermark`.
    pub fn new(
        local_id: i32,
        term: LeaderTerm,
        log_end: LogOffsetMetadata,
        high_watermark: LogOffsetMetadata,
        min_insync_replicas: i32,
    ) -> Leader {
        assert!(
            term.replicas.contains(&local_id),
            "broker {local_id} leads, but is not among {:?}",
            term.replicas
        );
        let ends = BTreeMap::from([(local_id, log_end)]);
        let epoch_start_offset = log_end.offset;
        let mut leader =
            Leader { local_id, term, epoch_start_offset, ends, high_watermark, min_insync_replicas };
        leader.maybe_increment_high_watermark();
        leader
    }

    /// Takes over a new decision of the controller; a higher leader epoch begins at `log_end`.
    pub fn update(&mut self, term: LeaderTerm, log_end: LogOffsetMetadata) {
        assert!(
            term.leader_epoch >= self.term.leader_epoch,
            "epoch {} after {:?}",
            term.leader_epoch,
            self.term
        );
        if term.leader_epoch > self.term.leader_epoch {
            self.epoch_start_offset = log_end.offset;
            self.ends = BTreeMap::from([(self.local_id, self.ends[&self.local_id])]);
        }
        self.ends.retain(|id, _| term.replicas.contains(id));
        self.term = term;
        self.maybe_increment_high_watermark();
    }

    /// A replica has everything below `end`. Returns true when the high watermark moved.
    pub fn replica_reached(&mut self, replica_id: i32, end: LogOffsetMetadata) -> bool {
        assert!(self.term.replicas.contains(&replica_id), "{replica_id} is no replica of {:?}", self.term);
        let known = self.ends.entry(replica_id).or_insert(end);
        if end.offset >= known.offset {
            *known = end;
        }
        self.maybe_increment_high_watermark()
    }

    pub fn set_min_insync_replicas(&mut self, min_insync_replicas: i32) -> bool {
        self.min_insync_replicas = min_insync_replicas;
        self.maybe_increment_high_watermark()
    }

    /// `min.insync.replicas`, but never more than there are replicas.
    pub fn effective_min_isr(&self) -> usize {
        usize::try_from(self.min_insync_replicas).unwrap_or(0).min(self.term.replicas.len())
    }

    pub fn is_under_min_isr(&self) -> bool {
        self.term.isr.len() < self.effective_min_isr()
    }

    pub fn leader_epoch(&self) -> i32 {
        self.term.leader_epoch
    }

    pub fn term(&self) -> &LeaderTerm {
        &self.term
    }

    pub fn high_watermark(&self) -> LogOffsetMetadata {
        self.high_watermark
    }

    /// False from an election until the high watermark has passed the new epoch's first offset (invariant 10).
    pub fn offsets_available(&self) -> bool {
        self.high_watermark.offset >= self.epoch_start_offset
    }

    /// The smallest end of the ISR, unless the ISR is too small for anything to be committed (invariant 11).
    fn maybe_increment_high_watermark(&mut self) -> bool {
        if self.is_under_min_isr() {
            return false;
        }
        let in_sync = self.term.isr.iter().map(|id| self.ends.get(id));
        // A member of the ISR that has not reported yet holds everything back.
        let Some(Some(lowest)) = in_sync.min_by_key(|end| end.map(|end| end.offset)) else { return false };
        let gains_place = lowest.offset == self.high_watermark.offset && self.high_watermark.is_offset_only();
        let moved = lowest.offset > self.high_watermark.offset;
        if moved || gains_place {
            self.high_watermark = *lowest;
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(offset: i64) -> LogOffsetMetadata {
        LogOffsetMetadata { offset, segment_base_offset: 0, position: offset as u32 * 10 }
    }

    fn term(leader_epoch: i32, replicas: &[i32], isr: &[i32]) -> LeaderTerm {
        LeaderTerm { leader_epoch, partition_epoch: 0, replicas: replicas.to_vec(), isr: isr.to_vec() }
    }

    #[test]
    fn alone_the_high_watermark_follows_the_own_end() {
        let mut leader = Leader::new(1, term(0, &[1], &[1]), end(5), LogOffsetMetadata::offset_only(3), 1);
        assert_eq!(leader.high_watermark(), end(5));
        assert!(leader.replica_reached(1, end(8)));
        assert!(!leader.replica_reached(1, end(8)));
        assert_eq!(leader.high_watermark(), end(8));
    }

    #[test]
    fn minimum_two_on_one_replica_accepts() {
        let leader = Leader::new(1, term(0, &[1], &[1]), end(5), end(0), 2);
        assert_eq!(leader.effective_min_isr(), 1);
        assert!(!leader.is_under_min_isr());
        assert_eq!(leader.high_watermark().offset, 5);
    }

    #[test]
    fn the_slowest_of_the_isr_decides() {
        let mut leader = Leader::new(1, term(0, &[1, 2, 3], &[1, 2]), end(9), end(0), 2);
        assert_eq!(leader.high_watermark().offset, 0, "2 has not reported");
        assert!(leader.replica_reached(2, end(4)));
        assert!(!leader.replica_reached(3, end(2)), "3 is not in the isr");
        assert_eq!(leader.high_watermark().offset, 4);
        leader.update(term(0, &[1, 2, 3], &[1]), end(9));
        assert_eq!(leader.high_watermark().offset, 4, "below the minimum nothing is committed");
        assert!(leader.set_min_insync_replicas(1));
        assert_eq!(leader.high_watermark().offset, 9);
    }

    #[test]
    fn offsets_are_not_told_before_the_epoch_is_committed() {
        let mut leader = Leader::new(1, term(3, &[1, 2], &[1, 2]), end(9), end(4), 1);
        assert!(!leader.offsets_available());
        leader.replica_reached(2, end(9));
        assert!(leader.offsets_available());
        leader.update(term(4, &[1, 2], &[1, 2]), end(9));
        assert_eq!(leader.high_watermark().offset, 9, "never back");
    }
}
