//! One record of a magic 2 batch (Kafka: `DefaultRecord`).
//!
//! Layout: varint length of the rest, attributes int8 (unused), varlong timestamp delta, varint offset
//! delta, key and value (varint length, -1 null), varint header count, headers (key string, value nullable).

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
    pub(crate) bytes: &'a [u8],
    pub(crate) count: u32,
}

impl<'a> Headers<'a> {
    pub const EMPTY: Headers<'static> = Headers { bytes: &[], count: 0 };

    pub fn len(&self) -> usize {
        self.count as usize
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn iter(&self) -> HeaderIter<'a> {
        HeaderIter(*self)
    }
}

/// See [`Headers::iter`].
#[derive(Clone, Debug)]
pub struct HeaderIter<'a>(Headers<'a>);

impl<'a> Iterator for HeaderIter<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        unimplemented!()
    }
}
