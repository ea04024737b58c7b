//! A partition's directory, damaged: opened without a panic, never longer than it was, and the same when opened
//! once more; then read, written to and compacted.

use crate::Target;
use crate::allocation::bounded;
use crate::input::{Input, put_piece};
use crate::seeds::files;
use crate::targets::records::seal_all;
use bytes::Bytes;
use klamm_log::disk::sim::SimDisk;
use klamm_log::disk::{Disk, OpenMode};
use klamm_log::{
    AppendContext, AppendOrigin, Appended, Checkpoint, Log, LogConfig, LogDir, LogFault, OpenLog,
    PartitionDir, Writer,
};
use klamm_records::{BatchBuilder, BatchHeader, BatchOptions, Batches, Scratch};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

pub const TARGET: Target = Target {
    name: "logs",
    meaning: "a damaged directory of a partition: never longer than it was, twice the same",
    run: run,
    seeds,
};

const NOW_MS: i64 = 1_700_000_100_000;
const DIR: &str = "/data";
/// What Kafka 4.4 has left: five segments in each codec, and one with transactions.
const PARTITIONS: [&str; 2] = ["mixed-0", "txn-0"];
/// Reads per log, so that a log with many offsets takes no longer than others.
const READS_MAX: usize = 60;

/// The simulated disk keeps each file twice; opening reads a segment in pieces and keeps its index.
fn memory_max(len: usize) -> usize {
    32 * len + (8 << 20)
}

type Files = BTreeMap<String, Vec<u8>>;

static FILES: LazyLock<[Files; 2]> = LazyLock::new(|| {
    PARTITIONS
        .map(|name| files::folder(&format!("crates/log/tests/data/kafka-4.4.0/{name}")).into_iter().collect())
});

/// What the directory is opened with.
#[derive(Clone, Copy, Debug)]
struct Way {
    partition: &'static str,
    clean: bool,
    synced: bool,
    recovery_point: i64,
    log_start: i64,
}

/// A partition, how it was left, then damages.
pub fn run(input: &[u8]) {
    let mut input = Input::new(input);
    let choice = input.byte();
    let way = Way {
        partition: PARTITIONS[usize::from(choice & 1)],
        clean: choice & 2 != 0,
        synced: choice & 4 != 0,
        recovery_point: i64::from(input.byte()),
        log_start: i64::from(input.byte()) - 100,
    };
    let mut files = FILES[usize::from(choice & 1)].clone();
    let is_sealed = choice & 8 != 0;
    while !input.is_empty() {
        damage(&mut files, &mut input);
    }
    if is_sealed {
        let logs = files.iter_mut().filter(|(name, _)| name.contains(".log"));
        logs.for_each(|(_, bytes)| seal_all(bytes));
    }
    let len: usize = files.values().map(Vec::len).sum();
    bounded(memory_max(len), || open_twice(&files, way));
}

/// One change of one file.
fn damage(files: &mut Files, input: &mut Input<'_>) {
    let (which, how) = (usize::from(input.byte()), input.byte());
    let Some(name) = files.keys().nth(which % files.len().max(1)).cloned() else { return };
    let bytes = files.get_mut(&name).expect("it is there");
    let at = usize::from(input.short()).min(bytes.len());
    match how % 8 {
        0 => bytes.truncate(at),
        1 => bytes.extend_from_slice(input.piece()),
        2 => *bytes = input.piece().to_vec(),
        3 => drop(files.remove(&name)),
        4 => {
            let other = String::from_utf8_lossy(input.piece()).replace(['/', '\0'], "");
            let bytes = bytes.clone();
            // Names of other files are as good as those that are there; directories are not.
            if !other.is_empty() && other != "." && other != ".." && other.len() < 200 {
                files.insert(other, bytes);
            }
        }
        _ => {
            let piece = input.piece();
            let end = bytes.len().min(at + piece.len());
            bytes[at..end].copy_from_slice(&piece[..end - at]);
        }
    }
}

/// What is the same however often a log is opened. Producers and leader epochs are not: where a snapshot or their file is
/// gone, they are those of the batches that were looked at, which are fewer the second time.
#[derive(Debug, PartialEq)]
struct Seen {
    start: i64,
    end: i64,
    segments: Vec<i64>,
}

impl Seen {
    fn of(log: &Log) -> Seen {
        Seen {
            start: log.view().log_start(),
            end: log.ends().written.offset,
            segments: log.segment_base_offsets().collect(),
        }
    }
}

fn open_twice(files: &Files, way: Way) {
    let disk = disk_with(files, way.partition);
    let Ok((dir, log)) = open(&disk, way) else { return };
    let first = Seen::of(&log);
    let logs = logs_of(&disk, way);
    check_not_extended(files, &logs, &first, way);
    drop((log, dir));
    disk.kill();
    let (_dir, mut log) = open(&disk, way).expect("what was opened can be opened again");
    assert_eq!(Seen::of(&log), first, "another log the second time, {way:?}");
    assert!(logs_of(&disk, way) == logs, "other bytes the second time, {way:?}");
    use_it(&mut log);
}

