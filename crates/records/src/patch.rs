//! What a leader stamps into a client's batch, in place.
//!
//! Base offset and partition leader epoch lie outside the CRC, so stamping them costs twelve bytes.
//! A changed max timestamp or timestamp type lies inside it: these compute the CRC again. So does what a producer
//! changes in a batch of its own.
//! Every function expects a whole magic 2 batch at the start of `batch` and panics on less than a header,
//! because only validated bytes get here.

use crate::crc;
use crate::header::{Attributes, BatchHeader, TimestampType, position};

/// Writes the base offset (outside the CRC).
pub fn set_base_offset(batch: &mut [u8], base_offset: i64) {
    put(batch, position::BASE_OFFSET, base_offset.to_be_bytes());
}

/// Writes the partition leader epoch (outside the CRC).
pub fn set_partition_leader_epoch(batch: &mut [u8], leader_epoch: i32) {
    put(batch, position::PARTITION_LEADER_EPOCH, leader_epoch.to_be_bytes());
}

/// Writes timestamp type and max timestamp, and the CRC when either has changed
/// (Kafka: `DefaultRecordBatch.setMaxTimestamp`). With `LogAppendTime` every record of the batch
/// takes this timestamp.
pub fn set_max_timestamp(batch: &mut [u8], kind: TimestampType, max_timestamp: i64) {
    let size = size_in_bytes(batch);
    let old = Attributes(i16::from_be_bytes(get(batch, position::ATTRIBUTES)));
    let old_max = i64::from_be_bytes(get(batch, position::MAX_TIMESTAMP));
    if old.timestamp_type() == kind && old_max == max_timestamp {
        return;
    }
    let attributes = match kind {
        TimestampType::CreateTime => old.0 & !Attributes::LOG_APPEND_TIME,
        TimestampType::LogAppendTime => old.0 | Attributes::LOG_APPEND_TIME,
    } & Attributes::KNOWN;
    put(batch, position::ATTRIBUTES, attributes.to_be_bytes());
    put(batch, position::MAX_TIMESTAMP, max_timestamp.to_be_bytes());
    let crc = crc::crc32c(&batch[position::ATTRIBUTES..size]);
    put(batch, position::CRC, crc.to_be_bytes());
}

/// Writes the producer's id, epoch and first sequence number, and the CRC: a producer that begins to count anew
/// numbers what it has not got rid of again (KIP-360).
pub fn set_producer(batch: &mut [u8], producer_id: i64, producer_epoch: i16, base_sequence: i32) {
    let size = size_in_bytes(batch);
    put(batch, position::PRODUCER_ID, producer_id.to_be_bytes());
    put(batch, position::PRODUCER_EPOCH, producer_epoch.to_be_bytes());
    put(batch, position::BASE_SEQUENCE, base_sequence.to_be_bytes());
    let crc = crc::crc32c(&batch[position::ATTRIBUTES..size]);
    put(batch, position::CRC, crc.to_be_bytes());
}

/// Bytes of the batch by its own length field.
fn size_in_bytes(batch: &[u8]) -> usize {
    let length = i32::from_be_bytes(get(batch, position::LENGTH));
    let size = BatchHeader::LOG_OVERHEAD + usize::try_from(length).unwrap_or(0);
    assert!(
        size >= BatchHeader::SIZE && size <= batch.len(),
        "patching a batch of {size} bytes in a slice of {}",
        batch.len()
    );
    size
}

fn get<const N: usize>(batch: &[u8], at: usize) -> [u8; N] {
    std::array::from_fn(|i| batch[at + i])
}

fn put<const N: usize>(batch: &mut [u8], at: usize, value: [u8; N]) {
    batch[at..at + N].copy_from_slice(&value);
}
