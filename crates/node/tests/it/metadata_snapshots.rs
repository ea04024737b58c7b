//! Snapshots of the metadata: when they are made, that a start from one is a start from the log, what goes afterwards.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use klamm_log::disk::OpenMode;
use klamm_log::disk::sim::{Faults, Loss, SimDisk};
use klamm_metadata::MetadataVersion;
use klamm_metadata::bootstrap::{Format, FormatQuorum};
use klamm_node::{LoadFault, StartFault};
use klamm_sim::world::DIR;
use klamm_sim::{Client, World};
use klamm_wire::{ApiKey, ApiVersionsRequest, ApiVersionsResponse, MetadataRequest, MetadataResponse};

use crate::lives::fault_of;
use crate::support::{create_topic, delete_topic, produce_to, read_all};

/// A snapshot as soon as anything has happened, small segments, and next to nothing is kept.
const EAGER: [(&str, &str); 4] = [
    ("metadata.log.max.record.bytes.between.snapshots", "2000"),
    ("internal.metadata.log.segment.bytes", "3000"),
    ("metadata.max.retention.bytes", "1"),
    ("metadata.max.idle.interval.ms", "500"),
];

fn metadata_dir() -> PathBuf {
    Path::new(DIR).join("__cluster_metadata-0")
}

/// Names in the metadata partition's folder that end so.
fn files(disk: &SimDisk, end: &str) -> Vec<String> {
    let names = disk.image(&metadata_dir()).into_keys();
    let names = names.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    names.filter(|name| name.ends_with(end)).collect()
}

fn topics(world: &mut World, client: &mut Client) -> BTreeSet<String> {
    let request = MetadataRequest { topics: None, ..MetadataRequest::default() };
    let response: MetadataResponse = client.call(world, ApiKey::Metadata, 12, &request);
    response.topics.into_iter().filter_map(|topic| topic.name).collect()
}

