//! A run from one seed in which topics come and go: deletions and new beginnings under the same name, DeleteRecords,
//! changed settings, retention, rolls, stops, kills and power cuts.
//!
//! One question at a time, each answered before the next; what is in flight together is [`crate::workload`]'s business.

use klamm_base::rng::Rng;
use klamm_log::disk::sim::Faults;
use klamm_records::BatchOptions;

use crate::client::Client;
use crate::model::End;
use crate::talk;
use crate::trace::Trace;
use crate::world::{DIR, World};

const NAMES: [&str; 3] = ["a", "b", "c"];
/// The one whose old segments go by size from the start; the others when their settings change.
const RETAINED: &str = "c";
const PARTITIONS: i32 = 2;

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub trace: u64,
    pub events: u64,
    pub records: usize,
    pub topics_deleted: u32,
    pub starts_moved: u32,
    pub settings_changed: u32,
    /// Times that retention has taken something.
    pub retained: u32,
    pub restarts: u32,
    /// Acknowledged records that a power cut took from topics without syncs.
    pub lost: usize,
}

/// Runs `steps` steps of `seed`. Panics when something is not as it must be.
pub fn run(seed: u64, steps: u32) -> Outcome {
    let mut run = Run::new(seed);
    (0..steps).for_each(|_| run.step());
    run.finish()
}

struct Topic {
    name: &'static str,
    /// Every acknowledgement follows a sync.
    syncs: bool,
    /// Retention by size may delete from the front.
    retains: bool,
    partitions: Vec<Partition>,
}

/// Values by offset, deleted ones too; the last may never have got there.
#[derive(Default)]
struct Partition {
    values: Vec<Vec<u8>>,
    /// Everything below was acknowledged.
    acked: usize,
    /// Everything below is on the disk.
    settled: usize,
    /// Promised by DeleteRecords, or seen.
    start: usize,
}

struct Run {
    world: World,
    client: Client,
    topics: Vec<Topic>,
    next_value: u64,
    trace: Trace,
    outcome: Outcome,
}

impl Run {
    fn new(seed: u64) -> Run {
        let settings = [
            ("auto.create.topics.enable", "false"),
            ("metadata.log.max.record.bytes.between.snapshots", "4000"),
            ("log.retention.check.interval.ms", "30000"),
        ];
        let mut world = World::started(seed, &settings);
        let client = Client::new(&world);
        world.advance(1);
        let mut run = Run {
            world,
            client,
            topics: Vec::new(),
            next_value: 0,
            trace: Trace::default(),
            outcome: Outcome::default(),
        };
        NAMES.iter().for_each(|name| run.create(name));
        run
    }

    fn step(&mut self) {
        match self.world.rng.below(100) {
            0..=54 => self.produce(),
            55..=64 => self.read_one(),
            65..=74 => self.pass_time(),
            75..=79 => self.delete_records(),
            80..=84 => self.change_settings(),
            85..=88 => self.replace_topic(),
            89..=92 => self.restart(End::Killed),
            93..=94 => self.restart(End::PowerCut),
            95..=97 => self.cut_in_the_middle(),
            _ => self.restart(End::Stopped),
        }
    }

    fn finish(mut self) -> Outcome {
        self.restart(End::Stopped);
        for (path, bytes) in self.world.disk.image(std::path::Path::new(DIR)) {
            self.trace.note(&path.display().to_string());
            self.trace.bytes(&bytes);
        }
        let records = self.topics.iter().flat_map(|topic| &topic.partitions);
        self.outcome.records = records.map(|partition| partition.values.len()).sum();
        (self.outcome.trace, self.outcome.events) = (self.trace.hash(), self.trace.events());
        self.outcome
    }

    fn create(&mut self, name: &'static str) {
        let syncs = self.world.rng.below(2) == 0;
        let mut configs = vec![("segment.bytes", "1048576"), ("file.delete.delay.ms", "20000")];
        configs.extend(syncs.then_some(("flush.messages", "1")));
        let retains = name == RETAINED;
        configs.extend(retains.then_some(("retention.bytes", "1100000")));
        let id = talk::create_topic(&mut self.world, &mut self.client, name, PARTITIONS, &configs);
        let partitions = (0..PARTITIONS).map(|_| Partition::default()).collect();
        self.topics.push(Topic { name, syncs, retains, partitions });
        self.trace.note(&format!("created {name} {id}"));
    }

    fn pick(&mut self) -> (usize, usize) {
        let topic = self.world.rng.below(self.topics.len() as u64) as usize;
        (topic, self.world.rng.below(PARTITIONS as u64) as usize)
    }

    fn produce(&mut self) {
        let (topic, partition) = self.pick();
        let size = if self.world.rng.below(3) == 0 { 180_000 } else { self.world.rng.below(3_000) as usize };
        let value = |n: u64| [&n.to_be_bytes()[..], &vec![n as u8; size]].concat();
        let count = 1 + self.world.rng.below(3);
        let values: Vec<Vec<u8>> = (self.next_value..self.next_value + count).map(value).collect();
        self.next_value += count;
        let place = (self.topics[topic].name, partition as i32);
        let options = BatchOptions::default();
        let answer = talk::try_produce(&mut self.world, &mut self.client, place, options, &values);
        self.trace.note(&format!("{place:?} {answer:?}"));
        let Topic { syncs, partitions, .. } = &mut self.topics[topic];
        let known = &mut partitions[partition];
        let expected = known.values.len() as i64;
        known.values.extend(values);
        if let Ok(base) = answer {
            assert_eq!(base, expected, "the offset of a batch for {place:?}");
            known.acked = known.values.len();
            if *syncs {
                known.settled = known.values.len();
            }
        } else {
            assert!(self.world.node().fault().is_some(), "{place:?} answers {answer:?} on a good disk");
        }
    }

