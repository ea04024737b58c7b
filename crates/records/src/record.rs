//! One record of a magic 2 batch (Kafka: `DefaultRecord`).
//!
//! Layout: varint length of the rest, attributes int8 (unused), varlong timestamp delta, varint offset
//! delta, key and value (varint length, negative null), varint header count, headers (key string, value
//! nullable).

use bytes::{BufMut, BytesMut};

use crate::varint::{Fields, put_varint, put_varlong, varint_size, varlong_size};

/// A record as it lies in the (decompressed) bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    pub offset: i64,
    /// Milliseconds, or [`crate::NO_TIMESTAMP`]; the batch's max timestamp under `LogAppendTime`.
    pub timestamp: i64,
    /// The sequence number, or [`crate::NO_SEQUENCE`] outside idempotent batches.
    pub sequence: i32,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    /// A list: keys may repeat, order counts.
    pub headers: Headers<'a>,
    /// Bytes of the record in the uncompressed batch, its length field included.
    pub size_in_bytes: usize,
}

/// One header. The key is UTF-8 by contract, but Kafka's broker does not check it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    pub key: &'a [u8],
    pub value: Option<&'a [u8]>,
}

/// The headers of a record, decoded while iterating. Their structure has been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headers<'a> {
    bytes: &'a [u8],
    count: usize,
}

impl<'a> Headers<'a> {
    pub const EMPTY: Headers<'static> = Headers { bytes: &[], count: 0 };

    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn iter(&self) -> HeaderIter<'a> {
        HeaderIter { fields: Fields::new(self.bytes), left: self.count }
    }
}

/// See [`Headers::iter`].
#[derive(Clone, Debug)]
pub struct HeaderIter<'a> {
    fields: Fields<'a>,
    left: usize,
}

impl<'a> Iterator for HeaderIter<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        self.left = self.left.checked_sub(1)?;
        read_header(&mut self.fields)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for HeaderIter<'_> {}

/// A record's body with its deltas, before the batch's bases are added.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordBody<'a> {
    pub timestamp_delta: i64,
    pub offset_delta: i32,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: Headers<'a>,
}

impl<'a> RecordBody<'a> {
    /// Reads the body that fills `bytes` (all but the record's length field); `None` when its inner
    /// lengths do not add up to exactly that.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Option<RecordBody<'a>> {
        let mut fields = Fields::new(bytes);
        fields.byte()?;
        let timestamp_delta = fields.varlong()?;
        let offset_delta = fields.varint()?;
        let key = fields.nullable_bytes()?;
        let value = fields.nullable_bytes()?;
        let count = usize::try_from(fields.varint()?).ok()?;
        let start = fields.position();
        for _ in 0..count {
            read_header(&mut fields)?;
        }
        let headers = Headers { bytes: &bytes[start..fields.position()], count };
        fields.is_at_end().then_some(RecordBody { timestamp_delta, offset_delta, key, value, headers })
    }

    /// Bytes of the body of a record with these parts.
    pub fn size(
        timestamp_delta: i64,
        offset_delta: i32,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) -> usize {
        let headers_size: usize =
            headers.iter().map(|h| nullable_size(Some(h.key)) + nullable_size(h.value)).sum();
        1 + varlong_size(timestamp_delta)
            + varint_size(offset_delta)
            + nullable_size(key)
            + nullable_size(value)
            + varint_size(headers.len() as i32)
            + headers_size
    }
}

/// What validation wants to know of a record whose structure is sound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordShape {
    pub timestamp_delta: i64,
    pub offset_delta: i32,
    pub has_key: bool,
}

impl RecordShape {
    /// As [`RecordBody::parse`], but passes over key, value and headers: the same records are sound.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Option<RecordShape> {
        let mut fields = Fields::new(bytes);
        fields.byte()?;
        let timestamp_delta = fields.varlong()?;
        let offset_delta = fields.varint()?;
        let has_key = fields.skip_nullable()?;
        fields.skip_nullable()?;
        let headers = fields.varint()?;
        if headers != 0 {
            skip_headers(&mut fields, headers)?;
        }
        fields.is_at_end().then_some(RecordShape { timestamp_delta, offset_delta, has_key })
    }
}

#[inline(never)]
fn skip_headers(fields: &mut Fields<'_>, count: i32) -> Option<()> {
    for _ in 0..usize::try_from(count).ok()? {
        let key_len = usize::try_from(fields.varint()?).ok()?;
        fields.skip(key_len)?;
        fields.skip_nullable()?;
    }
    Some(())
}

/// Appends a record: its length, which is `body_size`, and its body. The caller has checked that all
/// lengths fit an int32.
pub(crate) fn put_record(
    out: &mut BytesMut,
    body_size: usize,
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Header<'_>],
) {
    put_varint(out, body_size as i32);
    let start = out.len();
    out.put_u8(0);
    put_varlong(out, timestamp_delta);
    put_varint(out, offset_delta);
    put_nullable(out, key);
    put_nullable(out, value);
    put_varint(out, headers.len() as i32);
    for header in headers {
        put_nullable(out, Some(header.key));
        put_nullable(out, header.value);
    }
    assert_eq!(out.len() - start, body_size, "record body written against its computed size");
}

fn nullable_size(bytes: Option<&[u8]>) -> usize {
    bytes.map_or(1, |bytes| varint_size(bytes.len() as i32) + bytes.len())
}

fn put_nullable(out: &mut BytesMut, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            put_varint(out, bytes.len() as i32);
            out.put_slice(bytes);
        }
        None => put_varint(out, -1),
    }
}

fn read_header<'a>(fields: &mut Fields<'a>) -> Option<Header<'a>> {
    let key_len = usize::try_from(fields.varint()?).ok()?;
    let key = fields.take(key_len)?;
    let value = fields.nullable_bytes()?;
    Some(Header { key, value })
}
