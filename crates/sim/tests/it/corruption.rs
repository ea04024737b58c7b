//! Bytes that rot under a node, one file after the other: it starts and serves all that is whole, or refuses with the
//! file's name. It never gives out a batch that nobody sent, never forgets a topic, and deletes nothing because of
//! damage.
//!
//! An ordinary run looks at a sample; `KLAMM_CORRUPT_CASES=10000` asks for that many.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use klamm_base::rng::{Rng, SeededRng};
use klamm_log::disk::sim::{Damage, SimDisk};
use klamm_log::disk::{Disk, OpenMode};
use klamm_sim::talk::{self, Found};
use klamm_sim::world::DIR;
use klamm_sim::{Client, World};

const SAMPLE: u64 = 30;
const TOPICS: [(&str, i32); 2] = [("rolled", 1), ("small", 2)];
/// Snapshots of the metadata come early.
const SETTINGS: [(&str, &str); 2] =
    [("auto.create.topics.enable", "false"), ("metadata.log.max.record.bytes.between.snapshots", "1000")];

/// A partition whose records below an offset were deleted.
const DELETED: (&str, i32, i64) = ("small", 0, 3);

/// How the node was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    Clean,
    Killed,
    /// Clean, and it was formatted by a release before 4.4.
    OldFormat,
}

/// Offset and value.
type Records = Vec<(i64, Vec<u8>)>;

/// A directory to damage, and what it held.
struct Subject {
    left: Left,
    disk: SimDisk,
    cluster_id: String,
    /// Records by topic and partition, deleted ones too: offset and value.
    records: BTreeMap<(&'static str, i32), Records>,
    files: BTreeMap<String, Vec<PathBuf>>,
}

impl Subject {
    fn new(left: Left) -> Subject {
        let mut world = World::new(7, &SETTINGS);
        if left == Left::OldFormat {
            use_bootstrap_checkpoint(&world.disk);
        }
        world.start().unwrap_or_else(|fault| panic!("{left:?}: {fault}"));
        let mut client = Client::new(&world);
        for (topic, partitions) in TOPICS {
            talk::create_topic(&mut world, &mut client, topic, partitions, &[("segment.bytes", "1048576")]);
        }
        let mut records: BTreeMap<(&'static str, i32), Records> = BTreeMap::new();
        let producer = talk::new_producer(&mut world, &mut client);
        for round in 0..3 {
            for (topic, partitions) in TOPICS {
                for partition in 0..partitions {
                    let all = records.entry((topic, partition)).or_default();
                    fill(&mut world, &mut client, (topic, partition), producer, all);
                }
            }
            let changed = talk::create_topic(&mut world, &mut client, &format!("t{round}"), 1, &[]);
            assert!(!changed.is_zero());
            world.advance(70_000);
            world.background();
        }
        talk::delete_records(&mut world, &mut client, DELETED.0, DELETED.1, DELETED.2);
        // Restarts give the metadata log its producer snapshots, its second epoch and its markers.
        world.stop();
        world.start().unwrap_or_else(|fault| panic!("{left:?}: {fault}"));
        world.advance(70_000);
        world.background();
        if left == Left::Killed {
            world.kill()
        } else {
            world.stop()
        }
        let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for path in world.disk.image(Path::new(DIR)).into_keys() {
            files.entry(kind_of(&path)).or_default().push(path);
        }
        files.remove(".lock");
        Subject { left, disk: world.disk.fork(), cluster_id: world.cluster_id, records, files }
    }
}

/// What a release before 4.4 has made of the first snapshot.
fn use_bootstrap_checkpoint(disk: &SimDisk) {
    let snapshot = Path::new(DIR).join("__cluster_metadata-0/00000000000000000000-0000000000.checkpoint");
    let bytes = disk.image(Path::new(DIR)).remove(&snapshot).expect("a formatted disk");
    disk.remove_file(&snapshot).expect("a file of the disk");
    let path = Path::new(DIR).join("bootstrap.checkpoint");
    let file = disk.open(&path, OpenMode::CreateOrTruncate).expect("a new file");
    file.write_at(&bytes, 0).expect("a new file takes bytes");
}

/// A kind by what names have in common: the extension behind digits, else the name; the metadata log's apart.
fn kind_of(path: &Path) -> String {
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name of ours");
    let is_numbered = name.starts_with(|c: char| c.is_ascii_digit());
    let kind = if is_numbered { name.split_once('.').map_or(name, |(_, kind)| kind) } else { name };
    let is_metadata = path.to_string_lossy().contains("__cluster_metadata");
    if is_metadata { format!("metadata {kind}") } else { kind.to_owned() }
}

fn fill(
    world: &mut World,
    client: &mut Client,
    place: (&'static str, i32),
    producer: i64,
    all: &mut Records,
) {
    let (batches, size) = if place.0 == "rolled" { (3, 70_000) } else { (4, 300) };
    for _ in 0..batches {
        let first = all.len();
        let value = |n: usize| (0..size).map(|at| (at * 7 + n * 13) as u8).collect::<Vec<u8>>();
        let values: Vec<Vec<u8>> = (first..first + 2).map(value).collect();
        let base = talk::produce(world, client, place, producer, first as i32, &values);
        assert_eq!(base, first as i64);
        all.extend((base..).zip(values));
    }
}

/// What came of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Everything is served.
    Whole,
    /// The node does not start, and says which file it is.
    Refused,
    /// It serves what is whole, and errors for the rest.
    Partly,
    /// The end of a log is gone, as after a crash.
    Shortened,
}

struct Case<'a> {
    subject: &'a Subject,
    path: PathBuf,
    world: World,
}

impl Case<'_> {
    fn run(&mut self) -> Outcome {
        let before = self.world.disk.image(Path::new(DIR));
        if let Err(fault) = self.world.start() {
            let (text, name) = (fault.to_string(), self.path.file_name().expect("a file").to_string_lossy());
            // What is wrong only in the light of the records before it is said of the metadata log.
            let is_of_the_log = name.ends_with(".log") && text.contains("metadata log at offset");
            assert!(text.contains(&*name) || is_of_the_log, "{name} is not named: {text}");
            self.nothing_is_deleted(&before);
            return Outcome::Refused;
        }
        let outcome = self.look_around();
        self.world.advance(70_000);
        self.world.background();
        self.nothing_is_deleted(&before);
        outcome
    }

