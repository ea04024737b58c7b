//! What a batch of a producer must fulfil before it is appended (Kafka: `ProducerAppendInfo`,
//! `UnifiedLog.analyzeAndValidateProducerState`).
//!
//! | Check | Origin | Otherwise |
//! |---|---|---|
//! | one of the last five batches again | client | answered with the original offsets |
//! | epoch not below the current one | client, coordinator | INVALID_PRODUCER_EPOCH |
//! | new epoch begins with sequence 0, unless nothing is known | client | OUT_OF_ORDER_SEQUENCE_NUMBER |
//! | sequence follows the last one, unless nothing is known | client | OUT_OF_ORDER_SEQUENCE_NUMBER |
//! | plain batch only without an open transaction | client, coordinator | INVALID_TXN_STATE |
//! | marker's coordinator epoch not below the last one | coordinator | TRANSACTION_COORDINATOR_FENCED |

use klamm_records::{BatchHeader, NO_PRODUCER_EPOCH};

use super::ProducerState;
use super::entry::{BatchMetadata, ProducerEntry};
use crate::offset::LogOffset;

/// How strictly a batch is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Everything.
    Client,
    /// Epochs, no sequences.
    Coordinator,
    /// Nothing that the leader has checked already.
    Replication,
}

/// The content of a transaction marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    pub commit: bool,
    pub coordinator_epoch: i32,
    pub timestamp: i64,
}

/// A batch that may be appended, and what it does to its producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update {
    pub(super) producer_id: i64,
    pub(super) epoch: i16,
    pub(super) kind: UpdateKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UpdateKind {
    Data {
        batch: BatchMetadata,
        /// The batch begins a transaction, here.
        opens: Option<LogOffset>,
    },
    Marker {
        coordinator_epoch: i32,
        timestamp: i64,
        offset: i64,
        commit: bool,
    },
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    New(Update),
    /// Appended before.
    Duplicate(BatchMetadata),
}

/// Why a batch is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProducerError {
    OutOfOrderSequence { producer_id: i64, sequence: i32, last_sequence: i32 },
    InvalidEpoch { producer_id: i64, epoch: i16, current_epoch: i16 },
    TransactionOngoing { producer_id: i64 },
    CoordinatorFenced { producer_id: i64, coordinator_epoch: i32, current_epoch: i32 },
}

impl ProducerState {
    /// Checks a data batch that will begin at `place`.
    pub fn check_data(
        &self,
        header: &BatchHeader,
        place: LogOffset,
        strictness: Strictness,
    ) -> Result<Checked, ProducerError> {
        let known = self.get(header.producer_id);
        let (first_sequence, last_sequence) = (header.base_sequence, header.last_sequence());
        let repeated = known
            .and_then(|entry| entry.find_duplicate(header.producer_epoch, first_sequence, last_sequence));
        if let (Strictness::Client, Some(batch)) = (strictness, repeated) {
            return Ok(Checked::Duplicate(*batch));
        }
        let empty = ProducerEntry::empty();
        let entry = known.unwrap_or(&empty);
        check_epoch(entry, header.producer_id, header.producer_epoch, strictness)?;
        if strictness == Strictness::Client {
            check_sequence(entry, header)?;
        }
        let transactional = header.attributes.is_transactional();
        let checked = strictness != Strictness::Replication;
        if checked && entry.current_txn_first_offset.is_some() && !transactional {
            return Err(ProducerError::TransactionOngoing { producer_id: header.producer_id });
        }
        let opens = (transactional && entry.current_txn_first_offset.is_none()).then_some(place);
        let batch = BatchMetadata {
            last_sequence,
            last_offset: place.offset + i64::from(header.last_offset_delta),
            offset_delta: header.last_offset_delta,
            timestamp: header.max_timestamp,
        };
        let kind = UpdateKind::Data { batch, opens };
        Ok(Checked::New(Update { producer_id: header.producer_id, epoch: header.producer_epoch, kind }))
    }

    /// Checks a transaction marker that will be appended at `offset`.
    pub fn check_marker(
        &self,
        header: &BatchHeader,
        marker: Marker,
        offset: i64,
        strictness: Strictness,
    ) -> Result<Update, ProducerError> {
        let producer_id = header.producer_id;
        if let Some(entry) = self.get(producer_id) {
            check_epoch(entry, producer_id, header.producer_epoch, strictness)?;
            if strictness != Strictness::Replication && entry.coordinator_epoch > marker.coordinator_epoch {
                return Err(ProducerError::CoordinatorFenced {
                    producer_id,
                    coordinator_epoch: marker.coordinator_epoch,
                    current_epoch: entry.coordinator_epoch,
                });
            }
        }
        let Marker { commit, coordinator_epoch, timestamp } = marker;
        let kind = UpdateKind::Marker { coordinator_epoch, timestamp, offset, commit };
        Ok(Update { producer_id, epoch: header.producer_epoch, kind })
    }
}

fn check_epoch(
    entry: &ProducerEntry,
    producer_id: i64,
    epoch: i16,
    strictness: Strictness,
) -> Result<(), ProducerError> {
    if epoch < entry.epoch && strictness != Strictness::Replication {
        return Err(ProducerError::InvalidEpoch { producer_id, epoch, current_epoch: entry.epoch });
    }
    Ok(())
}

