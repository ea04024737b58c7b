//! Why a produced batch is refused.

use crate::{BatchFault, RecordFault};

/// The comments name the error code of the protocol that goes with each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// INVALID_RECORD: no whole batch (nothing, null, or cut off).
    NoBatch,
    /// INVALID_RECORD: more than one batch.
    SeveralBatches,
    /// INVALID_RECORD: a batch of magic 0 or 1.
    OldMagic { magic: i8 },
    /// CORRUPT_MESSAGE: impossible length, unknown magic, or wrong CRC.
    Corrupt(BatchFault),
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
    /// INVALID_RECORD: records that cannot be read. (Kafka has no error of its own for an unknown codec
    /// or a stream that does not decompress: an exception nobody expects ends as UNKNOWN_SERVER_ERROR.)
    Records(RecordFault),
    /// INVALID_TIMESTAMP if any of them is about a timestamp, else INVALID_RECORD: single records are
    /// at fault. Goes into the response's record errors from version 8 on.
    RecordErrors(RecordErrors),
}

/// The records at fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordErrors {
    /// In order of index; at most [`RecordErrors::KEPT_MAX`] of them.
    pub errors: Vec<RecordError>,
    /// All that were found.
    pub total: u32,
    /// Any of all is about a timestamp.
    pub about_timestamp: bool,
}

impl RecordErrors {
    /// Kafka keeps every error. A small compressed batch can hold a hundred million faulty records, so
    /// a bound is needed; a client treats records without an error of their own the same way.
    pub const KEPT_MAX: usize = 10_000;

    pub(super) fn push(&mut self, error: RecordError) {
        self.total += 1;
        self.about_timestamp |= !matches!(error.kind, RecordErrorKind::MissingKey);
        if self.errors.len() < Self::KEPT_MAX {
            self.errors.push(error);
        }
    }
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
    /// A batch that claims LogAppendTime, which only a broker may.
    LogAppendTimeFromClient,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoBatch => write!(f, "no whole record batch"),
            Self::SeveralBatches => write!(f, "more than one record batch"),
            Self::OldMagic { magic } => write!(f, "record batch of magic {magic}, only 2 is taken"),
            Self::Corrupt(fault) => fault.fmt(f),
            Self::ZstdNotAllowed => write!(f, "zstd in a request version without it"),
            Self::TooLarge { size, max } => write!(f, "batch of {size} bytes, at most {max} allowed"),
            Self::BadBaseOffset { base_offset } => write!(f, "base offset {base_offset} instead of 0"),
            Self::BadCount { count, last_offset_delta } => {
                write!(f, "record count {count} with last offset delta {last_offset_delta}")
            }
            Self::ControlBatch => write!(f, "control batch from a client"),
            Self::BadSequence { base_sequence } => {
                write!(f, "producer id with base sequence {base_sequence}")
            }
            Self::Records(fault) => fault.fmt(f),
            Self::RecordErrors(errors) => write!(f, "{} records rejected", errors.total),
        }
    }
}

impl std::error::Error for Refusal {}
