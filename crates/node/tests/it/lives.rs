//! Starts, stops, and what they leave on the disk.

use std::path::Path;
use std::sync::Arc;

use klamm_base::rng::SeededRng;
use klamm_log::{Disk, LogDir, MetaProperties};
use klamm_node::{Node, NodeOptions, OneWorker, StartFault, Workers};
use klamm_sim::world::DIR;
use klamm_sim::{Client, World};

use crate::support::{Script, batch, create_topic, fetch, produce, produce_to, read_all, records};

#[test]
fn everything_survives_a_stop_a_kill_and_a_start() {
    let mut script = Script::with_topic("t", 1);
    script.produce(&produce("t", &[(0, batch(&["a"]))]));
    script.world.stop();
    script.world.start().expect("starts after a stop");
    script.produce(&produce("t", &[(0, batch(&["b"]))]));
    script.world.kill();
    script.world.start().expect("starts after a kill");
    let answer = script.fetch(&fetch("t", &[(0, 0)]));
    assert_eq!(records(&answer.responses[0].partitions[0].records), [(0, "a".into()), (1, "b".into())]);
}

#[test]
fn a_stop_leaves_the_marker_and_a_start_takes_it() {
    let mut world = World::started(1, &[]);
    let marker = Path::new(DIR).join(".kafka_cleanshutdown");
    assert!(!world.disk.image(Path::new(DIR)).contains_key(&marker));
    world.stop();
    assert!(world.disk.image(Path::new(DIR)).contains_key(&marker));
    world.start().expect("starts");
    assert!(!world.disk.image(Path::new(DIR)).contains_key(&marker));
}

#[test]
fn the_broker_lives_on_while_time_passes() {
    let mut script = Script::with_topic("t", 1);
    script.world.advance(60_000);
    script.world.background();
    let answer = script.produce(&produce("t", &[(0, batch(&["a"]))]));
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
}

#[test]
fn checkpoints_are_written_when_their_time_has_come() {
    let mut script = Script::with_topic("t", 1);
    script.produce(&produce("t", &[(0, batch(&["a", "b"]))]));
    script.world.advance(120_000);
    script.world.background();
    let image = script.world.disk.image(Path::new(DIR));
    let text = String::from_utf8(image[&Path::new(DIR).join("replication-offset-checkpoint")].clone());
    assert_eq!(text.as_deref(), Ok("0\n1\nt 0 2\n"));
}

#[test]
fn a_deleted_topic_goes_and_its_name_begins_anew() {
    let mut script = Script::with_topic("t", 1);
    script.produce(&produce("t", &[(0, batch(&["a"]))]));
    script.delete_topic("t");
    let directories = |world: &World| {
        let image = world.disk.image(Path::new(DIR));
        image.keys().filter(|path| path.to_string_lossy().contains("/t-0")).count()
    };
    assert!(directories(&script.world) > 0, "renamed, not removed yet");
    script.world.advance(61_000);
    script.world.background();
    assert_eq!(directories(&script.world), 0);
    create_topic(&mut script.world, &mut script.client, "t", 1, &[]);
    let answer = script.produce(&produce("t", &[(0, batch(&["b"]))]));
    assert_eq!(answer.responses[0].partition_responses[0].base_offset, 0);
}

#[test]
fn leader_epochs_grow_by_two_with_each_life() {
    let mut script = Script::with_topic("t", 1);
    for _ in 0..2 {
        script.produce(&produce("t", &[(0, batch(&["a"]))]));
        script.world.kill();
        script.world.start().expect("starts");
    }
    script.produce(&produce("t", &[(0, batch(&["a"]))]));
    script.world.stop();
    let image = script.world.disk.image(Path::new(DIR));
    let text = String::from_utf8(image[&Path::new(DIR).join("t-0/leader-epoch-checkpoint")].clone());
    assert_eq!(text.as_deref(), Ok("0\n3\n0 0\n2 1\n4 2\n"));
}

