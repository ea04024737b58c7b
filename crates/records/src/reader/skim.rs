//! What a record of a compressed batch is like, without holding it.
//!
//! One that fits a window is read like an uncompressed one, a larger one field by field, its key and value skipped.

use super::{RecordFault, peek_length, split_compressed};
use crate::codec::Window;
use crate::record::RecordShape;
use crate::varint::{Fields, VARINT_SIZE_MAX, VARLONG_SIZE_MAX};

/// Larger records are skipped through instead of held.
const HELD_RECORD_BYTES_MAX: usize = 64 * 1024;

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
