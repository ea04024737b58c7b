//! Batches built here: byte for byte what Kafka's builder writes, and the edges of the builder.

use klamm_records::{
    BatchBuilder, BatchHeader, BatchOptions, BatchView, Batches, BuildFault, Compression, CompressionType,
    EndTxnMarker, Scratch, TimestampType, end_txn_batch, patch, validate,
};

use crate::golden;
use crate::support::{Owned, append, build, read, rules};

const T: i64 = 1_700_000_000_000;

/// The records of the golden files `mixed-...`.
fn mixed() -> Vec<Owned> {
    vec![
        Owned::new(T, Some("key"), Some("value"))
            .header("a", Some(b"1"))
            .header("b", Some(b"2"))
            .header("a", Some(b"3"))
            .header("a", None)
            .header("", Some(b"")),
        Owned::new(T + 5, None, Some("no key")),
        Owned::new(T + 3, Some("tombstone"), None),
        Owned::new(T - 7, None, None),
        Owned::new(T + 1, Some(""), Some("")),
        Owned::new(T + 90_000_000_000, Some("Schlüssel"), Some("日本")).header("ü", Some(&[0, 0xff])),
    ]
}

#[test]
fn uncompressed_batches_equal_those_of_kafka() {
    let idempotent = BatchOptions {
        base_offset: 1000,
        partition_leader_epoch: 7,
        producer_id: 4711,
        producer_epoch: 3,
        base_sequence: 12,
        ..BatchOptions::default()
    };
    assert_eq!(build(BatchOptions::default(), &mixed()), golden::bytes("mixed-none"));
    assert_eq!(build(idempotent, &mixed()), golden::bytes("idempotent"));
    let none = [Owned::new(-1, Some("k"), Some("v")), Owned::new(-1, Some("k2"), Some("v2"))];
    assert_eq!(build(BatchOptions::default(), &none), golden::bytes("no-timestamps"));
}

#[test]
fn markers_equal_those_of_kafka() {
    for (name, offset, committed, coordinator_epoch) in
        [("marker-commit", 100, true, 17), ("marker-abort", 101, false, -1)]
    {
        let marker = EndTxnMarker { coordinator_epoch };
        let mut batch = end_txn_batch(4711, 5, T, committed, marker).to_vec();
        assert_eq!(batch.len(), 78);
        patch::set_base_offset(&mut batch, offset);
        patch::set_partition_leader_epoch(&mut batch, 9);
        assert_eq!(batch, golden::bytes(name));
    }
}

#[test]
fn what_compaction_leaves_equals_that_of_kafka() {
    let mut builder = BatchBuilder::new(BatchOptions {
        base_offset: 40,
        partition_leader_epoch: 2,
        delete_horizon_ms: Some(T + 86_400_000),
        ..BatchOptions::default()
    });
    builder.append_at(41, T, Some(b"k"), None, &[]).unwrap();
    builder.append_at(44, T + 9, Some(b"k2"), None, &[]).unwrap();
    builder.override_last_offset(50).unwrap();
    assert_eq!(builder.build(&mut Scratch::new()), golden::bytes("delete-horizon"));
}

