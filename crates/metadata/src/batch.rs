//! Batches of the metadata log and its snapshots, bytes both ways. Kafka: `BatchAccumulator`,
//! `RecordsIterator`.
//!
//! Batches are never compressed and have no producer. Data and control records are never mixed.

use std::fmt;

use bytes::Bytes;
use klamm_raft::ControlRecord;
use klamm_raft::control_record::ControlRecordFault;
use klamm_records::{
    BatchBuilder, BatchFault, BatchHeader, BatchOptions, BatchView, Limits, Record, Scratch,
};

use crate::record::{RecordFault, VersionedRecord};

/// Most bytes of one batch; a reader of Kafka accepts no larger one.
pub const MAX_BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Where a batch stands and when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub base_offset: i64,
    pub epoch: i32,
    pub append_time_ms: i64,
}

/// What a batch says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Data(Vec<VersionedRecord>),
    Control(Vec<ControlRecord>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct MetadataBatch {
    pub stamp: Stamp,
    /// Inclusive.
    pub last_offset: i64,
    pub content: Content,
}

/// Why a batch of the metadata log cannot be read. The node that finds one stops.
#[derive(Debug)]
pub enum MetadataBatchFault {
    Batch(BatchFault),
    /// The batch is whole, but its records are not.
    Records {
        base_offset: i64,
        source: klamm_records::reader::RecordFault,
    },
    /// Not one offset for each record: this log is never compacted.
    Offsets {
        base_offset: i64,
        last_offset: i64,
        count: usize,
    },
    /// A data record without a value.
    NullValue {
        offset: i64,
    },
    Record {
        offset: i64,
        source: RecordFault,
    },
    ControlRecord {
        offset: i64,
        source: ControlRecordFault,
    },
}

impl fmt::Display for MetadataBatchFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MetadataBatchFault::Batch(source) => source.fmt(f),
            MetadataBatchFault::Records { base_offset, source } => {
                write!(f, "batch at offset {base_offset}: {source}")
            }
            MetadataBatchFault::Offsets { base_offset, last_offset, count } => {
                write!(f, "batch at offset {base_offset} ends at {last_offset} and has {count} records")
            }
            MetadataBatchFault::NullValue { offset } => write!(f, "record at offset {offset} has no value"),
            MetadataBatchFault::Record { offset, source } => write!(f, "record at offset {offset}: {source}"),
            MetadataBatchFault::ControlRecord { offset, source } => {
                write!(f, "control record at offset {offset}: {source}")
            }
        }
    }
}

impl std::error::Error for MetadataBatchFault {}

/// A batch of metadata records.
///
/// # Panics
/// Without records, and when they do not fit into one batch: the controller bounds its decisions.
pub fn encode_data(stamp: Stamp, records: &[VersionedRecord]) -> Bytes {
    encode(stamp, false, records.iter().map(|record| (None, record.encode())))
}

/// A batch of the quorum's own records.
pub fn encode_control(stamp: Stamp, records: &[ControlRecord]) -> Bytes {
    encode(stamp, true, records.iter().map(|record| (Some(record.key()), record.value())))
}

fn encode(stamp: Stamp, control: bool, records: impl Iterator<Item = (Option<Bytes>, Bytes)>) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions {
        base_offset: stamp.base_offset,
        partition_leader_epoch: stamp.epoch,
        control,
        ..BatchOptions::default()
    });
    for (key, value) in records {
        let appended = builder.append(stamp.append_time_ms, key.as_deref(), Some(&value), &[]);
        appended.expect("a batch of the metadata log is bounded far below the format's limits");
    }
    builder.build(&mut Scratch::new())
}

/// Reads the batch at the start of `bytes`, checksum included; returns it and its length.
pub fn decode(bytes: &[u8]) -> Result<(MetadataBatch, usize), MetadataBatchFault> {
    let view = BatchView::parse(bytes).map_err(MetadataBatchFault::Batch)?;
    view.check_crc().map_err(MetadataBatchFault::Batch)?;
    let header = view.header();
    let stamp = Stamp {
        base_offset: header.base_offset,
        epoch: header.partition_leader_epoch,
        append_time_ms: header.max_timestamp,
    };
    let content = match header.attributes.is_control() {
        true => Content::Control(read(&view, control_record)?),
        false => Content::Data(read(&view, data_record)?),
    };
    let last_offset = check_offsets(header)?;
    Ok((MetadataBatch { stamp, last_offset, content }, view.bytes().len()))
}

/// The last offset. Reading has shown that there are as many records as the header says.
fn check_offsets(header: &BatchHeader) -> Result<i64, MetadataBatchFault> {
    let BatchHeader { base_offset, last_offset_delta, record_count, .. } = *header;
    let end =
        base_offset.checked_add(i64::from(record_count)).filter(|_| base_offset >= 0 && record_count > 0);
    match end {
        Some(end) if record_count - 1 == last_offset_delta => Ok(end - 1),
        _ => {
            let (last_offset, count) = (header.last_offset(), record_count as usize);
            Err(MetadataBatchFault::Offsets { base_offset, last_offset, count })
        }
    }
}

fn read<T>(
    view: &BatchView<'_>,
    decode: impl Fn(&Record<'_>) -> Result<T, MetadataBatchFault>,
) -> Result<Vec<T>, MetadataBatchFault> {
    let base_offset = view.header().base_offset;
    let broken = |source| MetadataBatchFault::Records { base_offset, source };
    let mut scratch = Scratch::new();
    let mut reader = view.records(&mut scratch, &Limits::default()).map_err(broken)?;
    let mut records = Vec::new();
    while let Some(record) = reader.next() {
        records.push(decode(&record.map_err(broken)?)?);
    }
    Ok(records)
}

fn data_record(record: &Record<'_>) -> Result<VersionedRecord, MetadataBatchFault> {
    let offset = record.offset;
    let value = record.value.ok_or(MetadataBatchFault::NullValue { offset })?;
    VersionedRecord::decode(Bytes::copy_from_slice(value))
        .map_err(|source| MetadataBatchFault::Record { offset, source })
}

fn control_record(record: &Record<'_>) -> Result<ControlRecord, MetadataBatchFault> {
    let offset = record.offset;
    let value = record.value.ok_or(MetadataBatchFault::NullValue { offset })?;
    ControlRecord::decode(record.key.unwrap_or_default(), Bytes::copy_from_slice(value))
        .map_err(|source| MetadataBatchFault::ControlRecord { offset, source })
}

impl MetadataBatch {
    /// The data records; none in a control batch.
    pub fn into_records(self) -> Vec<VersionedRecord> {
        match self.content {
            Content::Data(records) => records,
            Content::Control(_) => Vec::new(),
        }
    }
}
