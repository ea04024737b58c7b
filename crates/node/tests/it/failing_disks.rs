//! Disks that fail, fill up or are taken away: what is lost is one directory, and never an acknowledged record.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use klamm_log::disk::sim::Faults;
use klamm_node::{NodeFault, StartFault, Weight};
use klamm_sim::{Client, World};
use klamm_wire::metadata::MetadataRequestTopic;
use klamm_wire::{ApiKey, FetchResponse, MetadataRequest, MetadataResponse, ProduceResponse};

use crate::directories::{THREE, three};
use crate::lives::fault_of;
use crate::support::{batch, create_topic, delete_topic, fetch, produce, produce_to, read_all};

const STORAGE_ERROR: i16 = 56;
const LEADER_NOT_AVAILABLE: i16 = 5;

/// A running node with partition 0 in `/data`, 1 in `/two`, 2 in `/three`.
fn running(seed: u64) -> (World, Client) {
    let mut world = three(seed);
    world.start().expect("starts");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 3, &[]);
    (world, client)
}

fn paths(dir: &str) -> BTreeSet<PathBuf> {
    BTreeSet::from([PathBuf::from(dir)])
}

/// The disk of a directory goes, which the append to a partition there finds out; the controller learns it at once.
pub fn fail(world: &mut World, client: &mut Client, dir: &str, topic: &str, partition: i32) {
    world.disk.set_faults(Faults { failing: paths(dir), ..Faults::default() });
    assert_eq!(produce_to(world, client, topic, partition, &["lost"]), STORAGE_ERROR);
    world.advance(0);
}

fn metadata(world: &mut World, client: &mut Client, topic: &str) -> MetadataResponse {
    let topic = MetadataRequestTopic { name: Some(topic.to_owned()), ..Default::default() };
    let request = MetadataRequest { topics: Some(vec![topic]), ..MetadataRequest::default() };
    client.call(world, ApiKey::Metadata, 12, &request)
}

/// Leader of each partition, -1 for none.
pub fn leaders(world: &mut World, client: &mut Client, topic: &str) -> Vec<i32> {
    let mut response = metadata(world, client, topic);
    let partitions = &mut response.topics[0].partitions;
    partitions.sort_by_key(|partition| partition.partition_index);
    partitions.iter().map(|partition| partition.leader_id).collect()
}

fn offline_lines(world: &World) -> Vec<String> {
    let news = world.node().take_news();
    news.iter().filter(|news| news.weight() == Weight::Error).map(ToString::to_string).collect()
}

#[test]
fn a_directory_goes_offline_once_and_the_others_go_on() {
    let (mut world, mut client) = running(1);
    for partition in 0..3 {
        assert_eq!(produce_to(&mut world, &mut client, "t", partition, &["a"]), 0);
    }
    fail(&mut world, &mut client, "/two", "t", 1);
    let lines = offline_lines(&world);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("log directory /two is offline: "), "{lines:?}");
    assert_eq!(leaders(&mut world, &mut client, "t"), [1, -1, 1]);
    let response = metadata(&mut world, &mut client, "t");
    let gone = response.topics[0].partitions.iter().find(|partition| partition.partition_index == 1);
    let gone = gone.expect("still known");
    assert_eq!((gone.error_code, gone.offline_replicas.clone()), (LEADER_NOT_AVAILABLE, vec![1]));
    assert_eq!(
        (gone.replica_nodes.clone(), gone.isr_nodes.clone()),
        (vec![1], vec![]),
        "eligible, not in sync"
    );
    assert_eq!(produce_to(&mut world, &mut client, "t", 1, &["b"]), STORAGE_ERROR);
    assert_eq!(read_all(&mut world, &mut client, "t", 1).0, STORAGE_ERROR);
    for partition in [0, 2] {
        assert_eq!(produce_to(&mut world, &mut client, "t", partition, &["b"]), 0);
        assert_eq!(read_all(&mut world, &mut client, "t", partition).1.len(), 2);
    }
    world.advance(200_000);
    world.background();
    assert_eq!(offline_lines(&world), Vec::<String>::new());
    assert!(world.node().fault().is_none());
}

