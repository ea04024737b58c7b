//! The images of the last few offsets: what is committed and what is only appended.
//!
//! The controller decides on the latest image, everybody else sees the stable one. A batch becomes
//! visible when it is committed and no metadata transaction (KIP-868) is open at its end; a
//! transaction shows as a whole or, aborted, not at all. Kafka: `MetadataBatchLoader`,
//! `OffsetControlManager`.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Changes;
use crate::image::{MetadataImage, Provenance};
use crate::record::MetadataRecord;
use crate::replay_fault::ReplayFault;

/// One batch of the metadata log. Control batches come too, without records.
#[derive(Clone, Copy, Debug)]
pub struct LogBatch<'a> {
    pub base_offset: i64,
    /// Inclusive.
    pub last_offset: i64,
    pub epoch: i32,
    pub append_time_ms: i64,
    pub records: &'a [MetadataRecord],
}

/// A step of the stable image.
#[derive(Clone, Debug)]
pub struct Published {
    pub before: Arc<MetadataImage>,
    pub image: Arc<MetadataImage>,
    pub changes: Changes,
}

/// A metadata transaction without an end yet.
#[derive(Clone, Debug)]
struct OpenTransaction {
    start_offset: i64,
    /// What an abort goes back to.
    before: MetadataImage,
}

/// The state after one appended batch.
#[derive(Clone, Debug)]
struct Appended {
    image: Arc<MetadataImage>,
    changes: Changes,
    transaction: Option<OpenTransaction>,
}

#[derive(Clone, Debug, Default)]
pub struct ImageHistory {
    stable: Arc<MetadataImage>,
    /// Batches after the stable image, in order; with one in it that is committed already when a
    /// transaction is open.
    appended: VecDeque<Appended>,
    /// Exclusive end of what is committed.
    high_watermark: i64,
}

impl ImageHistory {
    /// The image everybody may see.
    pub fn stable(&self) -> &Arc<MetadataImage> {
        &self.stable
    }

    /// The image with everything appended, committed or not.
    pub fn latest(&self) -> &Arc<MetadataImage> {
        self.appended.back().map_or(&self.stable, |last| &last.image)
    }

    /// The image without the open metadata transaction, should there be one.
    pub fn settled(&self) -> &MetadataImage {
        let open = self.appended.back().and_then(|last| last.transaction.as_ref());
        open.map_or(self.latest(), |open| &open.before)
    }

    /// Where the next batch begins.
    pub fn next_offset(&self) -> i64 {
        self.latest().provenance.last_contained_offset + 1
    }

    /// Last offset of the log as far as it was told, if some of it is not visible yet.
    pub fn pending_offset(&self) -> Option<i64> {
        self.appended.back().map(|last| last.image.provenance.last_contained_offset)
    }

    /// Where the open metadata transaction began.
    pub fn transaction_start_offset(&self) -> Option<i64> {
        self.appended.back().and_then(|last| last.transaction.as_ref()).map(|open| open.start_offset)
    }

    /// Starts from a snapshot; everything before is forgotten.
    pub fn load_snapshot(
        &mut self,
        provenance: Provenance,
        records: impl IntoIterator<Item = MetadataRecord>,
    ) -> Result<(), ReplayFault> {
        let mut image = MetadataImage { provenance, ..MetadataImage::default() };
        let mut changes = Changes::default();
        for record in records {
            if is_transaction_record(&record) {
                return Err(ReplayFault::TransactionInSnapshot);
            }
            super::replay(&mut image, &mut changes, &record)?;
        }
        self.stable = Arc::default();
        self.high_watermark = provenance.last_contained_offset + 1;
        self.appended = VecDeque::from([Appended { image: Arc::new(image), changes, transaction: None }]);
        Ok(())
    }

    /// Applies one batch on top of the latest image.
    pub fn append(&mut self, batch: &LogBatch<'_>) -> Result<(), ReplayFault> {
        self.check_offset(batch)?;
        let mut step = self.next_step();
        apply(batch, &mut step)?;
        self.appended.push_back(step);
        self.validate();
        Ok(())
    }

