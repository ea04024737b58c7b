//! A power cut at every operation of a workload, with what was not synced lost in all ways the model allows.
//!
//! After each: nothing that was durable is missing (invariant 6 under B1), batches are those that were appended, in
//! order, without a gap (1, 8), epochs and producers are those of the surviving batches (13, 24), indexes give the
//! answers of a scan (19), a crash during recovery changes nothing (21), and the log goes on taking batches.

use std::collections::BTreeMap;
use std::sync::Arc;

use klamm_base::rng::{Rng, SeededRng};
use klamm_log::disk::sim::{Faults, SimDisk};
use klamm_log::{
    AppendContext, AppendOrigin, Appended, Checkpoint, Log, LogConfig, LogDir, LogFault, OpenLog, Writer,
};

use crate::harness::{
    DIR, NOW_MS, TOPIC_ID, Wanted, batch, headers, marker, open_again, open_params, read_all, tp,
};

/// What the outside world remembers.
#[derive(Default)]
struct Memory {
    /// Every batch that was appended, as it must lie in the log, by base offset.
    appended: BTreeMap<i64, Vec<u8>>,
    /// Below this everything was reported durable.
    durable: i64,
}

struct World {
    dir: LogDir,
    log: Log,
    writer: Writer<()>,
    memory: Memory,
    rng: SeededRng,
    epoch: i32,
    /// Per producer: next sequence, whether a transaction is open.
    producers: [(i32, bool); 3],
}

fn config() -> LogConfig {
    LogConfig { segment_bytes: 700, index_interval_bytes: 150, ..LogConfig::default() }
}

fn open_from_checkpoint(disk: &SimDisk, clean: bool) -> Result<(LogDir, Log), LogFault> {
    let recovery_point = {
        let dir = LogDir::open(Arc::new(disk.clone()), DIR)?;
        dir.read_checkpoint(Checkpoint::RecoveryPoint)?.get(&tp()).copied().unwrap_or(0)
    };
    let open = OpenLog { recovery_point, ..open_params(&config(), clean) };
    let (dir, log, _) = open_again(disk, open)?;
    Ok((dir, log))
}

impl World {
    fn begin(disk: &SimDisk, seed: u64) -> Result<World, LogFault> {
        let dir = LogDir::open(Arc::new(disk.clone()), DIR)?;
        let (log, _) = dir.create_log(tp(), TOPIC_ID, open_params(&config(), false))?;
        Ok(World {
            dir,
            log,
            writer: Writer::new(),
            memory: Memory::default(),
            rng: SeededRng::new(seed),
            epoch: 0,
            producers: [(0, false); 3],
        })
    }

    fn step(&mut self) -> Result<(), LogFault> {
        match self.rng.below(20) {
            0..=8 => self.append(false),
            9 => self.append(true),
            10..=13 => self.turn()?,
            14 | 15 => self.flush_turn()?,
            16 => {
                if let Some(op) = self.log.flush() {
                    self.writer.submit(op, ());
                }
            }
            17 => {
                let point = self.log.ends().recovery_point;
                self.dir.write_checkpoint(Checkpoint::RecoveryPoint, [(&tp(), point)])?;
            }
            18 => {
                self.epoch += 1;
                self.log.begin_leader_epoch(self.epoch);
            }
            _ => self.end_transaction(),
        }
        Ok(())
    }

    fn append(&mut self, sync: bool) {
        let producer = self.rng.below(4) as usize;
        let mut wanted = Wanted {
            records: 1 + self.rng.below(3) as i32,
            value_bytes: self.rng.below(120) as usize,
            timestamp: NOW_MS + self.rng.below(1000) as i64,
            ..Wanted::default()
        };
        if let Some((sequence, open)) = self.producers.get_mut(producer) {
            wanted.producer_id = producer as i64;
            wanted.producer_epoch = 0;
            wanted.sequence = *sequence;
            // The third one writes transactions only.
            wanted.transactional = producer == 2;
            *open |= producer == 2;
            *sequence += wanted.records;
        }
        let (header, bytes) = batch(wanted);
        self.submit(&header, bytes, AppendOrigin::Client, sync);
    }

    fn end_transaction(&mut self) {
        if std::mem::take(&mut self.producers[2].1) {
            let (header, bytes) = marker(2, 0, self.rng.below(2) == 0);
            self.submit(&header, bytes, AppendOrigin::Coordinator, false);
        }
    }