fn names(expected: &[&str]) -> BTreeSet<String> {
    expected.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn bytes_make_a_snapshot_and_a_start_needs_nothing_before_it() {
    let settings = [
        ("metadata.log.max.record.bytes.between.snapshots", "4000"),
        ("internal.metadata.log.segment.bytes", "2500"),
    ];
    let mut world = World::started(1, &settings);
    let mut client = Client::new(&world);
    world.background();
    assert_eq!(files(&world.disk, ".checkpoint").len(), 1, "the one of formatting");
    create_topic(&mut world, &mut client, "a", 20, &[("retention.ms", "5")]);
    create_topic(&mut world, &mut client, "b", 20, &[]);
    produce_to(&mut world, &mut client, "b", 9, &["kept"]);
    assert!(world.node().background_work());
    world.background();
    assert_eq!(files(&world.disk, ".checkpoint").len(), 2);
    delete_topic(&mut world, &mut client, "a");
    create_topic(&mut world, &mut client, "c", 1, &[]);
    world.kill();
    world.start().expect("starts");
    assert_eq!(topics(&mut world, &mut client), names(&["b", "c"]));
    assert_eq!(read_all(&mut world, &mut client, "b", 9).1, [(0, "kept".to_owned())]);
    // Whatever stood in the log before the snapshot is not read any more.
    world.kill();
    let segment = metadata_dir().join("00000000000000000000.log");
    world.disk.corrupt(&segment, |bytes| bytes[150] ^= 1);
    world.start().expect("starts");
    assert_eq!(topics(&mut world, &mut client), names(&["b", "c"]));
}

#[test]
fn time_makes_a_snapshot_and_an_idle_week_is_not_replayed() {
    let mut world = World::started(1, &[("metadata.log.max.snapshot.interval.ms", "3600000")]);
    world.advance(3_599_000);
    assert!(files(&world.disk, ".checkpoint").len() == 1);
    world.advance(2_000);
    world.background();
    let snapshots = files(&world.disk, ".checkpoint");
    assert_eq!(snapshots.len(), 2);
    let end: i64 = snapshots[1][..20].parse().expect("an offset");
    assert!(end > 7_000, "some 7,200 NoOps: {end}");
    world.background();
    world.advance(10_000);
    world.background();
    assert_eq!(files(&world.disk, ".checkpoint").len(), 2, "the next one in an hour");
    world.stop();
    assert_eq!(files(&world.disk, ".checkpoint").len(), 2, "none at the stop");
    world.start().expect("starts");
}

#[test]
fn what_snapshots_make_superfluous_goes() {
    let mut world = World::started(1, &EAGER);
    let mut client = Client::new(&world);
    for name in ["a", "b", "c", "d"] {
        create_topic(&mut world, &mut client, name, 10, &[]);
        world.background();
        world.advance(70_000);
        world.background();
    }
    let snapshots = files(&world.disk, ".checkpoint");
    assert_eq!(snapshots.len(), 1, "{snapshots:?}");
    let end: i64 = snapshots[0][..20].parse().expect("an offset");
    let segments = files(&world.disk, ".log");
    let bases: Vec<i64> = segments.iter().map(|name| name[..20].parse().expect("an offset")).collect();
    assert!(bases[0] > 0 && bases[0] <= end, "{snapshots:?} {segments:?}");
    assert!(bases.get(1).is_none_or(|base| *base > end), "{snapshots:?} {segments:?}");
    assert_eq!(files(&world.disk, ".deleted"), Vec::<String>::new());
    for _ in 0..2 {
        world.kill();
        world.start().expect("starts");
        assert_eq!(topics(&mut world, &mut client), names(&["a", "b", "c", "d"]));
    }
    create_topic(&mut world, &mut client, "e", 1, &[]);
    world.stop();
    world.start().expect("starts");
    assert_eq!(topics(&mut world, &mut client), names(&["a", "b", "c", "d", "e"]));
}

/// M0-M3: whatever was answered is there again, from whatever a crash has left.
#[test]
fn a_crash_at_any_point_of_snapshot_and_cleaning_loses_no_topic() {
    let mut points = 0;
    let mut world = World::started(1, &EAGER);
    let mut client = Client::new(&world);
    let mut known = BTreeSet::new();
    for round in 0..4 {
        let name = format!("t{round}");
        create_topic(&mut world, &mut client, &name, 5, &[]);
        known.insert(name);
        world.disk.record_crashes();
        world.background();
        world.advance(61_000);
        world.background();
        for (at, disk) in world.disk.take_crashes().into_iter().enumerate().step_by(3) {
            points += 1;
            disk.power_cut_losing(Loss::Mixed, at as u64);
            let mut other = World::new(2, &EAGER);
            other.disk = disk;
            other.now = world.now;
            other.start().unwrap_or_else(|fault| panic!("round {round}, operation {at}: {fault}"));
            let mut reader = Client::new(&other);
            assert_eq!(topics(&mut other, &mut reader), known, "round {round}, operation {at}");
            assert!(files(&other.disk, ".part").is_empty() && files(&other.disk, ".deleted").is_empty());
        }
    }
    assert!(points > 100, "{points} points");
}

#[test]
fn a_broken_newest_snapshot_stops_the_start_with_its_name() {
    let mut world = World::started(1, &[("metadata.log.max.record.bytes.between.snapshots", "1")]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "a", 1, &[]);
    world.background();
    world.stop();
    let newest = files(&world.disk, ".checkpoint").pop().expect("written");
    let path = metadata_dir().join(&newest);
    let whole = world.disk.image(&metadata_dir())[&path].clone();
    for change in
        [|bytes: &mut Vec<u8>| bytes[200] ^= 1, |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2)]
    {
        world.disk.corrupt(&path, change);
        let fault = fault_of(&world);
        assert!(matches!(&fault, StartFault::Metadata { fault: LoadFault::Snapshot { .. }, .. }), "{fault}");
        assert!(fault.to_string().contains(&newest), "{fault}");
        world.disk.corrupt(&path, |bytes| *bytes = whole.clone());
    }
    world.start().expect("starts");
}

#[test]
fn a_log_that_begins_in_the_middle_needs_its_snapshot() {
    let mut world = World::started(1, &EAGER);
    let mut client = Client::new(&world);
    for name in ["a", "b", "c"] {
        create_topic(&mut world, &mut client, name, 10, &[]);
        world.background();
        world.advance(70_000);
        world.background();
    }
    world.stop();
    let disk: std::sync::Arc<dyn klamm_log::Disk> = std::sync::Arc::new(world.disk.clone());
    for name in files(&world.disk, ".checkpoint") {
        disk.remove_file(&metadata_dir().join(name)).expect("there");
    }
    let fault = fault_of(&world);
    assert!(matches!(fault, StartFault::Metadata { fault: LoadFault::NoSnapshot { .. }, .. }), "{fault}");
}