#[test]
fn what_waits_for_a_failing_disk_is_told_at_once() {
    let (mut world, mut client) = running(1);
    world.disk.set_faults(Faults { failing: paths("/two"), ..Faults::default() });
    let mut reader = Client::new(&world);
    let mut asked = fetch("t", &[(1, 0)]);
    asked.max_wait_ms = 60_000;
    let reading = reader.send(&mut world, ApiKey::Fetch, 12, &asked);
    let writing = client.send(&mut world, ApiKey::Produce, 12, &produce("t", &[(1, batch(&["a"]))]));
    world.run();
    let written: ProduceResponse =
        client.receive(&mut world, writing).expect("answered").expect("no reason to close");
    assert_eq!(written.responses[0].partition_responses[0].error_code, STORAGE_ERROR);
    let read: FetchResponse =
        reader.receive(&mut world, reading).expect("answered").expect("no reason to close");
    assert_eq!(read.responses[0].partitions[0].error_code, STORAGE_ERROR);
}

#[test]
fn a_read_only_file_system_is_a_failed_directory_when_something_is_written() {
    let (mut world, mut client) = running(1);
    assert_eq!(produce_to(&mut world, &mut client, "t", 1, &["a"]), 0);
    world.disk.set_faults(Faults { read_only: paths("/two"), ..Faults::default() });
    assert_eq!(read_all(&mut world, &mut client, "t", 1).1.len(), 1, "reading goes on");
    // New topics are not made there, and whoever tries finds out.
    create_topic(&mut world, &mut client, "u", 3, &[]);
    world.advance(0);
    assert_eq!(leaders(&mut world, &mut client, "t"), [1, -1, 1]);
    assert_eq!(leaders(&mut world, &mut client, "u"), [1, 1, 1]);
    for partition in 0..3 {
        assert_eq!(produce_to(&mut world, &mut client, "u", partition, &["a"]), 0);
    }
    assert_eq!(offline_lines(&world).len(), 1);
}

#[test]
fn a_directory_that_comes_back_has_everything_that_was_acknowledged() {
    for seed in 0..20 {
        let (mut world, mut client) = running(seed);
        assert_eq!(produce_to(&mut world, &mut client, "t", 1, &["a"]), 0);
        fail(&mut world, &mut client, "/two", "t", 1);
        assert_eq!(produce_to(&mut world, &mut client, "t", 2, &["b"]), 0);
        world.disk.set_faults(Faults::default());
        match seed % 2 {
            0 => world.stop(),
            _ => world.kill(),
        }
        world.start().expect("starts");
        assert_eq!(leaders(&mut world, &mut client, "t"), [1, 1, 1]);
        let (error, records) = read_all(&mut world, &mut client, "t", 1);
        assert_eq!((error, &records[0]), (0, &(0, "a".to_owned())), "seed {seed}");
        assert_eq!(read_all(&mut world, &mut client, "t", 2).1, [(0, "b".to_owned())]);
    }
}

#[test]
fn a_directory_that_cannot_be_read_at_the_start_is_offline_and_nothing_is_made_in_its_place() {
    for faults in [
        Faults { failing: paths("/two"), ..Faults::default() },
        Faults { read_only: paths("/two"), ..Faults::default() },
        Faults { failing: paths("/two/t-1"), ..Faults::default() },
    ] {
        let (mut world, mut client) = running(1);
        assert_eq!(produce_to(&mut world, &mut client, "t", 1, &["a"]), 0);
        world.stop();
        world.disk.set_faults(faults);
        world.start().expect("the other directories are good");
        assert_eq!(offline_lines(&world).len(), 1);
        assert_eq!(leaders(&mut world, &mut client, "t"), [1, -1, 1]);
        assert_ne!(produce_to(&mut world, &mut client, "t", 1, &["b"]), 0);
        assert_eq!(produce_to(&mut world, &mut client, "t", 2, &["b"]), 0);
        create_topic(&mut world, &mut client, "u", 2, &[]);
        assert_eq!(leaders(&mut world, &mut client, "u"), [1, 1]);
        world.disk.set_faults(Faults::default());
        world.stop();
        world.start().expect("starts");
        assert_eq!(read_all(&mut world, &mut client, "t", 1).1, [(0, "a".to_owned())]);
    }
}