    fn submit(
        &mut self,
        header: &klamm_records::BatchHeader,
        bytes: bytes::Bytes,
        origin: AppendOrigin,
        sync: bool,
    ) {
        let context = AppendContext { origin, leader_epoch: self.epoch, now_ms: NOW_MS, sync };
        let Ok(Appended::New { base_offset, op, .. }) = self.log.append(header, bytes.clone(), &context)
        else {
            // Offline after the fault that ends this life.
            return;
        };
        let mut bytes = bytes.to_vec();
        klamm_records::patch::set_base_offset(&mut bytes, base_offset);
        klamm_records::patch::set_partition_leader_epoch(&mut bytes, self.epoch);
        self.memory.appended.insert(base_offset, bytes);
        self.writer.submit(op, ());
    }

    fn turn(&mut self) -> Result<(), LogFault> {
        for done in self.writer.turn().into_iter().chain(self.writer.sync_turn()) {
            self.log.advance(&done.progress);
            self.memory.durable = self.log.ends().durable;
            done.progress.fault.map_or(Ok(()), Err)?;
        }
        Ok(())
    }

    fn flush_turn(&mut self) -> Result<(), LogFault> {
        if let Some(done) = self.writer.flush_turn() {
            self.log.advance(&done.progress);
            self.memory.durable = self.log.ends().durable;
            done.progress.fault.map_or(Ok(()), Err)?;
        }
        Ok(())
    }
}

/// Runs the workload until it is through or the power goes; returns what the world remembers.
fn run(disk: &SimDisk, seed: u64, steps: u32) -> Memory {
    let Ok(mut world) = World::begin(disk, seed) else { return Memory::default() };
    for _ in 0..steps {
        if world.step().is_err() {
            break;
        }
    }
    world.memory
}

/// Checks an opened log against the memory; returns its end.
fn check(log: &Log, memory: &Memory) -> i64 {
    let end = log.ends().written.offset;
    assert!(end >= memory.durable, "the log ends at {end}, {} was durable", memory.durable);
    let bytes = read_all(log, 0);
    let mut at = 0;
    let mut next = 0;
    for header in headers(&bytes) {
        assert_eq!(header.base_offset, next, "no gap");
        let whole = &bytes[at..at + header.size_in_bytes()];
        assert_eq!(
            memory.appended.get(&next).map(Vec::as_slice),
            Some(whole),
            "the batch at {next} is the one appended"
        );
        at += header.size_in_bytes();
        next = header.next_offset();
    }
    assert_eq!(next, end);
    check_epochs(log, &bytes);
    check_producers(log, &bytes);
    check_lookups(log, &bytes);
    end
}

fn check_epochs(log: &Log, bytes: &[u8]) {
    let mut expected: Vec<(i32, i64)> = Vec::new();
    for header in headers(bytes) {
        if expected.last().is_none_or(|last| last.0 < header.partition_leader_epoch) {
            expected.push((header.partition_leader_epoch, header.base_offset));
        }
    }
    let found: Vec<(i32, i64)> = log.epochs().iter().map(|entry| (entry.epoch, entry.start_offset)).collect();
    assert_eq!(found, expected);
}

fn check_producers(log: &Log, bytes: &[u8]) {
    let mut expected: BTreeMap<i64, (i32, i64)> = BTreeMap::new();
    let mut open: Option<i64> = None;
    for header in headers(bytes).iter().filter(|header| header.producer_id >= 0) {
        if header.attributes.is_control() {
            open = None;
            continue;
        }
        expected.insert(header.producer_id, (header.last_sequence(), header.last_offset()));
        if header.attributes.is_transactional() {
            open.get_or_insert(header.base_offset);
        }
    }
    let found: BTreeMap<i64, (i32, i64)> = log
        .producers()
        .map(|(id, entry)| {
            (id, (entry.last_sequence(), entry.last_batch().map_or(-1, |batch| batch.last_offset)))
        })
        .collect();
    assert_eq!(found, expected);
    let transactional = log.producers().find(|(id, _)| *id == 2);
    assert_eq!(transactional.and_then(|(_, entry)| entry.current_txn_first_offset), open);
}

fn check_lookups(log: &Log, bytes: &[u8]) {
    let view = log.view();
    let headers = headers(bytes);
    for header in &headers {
        for offset in [header.base_offset, header.last_offset()] {
            let read = view.read(offset, 1, view.written(), true).unwrap();
            assert_eq!(read.start.offset, header.base_offset);
        }
    }
    for timestamp in (NOW_MS..NOW_MS + 1010).step_by(101) {
        let found = view.offset_for_timestamp(timestamp).unwrap();
        let first = headers.iter().find(|header| header.max_timestamp >= timestamp);
        assert_eq!(found.is_some(), first.is_some(), "at {}", timestamp - NOW_MS);
        if let (Some(found), Some(first)) = (found, first) {
            assert!((first.base_offset..=first.last_offset()).contains(&found.offset));
        }
    }
}

