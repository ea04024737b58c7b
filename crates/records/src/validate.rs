//! What a leader checks before it appends a client's records (Kafka: `ProduceRequest.validateRecords`,
//! `UnifiedLog.analyzeAndValidateRecords`, `LogValidator`). In place: nothing is rewritten.

use crate::{BatchHeader, Limits, Scratch, TimestampType};

/// What the topic and the request demand of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProduceRules {
    /// `max.message.bytes`, compared with the batch as sent.
    pub max_message_bytes: usize,
    /// `message.timestamp.type` of the topic; bounds count under `CreateTime` only.
    pub timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`.
    pub timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`.
    pub timestamp_after_max_ms: i64,
    /// Now by the wall clock, in ms.
    pub now_ms: i64,
    /// `cleanup.policy` names `compact`: every record needs a key.
    pub compacted: bool,
    /// False below version 7 of Produce.
    pub zstd_allowed: bool,
    pub limits: Limits,
}

/// What validation has found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validated {
    /// The header as sent. `header.size_in_bytes()` bytes are the batch; a client may have sent a
    /// cut-off rest behind it, which Kafka drops: append only the batch.
    pub header: BatchHeader,
    /// At least 1.
    pub record_count: i32,
    /// The largest timestamp of the records. When it differs from `header.max_timestamp` the header is
    /// wrong, and Kafka corrects it: [`crate::patch::set_max_timestamp`].
    pub max_timestamp: i64,
    /// Offset delta of the first record that has it.
    pub max_timestamp_offset_delta: i32,
    /// Bytes of the record block after decompression.
    pub uncompressed_bytes: u64,
}

/// Why a batch is refused. Comments name the protocol's error code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// INVALID_RECORD: no whole batch (nothing, null, or cut off).
    NoBatch,
    /// INVALID_RECORD: more than one batch.
    SeveralBatches,
    /// INVALID_RECORD: a batch of magic 0 or 1.
    OldMagic { magic: i8 },
    /// CORRUPT_MESSAGE: impossible length, unknown magic, or wrong CRC.
    Corrupt(crate::BatchFault),
    /// UNSUPPORTED_COMPRESSION_TYPE: zstd in a version of Produce that has none.
    ZstdNotAllowed,
    /// MESSAGE_TOO_LARGE.
    TooLarge { size: usize, max: usize },
    /// INVALID_RECORD: base offset other than 0.
    BadBaseOffset { base_offset: i64 },
    /// INVALID_RECORD: count not positive, or not equal to the offset range.
    BadCount { count: i32, last_offset_delta: i32 },
    /// INVALID_RECORD: a control batch from a client.
    ControlBatch,
    /// INVALID_RECORD: a producer id with a negative base sequence.
    BadSequence { base_sequence: i32 },
    /// INVALID_RECORD: records that cannot be read.
    Records(crate::RecordFault),
    /// INVALID_RECORD, or INVALID_TIMESTAMP if any of them is about a timestamp: single records are at
    /// fault. Goes into the response's record errors from version 8 on.
    RecordErrors(Vec<RecordError>),
}

/// One record at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// Index in the batch.
    pub index: i32,
    pub kind: RecordErrorKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordErrorKind {
    /// No key on a compacted topic.
    MissingKey,
    /// CreateTime too far from now.
    TimestampOutOfRange { timestamp: i64 },
    /// A client's batch that claims LogAppendTime.
    LogAppendTimeFromClient,
}

/// Validates the record set of one partition of a Produce request.
///
/// # Errors
/// [`Refusal`]; nothing of the set may be appended then.
pub fn validate(bytes: &[u8], rules: &ProduceRules, scratch: &mut Scratch) -> Result<Validated, Refusal> {
    let _ = (bytes, rules, scratch);
    unimplemented!()
}
