//! Appending one batch.

use std::sync::Arc;

use bytes::Bytes;
use klamm_base::ErrorCode;
use klamm_records::BatchHeader;
use klamm_records::header::position;

use super::{ActiveSegment, Log, new_segment, roll_jitter};
use crate::offset::LogOffset;
use crate::producer::check::Strictness;
use crate::producer::marker::{NoMarker, read_marker};
use crate::producer::{Checked, ProducerError, Update};
use crate::segment::index::EntryCounts;
use crate::segment::scan::BatchHead;
use crate::writer::{Append, OpKind, Roll, STAMPED_BYTES, WriteOp};

/// Where a batch comes from, which decides how strictly its producer is checked (Kafka: `AppendOrigin`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendOrigin {
    /// A client's produce request: epoch and sequence are checked, repeats are answered from memory.
    Client,
    /// A group or transaction coordinator of this node: the epoch is checked.
    Coordinator,
    /// Fetched from a leader, which has checked everything: offsets and epochs are taken as they stand.
    Replication,
    /// The metadata log's leader: offsets are assigned here, producers do not occur.
    RaftLeader,
}

/// What an append needs to know besides the batch.
#[derive(Clone, Copy, Debug)]
pub struct AppendContext {
    pub origin: AppendOrigin,
    /// Stamped into the batch, except under [`AppendOrigin::Replication`].
    pub leader_epoch: i32,
    /// Wall clock, for rolling by time.
    pub now_ms: i64,
    /// The write op asks for a sync whatever `flush.messages` says (the metadata log, `durability=commit`).
    pub sync: bool,
}

/// The result of an append.
#[derive(Debug)]
pub enum Appended {
    /// New batch: hand `op` to the writer before the partition's lock is given back.
    New { base_offset: i64, last_offset: i64, op: WriteOp },
    /// A repeat of one of the producer's last five batches: answer with the original offsets.
    Duplicate { base_offset: i64, last_offset: i64, timestamp_ms: i64 },
}

/// Why a batch was refused. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendError {
    OutOfOrderSequence {
        producer_id: i64,
        sequence: i32,
        last_sequence: i32,
    },
    InvalidProducerEpoch {
        producer_id: i64,
        epoch: i16,
        current_epoch: i16,
    },
    /// A plain batch of a producer whose transaction is open.
    TransactionOngoing {
        producer_id: i64,
    },
    CoordinatorFenced {
        producer_id: i64,
        coordinator_epoch: i32,
        current_epoch: i32,
    },
    /// The batch is larger than `segment.bytes`.
    BatchTooLarge {
        size: usize,
        segment_bytes: u32,
    },
    /// Replicated offsets below the log's end (Kafka: `UnexpectedAppendOffsetException`).
    UnexpectedOffset {
        base_offset: i64,
        expected: i64,
    },
    /// A control batch of a producer whose record is no transaction marker.
    BadMarker,
    /// The log is offline after a fault of the disk.
    Offline,
}

impl AppendError {
    /// The protocol's error.
    pub fn code(&self) -> ErrorCode {
        match self {
            AppendError::OutOfOrderSequence { .. } => ErrorCode::OutOfOrderSequenceNumber,
            AppendError::InvalidProducerEpoch { .. } => ErrorCode::InvalidProducerEpoch,
            AppendError::TransactionOngoing { .. } => ErrorCode::InvalidTxnState,
            AppendError::CoordinatorFenced { .. } => ErrorCode::TransactionCoordinatorFenced,
            AppendError::BatchTooLarge { .. } => ErrorCode::RecordListTooLarge,
            AppendError::UnexpectedOffset { .. } => ErrorCode::UnknownServerError,
            AppendError::BadMarker => ErrorCode::InvalidRecord,
            AppendError::Offline => ErrorCode::KafkaStorageError,
        }
    }
}

impl From<ProducerError> for AppendError {
    fn from(error: ProducerError) -> Self {
        match error {
            ProducerError::OutOfOrderSequence { producer_id, sequence, last_sequence } => {
                AppendError::OutOfOrderSequence { producer_id, sequence, last_sequence }
            }
            ProducerError::InvalidEpoch { producer_id, epoch, current_epoch } => {
                AppendError::InvalidProducerEpoch { producer_id, epoch, current_epoch }
            }
            ProducerError::TransactionOngoing { producer_id } => {
                AppendError::TransactionOngoing { producer_id }
            }
            ProducerError::CoordinatorFenced { producer_id, coordinator_epoch, current_epoch } => {
                AppendError::CoordinatorFenced { producer_id, coordinator_epoch, current_epoch }
            }
        }
    }
}

