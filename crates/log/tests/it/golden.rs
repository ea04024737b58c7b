//! Directories written by Kafka 4.4.0: read as Kafka reads them, and made again byte for byte by recovery.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_base::TopicPartition;
use klamm_log::disk::sim::SimDisk;
use klamm_log::disk::{Disk, OpenMode};
use klamm_log::format::offset_checkpoint;
use klamm_log::{
    Checkpoint, Log, LogConfig, LogDir, LogFault, OpenLog, QuorumStateVersion, Recovery, Shutdown,
};

use crate::harness::{DIR, NOW_MS, headers, read_all};

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kafka-4.4.0")
}

/// Files of one partition of the fixture by name.
pub fn files(partition: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(fixture().join(partition)).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

/// A disk with that partition on it, its files changed as the test wants.
pub fn disk_with(partition: &str, change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>) -> SimDisk {
    let disk = SimDisk::new();
    let dir = Path::new(DIR).join(partition);
    disk.create_dir(&dir).unwrap();
    for (name, bytes) in files(partition) {
        if let Some(bytes) = change(&name, bytes) {
            let file = disk.open(&dir.join(&name), OpenMode::CreateOrTruncate).unwrap();
            file.write_at(&bytes, 0).unwrap();
        }
    }
    disk
}

fn open(disk: &SimDisk, partition: &str, clean: bool, recovery_point: i64) -> (LogDir, Log, Recovery) {
    try_open(disk, partition, clean, recovery_point).unwrap()
}

pub fn try_open(
    disk: &SimDisk,
    partition: &str,
    clean: bool,
    recovery_point: i64,
) -> Result<(LogDir, Log, Recovery), LogFault> {
    let dir = LogDir::open(Arc::new(disk.clone()), DIR).unwrap();
    let found = dir.partition_dirs().unwrap().into_iter().find(|dir| dir.name == partition).unwrap();
    let config = LogConfig {
        index_interval_bytes: 1000,
        segment_ms: 1000,
        producer_id_expiration_ms: i64::MAX,
        ..LogConfig::default()
    };
    let open = OpenLog {
        config,
        clean,
        recovery_point,
        log_start: 0,
        now_ms: NOW_MS,
        seed: 0,
        sync_recovered: false,
    };
    let (log, recovery) = dir.open_log(&found, open)?;
    Ok((dir, log, recovery))
}

fn offset_at(log: &Log, timestamp: i64) -> Option<i64> {
    log.view().offset_for_timestamp(timestamp).unwrap().map(|found| found.offset)
}

#[test]
fn mixed_codecs_are_read_as_kafka_reads_them() {
    for clean in [true, false] {
        let disk = disk_with("mixed-0", |_, bytes| Some(bytes));
        let before = disk.image(Path::new(DIR));
        let (_dir, log, recovery) = open(&disk, "mixed-0", clean, 200);
        assert_eq!(recovery.truncated, None);
        assert_eq!(log.ends().written.offset, 200);
        assert_eq!(log.segment_base_offsets().collect::<Vec<_>>(), [0, 40, 80, 120, 160]);
        let answers = [
            (1700000000000, Some(0)),
            (1700000000033, Some(5)),
            (1700000000049, Some(7)),
            (1700000001000, Some(40)),
            (1700000002000, Some(40)),
            (1700000004013, Some(82)),
            (1700000004049, Some(87)),
            (1700000006025, Some(124)),
            (1700000008040, Some(166)),
            (1700000008050, None),
        ];
        for (timestamp, offset) in answers {
            assert_eq!(offset_at(&log, timestamp), offset, "at {timestamp}");
        }
        assert_eq!(log.view().max_timestamp().unwrap().map(|found| found.offset), Some(167));
        assert_eq!(log.end_offset_for_epoch(0), (0, 200));
        let batches = headers(&read_all(&log, 0));
        assert_eq!((batches[0].base_offset, batches.last().unwrap().next_offset()), (0, 200));
        if clean {
            drop(log);
            let mut after = disk.image(Path::new(DIR));
            after.remove(&Path::new(DIR).join(".lock"));
            assert!(after == before, "looking at a clean directory changes nothing");
        }
    }
}

#[test]
fn transactions_are_read_as_kafka_reads_them() {
    for clean in [true, false] {
        let disk = disk_with("txn-0", |_, bytes| Some(bytes));
        let (_dir, mut log, _) = open(&disk, "txn-0", clean, 68);
        let end = log.ends().written;
        assert_eq!(end.offset, 68);
        log.on_high_watermark(68);
        assert_eq!(log.last_stable_offset(end).offset, 68);
        assert_eq!(offset_at(&log, 1700000000033), Some(5));
        assert_eq!(offset_at(&log, 1700000008050), Some(40));
        let producers: Vec<(i64, i16)> = log.producers().map(|(id, entry)| (id, entry.epoch)).collect();
        // Both have bumped their epochs with each transaction's end.
        assert!(producers.contains(&(6, 3)) && producers.contains(&(7, 2)), "{producers:?}");
        let view = log.view();
        let aborted = |offset: i64| {
            let read = view.read(offset, 1 << 20, view.written(), true).unwrap();
            let found = view.aborted_transactions(&read, view.written().offset).unwrap();
            found.iter().map(|txn| (txn.producer_id, txn.first_offset)).collect::<Vec<_>>()
        };
        assert_eq!(aborted(0), [(6, 0)]);
        assert_eq!(aborted(41), [(7, 53), (6, 63)]);
        assert_eq!(aborted(67), [(7, 53)]);
    }
}

#[test]
fn recovery_makes_the_files_that_kafka_made() {
    for partition in ["mixed-0", "txn-0"] {
        let is_made = |name: &str| {
            [".index", ".timeindex", ".txnindex", ".snapshot"].iter().any(|suffix| name.ends_with(suffix))
        };
        let disk = disk_with(partition, |name, bytes| (!is_made(name)).then_some(bytes));
        let (_dir, mut log, _) = open(&disk, partition, false, 0);
        log.close().unwrap();
        let image = disk.image(&Path::new(DIR).join(partition));
        for (name, bytes) in files(partition) {
            // These were written after Kafka had expired the producers of its first life.
            let is_last_snapshot = [200, 67, 68].map(|offset| format!("{offset:020}.snapshot"));
            if !is_made(&name) || is_last_snapshot.contains(&name) {
                continue;
            }
            let made = image.get(&Path::new(DIR).join(partition).join(&name));
            if name.ends_with(".snapshot") {
                let decode = |bytes: &[u8]| {
                    let mut entries = klamm_log::format::producer_snapshot::decode(bytes).unwrap();
                    entries.sort_by_key(|entry| entry.producer_id);
                    entries
                };
                assert_eq!(decode(made.unwrap()), decode(&bytes), "{partition}/{name}");
            } else {
                assert!(made == Some(&bytes), "{partition}/{name} differs");
            }
        }
    }
}

#[test]
fn a_killed_brokers_preallocated_indexes_are_seen_through() {
    for (partition, active, end) in [("mixed-0", 160, 200), ("txn-0", 67, 68)] {
        let disk = disk_with(partition, |name, mut bytes| {
            let preallocated = [
                (format!("{active:020}.index"), 10_485_760),
                (format!("{active:020}.timeindex"), 10_485_756),
            ];
            if let Some((_, len)) = preallocated.iter().find(|(other, _)| other == name) {
                bytes.resize(*len, 0);
            }
            (name != format!("{end:020}.snapshot")).then_some(bytes)
        });
        let (_dir, mut log, _) = open(&disk, partition, false, 0);
        assert_eq!(log.ends().written.offset, end);
        log.close().unwrap();
        let image = disk.image(&Path::new(DIR).join(partition));
        for name in [format!("{active:020}.index"), format!("{active:020}.timeindex")] {
            assert!(image[&Path::new(DIR).join(partition).join(&name)] == files(partition)[&name], "{name}");
        }
    }
}

#[test]
fn the_directorys_own_files_are_understood() {
    let disk = SimDisk::new();
    let dir = Path::new(DIR);
    disk.create_dir(&dir.join("__cluster_metadata-0")).unwrap();
    let copies = [
        ("kafka_cleanshutdown", ".kafka_cleanshutdown"),
        ("meta.properties", "meta.properties"),
        ("recovery-point-offset-checkpoint", "recovery-point-offset-checkpoint"),
        ("quorum-state", "__cluster_metadata-0/quorum-state"),
    ];
    for (from, to) in copies {
        let file = disk.open(&dir.join(to), OpenMode::CreateOrTruncate).unwrap();
        file.write_at(&fs::read(fixture().join(from)).unwrap(), 0).unwrap();
    }
    let log_dir = LogDir::open(Arc::new(disk.clone()), DIR).unwrap();
    assert_eq!(log_dir.take_clean_shutdown().unwrap(), Shutdown::Clean { broker_epoch: Some(410) });
    let properties = log_dir.meta_properties().unwrap().unwrap();
    assert_eq!((properties.version, properties.node_id), (1, Some(1)));
    assert!(properties.cluster_id.is_some() && properties.directory_id.is_some());
    let points = log_dir.read_checkpoint(Checkpoint::RecoveryPoint).unwrap();
    assert_eq!(points[&TopicPartition::new("mixed", 0)], 200);
    assert_eq!(points.len(), 52);
    let again = offset_checkpoint::encode(&points.iter().map(|(tp, offset)| (tp, *offset)).collect());
    assert_eq!(again.len(), fs::read(fixture().join("recovery-point-offset-checkpoint")).unwrap().len());
    let metadata = klamm_log::MetadataDir::open(Arc::new(disk.clone()), dir).unwrap();
    let state = metadata.quorum_state().unwrap().unwrap();
    assert_eq!(state.leader_id, 1);
    assert!(matches!(state.version, QuorumStateVersion::V0 { .. }));
    metadata.write_quorum_state(&state).unwrap();
    let path = dir.join("__cluster_metadata-0/quorum-state");
    assert_eq!(disk.image(dir)[&path], fs::read(fixture().join("quorum-state")).unwrap());
}
