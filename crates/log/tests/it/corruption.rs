//! Bytes that rot, one file after the other: a directory in good order and one after a kill, every kind of file in
//! them, every kind of damage.
//!
//! What can be rebuilt is rebuilt: the answers are those of the undamaged directory. The rest is refused with the
//! file's name. No batch is given out that is not what was appended, and nothing unreadable is deleted: its bytes are
//! still somewhere in the folder, except behind the recovery point after a crash, where the log ends at the first bad
//! batch.
//!
//! An ordinary run looks at a sample; `KLAMM_CORRUPT_CASES=10000` asks for that many.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_base::rng::{Rng, SeededRng};
use klamm_log::disk::sim::{Damage, SimDisk};
use klamm_log::{Checkpoint, Log, LogDir, LogFault, ReadError};
use klamm_records::BatchHeader;

use crate::crash::checks::{AllAnswers, all_answers};
use crate::crash::explorer::{Effort, Explorer};
use crate::crash::house::House;
use crate::crash::memory::Memory;
use crate::crash::world::World;
use crate::harness::{DIR, bytes_of};

const SAMPLE: u64 = 150;
/// Steps of the workload that fills the directories.
const STEPS: u32 = 400;

/// Kinds of files by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Segment,
    OffsetIndex,
    TimeIndex,
    TransactionIndex,
    ProducerSnapshot,
    Epochs,
    PartitionMetadata,
    RecoveryPoints,
    LogStarts,
    HighWatermarks,
    CleanerOffsets,
    CleanShutdown,
    QuorumState,
    MetadataSnapshot,
}

fn kind_of(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_str()?;
    let of_extension = || match path.extension()?.to_str()? {
        "log" => Some(Kind::Segment),
        "index" => Some(Kind::OffsetIndex),
        "timeindex" => Some(Kind::TimeIndex),
        "txnindex" => Some(Kind::TransactionIndex),
        "snapshot" => Some(Kind::ProducerSnapshot),
        "checkpoint" => Some(Kind::MetadataSnapshot),
        _ => None,
    };
    match name {
        "leader-epoch-checkpoint" => Some(Kind::Epochs),
        "partition.metadata" => Some(Kind::PartitionMetadata),
        "recovery-point-offset-checkpoint" => Some(Kind::RecoveryPoints),
        "log-start-offset-checkpoint" => Some(Kind::LogStarts),
        "replication-offset-checkpoint" => Some(Kind::HighWatermarks),
        "cleaner-offset-checkpoint" => Some(Kind::CleanerOffsets),
        ".kafka_cleanshutdown" => Some(Kind::CleanShutdown),
        "quorum-state" => Some(Kind::QuorumState),
        _ => of_extension(),
    }
}

/// What the files of one segment have in common: all but their extensions.
fn family(path: &Path) -> PathBuf {
    path.with_extension("")
}

/// A directory to damage.
struct Subject {
    disk: SimDisk,
    memory: Memory,
    clean: bool,
    files: BTreeMap<Kind, Vec<PathBuf>>,
    /// What it answers undamaged.
    answers: AllAnswers,
    /// By the names of folders.
    recovery_points: BTreeMap<String, i64>,
}

impl Subject {
    fn new(seed: u64, clean: bool) -> Subject {
        let effort = Effort { stride: u64::MAX, losses: 0, reopened: 1, interrupted: 1 };
        let mut world = World::begin(seed, Explorer::new(effort, seed));
        (0..STEPS).for_each(|_| world.step());
        let (disk, memory) = world.leave(clean);
        let mut files: BTreeMap<Kind, Vec<PathBuf>> = BTreeMap::new();
        let live = |path: &Path| !path.to_string_lossy().contains("-stray");
        for path in disk.image(Path::new(DIR)).into_keys().filter(|path| live(path)) {
            if let Some(kind) = kind_of(&path) {
                files.entry(kind).or_default().push(path);
            }
        }
        let answers = all_answers(&House::start(&disk.fork(), &memory).expect("undamaged it opens"));
        let dir = LogDir::open(Arc::new(disk.fork()), DIR).expect("it was opened before");
        let points = dir.read_checkpoint(Checkpoint::RecoveryPoint).expect("undamaged it is read");
        let recovery_points = points.into_iter().map(|(name, point)| (name.to_string(), point)).collect();
        Subject { disk, memory, clean, files, answers, recovery_points }
    }
}

