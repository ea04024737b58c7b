//! What a log remembers about one producer (Kafka: `ProducerStateEntry`, `BatchMetadata`).

use klamm_records::header::decrement_sequence;
use klamm_records::{NO_PRODUCER_EPOCH, NO_SEQUENCE, NO_TIMESTAMP};

use crate::format::producer_snapshot::ProducerSnapshotEntry;

/// Batches remembered per producer: as many as a client may have in flight.
pub const BATCHES_KEPT: usize = 5;

/// A batch that was appended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchMetadata {
    pub last_sequence: i32,
    pub last_offset: i64,
    pub offset_delta: i32,
    pub timestamp: i64,
}

impl BatchMetadata {
    pub fn first_sequence(&self) -> i32 {
        decrement_sequence(self.last_sequence, self.offset_delta)
    }

    pub fn first_offset(&self) -> i64 {
        self.last_offset - i64::from(self.offset_delta)
    }
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerEntry {
    pub epoch: i16,
    /// -1 before any marker.
    pub coordinator_epoch: i32,
    pub last_timestamp: i64,
    /// First offset of the open transaction.
    pub current_txn_first_offset: Option<i64>,
    /// Oldest first.
    batches: [BatchMetadata; BATCHES_KEPT],
    batch_count: u8,
    /// When it last wrote, as newcomers anywhere (see [`super::tally`]); 0 when nobody counts.
    pub(super) heard: u64,
}

impl ProducerEntry {
    /// A producer that has written nothing yet.
    pub fn empty() -> ProducerEntry {
        ProducerEntry {
            epoch: NO_PRODUCER_EPOCH,
            coordinator_epoch: -1,
            last_timestamp: NO_TIMESTAMP,
            current_txn_first_offset: None,
            batches: [BatchMetadata::default(); BATCHES_KEPT],
            batch_count: 0,
            heard: 0,
        }
    }

    pub fn batches(&self) -> &[BatchMetadata] {
        &self.batches[..usize::from(self.batch_count)]
    }

    pub fn last_batch(&self) -> Option<&BatchMetadata> {
        self.batches().last()
    }

    /// The last sequence number, or `NO_SEQUENCE` without a batch.
    pub fn last_sequence(&self) -> i32 {
        self.last_batch().map_or(NO_SEQUENCE, |batch| batch.last_sequence)
    }

    /// The remembered batch with exactly these sequence numbers.
    pub fn find_duplicate(
        &self,
        epoch: i16,
        first_sequence: i32,
        last_sequence: i32,
    ) -> Option<&BatchMetadata> {
        if epoch != self.epoch {
            return None;
        }
        let same = |batch: &&BatchMetadata| {
            batch.first_sequence() == first_sequence && batch.last_sequence == last_sequence
        };
        self.batches().iter().find(same)
    }

    pub fn add_batch(&mut self, epoch: i16, batch: BatchMetadata) {
        self.set_epoch(epoch);
        if usize::from(self.batch_count) == BATCHES_KEPT {
            self.batches.rotate_left(1);
            self.batch_count -= 1;
        }
        self.batches[usize::from(self.batch_count)] = batch;
        self.batch_count += 1;
        self.last_timestamp = batch.timestamp;
    }

    /// A new epoch forgets the batches of the old one.
    pub fn set_epoch(&mut self, epoch: i16) {
        if self.epoch != epoch {
            self.batch_count = 0;
            self.epoch = epoch;
        }
    }

    pub fn to_snapshot(&self, producer_id: i64) -> ProducerSnapshotEntry {
        let last = self.last_batch();
        ProducerSnapshotEntry {
            producer_id,
            epoch: self.epoch,
            last_sequence: self.last_sequence(),
            last_offset: last.map_or(-1, |batch| batch.last_offset),
            offset_delta: last.map_or(0, |batch| batch.offset_delta),
            timestamp: self.last_timestamp,
            coordinator_epoch: self.coordinator_epoch,
            current_txn_first_offset: self.current_txn_first_offset.unwrap_or(-1),
        }
    }

    pub fn from_snapshot(entry: &ProducerSnapshotEntry) -> ProducerEntry {
        let mut producer = ProducerEntry::empty();
        producer.epoch = entry.epoch;
        if entry.last_offset >= 0 {
            let batch = BatchMetadata {
                last_sequence: entry.last_sequence,
                last_offset: entry.last_offset,
                offset_delta: entry.offset_delta,
                timestamp: entry.timestamp,
            };
            producer.add_batch(entry.epoch, batch);
        }
        producer.last_timestamp = entry.timestamp;
        producer.coordinator_epoch = entry.coordinator_epoch;
        producer.current_txn_first_offset =
            (entry.current_txn_first_offset >= 0).then_some(entry.current_txn_first_offset);
        producer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_batches_are_remembered() {
        let mut producer = ProducerEntry::empty();
        for n in 0..7 {
            let batch = BatchMetadata {
                last_sequence: n * 10 + 9,
                last_offset: 100 + i64::from(n),
                offset_delta: 9,
                timestamp: 1,
            };
            producer.add_batch(0, batch);
        }
        assert_eq!(producer.batches().len(), BATCHES_KEPT);
        assert_eq!(producer.find_duplicate(0, 10, 19), None);
        assert_eq!(producer.find_duplicate(0, 20, 29).map(|batch| batch.last_offset), Some(102));
        assert_eq!(producer.find_duplicate(0, 60, 69).map(|batch| batch.last_offset), Some(106));
        assert_eq!(producer.find_duplicate(1, 60, 69), None);
        producer.set_epoch(1);
        assert_eq!(producer.last_sequence(), NO_SEQUENCE);
    }

    #[test]
    fn sequences_wrap() {
        let batch = BatchMetadata { last_sequence: 1, offset_delta: 3, ..BatchMetadata::default() };
        assert_eq!(batch.first_sequence(), i32::MAX - 1);
    }

    #[test]
    fn a_snapshot_keeps_the_last_batch() {
        let mut producer = ProducerEntry::empty();
        for n in 1..=3 {
            let batch =
                BatchMetadata { last_sequence: n, last_offset: i64::from(n), offset_delta: 0, timestamp: 5 };
            producer.add_batch(2, batch);
        }
        producer.current_txn_first_offset = Some(1);
        let loaded = ProducerEntry::from_snapshot(&producer.to_snapshot(9));
        assert_eq!(loaded.batches(), &producer.batches()[2..]);
        assert_eq!(loaded.current_txn_first_offset, Some(1));
        producer.set_epoch(3);
        let bumped = producer.to_snapshot(9);
        assert_eq!((bumped.last_sequence, bumped.last_offset, bumped.offset_delta), (-1, -1, 0));
    }
}
