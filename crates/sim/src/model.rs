//! What a partition's log must look like, as far as a client can know (invariants 1-8, 22, 23).

/// One record, by a number that no other record of the run has.
pub type RecordId = u64;

/// How a life of the node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// SIGTERM: nothing may be missing.
    Stopped,
    /// kill -9: nothing that was acknowledged may be missing (budget B0).
    Killed,
    /// The plug: what was acknowledged without a sync may be missing, from the end only (budgets B2, B3).
    PowerCut,
}

/// The model of one partition.
#[derive(Clone, Debug, Default)]
pub struct PartitionModel {
    /// The topic asks for a sync before each acknowledgement.
    syncs: bool,
    /// Records in the order in which they were handed to the log; some of the last may never have got there.
    appended: Vec<RecordId>,
    /// Everything below was acknowledged.
    acked: usize,
    /// Everything below survived a power cut or was synced by a clean stop.
    settled: usize,
}

impl PartitionModel {
    pub fn new(syncs: bool) -> PartitionModel {
        PartitionModel { syncs, ..PartitionModel::default() }
    }

    /// Records go to the end; returns the offset of the first.
    pub fn append(&mut self, ids: impl IntoIterator<Item = RecordId>) -> i64 {
        let base = self.appended.len();
        self.appended.extend(ids);
        base as i64
    }

    /// A batch of `count` records at `base_offset` was acknowledged.
    pub fn ack(&mut self, base_offset: i64, count: usize) {
        let end = base_offset as usize + count;
        assert!(end <= self.appended.len(), "an ack up to {end}, only {} were sent", self.appended.len());
        self.acked = self.acked.max(end);
    }

    pub fn acked(&self) -> i64 {
        self.acked as i64
    }

    /// A reader found `ids` from offset `from` on, and was told the high watermark.
    pub fn check_read(&self, from: i64, ids: &[RecordId], high_watermark: i64) {
        let from = from as usize;
        let end = from + ids.len();
        assert!(
            end <= high_watermark as usize,
            "read up to {end}, beyond the high watermark {high_watermark}"
        );
        assert!(end <= self.appended.len(), "read up to {end}, only {} were sent", self.appended.len());
        assert_eq!(ids, &self.appended[from..end], "other records than sent from offset {from} on");
        assert!(
            high_watermark >= self.acked(),
            "high watermark {high_watermark} below the acked {}",
            self.acked
        );
    }

    /// After a restart the log holds `found`. Returns how many acknowledged records are gone.
    pub fn restarted(&mut self, end: End, found: &[RecordId]) -> usize {
        assert!(found.len() <= self.appended.len(), "{} found, {} sent", found.len(), self.appended.len());
        assert_eq!(found, &self.appended[..found.len()], "not a prefix of what was sent");
        let must_be_there = match end {
            End::Stopped | End::Killed => self.acked,
            End::PowerCut if self.syncs => self.acked,
            End::PowerCut => self.settled,
        };
        assert!(
            found.len() >= must_be_there,
            "{end:?}: {} records left, {must_be_there} must be there (acked {}, settled {})",
            found.len(),
            self.acked,
            self.settled
        );
        let lost = self.acked.saturating_sub(found.len());
        self.appended.truncate(found.len());
        self.acked = self.acked.min(found.len());
        // What is found after a power cut lies on the disk; after a kill it may still be on its way there.
        if end != End::Killed {
            self.settled = found.len();
        }
        lost
    }

    pub fn len(&self) -> usize {
        self.appended.len()
    }

    pub fn is_empty(&self) -> bool {
        self.appended.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(syncs: bool) -> PartitionModel {
        let mut model = PartitionModel::new(syncs);
        model.append(0..10);
        model.ack(0, 6);
        model
    }

    #[test]
    fn a_power_cut_may_take_what_was_not_synced() {
        assert_eq!(model(false).restarted(End::PowerCut, &[0, 1]), 4);
        assert_eq!(model(true).restarted(End::PowerCut, &[0, 1, 2, 3, 4, 5, 6]), 0);
    }

    #[test]
    #[should_panic(expected = "6 must be there")]
    fn a_kill_may_not() {
        model(false).restarted(End::Killed, &[0, 1]);
    }

    #[test]
    #[should_panic(expected = "not a prefix")]
    fn a_gap_is_found() {
        model(false).restarted(End::PowerCut, &[0, 2]);
    }

    #[test]
    #[should_panic(expected = "not a prefix")]
    fn a_duplicate_is_found() {
        model(false).restarted(End::Killed, &[0, 1, 2, 3, 4, 5, 5]);
    }

    #[test]
    #[should_panic(expected = "other records than sent")]
    fn a_wrong_record_is_found() {
        model(false).check_read(0, &[7], 10);
    }
}
