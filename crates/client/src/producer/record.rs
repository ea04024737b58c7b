//! What is sent, and what comes back.

use std::fmt;

use bytes::Bytes;

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

impl NewRecord {
    /// What it takes in a batch, roughly.
    pub fn size(&self) -> usize {
        let len = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        let headers = self.headers.iter().map(|(key, value)| key.len() + len(value) + 4);
        // Lengths, deltas and attributes as varints.
        16 + len(&self.key) + len(&self.value) + headers.sum::<usize>()
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
            ProduceFault::Closed => f.write_str("the producer was closed"),
        }
    }
}

impl std::error::Error for ProduceFault {}