#[test]
fn lz4_and_snappy_begin_as_the_java_client_writes_them() {
    for (codec, start) in [
        (CompressionType::Lz4, &[0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82][..]),
        (CompressionType::Snappy, b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01"),
    ] {
        let options = BatchOptions { compression: Compression::of(codec), ..BatchOptions::default() };
        let batch = build(options, &mixed());
        let golden = golden::bytes(&format!("mixed-{}", codec.name()));
        assert_eq!(&batch[61..61 + start.len()], start);
        assert_eq!(&golden[61..61 + start.len()], start);
    }
}

#[test]
fn offsets_must_rise_and_stay_near_the_base() {
    let options = BatchOptions { base_offset: 10, ..BatchOptions::default() };
    let mut builder = BatchBuilder::new(options);
    let mut add = |offset| builder.append_at(offset, T, None, None, &[]);
    assert_eq!(add(9), Err(BuildFault::BadOffset { offset: 9 }));
    assert_eq!(add(12), Ok(()));
    assert_eq!(add(12), Err(BuildFault::BadOffset { offset: 12 }));
    let far = 10 + i64::from(i32::MAX);
    assert_eq!(add(far + 1), Err(BuildFault::BadOffset { offset: far + 1 }));
    assert_eq!(add(i64::MIN), Err(BuildFault::BadOffset { offset: i64::MIN }));
    assert_eq!(add(far), Ok(()));
    assert_eq!(
        builder.append(T, None, None, &[]),
        Err(BuildFault::BadOffset { offset: far + 1 }),
        "nothing fits behind the last offset"
    );
    assert_eq!(builder.count(), 2);
}

#[test]
fn log_append_time_goes_for_all_records() {
    let mut batch = build(BatchOptions::default(), &mixed());
    patch::set_max_timestamp(&mut batch, TimestampType::LogAppendTime, T + 77);
    BatchView::parse(&batch).unwrap().check_crc().unwrap();
    assert!(read(&batch, &mut Scratch::new()).iter().all(|record| record.timestamp == T + 77));

    patch::set_max_timestamp(&mut batch, TimestampType::CreateTime, T + 90_000_000_000);
    assert_eq!(batch, build(BatchOptions::default(), &mixed()), "and can be taken back");
}

#[test]
fn a_level_of_each_codec_reaches_the_codec() {
    let records: Vec<Owned> = (0..400)
        .map(|i| Owned::new(T, None, Some(&format!("{{\"flight\":{},\"n\":{i}}}", i * 7919))))
        .collect();
    for (codec, low, high) in [(CompressionType::Gzip, 1, 9), (CompressionType::Zstd, -50, 19)] {
        let [low, high] = [low, high].map(|level| {
            let compression = Compression { codec, level };
            build(BatchOptions { compression, ..BatchOptions::default() }, &records).len()
        });
        assert!(high < low, "{codec:?}: {high} bytes at the high level, {low} at the low one");
    }
}

#[test]
fn one_scratch_serves_all_codecs_in_turn() {
    let mut scratch = Scratch::new();
    for round in 0..3 {
        for codec in CompressionType::ALL {
            for count in [1, 50, 3000] {
                let options = BatchOptions { compression: Compression::of(codec), ..BatchOptions::default() };
                let mut builder = BatchBuilder::new(options);
                let record = Owned::new(T, Some("key"), Some(&"value".repeat(round * 10 + 1)));
                (0..count).for_each(|_| append(&mut builder, &record));
                let batch = builder.build(&mut scratch);
                let validated = validate(&batch, &rules(), &mut scratch).unwrap();
                assert_eq!(validated.record_count, count);
                assert_eq!(read(&batch, &mut scratch), vec![record; count as usize]);
            }
        }
    }
}

#[test]
fn views_follow_each_other_and_stop_at_the_first_fault() {
    let mut log = golden::bytes("old-magics");
    let whole = log.len();
    log.extend_from_slice(&golden::bytes("mixed-lz4")[..100]);
    let mut batches = Batches::new(&log);
    let sizes: Vec<usize> = batches.by_ref().map_while(|b| Some(b.ok()?.size_in_bytes())).collect();
    assert_eq!(sizes.len(), 7);
    assert_eq!(batches.position(), whole);
    assert!(batches.next().is_none(), "nothing behind a fault");
}

#[test]
fn sequences_wrap_to_zero() {
    let batch = golden::bytes("sequence-wraps");
    let header = BatchHeader::parse(&batch).unwrap();
    assert_eq!(header.base_sequence, i32::MAX - 2);
    assert_eq!(header.last_sequence(), 2);
    use klamm_records::header::{decrement_sequence, increment_sequence};
    assert_eq!(increment_sequence(i32::MAX, 1), 0);
    assert_eq!(decrement_sequence(0, 1), i32::MAX);
    assert_eq!(decrement_sequence(increment_sequence(i32::MAX - 5, 100), 100), i32::MAX - 5);
}
