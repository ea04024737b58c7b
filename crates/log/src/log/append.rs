//! Appending one batch.

use bytes::Bytes;
use klamm_records::BatchHeader;

use super::Log;
use crate::writer::WriteOp;

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

/// Why a batch was refused. Nothing has changed then. Comments name the protocol's error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// OUT_OF_ORDER_SEQUENCE_NUMBER.
    OutOfOrderSequence { producer_id: i64, sequence: i32, last_sequence: i32 },
    /// INVALID_PRODUCER_EPOCH.
    InvalidProducerEpoch { producer_id: i64, epoch: i16, current_epoch: i16 },
    /// INVALID_TXN_STATE: a plain batch of a producer whose transaction is open.
    TransactionOngoing { producer_id: i64 },
    /// TRANSACTION_COORDINATOR_FENCED.
    CoordinatorFenced { producer_id: i64, coordinator_epoch: i32, current_epoch: i32 },
    /// RECORD_LIST_TOO_LARGE: the batch is larger than `segment.bytes`.
    BatchTooLarge { size: usize, segment_bytes: u32 },
    /// Replicated offsets below the log's end (Kafka: `UnexpectedAppendOffsetException`).
    UnexpectedOffset { base_offset: i64, expected: i64 },
    /// KAFKA_STORAGE_ERROR: the log is offline.
    Offline,
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
        let _ = (header, batch, context);
        unimplemented!()
    }
}
