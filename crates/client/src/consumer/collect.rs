//! Records out of the bytes of an answer (Kafka: `CompletedFetch`).
//!
//! Keys and values are slices: of the answer itself, or of its batch once that is decompressed.

use std::collections::BTreeSet;

use bytes::{Bytes, BytesMut};
use klamm_base::{ErrorCode, TopicPartition};
use klamm_records::codec::decompress;
use klamm_records::{
    AnyBatch, Attributes, BatchFault, BatchHeader, BatchView, Batches, CompressionType, ControlRecordType,
    Limits, Record, Scratch,
};
use klamm_wire::fetch::AbortedTransaction;

use super::ConsumedRecord;
use crate::ClientFault;

/// What one batch may take in memory: a broker does not decide how much that is.
const LIMITS: Limits = Limits {
    decompressed_bytes_max: 256 << 20,
    record_bytes_max: Limits::RECORD_BYTES_MAX,
    zstd_window_log_max: Limits::ZSTD_WINDOW_LOG_KAFKA,
};

/// What was read of one partition.
#[derive(Debug)]
pub struct Read {
    pub records: Vec<ConsumedRecord>,
    /// Behind everything that was looked at, visible or not.
    pub next_offset: i64,
    pub last_epoch: Option<i32>,
}

/// The records from `offset` on, without markers and without those of aborted transactions. A batch that the size of
/// the answer has cut off is left for the next one.
///
/// # Errors
/// CORRUPT_MESSAGE for bytes that are no batches or do not decompress within the limits.
pub fn read_batches(
    partition: &TopicPartition,
    offset: i64,
    bytes: &Bytes,
    aborted: Vec<AbortedTransaction>,
    check_crcs: bool,
) -> Result<Read, ClientFault> {
    let corrupt = || ClientFault::refused(ErrorCode::CorruptMessage);
    let mut read = Read { records: Vec::new(), next_offset: offset, last_epoch: None };
    let (mut aborted, mut scratch) = (Aborted::new(aborted), Scratch::default());
    for batch in Batches::new(bytes) {
        let batch = match batch {
            Ok(AnyBatch::V2(batch)) => batch,
            // Kafka 4 hands out no older formats, and down-converts none.
            Ok(AnyBatch::Legacy(_)) => {
                return Err(ClientFault::refused(ErrorCode::UnsupportedForMessageFormat));
            }
            Err(BatchFault::Truncated { .. }) => break,
            Err(_) => return Err(corrupt()),
        };
        if check_crcs {
            batch.check_crc().map_err(|_| corrupt())?;
        }
        let is_hidden = aborted.hides(&batch).ok_or_else(corrupt)?;
        let is_new = batch.header().last_offset() >= offset;
        if is_new && !is_hidden && !batch.header().attributes.is_control() {
            let plain = plain(bytes, &batch, &LIMITS, &mut scratch).ok_or_else(corrupt)?;
            read_records(partition, offset, &plain, &mut read.records).ok_or_else(corrupt)?;
        }
        read.next_offset = read.next_offset.max(batch.header().last_offset() + 1);
        read.last_epoch = Some(batch.header().partition_leader_epoch);
    }
    Ok(read)
}

/// The batch without compression, in a buffer that its records may share.
fn plain(bytes: &Bytes, batch: &BatchView<'_>, limits: &Limits, scratch: &mut Scratch) -> Option<Bytes> {
    let codec = batch.header().codec()?;
    if codec == CompressionType::None {
        return Some(bytes.slice_ref(batch.bytes()));
    }
    const CODEC_BITS: i16 = 0b111;
    let mut plain = BytesMut::zeroed(BatchHeader::SIZE);
    decompress(codec, batch.payload(), limits, scratch, &mut plain).ok()?;
    let mut header = *batch.header();
    header.attributes = Attributes(header.attributes.0 & !CODEC_BITS);
    header.length = i32::try_from(plain.len() - BatchHeader::LOG_OVERHEAD).ok()?;
    header.write(plain.first_chunk_mut()?);
    Some(plain.freeze())
}

fn read_records(
    partition: &TopicPartition,
    offset: i64,
    plain: &Bytes,
    records: &mut Vec<ConsumedRecord>,
) -> Option<()> {
    let batch = BatchView::parse(plain).ok()?;
    let (timestamp_type, leader_epoch) =
        (batch.header().attributes.timestamp_type(), batch.header().partition_leader_epoch);
    let mut scratch = Scratch::default();
    let mut reader = batch.records(&mut scratch, &LIMITS).ok()?;
    while let Some(record) = reader.next() {
        let record = record.ok()?;
        if record.offset >= offset {
            let mut consumed = consumed(partition, &record, plain);
            consumed.timestamp_type = timestamp_type;
            consumed.leader_epoch = leader_epoch;
            records.push(consumed);
        }
    }
    Some(())
}

fn consumed(partition: &TopicPartition, record: &Record<'_>, plain: &Bytes) -> ConsumedRecord {
    let shared = |bytes: &[u8]| plain.slice_ref(bytes);
    let headers = record.headers.iter();
    ConsumedRecord {
        partition: partition.clone(),
        offset: record.offset,
        timestamp_type: klamm_records::TimestampType::CreateTime,
        timestamp_ms: record.timestamp,
        leader_epoch: -1,
        key: record.key.map(shared),
        value: record.value.map(shared),
        headers: headers.map(|header| (shared(header.key), header.value.map(shared))).collect(),
    }
}

