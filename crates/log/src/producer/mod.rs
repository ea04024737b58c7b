//! Idempotent and transactional producers of one log (Kafka: `ProducerStateManager`).
//!
//! * [`entry`] – one producer.
//! * [`check`] – what a batch of a producer must fulfil (Kafka: `ProducerAppendInfo`).
//! * [`tally`] – the producers of several logs, for a bound that they have in common.
//! * `marker` – the end of a transaction, read from its batch.
//!
//! A batch is checked first, which changes nothing and yields an [`Update`]; the update is applied once the batch has
//! its offsets.

pub mod check;
pub mod entry;
pub(crate) mod marker;
pub mod tally;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::check::{Checked, ProducerError, Update};
pub use self::entry::ProducerEntry;
pub use self::tally::ProducerTally;
use crate::format::producer_snapshot::{self, ProducerSnapshotEntry};
use crate::format::transaction_index::AbortedTxn;
use crate::offset::LogOffset;

/// A transaction of this log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TxnMetadata {
    producer_id: i64,
    first_offset: LogOffset,
    /// Offset of the marker, once it was appended.
    last_offset: Option<i64>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct ProducerState {
    /// Boxed, so that a log with one producer does not pay for a whole tree node of entries.
    producers: BTreeMap<i64, Box<ProducerEntry>>,
    /// Open transactions by first offset.
    ongoing: BTreeMap<i64, TxnMetadata>,
    /// Completed ones whose marker the high watermark has not passed, by first offset.
    unreplicated: BTreeMap<i64, TxnMetadata>,
    /// Everything below this offset is taken into account.
    end_offset: i64,
    /// Offsets of the snapshot files on the disk, ascending.
    snapshots: Vec<i64>,
    /// Where the producers are counted together with those of other logs.
    share: Option<tally::Share>,
}

impl ProducerState {
    pub fn end_offset(&self) -> i64 {
        self.end_offset
    }

    pub fn set_end_offset(&mut self, offset: i64) {
        self.end_offset = offset;
    }

    pub fn producers(&self) -> impl ExactSizeIterator<Item = (i64, &ProducerEntry)> {
        self.producers.iter().map(|(id, entry)| (*id, &**entry))
    }

    pub fn get(&self, producer_id: i64) -> Option<&ProducerEntry> {
        self.producers.get(&producer_id).map(|entry| &**entry)
    }

    /// Applies a checked batch. Returns what goes into the transaction index when it is an abort marker.
    pub fn apply(&mut self, update: Update) -> Option<AbortedTxn> {
        let before = self.producers.len();
        let aborted = self.apply_unheard(update);
        let is_new = self.producers.len() > before;
        if let Some(share) = &mut self.share {
            share.recount(self.producers.len());
            if let Some(entry) = self.producers.get_mut(&update.producer_id) {
                entry.heard = share.heard(is_new);
            }
        }
        aborted
    }

    fn apply_unheard(&mut self, update: Update) -> Option<AbortedTxn> {
        let producer_id = update.producer_id;
        let entry = self.producers.entry(producer_id).or_insert_with(|| Box::new(ProducerEntry::empty()));
        match update.kind {
            check::UpdateKind::Data { batch, opens } => {
                entry.add_batch(update.epoch, batch);
                if let Some(first_offset) = opens {
                    entry.current_txn_first_offset = Some(first_offset.offset);
                    let txn = TxnMetadata { producer_id, first_offset, last_offset: None };
                    self.ongoing.insert(first_offset.offset, txn);
                }
                None
            }
            check::UpdateKind::Marker { coordinator_epoch, timestamp, offset, commit } => {
                entry.set_epoch(update.epoch);
                entry.coordinator_epoch = coordinator_epoch;
                entry.last_timestamp = timestamp;
                // A marker without data changes nothing that readers could see.
                let first_offset = entry.current_txn_first_offset.take()?;
                self.complete(producer_id, first_offset, offset, commit)
            }
        }
    }

    fn complete(
        &mut self,
        producer_id: i64,
        first_offset: i64,
        last_offset: i64,
        commit: bool,
    ) -> Option<AbortedTxn> {
        let next_open = self.ongoing.values().find(|txn| txn.producer_id != producer_id);
        let last_stable_offset = next_open.map_or(last_offset + 1, |txn| txn.first_offset.offset);
        if let Some(mut txn) = self.ongoing.remove(&first_offset) {
            txn.last_offset = Some(last_offset);
            self.unreplicated.insert(first_offset, txn);
        }
        (!commit).then_some(AbortedTxn { producer_id, first_offset, last_offset, last_stable_offset })
    }

    /// First offset that may still change its meaning for read_committed readers: of an open transaction, or of one
    /// whose marker is not replicated.
    pub fn first_unstable_offset(&self) -> Option<LogOffset> {
        let ongoing = self.ongoing.first_key_value().map(|(_, txn)| txn.first_offset);
        let unreplicated = self.unreplicated.first_key_value().map(|(_, txn)| txn.first_offset);
        match (ongoing, unreplicated) {
            (Some(a), Some(b)) => Some(if b.offset <= a.offset { b } else { a }),
            (a, b) => a.or(b),
        }
    }

