//! What a leader checks before it appends a client's records (Kafka: `ProduceRequest.validateRecords`,
//! `UnifiedLog.analyzeAndValidateRecords`, `LogValidator`). In place: nothing is rewritten.
//!
//! The order of the checks is Kafka's, because the first failure decides the answer:
//! exactly one batch of magic 2 -> zstd allowed -> base offset 0 -> size -> CRC -> codec -> counts ->
//! no control batch -> sequence -> every record's structure, key and timestamp.
//!
//! Deliberate differences, each about batches that no consumer could read properly:
//! - Inside compressed batches Kafka reads single fields off the stream and does not notice when they
//!   contradict the record's own length. Here such a record is refused, as Kafka refuses an uncompressed one.
//! - Offset deltas other than 0, 1, 2 and so on: Kafka fails on a compressed batch (with an exception that
//!   nobody expects) and stores an uncompressed one with the wrong offsets. Here both are refused.
//! - A wrong content size or content checksum of an lz4 frame, which Kafka does not look at.

mod records;
mod refusal;

use crate::{
    AnyBatch, BatchFault, BatchHeader, BatchView, CompressionType, Limits, RecordFault, Scratch,
    TimestampType,
};

pub use refusal::{RecordError, RecordErrorKind, RecordErrors, Refusal};

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
///
/// To append: stamp base offset and leader epoch, then call [`crate::patch::set_max_timestamp`] with the
/// topic's timestamp type and either `max_timestamp` or, under `LogAppendTime`, the time of the append.
/// That corrects a header which the client has filled in wrongly and costs nothing when it is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validated {
    /// The header as sent. `header.size_in_bytes()` bytes are the batch; a client may have sent a
    /// cut-off rest behind it, which Kafka drops: append only the batch.
    pub header: BatchHeader,
    pub codec: CompressionType,
    /// At least 1.
    pub record_count: i32,
    /// The largest timestamp of the records, [`crate::NO_TIMESTAMP`] when none has one.
    pub max_timestamp: i64,
    /// Index of the first record that has it (0 when none has a timestamp).
    pub max_timestamp_index: i32,
    /// Bytes of the record block after decompression.
    pub uncompressed_bytes: u64,
}

/// Validates the record set of one partition of a Produce request. A null set is an empty one.
///
/// # Errors
/// [`Refusal`]; nothing of the set may be appended then.
pub fn validate(bytes: &[u8], rules: &ProduceRules, scratch: &mut Scratch) -> Result<Validated, Refusal> {
    let batch = the_one_batch(bytes, rules.zstd_allowed)?;
    let header = batch.header();
    check_batch(&batch, rules)?;
    let codec = header.codec().ok_or_else(|| unknown_codec(header))?;
    check_header(header)?;
    records::walk(&batch, codec, rules, scratch)
}

/// Finds the single whole batch of magic 2. What follows it may be a cut-off batch but not another one
/// (Kafka: `ByteBufferLogInputStream` under `ProduceRequest.validateRecords`).
fn the_one_batch(bytes: &[u8], zstd_allowed: bool) -> Result<BatchView<'_>, Refusal> {
    let batch = match next_batch(bytes)? {
        None => return Err(Refusal::NoBatch),
        Some(AnyBatch::Legacy(old)) => return Err(Refusal::OldMagic { magic: old.magic() }),
        Some(AnyBatch::V2(batch)) => batch,
    };
    if !zstd_allowed && batch.header().codec() == Some(CompressionType::Zstd) {
        return Err(Refusal::ZstdNotAllowed);
    }
    match next_batch(&bytes[batch.bytes().len()..])? {
        None => Ok(batch),
        Some(_) => Err(Refusal::SeveralBatches),
    }
}

/// The batch at the front, `None` when the bytes end within it.
fn next_batch(bytes: &[u8]) -> Result<Option<AnyBatch<'_>>, Refusal> {
    match AnyBatch::parse(bytes) {
        Ok(batch) => Ok(Some(batch)),
        Err(BatchFault::Truncated { .. }) => Ok(None),
        Err(fault) => Err(Refusal::Corrupt(fault)),
    }
}

fn check_batch(batch: &BatchView<'_>, rules: &ProduceRules) -> Result<(), Refusal> {
    let base_offset = batch.header().base_offset;
    if base_offset != 0 {
        return Err(Refusal::BadBaseOffset { base_offset });
    }
    let size = batch.bytes().len();
    if size > rules.max_message_bytes {
        return Err(Refusal::TooLarge { size, max: rules.max_message_bytes });
    }
    batch.check_crc().map_err(Refusal::Corrupt)
}

fn unknown_codec(header: &BatchHeader) -> Refusal {
    Refusal::Records(RecordFault::UnknownCodec { id: header.attributes.codec_id() })
}

/// Kafka: `LogValidator.validateBatch` for an append by a client.
fn check_header(header: &BatchHeader) -> Result<(), Refusal> {
    let BatchHeader { last_offset_delta, record_count, base_sequence, .. } = *header;
    if record_count <= 0 || i64::from(last_offset_delta) + 1 != i64::from(record_count) {
        return Err(Refusal::BadCount { count: record_count, last_offset_delta });
    }
    if header.attributes.is_control() {
        return Err(Refusal::ControlBatch);
    }
    if header.has_producer_id() && base_sequence < 0 {
        return Err(Refusal::BadSequence { base_sequence });
    }
    Ok(())
}