/// Opens after a power cut, checks, lets the log go on, closes it cleanly, and opens it again.
fn recover_and_check(disk: &SimDisk, memory: &Memory) {
    let (dir, log) = open_from_checkpoint(disk, false).unwrap();
    let end = check(&log, memory);
    drop((dir, log));
    // Recovering twice changes nothing, with or without another cut in between.
    let (dir, mut log) = open_from_checkpoint(disk, false).unwrap();
    assert_eq!(check(&log, memory), end);
    log.close().unwrap();
    drop((dir, log));
    disk.power_cut(end as u64);
    let (_, log) = open_from_checkpoint(disk, true).unwrap();
    assert_eq!(check(&log, memory), end);
}

/// Enough to meet every kind of operation in many states.
const SEEDS: u64 = 2;
const STEPS: u32 = 100;

#[test]
fn power_cut_at_every_operation() {
    let mut points = 0;
    for seed in 0..SEEDS {
        let disk = SimDisk::new();
        run(&disk, seed, STEPS);
        let operations = disk.operations();
        assert!(operations > 60, "a workload of {operations} operations shows nothing");
        for at in 1..=operations {
            let disk = SimDisk::new();
            disk.set_faults(Faults { power_cut_at: Some(at), ..Faults::default() });
            let memory = run(&disk, seed, STEPS);
            disk.power_cut(seed * 1_000_000 + at);
            recover_and_check(&disk, &memory);
            points += 1;
        }
    }
    assert!(points > 300, "{points} points");
}

#[test]
fn kill_at_every_operation_loses_nothing_written() {
    let disk = SimDisk::new();
    run(&disk, 7, STEPS);
    for at in 1..=disk.operations() {
        let disk = SimDisk::new();
        disk.set_faults(Faults { power_cut_at: Some(at), ..Faults::default() });
        let mut memory = run(&disk, 7, STEPS);
        // The machine goes on: what the process has written is there.
        disk.kill();
        let (dir, log) = open_from_checkpoint(&disk, false).unwrap();
        memory.durable = memory.durable.max(log.ends().written.offset);
        check(&log, &memory);
        drop((dir, log));
        recover_and_check(&disk, &memory);
    }
}

#[test]
fn power_cut_while_many_logs_are_closed() {
    let disk = SimDisk::new();
    let through = close_many(&disk, 0).unwrap();
    let operations = disk.operations();
    check_many(&disk, 0, true, &through);
    for at in (operations - 250..=operations).rev() {
        let disk = SimDisk::new();
        if let Some(written) = close_many(&disk, at) {
            check_many(&disk, at, false, &written);
        }
    }
}

/// What a log held before it was closed.
struct Written {
    bytes: Vec<u8>,
    recovery_point: i64,
}

/// Batches for some rolls each in many logs, closed together. The power goes at operation `cut`, if that is not 0.
/// `None` when it went before the close.
fn close_many(disk: &SimDisk, cut: u64) -> Option<Vec<Written>> {
    if cut > 0 {
        disk.set_faults(Faults { power_cut_at: Some(cut), ..Faults::default() });
    }
    let dir = LogDir::open(Arc::new(disk.clone()), DIR).ok()?;
    let writer: Writer<usize> = Writer::new();
    let mut logs = Vec::new();
    for partition in 0..20 {
        let name = klamm_base::TopicPartition::new("m", partition);
        logs.push(dir.create_log(name, TOPIC_ID, open_params(&config(), false)).ok()?.0);
    }
    for n in 0..8 {
        let leader_epoch = n as i32 / 3;
        for (index, log) in logs.iter_mut().enumerate() {
            let (header, bytes) =
                batch(Wanted { value_bytes: 150, timestamp: NOW_MS + n, ..Wanted::default() });
            let context =
                AppendContext { origin: AppendOrigin::Client, leader_epoch, now_ms: NOW_MS, sync: false };
            let Ok(Appended::New { op, .. }) = log.append(&header, bytes, &context) else { return None };
            writer.submit(op, index);
        }
        let flushed = std::iter::from_fn(|| writer.flush_turn());
        for done in writer.turn().into_iter().chain(flushed) {
            logs[done.owner].advance(&done.progress);
            done.progress.fault.is_none().then_some(())?;
        }
    }
    let before =
        logs.iter().map(|log| Written { bytes: read_all(log, 0), recovery_point: log.ends().recovery_point });
    let before = before.collect();
    let closed = dir.close_logs(&mut logs);
    assert_eq!(closed.is_ok(), cut == 0);
    Some(before)
}

