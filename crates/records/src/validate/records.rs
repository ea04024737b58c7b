//! The walk over a batch's records: structure, keys, timestamps, offset deltas, in one pass.
//!
//! Uncompressed records are read where they lie. Compressed ones pass through a window; a record that
//! fits is read like an uncompressed one, a larger one field by field, its key and value skipped.

use super::{ProduceRules, RecordError, RecordErrorKind, RecordErrors, Refusal, Validated};
use crate::codec::Window;
use crate::reader::{next_compressed, next_plain, peek_length};
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

/// What matters of a record once its structure is known to be sound.
#[derive(Clone, Copy)]
struct Seen {
    timestamp_delta: i64,
    offset_delta: i32,
    has_key: bool,
}

struct Walk<'r> {
    header: &'r BatchHeader,
    batch_timestamp_type: TimestampType,
    rules: &'r ProduceRules,
    max_timestamp: i64,
    max_timestamp_index: i32,
    errors: RecordErrors,
}

impl<'r> Walk<'r> {
    fn new(header: &'r BatchHeader, rules: &'r ProduceRules) -> Walk<'r> {
        Walk {
            header,
            batch_timestamp_type: header.attributes.timestamp_type(),
            rules,
            max_timestamp: NO_TIMESTAMP,
            max_timestamp_index: 0,
            errors: RecordErrors::default(),
        }
    }

    fn plain(&mut self, mut rest: &[u8]) -> Result<(), RecordFault> {
        let count = self.header.record_count;
        for index in 0..count {
            let (body, _) = next_plain(&mut rest, index, index + 1 == count)?;
            let (timestamp_delta, offset_delta) = (body.timestamp_delta, body.offset_delta);
            self.see(index, Seen { timestamp_delta, offset_delta, has_key: body.key.is_some() })?;
        }
        Ok(())
    }

    fn compressed(&mut self, window: &mut Window<'_, '_>) -> Result<(), RecordFault> {
        let count = self.header.record_count;
        for index in 0..count {
            let (len, _) = peek_length(window, index)?;
            let seen = if len <= HELD_RECORD_BYTES_MAX {
                let (body, _) = next_compressed(window, index, false)?;
                let (timestamp_delta, offset_delta) = (body.timestamp_delta, body.offset_delta);
                Seen { timestamp_delta, offset_delta, has_key: body.key.is_some() }
            } else {
                skim(window, index)?
            };
            self.see(index, seen)?;
        }
        if window.ensure(1)? { Err(RecordFault::Leftover) } else { Ok(()) }
    }

    #[inline]
    fn see(&mut self, index: i32, seen: Seen) -> Result<(), RecordFault> {
        if seen.offset_delta != index {
            return Err(RecordFault::BadOffsetDelta { index, delta: seen.offset_delta });
        }
        let timestamp = match self.batch_timestamp_type {
            TimestampType::CreateTime => self.header.base_timestamp.wrapping_add(seen.timestamp_delta),
            TimestampType::LogAppendTime => self.header.max_timestamp,
        };
        if timestamp > self.max_timestamp {
            self.max_timestamp = timestamp;
            self.max_timestamp_index = index;
        }
        if let Some(kind) = self.record_error(timestamp, seen.has_key) {
            self.errors.push(RecordError { index, kind });
        }
        Ok(())
    }

    /// Kafka: `LogValidator.validateRecord`. A client's LogAppendTime passes under CreateTime as long as
    /// the time is within bounds; the append then sets the type right.
    #[inline]
    fn record_error(&self, timestamp: i64, has_key: bool) -> Option<RecordErrorKind> {
        if self.rules.compacted && !has_key {
            return Some(RecordErrorKind::MissingKey);
        }
        if self.rules.timestamp_type == TimestampType::CreateTime && timestamp != NO_TIMESTAMP {
            let age = self.rules.now_ms.wrapping_sub(timestamp);
            let out_of_range = age > self.rules.timestamp_before_max_ms
                || age.wrapping_neg() > self.rules.timestamp_after_max_ms;
            return out_of_range.then_some(RecordErrorKind::TimestampOutOfRange { timestamp });
        }
        (self.batch_timestamp_type == TimestampType::LogAppendTime)
            .then_some(RecordErrorKind::LogAppendTimeFromClient)
    }
}

/// Reads a record too large to hold, field by field.
fn skim(window: &mut Window<'_, '_>, index: i32) -> Result<Seen, RecordFault> {
    let (len, len_size) = peek_length(window, index)?;
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
    Ok(Seen { timestamp_delta, offset_delta, has_key: key_len >= 0 })
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