#[test]
fn a_snapshot_beyond_the_end_of_the_log_is_where_the_log_goes_on() {
    let mut world = World::started(1, &[("metadata.log.max.record.bytes.between.snapshots", "1")]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "a", 1, &[]);
    world.background();
    world.stop();
    // The newest producer snapshot promises more than the metadata snapshot holds.
    let remove = |end: &str| {
        let disk: std::sync::Arc<dyn klamm_log::Disk> = std::sync::Arc::new(world.disk.clone());
        for name in files(&world.disk, end) {
            disk.remove_file(&metadata_dir().join(name)).expect("there");
        }
    };
    remove(".log");
    remove("index");
    let fault = fault_of(&world);
    assert!(matches!(fault, StartFault::Unreadable { .. }), "{fault}");
    remove(".snapshot");
    for _ in 0..2 {
        world.start().expect("starts");
        assert_eq!(topics(&mut world, &mut client), names(&["a"]));
        world.kill();
    }
}

#[test]
fn a_rotted_metadata_log_stops_every_start_and_nothing_is_cut_off() {
    let mut world = World::started(1, &[]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "a", 1, &[]);
    create_topic(&mut world, &mut client, "b", 1, &[]);
    world.stop();
    let path = metadata_dir().join("00000000000000000000.log");
    let whole = world.disk.image(&metadata_dir())[&path].clone();
    for at in [100, whole.len() / 2, whole.len() - 10] {
        world.disk.corrupt(&path, |bytes| bytes[at] ^= 1);
        for _ in 0..2 {
            let fault = fault_of(&world);
            assert!(fault.to_string().contains("00000000000000000000.log"), "{at}: {fault}");
        }
        assert_eq!(world.disk.image(&metadata_dir())[&path].len(), whole.len());
        world.disk.corrupt(&path, |bytes| *bytes = whole.clone());
    }
    world.start().expect("starts");
    assert_eq!(topics(&mut world, &mut client), names(&["a", "b"]));
}

#[test]
fn a_snapshot_that_cannot_be_written_is_tried_again_later() {
    let mut world = World::started(1, &[("metadata.log.max.record.bytes.between.snapshots", "2000")]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "a", 20, &[]);
    world.disk.set_faults(Faults { space_left: Some(100), ..Faults::default() });
    while world.node().background_work() && world.node().background_turn(world.now) {}
    assert!(world.node().fault().is_none());
    let news: Vec<String> = world.node().take_news().iter().map(ToString::to_string).collect();
    assert!(
        news.iter().any(|line| line.starts_with("metadata snapshot ") && line.contains("failed")),
        "{news:?}"
    );
    assert_eq!((files(&world.disk, ".checkpoint").len(), files(&world.disk, ".part").len()), (1, 0));
    world.disk.set_faults(Faults::default());
    create_topic(&mut world, &mut client, "b", 40, &[]);
    world.background();
    assert_eq!(files(&world.disk, ".checkpoint").len(), 2);
}

#[test]
fn a_folder_of_an_older_format_begins_with_its_own_levels() {
    let world = World::new(1, &[]);
    let disk: std::sync::Arc<dyn klamm_log::Disk> = std::sync::Arc::new(world.disk.clone());
    let level = 25;
    let format = Format {
        metadata_version: MetadataVersion::from_level(level).expect("known"),
        ..Format::latest(FormatQuorum::Static)
    };
    let bytes = format.check().expect("goes together").snapshot(0);
    disk.remove_file(&metadata_dir().join("00000000000000000000-0000000000.checkpoint")).expect("there");
    let file = disk
        .open(&Path::new(DIR).join("bootstrap.checkpoint"), OpenMode::CreateOrTruncate)
        .expect("a new disk takes a file");
    file.write_at(&bytes, 0).expect("written");
    let mut world = world;
    for _ in 0..2 {
        world.start().expect("starts");
        let mut client = Client::new(&world);
        let request = ApiVersionsRequest {
            client_software_name: "sim".to_owned(),
            client_software_version: "1".to_owned(),
            ..ApiVersionsRequest::default()
        };
        let answer: ApiVersionsResponse = client.call(&mut world, ApiKey::ApiVersions, 3, &request);
        let finalized = answer.finalized_features.iter().find(|feature| feature.name == "metadata.version");
        assert_eq!(finalized.map(|feature| feature.max_version_level), Some(level));
        world.kill();
    }
    world.disk.corrupt(&Path::new(DIR).join("bootstrap.checkpoint"), |bytes| bytes[80] ^= 1);
    let fault = fault_of(&world);
    assert!(fault.to_string().contains("bootstrap.checkpoint"), "{fault}");
}