    fn look_around(&mut self) -> Outcome {
        let mut client = Client::new(&self.world);
        let topics = talk::topics(&mut self.world, &mut client);
        for (topic, _) in TOPICS {
            assert!(topics.iter().any(|name| name == topic), "topic {topic} is forgotten: {topics:?}");
        }
        let mut worst = Outcome::Whole;
        for ((topic, partition), sent) in &self.subject.records {
            let found = talk::read_all(&mut self.world, &mut client, topic, *partition);
            worst = worst.max(self.compare(&found, sent, topic, *partition));
        }
        worst
    }

    fn compare(&self, found: &Found, sent: &[(i64, Vec<u8>)], topic: &str, partition: i32) -> Outcome {
        for record in &found.records {
            assert!(sent.contains(record), "{topic}-{partition} serves another record at {}", record.0);
        }
        let start = if (topic, partition) == (DELETED.0, DELETED.1) { DELETED.2 } else { 0 };
        let is_whole = found.records.ends_with(&sent[start as usize..]);
        let path = self.path.to_string_lossy();
        // A checkpoint has no checksum: another log start could be true.
        let is_damaged =
            path.contains(&format!("/{topic}-{partition}/")) || path.ends_with("log-start-offset-checkpoint");
        match found.error {
            _ if is_whole => Outcome::Whole,
            Some(_) => Outcome::Partly,
            None if is_damaged => Outcome::Shortened,
            None => {
                let place = self.path.display();
                panic!("{topic}-{partition} lacks records without an error because of {place}")
            }
        }
    }

    /// The bytes of every segment are still somewhere: in their file, or what it lost in another one.
    fn nothing_is_deleted(&self, before: &BTreeMap<PathBuf, Vec<u8>>) {
        let after = self.world.disk.image(Path::new(DIR));
        let is_segment = |path: &Path| path.extension().is_some_and(|extension| extension == "log");
        for (path, bytes) in before.iter().filter(|(path, _)| is_segment(path)) {
            let own = after.get(path).map_or(&[][..], Vec::as_slice);
            if own.starts_with(bytes) {
                continue;
            }
            let own = own.iter().zip(bytes).take_while(|(a, b)| a == b).count();
            let starts = after.values().filter(|other| bytes.starts_with(other)).map(Vec::len);
            let common = starts.fold(own, usize::max);
            let holds_rest = |other: &Vec<u8>| bytes.len() - other.len().min(bytes.len()) <= common;
            let rests = after.values().filter(|other| bytes.ends_with(other));
            let is_there = common == bytes.len() || rests.into_iter().any(holds_rest);
            // After a kill the log behind the recovery point ends at the first bad batch.
            let may_end = self.subject.left == Left::Killed && *path == self.path;
            assert!(is_there || may_end, "bytes of {} are gone", path.display());
        }
    }
}

fn cases() -> u64 {
    let asked = std::env::var("KLAMM_CORRUPT_CASES").ok();
    asked.and_then(|count| count.parse().ok()).unwrap_or(SAMPLE)
}

#[test]
fn a_node_serves_what_is_whole_and_names_what_is_not() {
    let subjects = [Left::Clean, Left::Killed, Left::OldFormat].map(Subject::new);
    let mut outcomes: BTreeMap<(String, Outcome), u64> = BTreeMap::new();
    let mut done = 0;
    for seed in 0.. {
        if done >= cases() {
            break;
        }
        let mut rng = SeededRng::new(seed);
        let subject = &subjects[rng.below(3) as usize];
        let (kind, paths) = subject.files.iter().nth(seed as usize % subject.files.len()).expect("a kind");
        let path = paths[rng.below(paths.len() as u64) as usize].clone();
        let damage = Damage::ALL[rng.below(Damage::ALL.len() as u64) as usize];
        let disk = subject.disk.fork();
        let mut is_damaged = false;
        disk.corrupt(&path, |bytes| is_damaged = damage.apply(bytes, &mut rng));
        if !is_damaged {
            continue;
        }
        let world = World::on(disk, seed, &SETTINGS, &subject.cluster_id);
        let mut case = Case { subject, path, world };
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| case.run())).unwrap_or_else(|_| {
            panic!("seed {seed}: {damage:?} of {}, left {:?}", case.path.display(), subject.left)
        });
        *outcomes.entry((kind.clone(), outcome)).or_default() += 1;
        done += 1;
    }
    println!("{done} cases");
    outcomes.iter().for_each(|((kind, outcome), count)| println!("{kind} {outcome:?}: {count}"));
}