fn check_many(disk: &SimDisk, seed: u64, clean: bool, written: &[Written]) {
    disk.power_cut(seed);
    let dir = LogDir::open(Arc::new(disk.clone()), DIR).unwrap();
    for found in dir.partition_dirs().unwrap() {
        let Written { bytes: all, recovery_point } = &written[found.topic_partition.partition as usize];
        let open = OpenLog { recovery_point: *recovery_point, ..open_params(&config(), clean) };
        let (log, recovery) = dir.open_log(&found, open).unwrap();
        let bytes = read_all(&log, 0);
        assert!(all.starts_with(&bytes), "{} has other bytes", found.name);
        assert!(log.ends().written.offset >= *recovery_point);
        if clean {
            assert_eq!((bytes.len(), recovery), (all.len(), Default::default()));
        }
        check_epochs(&log, &bytes);
        check_lookups(&log, &bytes);
    }
}

#[test]
fn power_cut_during_recovery() {
    for seed in 0..SEEDS {
        let disk = SimDisk::new();
        run(&disk, seed, STEPS);
        // A cut in the middle leaves something to recover.
        let cut_at = disk.operations() * 2 / 3;
        let broken = |variant: u64| {
            let disk = SimDisk::new();
            disk.set_faults(Faults { power_cut_at: Some(cut_at), ..Faults::default() });
            let memory = run(&disk, seed, STEPS);
            disk.power_cut(variant);
            (disk, memory)
        };
        for variant in 0..4 {
            let (disk, memory) = broken(variant);
            let (dir, log) = open_from_checkpoint(&disk, false).unwrap();
            let end = check(&log, &memory);
            drop((dir, log));
            for at in 1..=disk.operations() {
                let (disk, memory) = broken(variant);
                disk.set_faults(Faults { power_cut_at: Some(at), ..Faults::default() });
                let interrupted = open_from_checkpoint(&disk, false);
                drop(interrupted);
                disk.power_cut(seed + at);
                let (dir, log) = open_from_checkpoint(&disk, false).unwrap();
                assert_eq!(check(&log, &memory), end);
                drop((dir, log));
                recover_and_check(&disk, &memory);
            }
        }
    }
}

#[test]
fn the_log_goes_on_after_every_cut() {
    // Lives one after the other on one disk, each ended by a power cut somewhere.
    for seed in 0..SEEDS {
        let disk = SimDisk::new();
        let mut rng = SeededRng::new(seed);
        let mut memory = Memory::default();
        let mut epoch = 0;
        for life in 0..30 {
            let cut = 1 + rng.below(60);
            disk.set_faults(Faults { power_cut_at: Some(cut), ..Faults::default() });
            if let Ok((dir, log)) = open_from_checkpoint(&disk, false) {
                let end = check(&log, &memory);
                memory.appended.retain(|base, _| *base < end);
                epoch += 1;
                let producers = [(0, false); 3];
                let rng = SeededRng::new(rng.next_u64());
                let mut world = World { dir, log, writer: Writer::new(), memory, rng, epoch, producers };
                world.log.begin_leader_epoch(epoch);
                // Producers begin anew under new ids in the real world; here only those without ids write.
                while world.step_without_producers().is_ok() {}
                memory = world.memory;
                epoch = world.epoch;
            }
            disk.power_cut(seed * 100 + life);
        }
        let (_, log) = open_from_checkpoint(&disk, false).unwrap();
        assert!(check(&log, &memory) > 20);
    }
}

impl World {
    fn step_without_producers(&mut self) -> Result<(), LogFault> {
        match self.rng.below(10) {
            0..=4 => {
                let wanted = Wanted { value_bytes: self.rng.below(150) as usize, ..Wanted::default() };
                let (header, bytes) = batch(wanted);
                let sync = self.rng.below(4) == 0;
                self.submit(&header, bytes, AppendOrigin::Client, sync);
            }
            5..=7 => self.turn()?,
            8 => self.flush_turn()?,
            _ => {
                let point = self.log.ends().recovery_point;
                self.dir.write_checkpoint(Checkpoint::RecoveryPoint, [(&tp(), point)])?;
            }
        }
        Ok(())
    }
}