/// What came of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// All answers are those of the undamaged directory.
    Repaired,
    /// The directory or the partition is not opened, and the file is named.
    Refused,
    /// Some reads fail with the file's name, the others give what was appended.
    Partly,
    /// The log ends at the damage, or begins elsewhere.
    Shortened,
    /// The folder is set aside as nobody's.
    SetAside,
    /// The file says something else that could be true, and no batch depends on it.
    Believed,
    /// A segment that is not the last one ends earlier, with a whole batch or with none: compaction leaves such too.
    Hole,
}

struct Case<'a> {
    subject: &'a Subject,
    kind: Kind,
    path: PathBuf,
    damage: Damage,
    disk: SimDisk,
    /// The file's bytes before and after.
    healthy: Vec<u8>,
    damaged: Vec<u8>,
}

impl Case<'_> {
    fn run(&self) -> Outcome {
        let before = self.disk.image(Path::new(DIR));
        let house = match House::start(&self.disk, &self.subject.memory) {
            Ok(house) => house,
            Err(fault) => {
                self.is_named(&fault);
                self.is_kept(&before, |_| i64::MIN);
                return Outcome::Refused;
            }
        };
        let outcome = self.look_at(&house);
        let end = |name: &str| {
            let log = house.logs.values().find(|log| log.topic_partition().to_string() == name);
            log.map_or(i64::MIN, |log| log.ends().written.offset)
        };
        self.is_kept(&before, end);
        outcome
    }

    /// The file is named, or another one of the same segment that does not fit any more.
    fn is_named(&self, fault: &LogFault) {
        let is_sibling = self.kind == Kind::Segment && family(fault.path()) == family(&self.path);
        assert!(is_sibling || fault.path() == self.path, "refused with another file's name: {fault}");
    }

    fn look_at(&self, house: &House) -> Outcome {
        let mut partly = false;
        for (name, log) in &house.logs {
            partly |= self.reads_are_true(log, &self.subject.memory.partitions[name].ever);
        }
        if partly {
            return Outcome::Partly;
        }
        let expected = &self.subject.answers;
        if all_answers(house) == *expected {
            return Outcome::Repaired;
        }
        let is_shorter = |name: &klamm_base::TopicPartition, log: &Log| {
            let ends = log.ends();
            ends.written.offset != expected[name].end || ends.log_start != expected[name].start
        };
        match self.kind {
            Kind::PartitionMetadata => Outcome::SetAside,
            _ if house.logs.iter().any(|(name, log)| is_shorter(name, log)) => Outcome::Shortened,
            Kind::Segment if self.damaged.len() < self.healthy.len() => Outcome::Hole,
            _ => Outcome::Believed,
        }
    }

    /// Reads everything; true when some of it is refused.
    fn reads_are_true(&self, log: &Log, ever: &BTreeMap<(i64, i32), Arc<[u8]>>) -> bool {
        let view = log.view();
        let mut refused = false;
        let mut offset = view.log_start();
        while offset < view.written().offset {
            let next = match view.read(offset, 1 << 20, view.written(), true) {
                Ok(read) => {
                    let bytes = bytes_of(&read);
                    assert!(!bytes.is_empty(), "nothing at {offset} below the end");
                    batches_are_own(&bytes, offset, ever);
                    if let Err(ReadError::Fault(fault)) = view.aborted_transactions(&read, i64::MAX) {
                        self.is_named(&fault);
                        refused = true;
                    }
                    last_offset(&bytes) + 1
                }
                Err(ReadError::Fault(fault)) => {
                    self.is_named(&fault);
                    refused = true;
                    offset + 1
                }
                Err(error) => panic!("{offset}: {error:?}"),
            };
            offset = next;
        }
        for result in [view.offset_for_timestamp(crate::harness::NOW_MS + 500), view.max_timestamp()] {
            if let Err(ReadError::Fault(fault)) = result {
                self.is_named(&fault);
                refused = true;
            }
        }
        refused
    }

    /// Nothing is deleted because of damage: what each segment ended with is still in some file of the directory, unless
    /// the log has its end, or had it behind the recovery point after a crash.
    fn is_kept(&self, before: &BTreeMap<PathBuf, Vec<u8>>, end: impl Fn(&str) -> i64) {
        let after = self.disk.image(Path::new(DIR));
        for (path, bytes) in before.iter().filter(|(path, _)| kind_of(path) == Some(Kind::Segment)) {
            let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or("");
            // What is being deleted goes.
            let Some(synced) = self.subject.recovery_points.get(folder) else { continue };
            if !self.subject.clean && end(folder) >= *synced {
                continue;
            }
            let left = after.get(path).map_or(0, Vec::len).min(bytes.len());
            let cut = &bytes[left..];
            let is_there = cut.is_empty() || after.values().any(|other| other == cut);
            assert!(is_there, "the end of {} is gone, and it was durable", path.display());
        }
    }
}

