//! The walk over a batch's records: structure, keys, timestamps, offset deltas, in one pass.
//!
//! Uncompressed records are read where they lie. Compressed ones pass through a window; a record that
//! fits is read like an uncompressed one, a larger one field by field, its key and value skipped.

use super::{ProduceRules, RecordError, RecordErrorKind, RecordErrors, Refusal, Validated};
use crate::codec::Window;
use crate::reader::{peek_length, split_compressed, split_plain};
use crate::record::RecordShape;
use crate::varint::{Fields, VARINT_SIZE_MAX, VARLONG_SIZE_MAX};
use crate::{BatchHeader, BatchView, CompressionType, NO_TIMESTAMP, RecordFault, Scratch, TimestampType};

/// Larger records are skipped through instead of held.
const HELD_RECORD_BYTES_MAX: usize = 64 * 1024;

pub(super) fn walk(
    batch: &BatchView<'_>,
    codec: CompressionType,
    rules: &ProduceRules,
    scratch: &mut Scratch,
) -> Result<Validated, Refusal> {
    let header = batch.header();
    let mut walk = Walk::new(header, rules);
    let uncompressed_bytes = if codec == CompressionType::None {
        walk.plain(batch.payload()).map_err(Refusal::Records)?;
        batch.payload().len() as u64
    } else {
        let mut window = Window::open(codec, batch.payload(), &rules.limits, scratch);
        walk.compressed(&mut window).map_err(Refusal::Records)?;
        window.produced()
    };
    if walk.errors.total > 0 {
        return Err(Refusal::RecordErrors(walk.errors));
    }
    Ok(Validated {
        header: *header,
        codec,
        record_count: header.record_count,
        max_timestamp: walk.max_timestamp,
        max_timestamp_index: walk.max_timestamp_index,
        uncompressed_bytes,
    })
}

struct Walk<'r> {
    header: &'r BatchHeader,
    rules: &'r ProduceRules,
    /// A record without any fault has a timestamp between these two.
    earliest: i64,
    latest: i64,
    max_timestamp: i64,
    max_timestamp_index: i32,
    errors: RecordErrors,
}

impl<'r> Walk<'r> {
    fn new(header: &'r BatchHeader, rules: &'r ProduceRules) -> Walk<'r> {
        let (earliest, latest) = match rules.timestamp_type {
            TimestampType::CreateTime => (
                rules.now_ms.saturating_sub(rules.timestamp_before_max_ms).max(0),
                rules.now_ms.saturating_add(rules.timestamp_after_max_ms),
            ),
            TimestampType::LogAppendTime => (i64::MIN, i64::MAX),
        };
        Walk {
            header,
            rules,
            earliest,
            latest,
            max_timestamp: NO_TIMESTAMP,
            max_timestamp_index: 0,
            errors: RecordErrors::default(),
        }
    }

    fn plain(&mut self, mut rest: &[u8]) -> Result<(), RecordFault> {
        for index in 0..self.header.record_count {
            let (body, _) = split_plain(&mut rest, index)?;
            let shape = RecordShape::parse(body).ok_or(RecordFault::Malformed { index })?;
            self.see(index, shape)?;
        }
        if rest.is_empty() { Ok(()) } else { Err(RecordFault::Leftover) }
    }

    fn compressed(&mut self, window: &mut Window<'_, '_>) -> Result<(), RecordFault> {
        for index in 0..self.header.record_count {
            let shape = next_shape(window, index)?;
            self.see(index, shape)?;
        }
        if window.ensure(1)? { Err(RecordFault::Leftover) } else { Ok(()) }
    }

    #[inline]
    fn see(&mut self, index: i32, shape: RecordShape) -> Result<(), RecordFault> {
        if shape.offset_delta != index {
            return Err(RecordFault::BadOffsetDelta { index, delta: shape.offset_delta });
        }
        let claims_append_time = self.header.attributes.timestamp_type() == TimestampType::LogAppendTime;
        let timestamp = if claims_append_time {
            self.header.max_timestamp
        } else {
            self.header.base_timestamp.wrapping_add(shape.timestamp_delta)
        };
        if timestamp > self.max_timestamp {
            self.max_timestamp = timestamp;
            self.max_timestamp_index = index;
        }
        let in_range = timestamp >= self.earliest && timestamp <= self.latest;
        if !in_range || claims_append_time || (self.rules.compacted && !shape.has_key) {
            self.look_closer(index, timestamp, shape.has_key);
        }
        Ok(())
    }

    /// Kafka: `LogValidator.validateRecord`. A client's LogAppendTime passes under CreateTime as long as
    /// the time is within bounds; the append then sets the type right.
    #[cold]
    fn look_closer(&mut self, index: i32, timestamp: i64, has_key: bool) {
        let kind = if self.rules.compacted && !has_key {
            RecordErrorKind::MissingKey
        } else if self.rules.timestamp_type == TimestampType::CreateTime && timestamp != NO_TIMESTAMP {
            let age = self.rules.now_ms.wrapping_sub(timestamp);
            let too_old = age > self.rules.timestamp_before_max_ms;
            if !too_old && age.wrapping_neg() <= self.rules.timestamp_after_max_ms {
                return;
            }
            RecordErrorKind::TimestampOutOfRange { timestamp }
        } else if self.header.attributes.timestamp_type() == TimestampType::LogAppendTime {
            RecordErrorKind::LogAppendTimeFromClient
        } else {
            return;
        };
        self.errors.push(RecordError { index, kind });
    }
}