fn disk_with(files: &Files, partition: &str) -> SimDisk {
    let disk = SimDisk::new();
    let dir = Path::new(DIR).join(partition);
    disk.create_dir(&dir).expect("a new disk takes a directory");
    for (name, bytes) in files {
        let file = disk.open(&dir.join(name), OpenMode::CreateOrTruncate).expect("a new disk takes a file");
        file.write_at(bytes, 0).expect("a new disk takes bytes");
    }
    disk
}

fn open(disk: &SimDisk, way: Way) -> Result<(LogDir, Log), LogFault> {
    let dir = LogDir::open(Arc::new(disk.clone()), DIR)?;
    let _ = (dir.read_checkpoint(Checkpoint::RecoveryPoint), dir.meta_properties());
    let found: Option<PartitionDir> = dir.partition_dirs()?.into_iter().find(|dir| dir.name == way.partition);
    let config = LogConfig {
        index_interval_bytes: 1000,
        producer_id_expiration_ms: i64::MAX,
        compact: true,
        ..LogConfig::default()
    };
    let open = OpenLog {
        config,
        clean: way.clean,
        recovery_point: way.recovery_point,
        log_start: way.log_start.max(0),
        now_ms: NOW_MS,
        seed: 0,
        sync_recovered: way.synced,
    };
    let (log, _) = dir.open_log(&found.expect("the partition's directory is there"), open)?;
    Ok((dir, log))
}

/// The segments' bytes by name.
fn logs_of(disk: &SimDisk, way: Way) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut image = disk.image(&Path::new(DIR).join(way.partition));
    image.retain(|path, _| path.extension().is_some_and(|extension| extension == "log"));
    image
}

/// Every segment begins as some file did, and the log ends where its batches end.
fn check_not_extended(before: &Files, after: &BTreeMap<PathBuf, Vec<u8>>, seen: &Seen, way: Way) {
    let mut end = way.log_start.max(0);
    for (path, bytes) in after {
        let is_prefix = before.values().any(|old| old.starts_with(bytes));
        assert!(is_prefix, "{} has bytes that were not there, {way:?}", path.display());
        let base = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        end = end.max(base.unwrap_or(0));
        for batch in Batches::new(bytes).flatten() {
            end = end.max(batch.last_offset().saturating_add(1));
        }
    }
    assert!(seen.end <= end, "the log ends at {}, its batches at {end}, {way:?}", seen.end);
    assert!(seen.start <= seen.end.max(way.log_start), "{seen:?}, {way:?}");
}

/// Reads, appends, compacts: faults are answers, panics are not.
fn use_it(log: &mut Log) {
    let view = log.view();
    let mut offset = view.log_start();
    for _ in 0..READS_MAX {
        let Ok(read) = view.read(offset, 3000, view.written(), true) else { break };
        let _ = view.aborted_transactions(&read, view.written().offset);
        let Some(slice) = read.slice else { break };
        let mut bytes = vec![0; slice.len as usize];
        slice.file.read_exact_at(&mut bytes, slice.position).expect("a slice lies in its file");
        let last = Batches::new(&bytes).flatten().map(|batch| batch.last_offset()).max();
        let last = last.expect("a read has a batch");
        assert!(last >= offset, "a read from {offset} on ends at {last}");
        let Some(next) = last.checked_add(1) else { break };
        offset = next;
    }
    for timestamp in [0, 1_700_000_004_013, i64::MAX] {
        let _ = view.offset_for_timestamp(timestamp);
    }
    let _ = view.max_timestamp();
    append(log);
    log.on_high_watermark(log.ends().written.offset);
    let _ = log.last_stable_offset(log.ends().written);
}

fn append(log: &mut Log) {
    let writer = Writer::<()>::new();
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.append(NOW_MS, Some(b"key"), Some(b"value"), &[]).expect("a small record");
    let bytes: Bytes = builder.build(&mut Scratch::new());
    let header = BatchHeader::parse(&bytes).expect("a batch of ours");
    let context =
        AppendContext { origin: AppendOrigin::Client, leader_epoch: i32::MAX, now_ms: NOW_MS, sync: true };
    let end = log.ends().written.offset;
    let Ok(Appended::New { base_offset, op, .. }) = log.append(&header, bytes, &context) else { return };
    assert_eq!(base_offset, end);
    writer.submit(op, ());
    for done in writer.turn().into_iter().chain(writer.sync_turn()) {
        assert!(done.progress.fault.is_none(), "{:?}", done.progress.fault);
        log.advance(&done.progress);
    }
    assert_eq!(log.ends().written.offset, end + 1);
}

pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for choice in 0..16u8 {
        let count = FILES[usize::from(choice & 1)].len() as u8;
        seeds.push(vec![choice, 200, 100]);
        for file in 0..count {
            let how = file.wrapping_mul(3).wrapping_add(choice) % 8;
            let mut seed = vec![choice, file.wrapping_mul(11), 100, file, how, 0, 40];
            put_piece(&mut seed, if how == 4 { b"00000000000000000040.log.swap" } else { &[0, 0, 0, 7] });
            seeds.push(seed);
        }
    }
    seeds
}