impl Log {
    /// Appends one whole batch: `batch` is exactly its `header.size_in_bytes()` bytes, validated, with any patch inside
    /// the CRC (max timestamp, append time) already made. Base offset and leader epoch are stamped into the
    /// write op; `batch` itself is never changed, so it may stay a slice of the request's frame.
    ///
    /// # Errors
    /// [`AppendError`]; the log is then as before.
    pub fn append(
        &mut self,
        header: &BatchHeader,
        batch: Bytes,
        context: &AppendContext,
    ) -> Result<Appended, AppendError> {
        let size = batch.len();
        assert_eq!(size, header.size_in_bytes(), "an append is one whole batch");
        if self.is_offline() {
            return Err(AppendError::Offline);
        }
        let (base_offset, leader_epoch) = self.offset_and_epoch(header, context)?;
        let last_offset = base_offset + i64::from(header.last_offset_delta);
        // A follower takes what its leader took under another segment.bytes (KAFKA-17375).
        let too_large = size > self.config.segment_bytes as usize;
        if too_large && context.origin != AppendOrigin::Replication {
            return Err(AppendError::BatchTooLarge { size, segment_bytes: self.config.segment_bytes });
        }
        let rolls = self.must_roll(header, size as u32, last_offset, context.now_ms);
        let place = LogOffset {
            offset: base_offset,
            segment_base_offset: if rolls { base_offset } else { self.split_segments().0.base_offset() },
            position: if rolls { 0 } else { self.active.size },
        };
        let update = match self.check_producer(header, &batch, place, context.origin)? {
            Some(Checked::Duplicate(original)) => {
                return Ok(Appended::Duplicate {
                    base_offset: original.first_offset(),
                    last_offset: original.last_offset,
                    timestamp_ms: original.timestamp,
                });
            }
            Some(Checked::New(update)) => Some(update),
            None => None,
        };
        // Nothing is refused from here on.
        let rolled = rolls.then(|| Box::new(self.roll_at(base_offset, context.now_ms)));
        let head = BatchHead {
            position: place.position,
            size: size as u32,
            magic: header.magic,
            base_offset,
            last_offset,
            max_timestamp: header.max_timestamp,
            leader_epoch,
            producer_id: header.producer_id,
        };
        let sync = self.note_unflushed(header) || context.sync;
        let op = self.take_in(&head, update, batch, sync, rolled);
        Ok(Appended::New { base_offset, last_offset, op })
    }

    fn offset_and_epoch(
        &self,
        header: &BatchHeader,
        context: &AppendContext,
    ) -> Result<(i64, i32), AppendError> {
        let expected = self.ends.assigned.offset;
        match context.origin {
            AppendOrigin::Replication if header.base_offset < expected => {
                Err(AppendError::UnexpectedOffset { base_offset: header.base_offset, expected })
            }
            AppendOrigin::Replication => Ok((header.base_offset, header.partition_leader_epoch)),
            _ => Ok((expected, context.leader_epoch)),
        }
    }

    /// Decides whether the batch begins a new segment (Kafka: `LogSegment.shouldRoll`).
    fn must_roll(&self, header: &BatchHeader, size: u32, last_offset: i64, now_ms: i64) -> bool {
        let ActiveSegment { size: active_size, counts, created_ms, first_timestamp, jitter_ms } = self.active;
        let base_offset = self.split_segments().0.base_offset();
        if active_size == 0 {
            // An empty segment is replaced only when it cannot take the batch at all.
            return last_offset - base_offset > i64::from(i32::MAX);
        }
        let waited_ms = match first_timestamp {
            Some(first) if first >= 0 => header.max_timestamp.saturating_sub(first),
            _ => now_ms - created_ms,
        };
        u64::from(active_size) + u64::from(size) > u64::from(self.config.segment_bytes)
            || waited_ms > self.config.segment_ms - jitter_ms
            || counts.is_full(self.config.segment_index_bytes)
            || last_offset - base_offset > i64::from(i32::MAX)
    }

