//! Batches with fewer records than they had (Kafka: `MemoryRecords.filterTo`), for the log cleaner.

use bytes::Bytes;

use crate::header::Attributes;
use crate::{
    BatchBuilder, BatchHeader, BatchOptions, BatchView, Compression, CompressionType, Header, Limits,
    NO_TIMESTAMP, Record, RecordFault, Scratch, TimestampType,
};

/// What is left of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// Everything, so that its bytes stay as they are.
    Whole,
    /// Some of it, or all with a delete horizon. Offsets, sequences and the last offset are those of before.
    Rewritten(Bytes),
    Nothing,
}

/// Keeps the records of a batch for which `keep` says so. A batch with tombstones, or one with `needs_horizon`, that
/// has no delete horizon yet gets `horizon_ms` (KIP-534).
///
/// # Errors
/// [`RecordFault`]: the records cannot be read.
///
/// # Panics
/// When the rewritten batch would be larger than a batch can be; it has no record more than before.
pub fn retain(
    batch: &BatchView<'_>,
    horizon_ms: i64,
    needs_horizon: bool,
    scratch: &mut Scratch,
    mut keep: impl FnMut(&Record<'_>) -> bool,
) -> Result<Left, RecordFault> {
    let header = batch.header();
    let (mut kept, mut has_tombstones) = (Vec::with_capacity(header.record_count.max(0) as usize), false);
    {
        let limits = Limits::default();
        let mut records = batch.records(scratch, &limits)?;
        while let Some(record) = records.next() {
            let record = record?;
            let stays = keep(&record);
            has_tombstones |= stays && record.value.is_none();
            kept.push(stays);
        }
    }
    if !kept.contains(&true) {
        return Ok(Left::Nothing);
    }
    let sets_horizon = (has_tombstones || needs_horizon) && header.delete_horizon_ms().is_none();
    if !sets_horizon && !kept.contains(&false) {
        return Ok(Left::Whole);
    }
    let codec = header.codec().unwrap_or(CompressionType::None);
    let mut options = BatchOptions::of(header, Compression::of(codec));
    if sets_horizon {
        options.delete_horizon_ms = Some(horizon_ms);
    }
    let mut builder = BatchBuilder::new(options);
    {
        let limits = Limits::default();
        let mut records = batch.records(scratch, &limits)?;
        let mut kept = kept.iter();
        while let Some(record) = records.next() {
            let record = record?;
            if *kept.next().unwrap_or(&false) {
                let headers: Vec<Header<'_>> = record.headers.iter().collect();
                builder
                    .append_at(record.offset, record.timestamp, record.key, record.value, &headers)
                    .unwrap_or_else(|fault| panic!("a record of a batch does not fit into it: {fault}"));
            }
        }
    }
    builder
        .override_last_offset(header.last_offset())
        .unwrap_or_else(|fault| panic!("a batch does not reach as far as before: {fault}"));
    Ok(Left::Rewritten(builder.build(scratch)))
}

/// A batch without records, which keeps a producer's last sequence and epoch, or the end of the log
/// (Kafka: `DefaultRecordBatch.writeEmptyHeader`).
pub fn emptied(header: &BatchHeader) -> Bytes {
    let mut bits = i16::from(CompressionType::None.id());
    for (set, bit) in [
        (header.attributes.timestamp_type() == TimestampType::LogAppendTime, Attributes::LOG_APPEND_TIME),
        (header.attributes.is_transactional(), Attributes::TRANSACTIONAL),
        (header.attributes.is_control(), Attributes::CONTROL),
    ] {
        bits |= if set { bit } else { 0 };
    }
    let empty = BatchHeader {
        attributes: Attributes(bits),
        base_timestamp: NO_TIMESTAMP,
        record_count: 0,
        ..*header
    };
    crate::builder::sealed_header(empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::TimestampType;

    /// Keys `k0`, `k1`, ... at timestamps 100, 101, ...; odd ones are tombstones.
    fn batch(codec: CompressionType, count: i64) -> Bytes {
        let mut builder = BatchBuilder::new(BatchOptions {
            base_offset: 10,
            partition_leader_epoch: 3,
            compression: Compression::of(codec),
            producer_id: 7,
            producer_epoch: 1,
            base_sequence: 5,
            ..BatchOptions::default()
        });
        for n in 0..count {
            let key = format!("k{n}");
            let value = (n % 2 == 0).then_some(b"value".as_slice());
            let headers = [Header { key: b"h", value: None }];
            builder.append(100 + n, Some(key.as_bytes()), value, &headers).unwrap();
        }
        builder.build(&mut Scratch::default())
    }

    /// `offset@timestamp` of each record.
    fn shown(bytes: &[u8]) -> Vec<String> {
        let view = BatchView::parse(bytes).unwrap();
        view.check_crc().unwrap();
        let mut scratch = Scratch::default();
        let mut records = view.records(&mut scratch, &Limits::default()).unwrap();
        let mut shown = Vec::new();
        while let Some(record) = records.next() {
            let record = record.unwrap();
            assert_eq!(record.headers.len(), 1);
            shown.push(format!("{}@{}", record.offset, record.timestamp));
        }
        shown
    }

    #[test]
    fn what_stays_keeps_its_place() {
        for codec in CompressionType::ALL {
            let bytes = batch(codec, 6);
            let view = BatchView::parse(&bytes).unwrap();
            let mut scratch = Scratch::default();
            let left = retain(&view, 5_000, false, &mut scratch, |record| record.offset != 12).unwrap();
            let Left::Rewritten(kept) = left else { panic!("{left:?}") };
            assert_eq!(shown(&kept), ["10@100", "11@101", "13@103", "14@104", "15@105"], "{codec:?}");
            let header = *BatchView::parse(&kept).unwrap().header();
            let before = view.header();
            assert_eq!(header.last_offset(), before.last_offset());
            assert_eq!((header.producer_id, header.base_sequence), (7, 5));
            assert_eq!((header.partition_leader_epoch, header.codec()), (3, Some(codec)));
            assert_eq!(header.delete_horizon_ms(), Some(5_000), "it has tombstones");
            // The horizon is given once.
            let view = BatchView::parse(&kept).unwrap();
            assert_eq!(retain(&view, 9_000, true, &mut scratch, |_| true).unwrap(), Left::Whole);
            let left = retain(&view, 9_000, true, &mut scratch, |record| record.offset < 12).unwrap();
            let Left::Rewritten(kept) = left else { panic!("{left:?}") };
            assert_eq!(BatchView::parse(&kept).unwrap().header().delete_horizon_ms(), Some(5_000));
            assert_eq!(shown(&kept), ["10@100", "11@101"]);
        }
    }

    #[test]
    fn whole_nothing_and_emptied() {
        let bytes = batch(CompressionType::Gzip, 1);
        let view = BatchView::parse(&bytes).unwrap();
        let mut scratch = Scratch::default();
        assert_eq!(retain(&view, 1, false, &mut scratch, |_| true).unwrap(), Left::Whole);
        assert_eq!(retain(&view, 1, false, &mut scratch, |_| false).unwrap(), Left::Nothing);
        let empty = emptied(view.header());
        let header = *BatchView::parse(&empty).unwrap().header();
        BatchView::parse(&empty).unwrap().check_crc().unwrap();
        assert_eq!((header.record_count, header.last_offset(), header.attributes.codec_id()), (0, 10, 0));
        assert_eq!((header.producer_id, header.producer_epoch, header.base_sequence), (7, 1, 5));
        assert_eq!(
            (header.max_timestamp, header.attributes.timestamp_type()),
            (100, TimestampType::CreateTime)
        );
    }
}