    fn read_one(&mut self) {
        let (topic, partition) = self.pick();
        self.read(topic, partition);
    }

    /// Reads a partition wholly and compares; returns how many records it ends with.
    fn read(&mut self, topic: usize, partition: usize) -> usize {
        let Topic { name, retains, .. } = self.topics[topic];
        let known = &mut self.topics[topic].partitions[partition];
        let place = (name, partition as i32);
        let from = known.start as i64;
        let found = talk::read_from(&mut self.world, &mut self.client, place, from);
        assert_eq!(found.error, None, "{place:?} is read on a good disk");
        let start = found.start as usize;
        assert!(start == known.start || retains && start > known.start, "{place:?} starts at {start}");
        let end = start + found.records.len();
        assert!(end <= known.values.len(), "{place:?} ends at {end}, {} were sent", known.values.len());
        for (offset, (at, value)) in (start..).zip(&found.records) {
            assert_eq!(*at, offset as i64, "{place:?}: a gap");
            assert!(*value == known.values[offset], "{place:?}: another record at {offset}");
        }
        self.outcome.retained += u32::from(start > known.start);
        known.start = start;
        self.trace.note(&format!("{place:?} from {start} to {end}"));
        end
    }

    fn pass_time(&mut self) {
        let ms = self.world.rng.below(90_000) as i64;
        self.world.advance(ms);
        self.world.background();
    }

    fn delete_records(&mut self) {
        let (topic, partition) = self.pick();
        let known = &self.topics[topic].partitions[partition];
        let (start, end) = (known.start, known.acked);
        let to = start + self.world.rng.below((end - start) as u64 + 1) as usize;
        let name = self.topics[topic].name;
        let low = talk::delete_records(&mut self.world, &mut self.client, name, partition as i32, to as i64)
            as usize;
        assert!(low >= to && low <= end, "{name}-{partition} starts at {low}, {to} was asked for");
        self.topics[topic].partitions[partition].start = low;
        self.outcome.starts_moved += 1;
        self.trace.note(&format!("{name}-{partition} starts at {low}"));
    }

    fn change_settings(&mut self) {
        let (topic, _) = self.pick();
        let name = self.topics[topic].name;
        let (setting, value) = match self.world.rng.below(3) {
            0 => ("retention.bytes", "1100000"),
            1 => ("flush.messages", "1"),
            _ => ("max.message.bytes", "2000000"),
        };
        talk::set_topic_config(&mut self.world, &mut self.client, name, setting, value);
        self.topics[topic].retains |= setting == "retention.bytes";
        self.topics[topic].syncs |= setting == "flush.messages";
        self.outcome.settings_changed += 1;
        self.trace.note(&format!("{name}: {setting}"));
    }

    fn replace_topic(&mut self) {
        let (topic, _) = self.pick();
        let gone = self.topics.swap_remove(topic);
        talk::delete_topic(&mut self.world, &mut self.client, gone.name);
        self.outcome.topics_deleted += 1;
        self.trace.note(&format!("deleted {}", gone.name));
        self.create(gone.name);
    }

    /// The plug is pulled during one of the next disk operations.
    fn cut_in_the_middle(&mut self) {
        let at = self.world.disk.operations() + 1 + self.world.rng.below(40);
        self.world.disk.set_faults(Faults { power_cut_at: Some(at), ..Faults::default() });
        for _ in 0..10 {
            if self.world.node().fault().is_some() {
                break;
            }
            self.produce();
            self.world.background();
        }
        self.restart(End::PowerCut);
    }

    /// Ends the node one way or another, starts it again, and compares what is left.
    fn restart(&mut self, end: End) {
        match end {
            End::Stopped => self.world.stop(),
            End::Killed => self.world.kill(),
            End::PowerCut => self.world.power_cut(),
        }
        self.outcome.restarts += 1;
        self.world.now.mono = self.world.now.mono.plus_ms(50);
        self.world.start().unwrap_or_else(|fault| panic!("no start after {end:?}: {fault}"));
        self.client = Client::new(&self.world);
        let mut names = talk::topics(&mut self.world, &mut self.client);
        names.sort();
        assert_eq!(names, NAMES, "topics after {end:?}");
        for topic in 0..self.topics.len() {
            for partition in 0..PARTITIONS as usize {
                self.compare(topic, partition, end);
            }
        }
    }

    fn compare(&mut self, topic: usize, partition: usize, end: End) {
        let known = &self.topics[topic].partitions[partition];
        let (acked, settled) = (known.acked, known.settled);
        // Of a log that was never synced the folder itself may be gone.
        if end == End::PowerCut && settled == 0 {
            let start = self.start_of(topic, partition);
            let known = &mut self.topics[topic].partitions[partition];
            known.start = known.start.min(start);
        }
        let found = self.read(topic, partition);
        let must_be_there = if end == End::PowerCut { settled } else { acked };
        let name = self.topics[topic].name;
        assert!(found >= must_be_there, "{end:?}: {name}-{partition} ends at {found}, not {must_be_there}");
        let known = &mut self.topics[topic].partitions[partition];
        self.outcome.lost += acked.saturating_sub(found);
        known.values.truncate(found);
        known.acked = found;
        if end != End::Killed {
            known.settled = found;
        }
    }

    fn start_of(&mut self, topic: usize, partition: usize) -> usize {
        let place = (self.topics[topic].name, partition as i32);
        talk::read_from(&mut self.world, &mut self.client, place, 0).start as usize
    }
}
