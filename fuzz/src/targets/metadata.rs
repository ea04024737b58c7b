//! The metadata log and its snapshots: decoded, replayed, written as a snapshot, read again the same.

use crate::Target;
use crate::allocation::bounded;
use crate::input::{Input, put_piece};
use crate::seeds::{files, golden};
use crate::targets::records::seal_all;
use bytes::Bytes;
use klamm_config::Settings;
use klamm_metadata::batch::{self, Content};
use klamm_metadata::bootstrap::{Format, FormatQuorum};
use klamm_metadata::image::Provenance;
use klamm_metadata::snapshot;
use klamm_metadata::{
    Controller, ControllerOptions, ImageHistory, LogBatch, MetadataImage, MetadataRecord, VersionedRecord,
};
use klamm_raft::partition_state::PartitionState;
use klamm_raft::{ControlRecord, VoterSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

pub const FILE_TARGET: Target = Target {
    name: "metadata-file",
    meaning: "segments and snapshots of the metadata log, read as at a start",
    run: run_file,
    seeds: file_seeds,
};

pub const TARGET: Target = Target {
    name: "metadata",
    meaning: "records of the metadata log: replayed, written as a snapshot, read again the same",
    run: run,
    seeds,
};

const NOW_MS: i64 = 1_700_000_000_000;

/// A record of a few bytes becomes a value of several hundred, and a log is read a batch at a time.
fn memory_max(len: usize) -> usize {
    256 * len + (1 << 20)
}

/// Records as pieces; before each one a choice: a control record (with its type), the end of a batch, a commit.
pub fn run(input: &[u8]) {
    let max = memory_max(input.len());
    bounded(max, || {
        let mut replay = Replay::new();
        let mut rest = Input::new(input);
        while !rest.is_empty() && replay.goes_on {
            let choice = rest.byte();
            let piece = Bytes::copy_from_slice(rest.piece());
            match choice & 3 {
                0 => replay.control(&[0, 0, 0, choice >> 5], piece),
                _ => replay.data(piece),
            }
            if choice & 4 != 0 {
                replay.end_batch();
            }
            if choice & 8 != 0 {
                replay.images.commit(replay.images.next_offset());
            }
            if choice & 16 != 0 && replay.records.is_empty() {
                replay.images.drop_uncommitted();
            }
        }
        replay.end_batch();
        if replay.goes_on {
            written_and_read(replay.images.settled());
        }
    });
}

struct Replay {
    images: ImageHistory,
    voters: PartitionState,
    records: Vec<MetadataRecord>,
    /// After a fault a node stops, so nothing comes behind it.
    goes_on: bool,
}

impl Replay {
    fn new() -> Replay {
        Replay {
            images: ImageHistory::default(),
            voters: PartitionState::new(VoterSet::default()),
            records: Vec::new(),
            goes_on: true,
        }
    }

    fn data(&mut self, value: Bytes) {
        let Ok(record) = VersionedRecord::decode(value) else { return };
        let again = VersionedRecord::decode(record.encode()).expect("just written");
        assert!(again.encode() == record.encode(), "{record:?} is not {again:?}");
        self.records.push(record.record);
    }

    fn control(&mut self, key: &[u8], value: Bytes) {
        let Ok(record) = ControlRecord::decode(key, value) else { return };
        let again = ControlRecord::decode(&record.key(), record.value()).expect("just written");
        assert_eq!(again, record);
        self.voters.replay(self.images.next_offset(), &record);
        let voters = VoterSet::from_record(&self.voters.voters().to_record());
        assert_eq!(&voters, self.voters.voters());
    }

    fn end_batch(&mut self) {
        if self.records.is_empty() || !self.goes_on {
            return;
        }
        let records = std::mem::take(&mut self.records);
        let base_offset = self.images.next_offset();
        let batch = LogBatch {
            base_offset,
            last_offset: base_offset + records.len() as i64 - 1,
            epoch: 1,
            append_time_ms: NOW_MS,
            records: &records,
        };
        self.goes_on = self.images.append(&batch).is_ok();
        if self.goes_on {
            self.images.validate();
        }
    }
}

/// An image becomes a snapshot, and the snapshot the image again, as far as its release can say it.
fn written_and_read(image: &MetadataImage) {
    let first = snapshot_of(image);
    let Some(again) = image_of(&first) else { panic!("a snapshot that was just written is not read") };
    // What the release cannot say is lost once, so the second time is the same in every byte.
    let second = snapshot_of(&again);
    let same = image_of(&second).is_some_and(|third| snapshot_of(&third) == second);
    assert!(same, "an image changes by being written: {again:?}");
}

fn snapshot_of(image: &MetadataImage) -> Bytes {
    let head = snapshot::Head {
        epoch: 1,
        last_contained_log_time_ms: NOW_MS,
        kraft_version: 0,
        voters: &VoterSet::default(),
        now_ms: NOW_MS,
    };
    snapshot::write(head, &snapshot::records_of(image))
}

fn image_of(file: &[u8]) -> Option<MetadataImage> {
    let content = snapshot::read(file).expect("just written");
    let mut images = ImageHistory::default();
    let records = content.records.into_iter().map(|record| record.record);
    let provenance =
        Provenance { last_contained_offset: 0, last_contained_epoch: 1, last_contained_log_time_ms: 0 };
    images.load_snapshot(provenance, records).ok()?;
    images.commit(1);
    Some((**images.stable()).clone())
}

static SETTINGS: LazyLock<Arc<Settings>> = LazyLock::new(|| {
    let settings = Settings::dev(Path::new("/nowhere"), 9092, 9093, &[]);
    Arc::new(settings.expect("the settings of a new user"))
});

fn controller() -> Controller {
    let formatted =
        Format::latest(FormatQuorum::Static).check().expect("the newest release goes with itself");
    Controller::new(ControllerOptions {
        cluster_id: "5L6g3nShT-eMCtK--X86sw".to_owned(),
        settings: SETTINGS.clone(),
        bootstrap: formatted.bootstrap,
        kraft_version: 0,
    })
}

/// A choice, then a file: a segment of the log or a snapshot, with the checksums that its bytes should have.
pub fn run_file(input: &[u8]) {
    let [choice, ref file @ ..] = *input else { return };
    let mut file = file.to_vec();
    if choice & 1 != 0 {
        seal_all(&mut file);
    }
    bounded(memory_max(file.len()), || match choice & 2 {
        0 => read_log(&file),
        _ => read_snapshot(&file),
    });
}

/// What a node does at its start, up to deciding.
fn read_log(file: &[u8]) {
    let mut controller = controller();
    let mut rest = file;
    while let Ok((batch, length)) = batch::decode(rest) {
        rest = &rest[length..];
        let stamp = batch.stamp;
        let records = match batch.content {
            Content::Data(records) => records.into_iter().map(|record| record.record).collect(),
            Content::Control(_) => Vec::new(),
        };
        let batch = LogBatch {
            base_offset: stamp.base_offset,
            last_offset: batch.last_offset,
            epoch: stamp.epoch,
            append_time_ms: stamp.append_time_ms,
            records: &records,
        };
        if controller.replay(&batch).is_err() {
            return;
        }
    }
    controller.commit(controller.images().next_offset());
    let _ = controller.activate(7, klamm_base::Mono::ZERO);
}

fn read_snapshot(file: &[u8]) {
    let Ok(content) = snapshot::read(file) else { return };
    let mut voters = PartitionState::new(VoterSet::default());
    content.control.iter().for_each(|record| voters.replay(-1, record));
    let mut controller = controller();
    let records = content.records.into_iter().map(|record| record.record);
    let provenance =
        Provenance { last_contained_offset: 9, last_contained_epoch: 1, last_contained_log_time_ms: 0 };
    if controller.load_snapshot(provenance, records).is_ok() {
        controller.commit(10);
        written_and_read(controller.images().stable());
        let _ = controller.activate(7, klamm_base::Mono::ZERO);
    }
}

const LOGS: [&str; 3] = ["jvm-4.4.0-metadata.log", "jvm-4.4.0-kept.log", "jvm-4.4.0-standalone-metadata.log"];
const SNAPSHOTS: [&str; 4] = [
    "jvm-4.4.0-bootstrap.checkpoint",
    "jvm-4.4.0-kept-36.checkpoint",
    "jvm-4.4.0-kept-64.checkpoint",
    "jvm-4.4.0-standalone.checkpoint",
];

fn data(name: &str) -> Vec<u8> {
    files::read(&format!("crates/metadata/tests/data/{name}"))
}

pub fn file_seeds() -> Vec<Vec<u8>> {
    let logs = LOGS.iter().map(|name| [&[1], &data(name)[..]].concat());
    let snapshots = SNAPSHOTS.iter().map(|name| [&[3], &data(name)[..]].concat());
    logs.chain(snapshots).collect()
}

/// Whole logs as pieces, and each golden record alone behind the levels of the newest release.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = LOGS.iter().chain(&SNAPSHOTS).map(|name| pieces(&data(name))).collect();
    let levels = seeds[3].clone();
    for golden in golden::read(golden::RECORDS) {
        let Some(framed) = golden.framed.filter(|framed| framed.first() == Some(&1)) else { continue };
        let mut seed = levels.clone();
        seed.push(1 | 4 | 8);
        put_piece(&mut seed, &framed);
        seeds.push(seed);
    }
    seeds
}

fn pieces(file: &[u8]) -> Vec<u8> {
    let mut seed = Vec::new();
    let mut rest = file;
    while let Ok((batch, length)) = batch::decode(rest) {
        rest = &rest[length..];
        let pieces: Vec<(u8, Bytes)> = match &batch.content {
            Content::Data(records) => records.iter().map(|record| (1, record.encode())).collect(),
            Content::Control(records) => {
                records.iter().map(|record| ((record.record_type() as u8) << 5, record.value())).collect()
            }
        };
        let last = pieces.len().saturating_sub(1);
        for (number, (choice, value)) in pieces.into_iter().enumerate() {
            seed.push(choice | if number == last { 4 | 8 } else { 0 });
            put_piece(&mut seed, &value);
        }
    }
    seed
}