    /// Transactions that ended below `offset` are stable.
    pub fn on_high_watermark(&mut self, offset: i64) {
        self.unreplicated.retain(|_, txn| txn.last_offset.is_none_or(|last| last >= offset));
    }

    pub fn on_log_start(&mut self, log_start: i64) {
        self.on_high_watermark(log_start);
        self.end_offset = self.end_offset.max(log_start);
    }

    /// Drops producers without an open transaction that wrote nothing for `expiration_ms`.
    pub fn remove_expired(&mut self, now_ms: i64, expiration_ms: i64) {
        self.producers.retain(|_, entry| !is_expired(entry, now_ms, expiration_ms));
        self.recount();
    }

    /// From now on the producers count together with those of other logs.
    pub fn count_in(&mut self, tally: Arc<ProducerTally>) {
        self.share = Some(tally::Share::new(tally));
        self.recount();
    }

    fn recount(&mut self) {
        if let Some(share) = &mut self.share {
            share.recount(self.producers.len());
        }
    }

    /// The marks of all producers without an open transaction.
    pub fn silent_since(&self) -> impl Iterator<Item = u64> {
        let idle = self.producers.values().filter(|entry| entry.current_txn_first_offset.is_none());
        idle.map(|entry| entry.heard)
    }

    /// Forgets those of them that were heard before `mark`, and of those at that very mark at most so many. Returns how
    /// many of the latter.
    pub fn forget_silent(&mut self, mark: u64, at_mark: usize) -> usize {
        let mut left = at_mark;
        self.producers.retain(|_, entry| {
            if entry.current_txn_first_offset.is_some() || entry.heard > mark {
                return true;
            }
            if entry.heard == mark && left == 0 {
                return true;
            }
            left -= usize::from(entry.heard == mark);
            false
        });
        self.recount();
        at_mark - left
    }

    /// Forgets producers beyond `max`: those without an open transaction that wrote nothing for longest, a tenth of all
    /// at a time. Whoever is forgotten is unknown from then on, as after its expiration: what it sends next is taken,
    /// even if it was sent before.
    pub fn keep(&mut self, max: usize) {
        if self.producers.len() <= max {
            return;
        }
        let idle = self.producers.iter().filter(|(_, entry)| entry.current_txn_first_offset.is_none());
        let last_offset = |entry: &ProducerEntry| entry.last_batch().map_or(-1, |batch| batch.last_offset);
        let mut oldest: Vec<(i64, i64)> = idle.map(|(id, entry)| (last_offset(entry), *id)).collect();
        oldest.sort_unstable();
        let surplus = self.producers.len() - max + max / 10;
        for (_, id) in oldest.into_iter().take(surplus) {
            self.producers.remove(&id);
        }
        self.recount();
    }

    /// Forgets everything and starts over at `offset`, keeping the list of snapshot files.
    pub fn reset(&mut self, offset: i64) {
        self.producers.clear();
        self.ongoing.clear();
        self.unreplicated.clear();
        self.end_offset = offset;
        self.recount();
    }

    /// Takes the state of a snapshot file that is valid before `offset`.
    pub fn load(&mut self, offset: i64, entries: &[ProducerSnapshotEntry], now_ms: i64, expiration_ms: i64) {
        self.reset(offset);
        for snapshot in entries {
            let entry = ProducerEntry::from_snapshot(snapshot);
            if is_expired(&entry, now_ms, expiration_ms) {
                continue;
            }
            if let Some(first) = entry.current_txn_first_offset {
                let first_offset = LogOffset::offset_only(first);
                let txn = TxnMetadata { producer_id: snapshot.producer_id, first_offset, last_offset: None };
                self.ongoing.insert(first, txn);
            }
            self.producers.insert(snapshot.producer_id, Box::new(entry));
        }
        self.recount();
    }

    pub fn snapshots(&self) -> &[i64] {
        &self.snapshots
    }

    pub fn set_snapshots(&mut self, mut offsets: Vec<i64>) {
        offsets.sort_unstable();
        self.snapshots = offsets;
    }

    /// The bytes of a snapshot at the end offset, unless a file for it, or a later one, exists.
    pub fn take_snapshot(&mut self) -> Option<(i64, Vec<u8>)> {
        if self.snapshots.last().is_some_and(|last| *last >= self.end_offset) || self.end_offset <= 0 {
            return None;
        }
        self.snapshots.push(self.end_offset);
        let entries = self.producers.iter().map(|(id, entry)| entry.to_snapshot(*id));
        Some((self.end_offset, producer_snapshot::encode(entries)))
    }

    /// Takes snapshots out of the list; their files are the caller's business.
    pub fn drop_snapshots(&mut self, drop: impl Fn(i64) -> bool) -> Vec<i64> {
        let (dropped, kept) = self.snapshots.iter().partition(|offset| drop(**offset));
        self.snapshots = kept;
        dropped
    }
}

fn is_expired(entry: &ProducerEntry, now_ms: i64, expiration_ms: i64) -> bool {
    entry.current_txn_first_offset.is_none() && now_ms.saturating_sub(entry.last_timestamp) >= expiration_ms
}