/// What the next record is like; however large it is, little of it is held.
#[inline]
pub(crate) fn next_shape(window: &mut Window<'_, '_>, index: i32) -> Result<RecordShape, RecordFault> {
    let lengths = peek_length(window, index)?;
    if lengths.0 > HELD_RECORD_BYTES_MAX {
        return skim(window, index, lengths);
    }
    let body = split_compressed(window, index, lengths)?;
    RecordShape::parse(body).ok_or(RecordFault::Malformed { index })
}

/// Reads a record too large to hold, field by field.
fn skim(
    window: &mut Window<'_, '_>,
    index: i32,
    (len, len_size): (usize, usize),
) -> Result<RecordShape, RecordFault> {
    window.consume(len_size);
    let mut skim = Skim { window, left: len, index };
    let (timestamp_delta, offset_delta, key_len) = skim.fields(1 + VARLONG_SIZE_MAX + 10, |fields| {
        fields.byte()?;
        Some((fields.varlong()?, fields.varint()?, fields.varint()?))
    })?;
    skim.skip_nullable(key_len)?;
    let value_len = skim.varint()?;
    skim.skip_nullable(value_len)?;
    let headers = skim.varint()?;
    if headers < 0 {
        return Err(RecordFault::Malformed { index });
    }
    for _ in 0..headers {
        let key_len = skim.varint()?;
        if key_len < 0 {
            return Err(RecordFault::Malformed { index });
        }
        skim.skip_nullable(key_len)?;
        let value_len = skim.varint()?;
        skim.skip_nullable(value_len)?;
    }
    if skim.left > 0 {
        return Err(RecordFault::Malformed { index });
    }
    Ok(RecordShape { timestamp_delta, offset_delta, has_key: key_len >= 0 })
}

struct Skim<'w, 'a, 's> {
    window: &'w mut Window<'a, 's>,
    /// Bytes of the record that are not read yet.
    left: usize,
    index: i32,
}

impl Skim<'_, '_, '_> {
    /// Reads small fields that take at most `size_max` bytes together, never beyond the record.
    fn fields<T>(
        &mut self,
        size_max: usize,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Result<T, RecordFault> {
        let size_max = size_max.min(self.left);
        if !self.window.ensure(size_max)? {
            return Err(RecordFault::Missing { index: self.index });
        }
        let mut fields = Fields::new(&self.window.available()[..size_max]);
        let found = read(&mut fields).ok_or(RecordFault::Malformed { index: self.index })?;
        let size = fields.position();
        self.window.consume(size);
        self.left -= size;
        Ok(found)
    }

    fn varint(&mut self) -> Result<i32, RecordFault> {
        self.fields(VARINT_SIZE_MAX, |fields| fields.varint())
    }

    fn skip_nullable(&mut self, len: i32) -> Result<(), RecordFault> {
        let len = usize::try_from(len).unwrap_or(0);
        if len > self.left {
            return Err(RecordFault::Malformed { index: self.index });
        }
        if !self.window.skip(len)? {
            return Err(RecordFault::Missing { index: self.index });
        }
        self.left -= len;
        Ok(())
    }
}
