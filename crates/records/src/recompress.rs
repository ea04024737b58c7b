//! A batch's records written again under another codec, for topics whose `compression.type` is not
//! `producer` (Kafka: `LogValidator.buildRecordsAndAssignOffsets`).

use bytes::Bytes;

use crate::{BatchBuilder, BatchOptions, BatchView, BuildFault, Compression, Header, Limits, RecordFault};
use crate::{RecordReader, Scratch};

/// Why a batch cannot be written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecompressFault {
    Read(RecordFault),
    Build(BuildFault),
}

impl std::fmt::Display for RecompressFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read(fault) => fault.fmt(f),
            Self::Build(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for RecompressFault {}

/// Writes `batch` with another codec. Offsets, timestamps, headers, producer fields, leader epoch and
/// flags stay, and the offset range too when compaction has left gaps. All records are held at once:
/// bound them with `limits`.
///
/// # Errors
/// [`RecompressFault`] when the batch cannot be read within `limits`.
pub fn recompress(
    batch: &BatchView<'_>,
    compression: Compression,
    limits: &Limits,
    scratch: &mut Scratch,
) -> Result<Bytes, RecompressFault> {
    let header = batch.header();
    let reader = batch.records(scratch, limits).map_err(RecompressFault::Read)?;
    if header.record_count == 0 {
        // What compaction leaves of a producer's last batch: nothing to compress.
        return Ok(Bytes::copy_from_slice(batch.bytes()));
    }
    let mut builder = BatchBuilder::new(BatchOptions::of(header, compression));
    copy_records(reader, &mut builder)?;
    builder.override_last_offset(header.last_offset()).map_err(RecompressFault::Build)?;
    Ok(builder.build(scratch))
}

fn copy_records(mut reader: RecordReader<'_, '_>, builder: &mut BatchBuilder) -> Result<(), RecompressFault> {
    while let Some(record) = reader.next() {
        let record = record.map_err(RecompressFault::Read)?;
        let headers: Vec<Header<'_>> = record.headers.iter().collect();
        builder
            .append_at(record.offset, record.timestamp, record.key, record.value, &headers)
            .map_err(RecompressFault::Build)?;
    }
    Ok(())
}
