//! Batches with right checksums that nobody has written.

use klamm_metadata::VersionedRecord;
use klamm_metadata::batch::{MetadataBatchFault, Stamp, decode, encode_data};
use klamm_metadata::records::NoOpRecord;
use klamm_records::crc::crc32c;
use klamm_records::header::position;

/// A batch of two records from offset 7 on, with other bytes at a place.
fn changed(at: usize, bytes: &[u8]) -> Vec<u8> {
    let record = VersionedRecord::new(NoOpRecord {}, 0);
    let stamp = Stamp { base_offset: 7, epoch: 1, append_time_ms: 5 };
    let mut batch = encode_data(stamp, &[record.clone(), record]).to_vec();
    batch[at..at + bytes.len()].copy_from_slice(bytes);
    let crc = crc32c(&batch[position::ATTRIBUTES..]);
    batch[position::CRC..position::ATTRIBUTES].copy_from_slice(&crc.to_be_bytes());
    batch
}

#[test]
fn every_record_has_an_offset() {
    let (batch, _) = decode(&changed(0, &7i64.to_be_bytes())).expect("as it was written");
    assert_eq!((batch.stamp.base_offset, batch.last_offset), (7, 8));
    for delta in [i32::MIN, -9, -1, 0, 2, i32::MAX] {
        let fault = decode(&changed(position::LAST_OFFSET_DELTA, &delta.to_be_bytes()));
        assert!(matches!(fault, Err(MetadataBatchFault::Offsets { count: 2, .. })), "{delta}: {fault:?}");
    }
    for base_offset in [-1, i64::MIN, i64::MAX, i64::MAX - 1] {
        let fault = decode(&changed(position::BASE_OFFSET, &i64::to_be_bytes(base_offset)));
        assert!(matches!(fault, Err(MetadataBatchFault::Offsets { .. })), "{base_offset}: {fault:?}");
    }
}
