//! The record-batch format: view, validate, stamp offsets, iterate, build, compress.
//!
//! Layout of a batch (magic 2, big-endian): 61 bytes of header, then the records, the whole record
//! block compressed as one stream when the attributes name a codec.
//!
//! | Pos | Field | Pos | Field |
//! |---|---|---|---|
//! | 0 | base offset int64 | 27 | base timestamp int64 |
//! | 8 | length int32 (bytes after this field) | 35 | max timestamp int64 |
//! | 12 | partition leader epoch int32 | 43 | producer id int64 |
//! | 16 | magic int8 | 51 | producer epoch int16 |
//! | 17 | CRC-32C uint32 over 21..end | 53 | base sequence int32 |
//! | 21 | attributes int16 | 57 | record count int32 |
//! | 23 | last offset delta int32 | 61 | records |
//!
//! Modules, lowest first:
//! - [`compression`]: codec ids, names and levels; [`crc`]: the checksum; [`varint`]: zigzag varints.
//! - [`codec`]: gzip, snappy, lz4, zstd both ways, output always bounded.
//! - [`fault`]: what can be wrong with a batch; [`header`]: the parsed header; [`prefix`]: the start of any batch.
//! - [`legacy`]: magic 0/1; [`batch`]: views over concatenated batches.
//! - [`record`]: one record's bytes; [`reader`]: records of a batch, one after the other.
//! - [`mod@validate`]: what a leader checks before it appends a client's batch.
//! - [`patch`]: what a leader stamps into a batch; [`builder`]: batches from records;
//!   [`mod@recompress`]: the same records under another codec; [`compact`]: fewer records;
//!   [`control`]: control records.
//!
//! Deliberately absent: files, RPC messages, error codes of the protocol, clocks. Batches are never
//! converted to or from magic 0/1.

pub mod batch;
pub mod builder;
pub mod codec;
pub mod compact;
pub mod compression;
pub mod control;
pub mod crc;
pub mod fault;
pub mod header;
pub mod legacy;
pub mod patch;
pub mod prefix;
pub mod reader;
pub mod recompress;
pub mod record;
pub mod validate;
pub mod varint;

pub use batch::{AnyBatch, BatchView, Batches};
pub use builder::{BatchBuilder, BatchOptions, BuildFault};
pub use codec::{CodecFault, Limits, Scratch};
pub use compression::{Compression, CompressionType};
pub use control::{ControlRecordType, EndTxnMarker, end_txn_batch};
pub use fault::BatchFault;
pub use header::{Attributes, BatchHeader, TimestampType};
pub use prefix::BatchPrefix;
pub use reader::{RecordFault, RecordReader, RecordTime};
pub use recompress::recompress;
pub use record::{Header, Headers, Record};
pub use validate::{ProduceRules, RecordError, RecordErrorKind, RecordErrors, Refusal, Validated, validate};

/// "No timestamp" in a record or batch (Kafka: `RecordBatch.NO_TIMESTAMP`).
pub const NO_TIMESTAMP: i64 = -1;
/// "No producer id" (Kafka: `RecordBatch.NO_PRODUCER_ID`).
pub const NO_PRODUCER_ID: i64 = -1;
/// "No producer epoch" (Kafka: `RecordBatch.NO_PRODUCER_EPOCH`).
pub const NO_PRODUCER_EPOCH: i16 = -1;
/// "No sequence number" (Kafka: `RecordBatch.NO_SEQUENCE`).
pub const NO_SEQUENCE: i32 = -1;
/// "No partition leader epoch" (Kafka: `RecordBatch.NO_PARTITION_LEADER_EPOCH`).
pub const NO_PARTITION_LEADER_EPOCH: i32 = -1;