    /// Like [`ImageHistory::append`] for a log that is being read: batches melt into one step, which
    /// becomes visible when the last of them is committed. After a fault the history is of no use.
    pub fn load(&mut self, batch: &LogBatch<'_>) -> Result<(), ReplayFault> {
        self.check_offset(batch)?;
        let mut step = self.appended.pop_back().unwrap_or_else(|| self.next_step());
        apply(batch, &mut step)?;
        self.appended.push_back(step);
        Ok(())
    }

    fn check_offset(&self, batch: &LogBatch<'_>) -> Result<(), ReplayFault> {
        let (expected, base_offset) = (self.next_offset(), batch.base_offset);
        match base_offset == expected {
            true => Ok(()),
            false => Err(ReplayFault::OffsetGap { expected, base_offset }),
        }
    }

    /// What the next batch changes.
    fn next_step(&self) -> Appended {
        let transaction = self.appended.back().and_then(|last| last.transaction.clone());
        Appended { image: self.latest().clone(), changes: Changes::default(), transaction }
    }

    /// Everything below `high_watermark` is committed; returns the step of the stable image, if any.
    pub fn commit(&mut self, high_watermark: i64) -> Option<Published> {
        assert!(
            high_watermark >= self.high_watermark,
            "high watermark went back from {} to {high_watermark}",
            self.high_watermark
        );
        self.high_watermark = high_watermark;
        let committed = |entry: &&Appended| entry.image.provenance.last_contained_offset < high_watermark;
        let visible = self.appended.iter().take_while(committed).collect::<Vec<_>>();
        let count = visible.iter().rposition(|entry| entry.transaction.is_none())? + 1;
        let before = self.stable.clone();
        let mut changes = Changes::default();
        for entry in self.appended.drain(..count) {
            changes.merge(entry.changes);
            self.stable = entry.image;
        }
        self.validate();
        Some(Published { before, image: self.stable.clone(), changes })
    }

    /// Forgets what is appended but not committed: somebody else will write these offsets.
    pub fn drop_uncommitted(&mut self) {
        let high_watermark = self.high_watermark;
        self.appended.retain(|entry| entry.image.provenance.last_contained_offset < high_watermark);
        self.validate();
    }

    /// Offsets grow from the stable image on, and nothing visible is held back.
    pub fn validate(&self) {
        let mut last = self.stable.provenance.last_contained_offset;
        for entry in &self.appended {
            let offset = entry.image.provenance.last_contained_offset;
            assert!(offset > last || last == -1, "image at offset {offset} follows the one at {last}");
            last = offset;
        }
    }
}

/// Applies the records of `batch` to `step`.
fn apply(batch: &LogBatch<'_>, step: &mut Appended) -> Result<(), ReplayFault> {
    let Appended { image, changes, transaction } = step;
    let image = Arc::make_mut(image);
    for (offset, record) in (batch.base_offset..).zip(batch.records) {
        match record {
            MetadataRecord::BeginTransaction(_) => begin(transaction, offset, image)?,
            MetadataRecord::EndTransaction(_) => {
                transaction.take().ok_or(ReplayFault::NoTransaction)?;
            }
            MetadataRecord::AbortTransaction(_) => {
                *image = transaction.take().ok_or(ReplayFault::NoTransaction)?.before;
            }
            record => super::replay(image, changes, record)?,
        }
    }
    image.provenance = Provenance {
        last_contained_offset: batch.last_offset,
        last_contained_epoch: batch.epoch,
        last_contained_log_time_ms: batch.append_time_ms,
    };
    Ok(())
}

fn begin(
    transaction: &mut Option<OpenTransaction>,
    offset: i64,
    image: &MetadataImage,
) -> Result<(), ReplayFault> {
    match transaction {
        Some(open) => Err(ReplayFault::TransactionInTransaction { started_at: open.start_offset }),
        None => {
            *transaction = Some(OpenTransaction { start_offset: offset, before: image.clone() });
            Ok(())
        }
    }
}

fn is_transaction_record(record: &MetadataRecord) -> bool {
    use MetadataRecord as R;
    matches!(record, R::BeginTransaction(_) | R::EndTransaction(_) | R::AbortTransaction(_))
}