#[test]
fn the_disk_of_the_metadata_ends_the_node_without_a_marker() {
    let (mut world, mut client) = running(1);
    world.disk.set_faults(Faults { failing: paths("/data/__cluster_metadata-0"), ..Faults::default() });
    world.advance(5_000);
    assert!(matches!(world.node().fault(), Some(NodeFault::MetadataLog(_))));
    assert!(world.node().stop(world.now).is_err());
    for dir in ["/data", "/two", "/three"] {
        let marker = Path::new(dir).join(".kafka_cleanshutdown");
        assert!(!world.disk.image(Path::new(dir)).contains_key(&marker), "{dir}");
    }
    world.kill();
    world.start().expect("starts");
    assert_eq!(produce_to(&mut world, &mut client, "t", 0, &["a"]), 0);
}

#[test]
fn without_any_directory_the_node_ends() {
    let mut world = World::new(1, &[("metadata.log.dir", "/data"), ("log.dirs", "/two,/three")]);
    crate::directories::format(&world, "/two", klamm_base::Uuid([2; 16]));
    crate::directories::format(&world, "/three", klamm_base::Uuid([3; 16]));
    world.start().expect("starts");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 2, &[]);
    fail(&mut world, &mut client, "/two", "t", 0);
    assert!(world.node().fault().is_none());
    let both = BTreeSet::from([PathBuf::from("/two"), PathBuf::from("/three")]);
    world.disk.set_faults(Faults { failing: both, ..Faults::default() });
    assert_eq!(produce_to(&mut world, &mut client, "t", 1, &["a"]), STORAGE_ERROR);
    assert!(matches!(world.node().fault(), Some(NodeFault::AllDirectories(_))));
    assert!(world.node().stop(world.now).is_err());
    world.kill();
    world.disk.set_faults(Faults { failing: paths("/data"), ..Faults::default() });
    assert!(matches!(fault_of(&world), StartFault::Unreadable { dir, .. } if dir == Path::new("/data")));
}

#[test]
fn a_topic_deleted_while_its_directory_is_offline_does_not_come_back() {
    let (mut world, mut client) = running(1);
    assert_eq!(produce_to(&mut world, &mut client, "t", 1, &["a"]), 0);
    fail(&mut world, &mut client, "/two", "t", 1);
    delete_topic(&mut world, &mut client, "t");
    create_topic(&mut world, &mut client, "t", 2, &[]);
    assert_eq!(produce_to(&mut world, &mut client, "t", 1, &["b"]), 0);
    world.disk.set_faults(Faults::default());
    world.stop();
    world.set_overrides(&[THREE]);
    world.start().expect("starts");
    assert_eq!(read_all(&mut world, &mut client, "t", 1).1, [(0, "b".to_owned())]);
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let (mut world, mut client) = running(1);
    world.disk.set_faults(Faults { space_left: Some(100_000), ..Faults::default() });
    let mut acknowledged = 0;
    let value = "x".repeat(1_000);
    for _ in 0..200 {
        match produce_to(&mut world, &mut client, "t", 1, &[&value]) {
            0 => acknowledged += 1,
            error => {
                assert_eq!(error, STORAGE_ERROR);
                break;
            }
        }
    }
    assert!(acknowledged > 50, "{acknowledged}");
    world.kill();
    world.start().expect("starts when there is space again");
    let (_, records) = read_all(&mut world, &mut client, "t", 1);
    assert!(records.len() >= acknowledged, "{} of {acknowledged}", records.len());
}

