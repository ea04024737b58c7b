//! Which batches belong to aborted transactions, and which markers are still needed
//! (Kafka: `CleanedTransactionMetadata`).
//!
//! A marker stays until no record of its transaction is left, and then for `delete.retention.ms`, so that slow readers
//! learn how the transaction ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use klamm_records::BatchView;

use crate::fault::LogFault;
use crate::format::transaction_index::AbortedTxn;
use crate::producer::marker::read_marker;
use crate::segment::Segment;

/// See the module; batches are shown to it in their order.
#[derive(Debug)]
pub struct CleanedTransactions {
    /// Those that begin further on, the nearest last.
    ahead: Vec<AbortedTxn>,
    /// By producer id; true when a batch of it was seen.
    aborted: BTreeMap<i64, (AbortedTxn, bool)>,
    /// Producers with batches of transactions that are not known to be aborted.
    committed: BTreeSet<i64>,
}

/// The aborted transactions of all segments.
pub fn all_aborted(segments: &[Arc<Segment>]) -> Result<Vec<AbortedTxn>, LogFault> {
    let mut all = Vec::new();
    for segment in segments {
        segment.with_aborted(|aborted| all.extend_from_slice(aborted))?;
    }
    Ok(all)
}

impl CleanedTransactions {
    pub fn new(aborted: &[AbortedTxn]) -> CleanedTransactions {
        let mut ahead = aborted.to_vec();
        ahead.sort_unstable_by_key(|txn| std::cmp::Reverse(txn.first_offset));
        CleanedTransactions { ahead, aborted: BTreeMap::new(), committed: BTreeSet::new() }
    }

    /// True when the batch is of no use any more: a record batch of an aborted transaction, or the marker of one of
    /// which nothing is left. An abort that is still needed goes into `kept`.
    pub fn on_batch(
        &mut self,
        batch: &BatchView<'_>,
        kept: Option<&mut Vec<AbortedTxn>>,
    ) -> Result<bool, LogFault> {
        let header = batch.header();
        while let Some(txn) = self.ahead.pop_if(|txn| txn.first_offset <= header.last_offset()) {
            self.aborted.entry(txn.producer_id).or_insert((txn, false));
        }
        if header.attributes.is_control() {
            return Ok(self.on_marker(batch, kept));
        }
        if !header.attributes.is_transactional() {
            return Ok(false);
        }
        if let Some((_, was_seen)) = self.aborted.get_mut(&header.producer_id) {
            *was_seen = true;
            return Ok(true);
        }
        self.committed.insert(header.producer_id);
        Ok(false)
    }

    fn on_marker(&mut self, batch: &BatchView<'_>, kept: Option<&mut Vec<AbortedTxn>>) -> bool {
        let producer_id = batch.header().producer_id;
        match read_marker(batch.bytes()) {
            // Its record is gone already.
            Ok(None) => true,
            // Something else than the end of a transaction is not ours to judge.
            Err(_) => false,
            Ok(Some(marker)) if marker.commit => !self.committed.remove(&producer_id),
            Ok(Some(_)) => match self.aborted.remove(&producer_id) {
                Some((txn, true)) => {
                    if let Some(kept) = kept {
                        kept.push(txn);
                    }
                    false
                }
                Some((_, false)) | None => true,
            },
        }
    }
}
