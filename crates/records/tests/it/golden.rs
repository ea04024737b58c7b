//! Batches that Kafka 4.4.0 wrote: read here, they say what Kafka's reader says of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use klamm_records::{
    BatchView, Compression, CompressionType, ControlRecordType, EndTxnMarker, Limits, Scratch, recompress,
};

use crate::support::{dump, read};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden")
}

fn names() -> BTreeSet<String> {
    let names: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".bin")?.to_owned()))
        .collect();
    assert!(names.len() >= 30, "{} golden files", names.len());
    names
}

pub fn bytes(name: &str) -> Vec<u8> {
    fs::read(folder().join(format!("{name}.bin"))).unwrap()
}

#[test]
fn every_golden_batch_reads_as_in_kafka() {
    for name in names() {
        let expected = fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
        assert_eq!(dump(&bytes(&name)), expected, "{name}");
    }
}

#[test]
fn golden_batches_keep_their_records_in_every_codec() {
    let mut scratch = Scratch::new();
    for name in names().into_iter().filter(|name| name != "old-magics") {
        let golden = bytes(&name);
        let from = BatchView::parse(&golden).unwrap();
        for codec in CompressionType::ALL {
            let again = recompress(&from, Compression::of(codec), &Limits::default(), &mut scratch).unwrap();
            let to = BatchView::parse(&again).unwrap();
            to.check_crc().unwrap();
            let (old, new) = (from.header(), to.header());
            assert_eq!(read(&again, &mut scratch), read(&golden, &mut scratch), "{name} {codec:?}");
            if name != "emptied" {
                assert_eq!(new.codec(), Some(codec), "{name}");
            }
            assert_eq!(new.last_offset(), old.last_offset(), "{name}");
            assert_eq!(new.max_timestamp, old.max_timestamp, "{name}");
            assert_eq!(new.attributes.0 & !7, old.attributes.0 & !7, "{name}");
            assert_eq!(new.last_sequence(), old.last_sequence(), "{name}");
            assert_eq!(new.producer_epoch, old.producer_epoch, "{name}");
            assert_eq!(new.partition_leader_epoch, old.partition_leader_epoch, "{name}");
        }
    }
}

#[test]
fn times_are_those_of_the_records() {
    let mut scratch = Scratch::new();
    for name in names() {
        let golden = bytes(&name);
        let Ok(batch) = BatchView::parse(&golden) else { continue };
        let mut whole = batch.records(&mut scratch, &Limits::default()).unwrap();
        let mut expected = Vec::new();
        while let Some(record) = whole.next() {
            let record = record.unwrap();
            expected.push((record.offset, record.timestamp));
        }
        drop(whole);
        let mut records = batch.records(&mut scratch, &Limits::default()).unwrap();
        let times = std::iter::from_fn(|| records.next_time());
        let times: Vec<(i64, i64)> =
            times.map(|time| time.map(|time| (time.offset, time.timestamp)).unwrap()).collect();
        assert_eq!(times, expected, "{name}");
    }
}

#[test]
fn markers_carry_their_type_and_epoch() {
    for (name, kind, epoch) in
        [("marker-commit", ControlRecordType::Commit, 17), ("marker-abort", ControlRecordType::Abort, -1)]
    {
        let record = read(&bytes(name), &mut Scratch::new()).remove(0);
        assert_eq!(ControlRecordType::from_key(record.key.as_deref()), Some(kind));
        let marker = EndTxnMarker::from_value(record.value.as_deref());
        assert_eq!(marker, Some(EndTxnMarker { coordinator_epoch: epoch }));
    }
    let leader = read(&bytes("leader-change"), &mut Scratch::new()).remove(0);
    assert_eq!(ControlRecordType::from_key(leader.key.as_deref()), Some(ControlRecordType::LeaderChange));
}