fn check_sequence(entry: &ProducerEntry, header: &BatchHeader) -> Result<(), ProducerError> {
    // Retention or DeleteRecords may have removed all a producer ever wrote: then any sequence is taken.
    let unknown = entry.epoch == NO_PRODUCER_EPOCH;
    let sequence = header.base_sequence;
    let last_sequence = entry.last_sequence();
    let follows = if header.producer_epoch == entry.epoch {
        i64::from(sequence) == i64::from(last_sequence) + 1 || (sequence == 0 && last_sequence == i32::MAX)
    } else {
        sequence == 0
    };
    if unknown || follows {
        return Ok(());
    }
    Err(ProducerError::OutOfOrderSequence { producer_id: header.producer_id, sequence, last_sequence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use klamm_records::Attributes;

    const TRANSACTIONAL: i16 = Attributes::TRANSACTIONAL;

    fn header(epoch: i16, sequence: i32, records: i32, attributes: i16) -> BatchHeader {
        BatchHeader {
            base_offset: 0,
            length: 100,
            partition_leader_epoch: 0,
            magic: 2,
            crc: 0,
            attributes: Attributes(attributes),
            last_offset_delta: records - 1,
            base_timestamp: 5,
            max_timestamp: 5,
            producer_id: 9,
            producer_epoch: epoch,
            base_sequence: sequence,
            record_count: records,
        }
    }

    /// A state with its next offset.
    #[derive(Default)]
    struct Subject {
        state: ProducerState,
        end: i64,
    }

    impl Subject {
        fn append(&mut self, header: &BatchHeader) -> Result<Checked, ProducerError> {
            let checked =
                self.state.check_data(header, LogOffset::offset_only(self.end), Strictness::Client)?;
            if let Checked::New(update) = checked {
                self.state.apply(update);
                self.end += i64::from(header.record_count);
            }
            Ok(checked)
        }

        fn mark(
            &mut self,
            epoch: i16,
            coordinator_epoch: i32,
            commit: bool,
        ) -> Result<Option<AbortedTxn>, ProducerError> {
            let marker = Marker { commit, coordinator_epoch, timestamp: 6 };
            let header = header(epoch, -1, 1, TRANSACTIONAL | Attributes::CONTROL);
            let update = self.state.check_marker(&header, marker, self.end, Strictness::Coordinator)?;
            self.end += 1;
            Ok(self.state.apply(update))
        }
    }

    use crate::format::transaction_index::AbortedTxn;

    #[test]
    fn who_is_silent_for_longest_is_forgotten_first_but_not_with_an_open_transaction() {
        let mut log = Subject::default();
        for (producer_id, attributes) in [(1, TRANSACTIONAL), (2, 0), (3, 0), (2, 0), (4, 0)] {
            let sequence = log.state.get(producer_id).map_or(0, |entry| entry.last_sequence() + 1);
            let header = BatchHeader { producer_id, ..header(0, sequence, 1, attributes) };
            assert!(log.append(&header).is_ok(), "{producer_id}");
        }
        let known = |log: &Subject| log.state.producers().map(|(id, _)| id).collect::<Vec<_>>();
        log.state.keep(4);
        assert_eq!(known(&log), [1, 2, 3, 4]);
        log.state.keep(3);
        assert_eq!(known(&log), [1, 2, 4]);
        log.state.keep(1);
        assert_eq!(known(&log), [1]);
        log.state.keep(0);
        assert_eq!(known(&log), [1], "readers of committed records depend on it");
        // Unknown now, so any sequence is the first.
        let unknown = BatchHeader { producer_id: 3, ..header(0, 77, 1, 0) };
        assert!(matches!(log.append(&unknown), Ok(Checked::New(_))));
    }

    #[test]
    fn across_logs_those_are_forgotten_that_were_silent_while_most_newcomers_came() {
        let tally = std::sync::Arc::new(crate::producer::ProducerTally::default());
        let mut logs = [Subject::default(), Subject::default()];
        let write = |log: &mut Subject, producer_id: i64, attributes: i16| {
            let sequence = log.state.get(producer_id).map_or(0, |entry| entry.last_sequence() + 1);
            let header = BatchHeader { producer_id, ..header(0, sequence, 1, attributes) };
            assert!(log.append(&header).is_ok(), "{producer_id}");
        };
        write(&mut logs[0], 1, 0);
        logs.iter_mut().for_each(|log| log.state.count_in(tally.clone()));
        for (log, producer_id, attributes) in
            [(0, 2, 0), (1, 3, TRANSACTIONAL), (1, 4, 0), (0, 5, 0), (0, 2, 0), (1, 6, 0)]
        {
            write(&mut logs[log], producer_id, attributes);
        }
        let marks = |log: &Subject| log.state.silent_since().collect::<Vec<_>>();
        assert_eq!((marks(&logs[0]), marks(&logs[1])), (vec![0, 4, 4], vec![3, 5]));
        let known = |log: &Subject| log.state.producers().map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!((logs[0].state.forget_silent(4, 1), logs[1].state.forget_silent(4, 0)), (1, 0));
        assert_eq!(
            (known(&logs[0]), known(&logs[1])),
            (vec![5], vec![3, 6]),
            "one with an open transaction stays"
        );
        assert_eq!(tally.count(), 3);
        logs[1].state.reset(0);
        assert_eq!(tally.count(), 1);
        let [one, _] = logs;
        drop(one);
        assert_eq!(tally.count(), 0);
    }

    #[test]
    fn sequences_must_follow() {
        let mut log = Subject::default();
        assert!(matches!(log.append(&header(0, 0, 3, 0)), Ok(Checked::New(_))));
        assert!(matches!(log.append(&header(0, 3, 2, 0)), Ok(Checked::New(_))));
        let gap = ProducerError::OutOfOrderSequence { producer_id: 9, sequence: 6, last_sequence: 4 };
        assert_eq!(log.append(&header(0, 6, 1, 0)), Err(gap));
        let Ok(Checked::Duplicate(batch)) = log.append(&header(0, 0, 3, 0)) else { panic!("a repeat") };
        assert_eq!((batch.first_offset(), batch.last_offset), (0, 2));
        // The same first sequence with another length is no repeat.
        assert!(log.append(&header(0, 3, 1, 0)).is_err());
        assert!(log.append(&header(0, 4, 1, 0)).is_err());
    }

    #[test]
    fn a_repeat_older_than_five_batches_is_out_of_order() {
        let mut log = Subject::default();
        for n in 0..6 {
            log.append(&header(0, n, 1, 0)).unwrap();
        }
        assert!(matches!(log.append(&header(0, 1, 1, 0)), Ok(Checked::Duplicate(_))));
        assert!(matches!(log.append(&header(0, 0, 1, 0)), Err(ProducerError::OutOfOrderSequence { .. })));
    }

    #[test]
    fn an_unknown_producer_may_begin_anywhere() {
        assert!(Subject::default().append(&header(3, 77, 1, 0)).is_ok());
    }

    #[test]
    fn epochs_fence_and_begin_at_zero() {
        let mut log = Subject::default();
        log.append(&header(1, 0, 1, 0)).unwrap();
        let old = ProducerError::InvalidEpoch { producer_id: 9, epoch: 0, current_epoch: 1 };
        assert_eq!(log.append(&header(0, 1, 1, 0)), Err(old));
        assert!(matches!(log.append(&header(2, 1, 1, 0)), Err(ProducerError::OutOfOrderSequence { .. })));
        assert!(log.append(&header(2, 0, 1, 0)).is_ok());
    }

    #[test]
    fn sequences_wrap_to_zero() {
        let mut log = Subject::default();
        log.append(&header(0, i32::MAX, 1, 0)).unwrap();
        assert!(log.append(&header(0, 0, 1, 0)).is_ok());
    }

    #[test]
    fn a_transaction_holds_the_last_stable_offset_until_its_marker_is_replicated() {
        let mut log = Subject::default();
        log.append(&header(0, 0, 2, TRANSACTIONAL)).unwrap();
        log.append(&header(0, 2, 2, TRANSACTIONAL)).unwrap();
        let plain = log.append(&header(0, 4, 1, 0));
        assert_eq!(plain, Err(ProducerError::TransactionOngoing { producer_id: 9 }));
        assert_eq!(log.state.first_unstable_offset().map(|place| place.offset), Some(0));
        let aborted = log.mark(0, 3, false).unwrap();
        let expected = AbortedTxn { producer_id: 9, first_offset: 0, last_offset: 4, last_stable_offset: 5 };
        assert_eq!(aborted, Some(expected));
        assert_eq!(log.state.first_unstable_offset().map(|place| place.offset), Some(0));
        log.state.on_high_watermark(4);
        assert!(log.state.first_unstable_offset().is_some());
        log.state.on_high_watermark(5);
        assert_eq!(log.state.first_unstable_offset(), None);
        let fenced =
            ProducerError::CoordinatorFenced { producer_id: 9, coordinator_epoch: 2, current_epoch: 3 };
        assert_eq!(log.mark(0, 2, true), Err(fenced));
        // A marker under a bumped epoch: the sequences start over.
        assert_eq!(log.mark(1, 3, true), Ok(None));
        assert!(log.append(&header(1, 0, 1, TRANSACTIONAL)).is_ok());
    }

    #[test]
    fn snapshots_are_taken_once_per_end() {
        let mut log = Subject::default();
        log.append(&header(0, 0, 2, 0)).unwrap();
        log.state.set_end_offset(2);
        let (offset, bytes) = log.state.take_snapshot().unwrap();
        assert_eq!(offset, 2);
        assert_eq!(log.state.take_snapshot(), None);
        let entries = crate::format::producer_snapshot::decode(&bytes).unwrap();
        let mut loaded = ProducerState::default();
        loaded.load(2, &entries, 6, 100);
        assert_eq!(loaded.get(9), log.state.get(9));
        loaded.load(2, &entries, 105, 100);
        assert_eq!(loaded.get(9), None);
    }
}
