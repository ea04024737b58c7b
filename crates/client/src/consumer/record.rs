//! What is read.

use bytes::Bytes;
use klamm_base::TopicPartition;
pub use klamm_records::TimestampType;

/// A record with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumedRecord {
    pub partition: TopicPartition,
    pub offset: i64,
    pub timestamp_type: TimestampType,
    /// Ms since 1970; -1 when it has none.
    pub timestamp_ms: i64,
    pub leader_epoch: i32,
    pub key: Option<Bytes>,
    pub value: Option<Bytes>,
    /// Keys as bytes: what is not UTF-8 is still a key.
    pub headers: Vec<(Bytes, Option<Bytes>)>,
}
