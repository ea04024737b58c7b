//! The walk over a batch's records: structure, keys, timestamps, offset deltas, in one pass.
//!
//! Uncompressed records are read where they lie. Compressed ones pass through a window; a record that
//! fits is read like an uncompressed one, a larger one field by field, its key and value skipped.

use super::{ProduceRules, RecordError, RecordErrorKind, RecordErrors, Refusal, Validated};
use crate::codec::Window;
use crate::reader::{next_shape, split_plain};
use crate::record::RecordShape;
use crate::{BatchHeader, BatchView, CompressionType, NO_TIMESTAMP, RecordFault, Scratch, TimestampType};

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