#[test]
fn a_directory_of_another_topic_id_is_set_aside_and_kept() {
    let mut script = Script::with_topic("t", 1);
    script.produce(&produce("t", &[(0, batch(&["a"]))]));
    script.world.stop();
    let other = klamm_base::Uuid([9; 16]);
    script.world.disk.corrupt(&Path::new(DIR).join("t-0/partition.metadata"), |bytes| {
        *bytes = format!("version: 0\ntopic_id: {other}").into_bytes();
    });
    script.world.start().expect("starts");
    let image = script.world.disk.image(Path::new(DIR));
    let stray = image.keys().find(|path| path.to_string_lossy().contains("-stray/00000000000000000000.log"));
    assert!(stray.is_some_and(|path| !image[path].is_empty()), "the records are still there");
    let answer = script.produce(&produce("t", &[(0, batch(&["b"]))]));
    assert_eq!(answer.responses[0].partition_responses[0].base_offset, 0);
}

/// What a start on the disk of `world` says.
pub fn fault_of(world: &World) -> StartFault {
    let options = NodeOptions {
        disk: Arc::new(world.disk.clone()),
        settings: world.settings(),
        rng: Box::new(SeededRng::new(1)),
        workers: Box::new(OneWorker),
        now: world.now,
    };
    match Node::open(options) {
        Err(fault) => fault,
        Ok(_) => panic!("the node starts"),
    }
}

#[test]
fn a_start_that_cannot_be_says_why() {
    let world = World::started(1, &[]);
    assert!(matches!(fault_of(&world), StartFault::Locked { .. }));

    let world = World::new(1, &[("node.id", "2"), ("controller.quorum.voters", "2@localhost:9093")]);
    let fault = fault_of(&world);
    assert!(matches!(fault, StartFault::WrongNodeId { configured: 2, found: 1, .. }), "{fault}");

    let world = World::new(1, &[("log.dirs", "/data,/other")]);
    assert!(matches!(fault_of(&world), StartFault::Unformatted { dir } if dir == Path::new("/other")));

    let disk: Arc<dyn Disk> = Arc::new(world.disk.clone());
    let other = MetaProperties {
        version: 1,
        cluster_id: Some("another".to_owned()),
        node_id: Some(1),
        directory_id: Some(klamm_base::Uuid([7; 16])),
    };
    let dir = LogDir::open(disk, "/other").expect("free");
    dir.write_meta_properties(&other, 0).expect("written");
    drop(dir);
    assert!(matches!(fault_of(&world), StartFault::WrongClusterId { found, .. } if found == "another"));

    let world = World::new(1, &[]);
    let meta_properties = Path::new(DIR).join("meta.properties");
    world.disk.corrupt(&meta_properties, |bytes| bytes.truncate(10));
    assert!(matches!(fault_of(&world), StartFault::Unidentified { .. }));
    world.disk.corrupt(&meta_properties, |bytes| *bytes = b"version=1\ndirectory.id=no id\n".to_vec());
    assert!(matches!(fault_of(&world), StartFault::Unreadable { .. }));
}

#[test]
fn after_a_failed_start_nothing_is_locked() {
    let mut world = World::new(1, &[("log.dirs", "/data,/other")]);
    assert!(matches!(fault_of(&world), StartFault::Unformatted { .. }));
    world.set_overrides(&[]);
    world.start().expect("the lock was given back");
}

/// Real threads, as many as are asked for.
struct Threads;

impl Workers for Threads {
    fn run(&self, threads: usize, work: &(dyn Fn() + Sync)) {
        assert_eq!(threads, 3);
        std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    }
}

#[test]
fn several_threads_open_what_one_would() {
    let mut world = World::started(1, &[("num.recovery.threads.per.data.dir", "3")]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 60, &[]);
    for partition in 0..60 {
        assert_eq!(produce_to(&mut world, &mut client, "t", partition, &["a"]), 0);
    }
    world.kill();
    let options = NodeOptions {
        disk: Arc::new(world.disk.clone()),
        settings: world.settings(),
        rng: Box::new(SeededRng::new(1)),
        workers: Box::new(Threads),
        now: world.now,
    };
    let node = Node::open(options).unwrap_or_else(|fault| panic!("{fault}"));
    node.stop(world.now).expect("stops");
    drop(node);
    world.start().expect("starts");
    for partition in 0..60 {
        assert_eq!(read_all(&mut world, &mut client, "t", partition), (0, vec![(0, "a".to_owned())]));
    }
}