/// Which transactions of an answer were aborted (Kafka: `CompletedFetch.isBatchAborted`).
struct Aborted {
    /// Those that begin further on, the nearest last.
    ahead: Vec<AbortedTransaction>,
    /// Producers inside an aborted transaction.
    open: BTreeSet<i64>,
}

impl Aborted {
    fn new(mut ahead: Vec<AbortedTransaction>) -> Aborted {
        ahead.sort_by_key(|transaction| std::cmp::Reverse(transaction.first_offset));
        Aborted { ahead, open: BTreeSet::new() }
    }

    /// Whether the batch belongs to an aborted transaction; `None` when its marker cannot be read.
    fn hides(&mut self, batch: &BatchView<'_>) -> Option<bool> {
        let header = batch.header();
        if !header.has_producer_id() {
            return Some(false);
        }
        while let Some(next) = self.ahead.pop_if(|next| next.first_offset <= header.last_offset()) {
            self.open.insert(next.producer_id);
        }
        if header.attributes.is_control() {
            if is_abort(batch)? {
                self.open.remove(&header.producer_id);
            }
            return Some(true);
        }
        Some(header.attributes.is_transactional() && self.open.contains(&header.producer_id))
    }
}

/// Whether a control batch ends its transaction in vain; `None` when it cannot be read.
fn is_abort(batch: &BatchView<'_>) -> Option<bool> {
    if batch.header().record_count == 0 {
        return Some(false);
    }
    let mut scratch = Scratch::default();
    let mut reader = batch.records(&mut scratch, &LIMITS).ok()?;
    let marker = reader.next()?.ok()?;
    Some(ControlRecordType::from_key(marker.key) == Some(ControlRecordType::Abort))
}

#[cfg(test)]
mod tests {
    use klamm_records::{BatchBuilder, BatchOptions, Compression, EndTxnMarker, Header, end_txn_batch};

    use super::*;

    fn batch(base_offset: i64, producer: Option<i64>, values: &[&str], codec: CompressionType) -> Bytes {
        let mut builder = BatchBuilder::new(BatchOptions {
            base_offset,
            compression: Compression::of(codec),
            producer_id: producer.unwrap_or(-1),
            producer_epoch: producer.map_or(-1, |_| 0),
            base_sequence: producer.map_or(-1, |_| 0),
            transactional: producer.is_some(),
            ..BatchOptions::default()
        });
        for value in values {
            let header = Header { key: b"h", value: None };
            builder.append(5, None, Some(value.as_bytes()), &[header]).expect("small");
        }
        builder.build(&mut Scratch::default())
    }

    fn marker(base_offset: i64, producer_id: i64, committed: bool) -> Bytes {
        let marker = end_txn_batch(producer_id, 0, 5, committed, EndTxnMarker { coordinator_epoch: 0 });
        let mut marker = marker.to_vec();
        // The broker's stamp; the checksum does not cover it.
        marker[..8].copy_from_slice(&base_offset.to_be_bytes());
        marker.into()
    }

    fn read(offset: i64, batches: &[Bytes], aborted: Vec<AbortedTransaction>) -> (Vec<String>, i64) {
        let bytes = Bytes::from(batches.concat());
        let partition = TopicPartition::new("t", 0);
        let read = read_batches(&partition, offset, &bytes, aborted, true).expect("whole batches");
        let text = |record: &ConsumedRecord| {
            let value = record.value.as_deref().unwrap_or_default();
            format!("{}{}", String::from_utf8_lossy(value), record.offset)
        };
        (read.records.iter().map(text).collect(), read.next_offset)
    }

    #[test]
    fn every_codec_is_read_from_the_middle_of_a_batch_on() {
        for codec in CompressionType::ALL {
            let batches = [batch(0, None, &["a", "b", "c"], codec), batch(3, None, &["d"], codec)];
            assert_eq!(read(1, &batches, vec![]), (vec!["b1".to_owned(), "c2".into(), "d3".into()], 4));
            // The end of the answer is cut off.
            let cut = [batches[0].clone(), batches[1].slice(..70)];
            assert_eq!(read(0, &cut, vec![]).1, 3, "{codec:?}");
        }
    }

    #[test]
    fn aborted_transactions_and_markers_are_left_out() {
        let none = CompressionType::None;
        let batches = [
            batch(0, Some(1), &["a"], none),
            batch(1, Some(2), &["b"], none),
            marker(2, 1, false),
            batch(3, Some(1), &["c"], none),
            marker(4, 2, true),
            marker(5, 1, true),
        ];
        let aborted = AbortedTransaction { producer_id: 1, first_offset: 0 };
        assert_eq!(read(0, &batches, vec![aborted]), (vec!["b1".to_owned(), "c3".into()], 6));
        assert_eq!(read(0, &batches, vec![]).0, ["a0", "b1", "c3"], "who does not ask sees them");
    }

    #[test]
    fn what_is_no_batch_is_an_error_and_bounded() {
        let partition = TopicPartition::new("t", 0);
        let mut broken = BytesMut::from(&batch(0, None, &["abc"], CompressionType::Lz4)[..]);
        let last = broken.len() - 1;
        broken[last] ^= 1;
        let broken = broken.freeze();
        assert!(read_batches(&partition, 0, &broken, vec![], true).is_err());
        let bomb = batch(0, None, &[&"x".repeat(1 << 20)], CompressionType::Zstd);
        let view = BatchView::parse(&bomb).expect("a batch");
        let limits = Limits { decompressed_bytes_max: 1 << 19, ..LIMITS };
        assert_eq!(plain(&bomb, &view, &limits, &mut Scratch::default()), None);
        assert!(plain(&bomb, &view, &LIMITS, &mut Scratch::default()).is_some());
    }
}
