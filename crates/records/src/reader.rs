//! The records of one batch, one after the other, without holding the decompressed batch
//! (Kafka: `DefaultRecordBatch.streamingIterator`).

mod skim;

use crate::codec::Window;
use crate::header::{BatchHeader, TimestampType, increment_sequence};
use crate::record::{RecordBody, RecordShape};
use crate::varint::{Fields, VARINT_SIZE_MAX};
use crate::{BatchView, CodecFault, CompressionType, Limits, NO_SEQUENCE, Record, Scratch};

pub(crate) use skim::next_shape;

/// Why a batch's records cannot be read. `index` counts records from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordFault {
    /// Codec ids 5-7.
    UnknownCodec { id: u8 },
    /// A negative record count in the header.
    BadCount { count: i32 },
    /// The stream does not decompress, or decompresses to more than allowed.
    Codec(CodecFault),
    /// The bytes end before the announced number of records.
    Missing { index: i32 },
    /// A record in a compressed batch above [`Limits::record_bytes_max`].
    RecordTooLarge { index: i32, size: usize, max: usize },
    /// A record whose inner lengths contradict each other.
    Malformed { index: i32 },
    /// Bytes behind the last record.
    Leftover,
    /// An offset delta that is not the record's index; told by validation only, because compaction
    /// leaves gaps.
    BadOffsetDelta { index: i32, delta: i32 },
}

impl From<CodecFault> for RecordFault {
    fn from(fault: CodecFault) -> RecordFault {
        RecordFault::Codec(fault)
    }
}

impl std::fmt::Display for RecordFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownCodec { id } => write!(f, "unknown compression type {id}"),
            Self::BadCount { count } => write!(f, "impossible record count {count}"),
            Self::Codec(fault) => fault.fmt(f),
            Self::Missing { index } => write!(f, "batch ends before record {index}"),
            Self::RecordTooLarge { index, size, max } => {
                write!(f, "record {index} has {size} bytes, at most {max} allowed")
            }
            Self::Malformed { index } => write!(f, "record {index} is malformed"),
            Self::Leftover => write!(f, "bytes behind the last record"),
            Self::BadOffsetDelta { index, delta } => write!(f, "record {index} has offset delta {delta}"),
        }
    }
}

impl std::error::Error for RecordFault {}

impl<'a> BatchView<'a> {
    /// The records of the batch in order, decompressed through `scratch` as they are asked for.
    ///
    /// # Errors
    /// [`RecordFault`] for an unknown codec or a bad record count; all else shows while reading.
    pub fn records<'s>(
        &self,
        scratch: &'s mut Scratch,
        limits: &Limits,
    ) -> Result<RecordReader<'a, 's>, RecordFault> {
        RecordReader::new(*self, scratch, limits)
    }
}

/// A lending iterator: each record borrows the reader's window until the next call.
/// Uncompressed records are slices of the batch itself.
#[derive(Debug)]
pub struct RecordReader<'a, 's> {
    header: BatchHeader,
    source: Source<'a, 's>,
    /// Records handed out; the header's count after a fault.
    index: i32,
}

#[derive(Debug)]
enum Source<'a, 's> {
    Plain(&'a [u8]),
    Compressed(Window<'a, 's>),
}

impl<'a, 's> RecordReader<'a, 's> {
    pub(crate) fn new(
        batch: BatchView<'a>,
        scratch: &'s mut Scratch,
        limits: &Limits,
    ) -> Result<RecordReader<'a, 's>, RecordFault> {
        let header = *batch.header();
        if header.record_count < 0 {
            return Err(RecordFault::BadCount { count: header.record_count });
        }
        let source = match header.codec() {
            None => return Err(RecordFault::UnknownCodec { id: header.attributes.codec_id() }),
            Some(CompressionType::None) => Source::Plain(batch.payload()),
            Some(codec) => Source::Compressed(Window::open(codec, batch.payload(), limits, scratch)),
        };
        Ok(RecordReader { header, source, index: 0 })
    }

    /// The next record, `None` behind the last one.
    ///
    /// # Errors
    /// [`RecordFault`]; the reader then stays at its end.
    #[expect(clippy::should_implement_trait, reason = "a lending iterator cannot implement Iterator")]
    pub fn next(&mut self) -> Option<Result<Record<'_>, RecordFault>> {
        let index = self.index;
        if index >= self.header.record_count {
            return None;
        }
        // A fault is final: only a success moves the index on from the end.
        self.index = self.header.record_count;
        let is_last = index + 1 == self.header.record_count;
        let found = match &mut self.source {
            Source::Plain(bytes) => next_plain(bytes, index, is_last),
            Source::Compressed(window) => next_compressed(window, index, is_last),
        };
        let (body, size_in_bytes) = match found {
            Ok(found) => found,
            Err(fault) => return Some(Err(fault)),
        };
        self.index = index + 1;
        Some(Ok(to_record(&self.header, body, size_in_bytes)))
    }

