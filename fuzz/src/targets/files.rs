//! The small files of a log directory, each by itself: what is read can be written, and is read the same.

use crate::Target;
use crate::allocation::bounded;
use crate::seeds::files;
use klamm_base::TopicPartition;
use klamm_log::format::{
    clean_shutdown, file_name, leader_epoch_checkpoint, meta_properties, offset_checkpoint, offset_index,
    partition_dir_name, partition_metadata, producer_snapshot, quorum_state, snapshot_name, time_index,
    transaction_index,
};
use klamm_records::crc::crc32c;
use std::collections::BTreeMap;
use std::fmt::Debug;

pub const TARGET: Target = Target {
    name: "files",
    meaning: "the small files of a log directory and its names: read, written, read again the same",
    run: run,
    seeds,
};

const NOW_MS: i64 = 1_700_000_000_000;

/// A line of five bytes becomes an entry of a tree.
fn memory_max(len: usize) -> usize {
    64 * len + (64 << 10)
}

type Reader = fn(&[u8]);

/// The kinds of files, in the order of the first byte of an input.
const READERS: [Reader; 10] = [
    |bytes| same(bytes, meta_properties::decode, |it| meta_properties::encode(it, NOW_MS)),
    |bytes| same(bytes, |bytes| clean_shutdown::decode(bytes).ok_or(()), |it| clean_shutdown::encode(*it)),
    |bytes| same(bytes, offset_checkpoint::decode, encode_offsets),
    |bytes| same(bytes, leader_epoch_checkpoint::decode, |it| leader_epoch_checkpoint::encode(it)),
    |bytes| same(bytes, partition_metadata::decode, |it| partition_metadata::encode(*it)),
    |bytes| same(bytes, quorum_state::decode, quorum_state::encode),
    |bytes| same(bytes, |bytes| transaction_index::decode(bytes, 5), encode_aborted),
    producer_snapshot,
    names,
    entries,
];

/// A kind of file, then its content.
pub fn run(input: &[u8]) {
    let [kind, ref bytes @ ..] = *input else { return };
    let read = READERS[usize::from(kind) % READERS.len()];
    bounded(memory_max(bytes.len()), || read(bytes));
}

fn same<T: Debug + PartialEq, E: Debug>(
    bytes: &[u8],
    decode: impl Fn(&[u8]) -> Result<T, E>,
    encode: impl Fn(&T) -> Vec<u8>,
) {
    let Ok(read) = decode(bytes) else { return };
    let again = decode(&encode(&read)).expect("just written");
    assert_eq!(again, read);
}

fn encode_offsets(offsets: &BTreeMap<TopicPartition, i64>) -> Vec<u8> {
    offset_checkpoint::encode(
        &offsets.iter().map(|(topic_partition, offset)| (topic_partition, *offset)).collect(),
    )
}

fn encode_aborted(entries: &Vec<transaction_index::AbortedTxn>) -> Vec<u8> {
    entries.iter().flat_map(|entry| entry.to_bytes()).collect()
}

/// With the checksum that its bytes should have, else hardly any input is looked at.
fn producer_snapshot(bytes: &[u8]) {
    let encode =
        |it: &Vec<producer_snapshot::ProducerSnapshotEntry>| producer_snapshot::encode(it.iter().copied());
    same(bytes, producer_snapshot::decode, encode);
    let mut sealed = bytes.to_vec();
    if let Some((head, content)) = sealed.split_at_mut_checked(6) {
        head[2..].copy_from_slice(&crc32c(content).to_be_bytes());
        same(&sealed, producer_snapshot::decode, encode);
    }
}

fn names(bytes: &[u8]) {
    let Ok(name) = std::str::from_utf8(bytes) else { return };
    if let Some((topic_partition, partition_dir_name::DirKind::Live)) = partition_dir_name::parse(name) {
        let again = partition_dir_name::parse(&partition_dir_name::live_name(&topic_partition));
        assert_eq!(again, Some((topic_partition, partition_dir_name::DirKind::Live)));
    }
    let _ = file_name::FileName::parse(name);
    if let Some(snapshot_name::SnapshotFile::Whole(id)) = snapshot_name::SnapshotFile::parse(name) {
        let again = snapshot_name::SnapshotFile::parse(&id.file_name());
        assert!(matches!(again, Some(snapshot_name::SnapshotFile::Whole(same)) if same == id), "{name}");
    }
}

fn entries(bytes: &[u8]) {
    for entry in bytes.chunks_exact(offset_index::ENTRY_BYTES) {
        assert_eq!(&offset_index::OffsetEntry::read(entry).to_bytes()[..], entry);
    }
    for entry in bytes.chunks_exact(time_index::ENTRY_BYTES) {
        assert_eq!(&time_index::TimeEntry::read(entry).to_bytes()[..], entry);
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    const FOLDER: &str = "crates/log/tests/data/kafka-4.4.0";
    let mut seeds = Vec::new();
    let mut add = |kind: u8, bytes: &[u8]| seeds.push([&[kind], bytes].concat());
    for (kind, name) in [
        (0, "meta.properties"),
        (1, "kafka_cleanshutdown"),
        (2, "recovery-point-offset-checkpoint"),
        (5, "quorum-state"),
        (3, "txn-0/leader-epoch-checkpoint"),
        (4, "txn-0/partition.metadata"),
    ] {
        add(kind, &files::read(&format!("{FOLDER}/{name}")));
    }
    for (name, bytes) in files::folder(&format!("{FOLDER}/txn-0")) {
        match name.rsplit_once('.') {
            Some((_, "snapshot")) => add(7, &bytes),
            Some((_, "txnindex")) => add(6, &bytes),
            Some((_, "index" | "timeindex")) => add(9, &bytes),
            _ => {}
        }
        add(8, name.as_bytes());
    }
    for name in [
        "t-0",
        "a.b-c-17",
        "t-0.0123456789abcdef0123456789abcdef-delete",
        "t-3.0123456789abcdef0123456789abcdef-future",
        "00000000000000000036-0000000001.checkpoint",
        "00000000000000000036-0000000001-77.checkpoint.part",
        "00000000000000000040.log.swap",
        "00000000000000000040.timeindex.deleted",
    ] {
        add(8, name.as_bytes());
    }
    add(2, b"0\n2\nt 0 17\nother.topic 12 9223372036854775807\n");
    add(3, b"0\n2\n0 0\n3 17\n");
    add(0, b"#c\nversion=0\nbroker.id = 1\ncluster.id:\\u0041\\\n  b\n");
    seeds
}
