//! Topics that go and come again under the same name, with a crash at any point between: nothing of the old one is ever
//! seen in the new one, nothing acknowledged of the new one is lost, and nothing of the old one stays for ever.

use std::path::Path;

use klamm_log::disk::sim::{Loss, SimDisk};
use klamm_sim::{Client, World};

use crate::directories::{THREE, folders, three};
use crate::support::{create_topic, delete_topic, produce_to, read_all};

/// Acknowledgements mean "on the disk", and rolls come soon.
const SYNCED: [(&str, &str); 2] = [("flush.messages", "1"), ("internal.segment.bytes", "300")];

/// What is known when a crash comes.
#[derive(Clone, Copy)]
enum Phase {
    /// The old topic with two records stands.
    Old,
    /// Its deletion was asked for, not answered yet.
    Deleting,
    Deleted,
    /// The new one was asked for, not answered yet.
    Creating,
    /// It stands with this many acknowledged records; one more may be on its way.
    New(usize),
}

fn start_on(disk: SimDisk, like: &World) -> (World, Client) {
    let mut world = World::new(9, &[THREE]);
    world.disk = disk;
    world.now = like.now;
    world.start().expect("starts after a power cut");
    let client = Client::new(&world);
    (world, client)
}

/// Starts on what a crash has left, and looks.
fn check(disk: SimDisk, like: &World, phase: Phase, at: &str) {
    let (mut world, mut client) = start_on(disk, like);
    let (error, records) = read_all(&mut world, &mut client, "t", 0);
    let is_old = records.iter().any(|(_, value)| value.starts_with("old"));
    let is_new = records.iter().any(|(_, value)| value.starts_with("new"));
    assert!(!(is_old && is_new), "{at}: {records:?}");
    match phase {
        Phase::Old => assert_eq!(records.len(), 2, "{at}"),
        Phase::Deleting => assert!(error != 0 || records.len() == 2, "{at}: {records:?}"),
        Phase::Deleted => assert_ne!(error, 0, "{at}"),
        Phase::Creating => assert!(error != 0 || records.is_empty(), "{at}: {records:?}"),
        Phase::New(acknowledged) => {
            assert!(error == 0 && !is_old, "{at}: {error} {records:?}");
            assert!(records.len() >= acknowledged, "{at}: {} of {acknowledged}", records.len());
        }
    }
    // What was deleted goes, whatever came between.
    world.advance(61_000);
    world.background();
    let all = ["/data", "/two", "/three"].map(|dir| folders(&world, dir)).concat();
    assert!(!all.iter().any(|name| name.ends_with("-delete")), "{at}: {all:?}");
}

#[test]
fn a_crash_at_any_point_of_a_topic_made_anew_keeps_the_two_apart() {
    let mut world = three(1);
    world.start().expect("starts");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 1, &SYNCED);
    for value in ["old 0", "old 1"] {
        assert_eq!(produce_to(&mut world, &mut client, "t", 0, &[value]), 0);
    }
    // The old offsets are in every checkpoint.
    world.background();
    world.advance(61_000);
    world.background();
    world.disk.record_crashes();
    let mut points = 0;
    let mut crash = |world: &World, while_doing: Phase, done: Phase| {
        let crashes = world.disk.take_crashes();
        let last = crashes.len();
        for (at, disk) in crashes.into_iter().enumerate() {
            let loss = [Loss::Everything, Loss::Names, Loss::Mixed][at % 3];
            disk.power_cut_losing(loss, at as u64);
            check(disk, world, while_doing, &format!("{at} of {last}, {loss:?}"));
            points += 1;
        }
        let disk = world.disk.fork();
        disk.power_cut_losing(Loss::Everything, 1);
        check(disk, world, done, "afterwards");
    };
    crash(&world, Phase::Old, Phase::Old);
    delete_topic(&mut world, &mut client, "t");
    crash(&world, Phase::Deleting, Phase::Deleted);
    create_topic(&mut world, &mut client, "t", 1, &SYNCED);
    crash(&world, Phase::Creating, Phase::New(0));
    for round in 0..4 {
        assert_eq!(produce_to(&mut world, &mut client, "t", 0, &[&format!("new {round}")]), 0);
        world.background();
        crash(&world, Phase::New(round), Phase::New(round + 1));
    }
    world.advance(61_000);
    world.background();
    crash(&world, Phase::New(4), Phase::New(4));
    assert!(points > 100, "{points} points");
    assert!(world.disk.image(Path::new("/data")).keys().any(|path| path.ends_with("t-0/partition.metadata")));
}