    /// The next record's time and nothing else of it, so that a large one in a compressed batch is not held.
    ///
    /// # Errors
    /// As [`RecordReader::next`].
    pub fn next_time(&mut self) -> Option<Result<RecordTime, RecordFault>> {
        let index = self.index;
        if index >= self.header.record_count {
            return None;
        }
        self.index = self.header.record_count;
        let is_last = index + 1 == self.header.record_count;
        Some(self.shape(index, is_last).map(|shape| {
            self.index = index + 1;
            RecordTime {
                offset: self.header.base_offset.wrapping_add(i64::from(shape.offset_delta)),
                timestamp: timestamp_of(&self.header, shape.timestamp_delta),
            }
        }))
    }

    fn shape(&mut self, index: i32, is_last: bool) -> Result<RecordShape, RecordFault> {
        let (shape, has_more) = match &mut self.source {
            Source::Plain(rest) => {
                let (body, _) = split_plain(rest, index)?;
                let shape = RecordShape::parse(body).ok_or(RecordFault::Malformed { index })?;
                (shape, !rest.is_empty())
            }
            Source::Compressed(window) => {
                let shape = next_shape(window, index)?;
                (shape, is_last && window.ensure(1)?)
            }
        };
        if is_last && has_more { Err(RecordFault::Leftover) } else { Ok(shape) }
    }
}

/// When a record was, and where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordTime {
    pub offset: i64,
    pub timestamp: i64,
}

/// A record's time, wrapping as Java does.
fn timestamp_of(header: &BatchHeader, timestamp_delta: i64) -> i64 {
    match header.attributes.timestamp_type() {
        TimestampType::CreateTime => header.base_timestamp.wrapping_add(timestamp_delta),
        TimestampType::LogAppendTime => header.max_timestamp,
    }
}

/// Adds the batch's bases to a record's deltas, wrapping as Java does.
fn to_record<'w>(header: &BatchHeader, body: RecordBody<'w>, size_in_bytes: usize) -> Record<'w> {
    let timestamp = timestamp_of(header, body.timestamp_delta);
    let sequence = if header.base_sequence >= 0 {
        increment_sequence(header.base_sequence, body.offset_delta)
    } else {
        NO_SEQUENCE
    };
    Record {
        offset: header.base_offset.wrapping_add(i64::from(body.offset_delta)),
        timestamp,
        sequence,
        key: body.key,
        value: body.value,
        headers: body.headers,
        size_in_bytes,
    }
}

/// Splits the next record's body off the front of `rest`; also says how many bytes the record took.
#[inline]
pub(crate) fn split_plain<'a>(rest: &mut &'a [u8], index: i32) -> Result<(&'a [u8], usize), RecordFault> {
    let mut fields = Fields::new(rest);
    let Some(len) = fields.varint() else {
        return Err(RecordFault::Missing { index });
    };
    let Ok(len) = usize::try_from(len) else {
        return Err(RecordFault::Malformed { index });
    };
    let Some(body) = fields.take(len) else {
        return Err(RecordFault::Missing { index });
    };
    let size = fields.position();
    *rest = &rest[size..];
    Ok((body, size))
}

fn next_plain<'a>(
    rest: &mut &'a [u8],
    index: i32,
    is_last: bool,
) -> Result<(RecordBody<'a>, usize), RecordFault> {
    let (body, size) = split_plain(rest, index)?;
    let body = RecordBody::parse(body).ok_or(RecordFault::Malformed { index })?;
    if is_last && !rest.is_empty() { Err(RecordFault::Leftover) } else { Ok((body, size)) }
}

/// Reads a record's length field from the front of the window without consuming it: the length of
/// the body and the bytes the field takes.
fn peek_length(window: &mut Window<'_, '_>, index: i32) -> Result<(usize, usize), RecordFault> {
    window.ensure(VARINT_SIZE_MAX)?;
    let mut fields = Fields::new(window.available());
    let Some(len) = fields.varint() else {
        return Err(RecordFault::Missing { index });
    };
    let size = fields.position();
    let len = usize::try_from(len).map_err(|_| RecordFault::Malformed { index })?;
    let max = window.limits().record_bytes_max;
    if len > max { Err(RecordFault::RecordTooLarge { index, size: len, max }) } else { Ok((len, size)) }
}

/// Takes a record's body out of the window, which grows to hold it whole.
fn split_compressed<'w>(
    window: &'w mut Window<'_, '_>,
    index: i32,
    (len, len_size): (usize, usize),
) -> Result<&'w [u8], RecordFault> {
    if !window.ensure(len_size + len)? {
        return Err(RecordFault::Missing { index });
    }
    Ok(&window.consume(len_size + len)[len_size..])
}

fn next_compressed<'w>(
    window: &'w mut Window<'_, '_>,
    index: i32,
    is_last: bool,
) -> Result<(RecordBody<'w>, usize), RecordFault> {
    let (len, len_size) = peek_length(window, index)?;
    let size = len_size + len;
    // Looked for first, because the record borrows the window.
    if is_last && window.ensure(size + 1)? {
        return Err(RecordFault::Leftover);
    }
    let body = split_compressed(window, index, (len, len_size))?;
    let body = RecordBody::parse(body).ok_or(RecordFault::Malformed { index })?;
    Ok((body, size))
}