/// B3 of one node: each change of the disk fails once, in some life.
#[test]
fn whichever_operation_fails_nothing_that_was_acknowledged_is_lost() {
    let mut failures = 0;
    for operation in (1..).step_by(2) {
        let (mut world, mut client) = synced(operation);
        let before = world.disk.operations();
        world.disk.set_faults(Faults { fail_at: BTreeSet::from([before + operation]), ..Faults::default() });
        let mut acknowledged = [0; 3];
        for round in 0..4 {
            for partition in 0..3 {
                let value = format!("{round}").repeat(60_000);
                if produce_to(&mut world, &mut client, "t", partition, &[&value]) == 0 {
                    acknowledged[partition as usize] += 1;
                }
                world.background();
            }
            world.advance(31_000);
            world.background();
            if world.node().fault().is_some() {
                break;
            }
        }
        let is_over = world.disk.operations() < before + operation;
        let lines = offline_lines(&world);
        assert!(lines.len() <= 1, "operation {operation}: {lines:?}");
        failures += usize::from(!lines.is_empty() || world.node().fault().is_some());
        world.power_cut();
        world.start().unwrap_or_else(|fault| panic!("operation {operation}: {fault}"));
        for partition in 0..3 {
            let (error, records) = read_all(&mut world, &mut client, "t", partition);
            let kept = acknowledged[partition as usize];
            assert_eq!(error, 0);
            assert!(
                records.len() >= kept,
                "operation {operation}, partition {partition}: {} of {kept}",
                records.len()
            );
        }
        if is_over {
            break;
        }
    }
    assert!(failures > 50, "{failures} failures");
}

/// As [`running`], with small segments, and acknowledgements that mean "on the disk".
fn synced(seed: u64) -> (World, Client) {
    let mut world = three(seed);
    world.set_overrides(&[THREE, ("metadata.max.idle.interval.ms", "20000")]);
    world.start().expect("starts");
    let mut client = Client::new(&world);
    let configs = [("flush.messages", "1"), ("internal.segment.bytes", "100000")];
    create_topic(&mut world, &mut client, "t", 3, &configs);
    (world, client)
}

#[test]
fn a_process_without_descriptors_has_no_failed_disk_and_goes_on_when_it_has_some_again() {
    let (mut world, mut client) = synced(1);
    let value = "x".repeat(60_000);
    assert_eq!(produce_to(&mut world, &mut client, "t", 1, &[&value]), 0);
    world.disk.set_out_of_descriptors(true);
    // The next record needs a new segment, and a new topic a new folder.
    assert_eq!(produce_to(&mut world, &mut client, "t", 1, &[&value]), STORAGE_ERROR);
    create_topic(&mut world, &mut client, "u", 1, &[]);
    assert_ne!(produce_to(&mut world, &mut client, "u", 0, &["a"]), 0);
    world.advance(10_000);
    world.background();
    assert!(world.node().fault().is_none() && offline_lines(&world).is_empty());
    world.disk.set_out_of_descriptors(false);
    world.advance(5_000);
    world.background();
    assert_eq!(produce_to(&mut world, &mut client, "t", 1, &["y"]), 0);
    assert_eq!(produce_to(&mut world, &mut client, "u", 0, &["a"]), 0);
    let (error, records) = read_all(&mut world, &mut client, "t", 1);
    let values: Vec<&str> = records.iter().map(|(_, value)| &value[..1]).collect();
    assert_eq!((error, values), (0, vec!["x", "y"]));
    world.power_cut();
    world.start().expect("starts");
    assert_eq!(read_all(&mut world, &mut client, "t", 1), (0, records));
}
