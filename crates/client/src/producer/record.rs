//! What is sent, and what comes back.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use klamm_records::Header;
use klamm_records::varint::varint_size;

use crate::ClientFault;

/// A record to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRecord {
    pub topic: String,
    /// `None`: by the key, or any.
    pub partition: Option<i32>,
    pub key: Option<Bytes>,
    pub value: Option<Bytes>,
    pub headers: Vec<(String, Option<Bytes>)>,
    /// Ms since 1970; `None`: when it is sent.
    pub timestamp_ms: Option<i64>,
}

/// A record to be sent, that somebody else holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct RecordRef<'a> {
    pub partition: Option<i32>,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: &'a [Header<'a>],
    pub timestamp_ms: Option<i64>,
}

/// Bytes of a batch without records.
pub(super) const BATCH_OVERHEAD: usize = 61;

impl RecordRef<'_> {
    /// Bytes of a batch with this record alone, at most (Kafka: `AbstractRecords.estimateSizeInBytesUpperBound`).
    pub fn size(&self) -> usize {
        const RECORD_OVERHEAD_MAX: usize = 21;
        let field = |bytes: Option<&[u8]>| {
            let len = bytes.map_or(0, <[u8]>::len);
            varint_size(bytes.map_or(-1, |bytes| bytes.len() as i32)) + len
        };
        let headers = self.headers.iter().map(|header| field(Some(header.key)) + field(header.value));
        let headers = varint_size(self.headers.len() as i32) + headers.sum::<usize>();
        BATCH_OVERHEAD + RECORD_OVERHEAD_MAX + field(self.key) + field(self.value) + headers
    }
}

/// Where a record lies now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    pub partition: i32,
    /// -1 when no answer was asked for.
    pub offset: i64,
    /// The record's own, or the broker's under LogAppendTime.
    pub timestamp_ms: i64,
}

/// Why a record was not sent, or why nobody knows whether it was.
#[derive(Clone, Debug)]
pub enum ProduceFault {
    /// The cluster's answer, or none.
    Client(ClientFault),
    /// No answer before `delivery.timeout.ms` was over; the record may be there.
    Expired,
    /// The topic was not found in time.
    NoMetadata {
        topic: String,
    },
    NoSuchPartition {
        topic: String,
        partition: i32,
    },
    /// Larger than `max.request.size`.
    TooLarge {
        size: usize,
        max: usize,
    },
    /// Larger than `buffer.memory`.
    LargerThanMemory {
        size: usize,
        max: usize,
    },
    /// No room among the records that wait came up in `max.block.ms`.
    NoMemory {
        size: usize,
        waited: Duration,
    },
    /// The producer was dropped.
    Closed,
}

impl From<ClientFault> for ProduceFault {
    fn from(fault: ClientFault) -> ProduceFault {
        ProduceFault::Client(fault)
    }
}

impl fmt::Display for ProduceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProduceFault::Client(fault) => fault.fmt(f),
            ProduceFault::Expired => f.write_str("no answer before the delivery timeout"),
            ProduceFault::NoMetadata { topic } => write!(f, "topic {topic} was not found in time"),
            ProduceFault::NoSuchPartition { topic, partition } => {
                write!(f, "topic {topic} has no partition {partition}")
            }
            ProduceFault::TooLarge { size, max } => write!(
                f,
                "The message is {size} bytes when serialized which is larger than {max}, which is the value of \
                 the max.request.size configuration."
            ),
            ProduceFault::LargerThanMemory { size, max } => write!(
                f,
                "The message is {size} bytes when serialized which is larger than the total memory buffer you \
                 have configured with the buffer.memory configuration ({max})."
            ),
            ProduceFault::NoMemory { size, waited } => write!(
                f,
                "Failed to allocate {size} bytes within the configured max blocking time {} ms.",
                waited.as_millis()
            ),
            ProduceFault::Closed => f.write_str("the producer was closed"),
        }
    }
}

impl std::error::Error for ProduceFault {}