/// No batch is given out that is not what was appended there.
fn batches_are_own(bytes: &[u8], from: i64, ever: &BTreeMap<(i64, i32), Arc<[u8]>>) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let header = BatchHeader::parse(rest).expect("a batch");
        let (batch, behind) = rest.split_at(header.size_in_bytes());
        assert!(header.last_offset() >= from, "asked from {from}, given {}", header.base_offset);
        // The leader epoch lies outside the checksum.
        let same = |own: &Arc<[u8]>| own[..12] == batch[..12] && own[16..] == batch[16..];
        let own = ever.range((header.base_offset, i32::MIN)..=(header.base_offset, i32::MAX));
        assert!(own.map(|(_, own)| own).any(same), "a bad batch is served at {}", header.base_offset);
        rest = behind;
    }
}

fn last_offset(bytes: &[u8]) -> i64 {
    let (mut rest, mut last) = (bytes, -1);
    while let Ok(header) = BatchHeader::parse(rest) {
        last = header.last_offset();
        rest = &rest[header.size_in_bytes()..];
    }
    last
}

fn cases() -> u64 {
    let asked = std::env::var("KLAMM_CORRUPT_CASES").ok();
    asked.and_then(|count| count.parse().ok()).unwrap_or(SAMPLE)
}

#[test]
fn damage_is_repaired_or_refused_by_name() {
    let subjects = [Subject::new(1, true), Subject::new(2, false)];
    let mut outcomes: BTreeMap<(Kind, Outcome), u64> = BTreeMap::new();
    let mut done = 0;
    for seed in 0.. {
        if done >= cases() {
            break;
        }
        let mut rng = SeededRng::new(seed);
        let subject = &subjects[rng.below(2) as usize];
        let kinds: Vec<Kind> = subject.files.keys().copied().collect();
        // Every kind in turn, segments as often as all others.
        let kind = if rng.below(2) == 0 { Kind::Segment } else { kinds[seed as usize % kinds.len()] };
        let paths = &subject.files[&kind];
        let path = paths[rng.below(paths.len() as u64) as usize].clone();
        let damage = Damage::ALL[rng.below(Damage::ALL.len() as u64) as usize];
        let disk = subject.disk.fork();
        let healthy = disk.image(path.parent().expect("a folder")).remove(&path).expect("a file");
        let mut damaged = healthy.clone();
        if !damage.apply(&mut damaged, &mut rng) {
            continue;
        }
        disk.corrupt(&path, |bytes| bytes.clone_from(&damaged));
        let case = Case { subject, kind, path, damage, disk, healthy, damaged };
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| case.run())).unwrap_or_else(|_| {
            let (clean, kept) = (subject.clean, case.healthy.len());
            panic!("seed {seed}: {:?} of {} ({kept} bytes), clean {clean}", case.damage, case.path.display())
        });
        allowed(kind, outcome, seed);
        *outcomes.entry((kind, outcome)).or_default() += 1;
        done += 1;
    }
    println!("{done} cases");
    outcomes.iter().for_each(|((kind, outcome), count)| println!("{kind:?} {outcome:?}: {count}"));
}

/// Which outcomes a kind of file may have.
fn allowed(kind: Kind, outcome: Outcome, seed: u64) {
    use Outcome::*;
    let fits = match kind {
        // Believed is a leader epoch, which lies outside the checksum.
        Kind::Segment => !matches!(outcome, SetAside),
        Kind::OffsetIndex | Kind::ProducerSnapshot | Kind::CleanShutdown => outcome == Repaired,
        Kind::TransactionIndex => matches!(outcome, Repaired | Refused | Partly),
        // Without checksums: another timestamp or epoch in the right order could be true.
        Kind::TimeIndex | Kind::Epochs => matches!(outcome, Repaired | Believed),
        Kind::PartitionMetadata => matches!(outcome, Repaired | SetAside | Refused),
        Kind::RecoveryPoints | Kind::HighWatermarks | Kind::CleanerOffsets => {
            matches!(outcome, Repaired | Refused | Believed)
        }
        Kind::LogStarts => matches!(outcome, Repaired | Refused | Shortened),
        Kind::QuorumState | Kind::MetadataSnapshot => matches!(outcome, Repaired | Refused),
    };
    assert!(fits, "seed {seed}: {kind:?} is {outcome:?}");
}