    fn check_producer(
        &self,
        header: &BatchHeader,
        batch: &Bytes,
        place: LogOffset,
        origin: AppendOrigin,
    ) -> Result<Option<Checked>, AppendError> {
        if !header.has_producer_id() {
            return Ok(None);
        }
        let strictness = match origin {
            AppendOrigin::Client => Strictness::Client,
            AppendOrigin::Coordinator => Strictness::Coordinator,
            AppendOrigin::Replication | AppendOrigin::RaftLeader => Strictness::Replication,
        };
        if !header.attributes.is_control() {
            return Ok(Some(self.producers.check_data(header, place, strictness)?));
        }
        match read_marker(batch) {
            Ok(Some(marker)) => {
                let update = self.producers.check_marker(header, marker, place.offset, strictness)?;
                Ok(Some(Checked::New(update)))
            }
            // Compaction leaves control batches without a record behind.
            Ok(None) => Ok(None),
            Err(NoMarker) => Err(AppendError::BadMarker),
        }
    }

    /// True when `flush.messages` records have come since the last sync.
    fn note_unflushed(&mut self, header: &BatchHeader) -> bool {
        self.unflushed_records += header.last_offset_delta as u64 + 1;
        let due = self.unflushed_records >= self.config.flush_messages;
        if due {
            self.unflushed_records = 0;
        }
        due
    }

    /// Moves the assigned end over the batch, updates all that is known by it, and says what to write.
    fn take_in(
        &mut self,
        head: &BatchHead,
        update: Option<Update>,
        batch: Bytes,
        sync: bool,
        rolled: Option<Box<Roll>>,
    ) -> WriteOp {
        let segment = self.split_segments().0.clone();
        self.active.counts = segment.index_append(head);
        self.active.size += head.size;
        self.active.first_timestamp.get_or_insert(head.max_timestamp);
        self.ends.assigned = LogOffset {
            offset: head.last_offset + 1,
            segment_base_offset: segment.base_offset(),
            position: self.active.size,
        };
        self.note_epoch(head);
        if let Some(update) = update {
            if let Some(aborted) = self.producers.apply(update) {
                segment.add_aborted(aborted);
            }
            self.producers.keep(self.config.producers_max);
            self.update_first_unstable();
        }
        self.producers.set_end_offset(head.last_offset + 1);
        let append = Append {
            segment,
            position: head.position,
            head: stamp(&batch, head.base_offset, head.leader_epoch),
            batch,
            end: self.ends.assigned,
            sync,
            rolled,
        };
        WriteOp { lane: self.lane.clone(), kind: OpKind::Append(append) }
    }

    /// An epoch counts from its first batch on; one without any is forgotten when the log is loaded.
    fn note_epoch(&mut self, head: &BatchHead) {
        if head.leader_epoch >= 0 {
            self.epochs.assign(head.leader_epoch, head.base_offset);
            let latest = self.epochs.latest();
            self.epochs_changed |= latest.is_some_and(|latest| latest.start_offset == head.base_offset);
        }
    }

    /// Begins a new segment. The old one takes no more batches.
    pub(super) fn roll_at(&mut self, base_offset: i64, now_ms: i64) -> Roll {
        let old = self.split_segments().0.clone();
        assert!(base_offset > old.base_offset(), "segment {base_offset} follows {}", old.base_offset());
        let segment_base_offset = old.base_offset();
        let end = LogOffset { offset: base_offset, segment_base_offset, position: self.active.size };
        old.index_finish().expect("the indexes of the active segment are in memory");
        self.producers.set_end_offset(base_offset);
        let snapshot = self.producers.take_snapshot();
        let new = new_segment(self.lane.home(), base_offset, &self.config);
        Arc::make_mut(&mut self.segments).push(new);
        self.active = ActiveSegment {
            size: 0,
            counts: EntryCounts::default(),
            created_ms: now_ms,
            first_timestamp: None,
            jitter_ms: roll_jitter(&self.config, &mut self.jitter),
        };
        let changed = std::mem::take(&mut self.epochs_changed);
        let epochs = changed.then(|| self.epochs.entries().to_vec());
        Roll { old, end, snapshot, epochs }
    }
}

/// The first bytes of the batch as the log keeps them.
fn stamp(batch: &[u8], base_offset: i64, leader_epoch: i32) -> [u8; STAMPED_BYTES] {
    let mut head: [u8; STAMPED_BYTES] = std::array::from_fn(|i| batch[i]);
    head[position::BASE_OFFSET..position::LENGTH].copy_from_slice(&base_offset.to_be_bytes());
    head[position::PARTITION_LEADER_EPOCH..position::MAGIC].copy_from_slice(&leader_epoch.to_be_bytes());
    head
}
