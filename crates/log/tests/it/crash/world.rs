//! A workload on one directory: three partitions, producers, rolls, flushes, checkpoints, deletions, metadata
//! snapshots, stops and crashes. What the world learns is noted after the call that tells it, and what it asks for
//! before, so that a crash point inside a call is held against what was known then.

use std::sync::Arc;

use bytes::Bytes;
use klamm_base::rng::{Rng, SeededRng};
use klamm_base::{TopicPartition, Uuid};
use klamm_log::disk::sim::{Loss, SimDisk};
use klamm_log::{
    AppendContext, AppendOrigin, Appended, Checkpoint, DeletedSegments, Done, PartitionDir, QuorumState,
    QuorumStateVersion, SnapshotId, WriteOp, Writer,
};
use klamm_records::{BatchHeader, patch};

use super::checks::{self, TIMES};
use super::explorer::Explorer;
use super::house::{House, config};
use super::memory::{Fold, Memory, PartitionMemory};
use crate::harness::{NOW_MS, Wanted, batch, marker};

const PARTITIONS: u64 = 3;
/// The third one writes transactions only; one more writes without an id.
const PRODUCERS: u64 = 3;
const TRANSACTIONAL: i64 = 2;

/// What a run has done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deeds {
    pub rolls: u32,
    pub flushes: u32,
    pub checkpoints: u32,
    pub truncations: u32,
    pub segments_deleted: u32,
    pub partitions_deleted: u32,
    pub log_start_moves: u32,
    pub metadata_snapshots: u32,
    pub stops: u32,
    pub crashes: u32,
    pub repeats: u32,
}

impl Deeds {
    /// A run that leaves something out shows nothing about it.
    pub fn check(&self) {
        let Deeds { rolls, flushes, checkpoints, truncations, segments_deleted, .. } = *self;
        let Deeds {
            partitions_deleted, log_start_moves, metadata_snapshots, stops, crashes, repeats, ..
        } = *self;
        let enough = rolls >= 20 && flushes >= 20 && checkpoints >= 5 && truncations >= 5;
        let each = [segments_deleted, partitions_deleted, log_start_moves, metadata_snapshots];
        let ends = [stops, crashes, repeats];
        let nothing_is_missing = each.iter().chain(&ends).all(|count| *count > 0);
        assert!(enough && nothing_is_missing, "too little happens: {self:?}");
    }
}

pub struct World {
    disk: SimDisk,
    house: House,
    writer: Writer<Uuid>,
    memory: Memory,
    explorer: Explorer,
    rng: SeededRng,
    epoch: i32,
    ids: u8,
    /// Renamed files and directories whose time has not come yet.
    segments: Vec<DeletedSegments>,
    directories: Vec<PartitionDir>,
    pub deeds: Deeds,
}

impl World {
    pub fn begin(seed: u64, explorer: Explorer) -> World {
        let disk = SimDisk::new();
        disk.record_crashes();
        let mut memory = Memory::default();
        for index in 0..PARTITIONS {
            memory.partitions.insert(name(index), PartitionMemory::new(Uuid([1 + index as u8; 16])));
        }
        let house = House::start(&disk, &memory).expect("an empty disk takes a directory");
        let mut world = World {
            disk,
            house,
            writer: Writer::new(),
            memory,
            explorer,
            rng: SeededRng::new(seed),
            epoch: 0,
            ids: 10,
            segments: Vec::new(),
            directories: Vec::new(),
            deeds: Deeds::default(),
        };
        world.observe();
        world
    }

    /// The disk after a stop in good order, or a kill, and what was known then.
    pub fn leave(mut self, clean: bool) -> (SimDisk, Memory) {
        self.finish_turns();
        for which in [Checkpoint::RecoveryPoint, Checkpoint::LogStart, Checkpoint::HighWatermark] {
            self.house.write_checkpoint(which).expect("a good disk takes a checkpoint");
        }
        self.house.dir.write_checkpoint(Checkpoint::Cleaner, [(&name(0), 1)]).expect("and another");
        self.log_starts_are_durable();
        if clean {
            self.house.stop().expect("a good disk is left clean");
        }
        self.disk.kill();
        (self.disk.fork(), self.memory)
    }

    pub fn explorer(&self) -> &Explorer {
        &self.explorer
    }

    /// Visits the crash points of a call whose outcome the world does not know yet.
    fn observe(&mut self) {
        self.explorer.visit(self.disk.take_crashes(), &self.memory, false);
    }

    /// As `observe`, of a call that happens rarely.
    fn observe_closely(&mut self) {
        self.explorer.visit(self.disk.take_crashes(), &self.memory, true);
    }

    fn pick(&mut self) -> TopicPartition {
        name(self.rng.below(PARTITIONS))
    }

    pub fn step(&mut self) {
        match self.rng.below(100) {
            0..=44 => self.append(),
            45..=59 => self.turn(),
            60..=64 => self.sync_turn(),
            65..=72 => self.flush_turn(),
            73 | 74 => self.flush(),
            75..=77 => self.checkpoint(),
            78 | 79 => self.epoch += 1,
            80..=83 => self.end_transaction(),
            84 | 85 => self.move_log_start(),
            86 | 87 => self.delete_segments(),
            88 => self.dispose(),
            89 => self.delete_partition(),
            90..=92 => self.write_metadata(),
            93 => self.delete_metadata(),
            94..=97 => self.truncate(),
            98 => self.stop_and_start(),
            _ => self.crash_and_start(),
        }
    }

    // ---- appending

    /// Every partition gets a batch that is synced, and one more.
    pub fn write_and_sync(&mut self) {
        for sync in [true, false] {
            for name in (0..PARTITIONS).map(name) {
                let (header, bytes) = batch(Wanted::default());
                self.submit(&name, &header, bytes, AppendOrigin::Client, sync);
            }
            self.turn();
            self.sync_turn();
        }
    }

    fn append(&mut self) {
        let name = self.pick();
        let producer = self.rng.below(PRODUCERS + 1) as i64;
        let mut wanted = Wanted {
            records: 1 + self.rng.below(3) as i32,
            value_bytes: self.rng.below(120) as usize,
            timestamp: NOW_MS + self.rng.below(TIMES as u64 - 10) as i64,
            ..Wanted::default()
        };
        if producer < PRODUCERS as i64 {
            let fold = self.fold(&name);
            let state = fold.producers.get(&producer).cloned().unwrap_or_default();
            if self.rng.below(10) == 0 && self.repeat(&name, producer) {
                return;
            }
            wanted.producer_id = producer;
            wanted.producer_epoch = state.epoch;
            wanted.sequence = state.last().0 + 1;
            wanted.transactional = producer == TRANSACTIONAL;
            if self.has_lost_its_batches(&name, producer) {
                (wanted.producer_epoch, wanted.sequence) = (state.epoch + 1, 0);
            }
        }
        let (header, bytes) = batch(wanted);
        let sync = self.rng.below(8) == 0;
        self.submit(&name, &header, bytes, AppendOrigin::Client, sync);
    }

    /// Only a marker of the producer lies behind the log start: a client takes the next epoch then.
    fn has_lost_its_batches(&self, name: &TopicPartition, producer: i64) -> bool {
        let known = self.house.logs[name].producers().find(|(id, _)| *id == producer);
        known.is_some_and(|(_, entry)| entry.last_sequence() < 0)
    }

    /// A producer's last batch once more: it is answered with the offset it has (invariant 23).
    fn repeat(&mut self, name: &TopicPartition, producer: i64) -> bool {
        let line = &self.memory.partitions[name].line;
        let own = |batch: &Arc<[u8]>| {
            let header = BatchHeader::parse(batch).expect("an own batch");
            header.producer_id == producer && !header.attributes.is_control()
        };
        let Some((base, batch)) = line.iter().rev().find(|(_, batch)| own(batch)) else { return false };
        let (base, batch) = (*base, Bytes::copy_from_slice(batch));
        let header = BatchHeader::parse(&batch).expect("an own batch");
        let log = self.house.logs.get_mut(name).expect("an open log");
        let known = log.producers().find(|(id, _)| *id == producer);
        let is_remembered = known.is_some_and(|(_, entry)| {
            entry.last_batch().is_some_and(|last| last.last_offset == header.last_offset())
        });
        if !is_remembered {
            return false;
        }
        let context = context(self.epoch, AppendOrigin::Client, false);
        match log.append(&header, batch, &context) {
            Ok(Appended::Duplicate { base_offset, .. }) => assert_eq!(base_offset, base, "23"),
            other => panic!("23: a repeat of {base} gives {other:?}"),
        }
        self.deeds.repeats += 1;
        true
    }

    fn end_transaction(&mut self) {
        let name = self.pick();
        let fold = self.fold(&name);
        let Some(state) = fold.producers.get(&TRANSACTIONAL).filter(|state| state.open.is_some()) else {
            return;
        };
        // Half of the markers carry the next epoch (KIP-890).
        let epoch = state.epoch + self.rng.below(2) as i16;
        let (header, bytes) = marker(TRANSACTIONAL, epoch, self.rng.below(2) == 0);
        self.submit(&name, &header, bytes, AppendOrigin::Coordinator, false);
    }

    fn fold(&self, name: &TopicPartition) -> Fold {
        Fold::over(self.memory.partitions[name].line.values().map(|batch| &batch[..]))
    }

    fn submit(
        &mut self,
        name: &TopicPartition,
        header: &BatchHeader,
        bytes: Bytes,
        origin: AppendOrigin,
        sync: bool,
    ) {
        let log = self.house.logs.get_mut(name).expect("an open log");
        let segments = log.segment_base_offsets().count();
        let appended = log.append(header, bytes.clone(), &context(self.epoch, origin, sync));
        let Ok(Appended::New { base_offset, op, .. }) = appended else {
            panic!("an honest batch is refused: {appended:?}")
        };
        self.deeds.rolls += u32::from(log.segment_base_offsets().count() > segments);
        let mut bytes = bytes.to_vec();
        patch::set_base_offset(&mut bytes, base_offset);
        patch::set_partition_leader_epoch(&mut bytes, self.epoch);
        let known = self.memory.partitions.get_mut(name).expect("a known partition");
        known.append(base_offset, self.epoch, bytes);
        self.writer.submit(op, known.topic_id);
    }

    fn submit_op(&mut self, name: &TopicPartition, op: WriteOp) {
        self.writer.submit(op, self.memory.partitions[name].topic_id);
    }

    // ---- the writer's turns

    fn turn(&mut self) {
        let done = self.writer.turn();
        self.observe();
        done.iter().for_each(|done| self.learn(done));
    }

    fn sync_turn(&mut self) {
        let done = self.writer.sync_turn();
        self.observe();
        done.iter().for_each(|done| self.learn(done));
    }

    fn flush_turn(&mut self) {
        let done = self.writer.flush_turn();
        self.observe();
        self.deeds.flushes += u32::from(done.is_some());
        done.iter().for_each(|done| self.learn(done));
    }

    fn finish_turns(&mut self) {
        self.turn();
        self.sync_turn();
        while self.writer.has_flush_work() {
            self.flush_turn();
        }
    }

    fn learn(&mut self, done: &Done<Uuid>) {
        if let Some(fault) = &done.progress.fault {
            panic!("a good disk fails: {fault}");
        }
        // The partition may be gone by now.
        let of_owner = |(_, known): &(&TopicPartition, &mut PartitionMemory)| known.topic_id == done.owner;
        let Some((name, known)) = self.memory.partitions.iter_mut().find(of_owner) else { return };
        let log = self.house.logs.get_mut(name).expect("an open log");
        log.advance(&done.progress);
        known.written = log.ends().written.offset;
        known.durable = log.ends().durable;
    }

    fn flush(&mut self) {
        let name = self.pick();
        let op = self.house.logs.get_mut(&name).and_then(|log| log.flush());
        if let Some(op) = op {
            self.submit_op(&name, op);
        }
    }

    fn checkpoint(&mut self) {
        let which = [Checkpoint::RecoveryPoint, Checkpoint::LogStart, Checkpoint::HighWatermark];
        let which = which[self.rng.below(3) as usize];
        self.house.write_checkpoint(which).expect("a good disk takes a checkpoint");
        self.observe();
        self.deeds.checkpoints += 1;
        if which == Checkpoint::LogStart {
            self.log_starts_are_durable();
        }
    }

    fn log_starts_are_durable(&mut self) {
        for (name, known) in &mut self.memory.partitions {
            known.log_start = known.log_start.max(self.house.logs[name].ends().log_start);
        }
    }

    // ---- deleting

    /// DeleteRecords: the new start is on the disk before anybody sees it.
    fn move_log_start(&mut self) {
        let name = self.pick();
        let ends = self.house.logs[&name].ends();
        let (start, end) = (ends.log_start, ends.written.offset);
        let to = start + self.rng.below((end - start) as u64 + 1) as i64;
        if to > start {
            self.promise_log_start(&name, to);
            self.house.logs.get_mut(&name).expect("an open log").advance_log_start(to);
            self.deeds.log_start_moves += 1;
        }
    }

    fn promise_log_start(&mut self, name: &TopicPartition, to: i64) {
        let known = self.memory.partitions.get_mut(name).expect("a known partition");
        known.log_start_asked = known.log_start_asked.max(to);
        self.house.promise_log_start(name, to).expect("a good disk takes a checkpoint");
        self.observe();
        let known = self.memory.partitions.get_mut(name).expect("a known partition");
        known.log_start = known.log_start.max(to);
        self.log_starts_are_durable();
    }

    fn delete_segments(&mut self) {
        let name = self.pick();
        let log = &self.house.logs[&name];
        let written = log.ends().written.offset;
        let point = log.view().retention_point(&config(), NOW_MS, written).expect("sizes can be read");
        // Now and then all of it goes.
        let point = if self.rng.below(4) == 0 { Some(written) } else { point };
        let Some(point) = point.filter(|point| *point > log.ends().log_start) else { return };
        let all = point == log.ends().assigned.offset;
        let start = log.segment_base_offsets().filter(|base| *base <= point).last().unwrap_or(point);
        self.promise_log_start(&name, if all { point } else { start });
        let log = self.house.logs.get_mut(&name).expect("an open log");
        let Some((deleted, roll)) = log.delete_below(point, NOW_MS) else { return };
        if let Some(op) = roll {
            self.submit_op(&name, op);
        }
        deleted.rename().expect("a good disk renames");
        self.observe_closely();
        self.deeds.segments_deleted += 1;
        self.segments.push(deleted);
    }

    /// The delay of deletions is over.
    fn dispose(&mut self) {
        for deleted in std::mem::take(&mut self.segments) {
            deleted.remove().expect("a good disk removes");
        }
        for marked in std::mem::take(&mut self.directories) {
            self.house.dir.remove_deleted(&marked).expect("a good disk removes");
        }
        self.observe();
    }

    /// A topic is deleted and made again under another id.
    fn delete_partition(&mut self) {
        let name = self.pick();
        let id = Uuid([self.ids; 16]);
        self.ids += 1;
        self.segments.clear();
        // The metadata decides before the disk follows.
        self.memory.partitions.insert(name.clone(), PartitionMemory::new(id));
        self.directories.push(self.house.delete(&name, id).expect("a good disk renames"));
        self.observe();
        let log = self.house.create(&name, id).expect("a good disk takes a directory");
        self.house.logs.insert(name, log);
        self.observe();
        self.deeds.partitions_deleted += 1;
    }

    // ---- the metadata directory

    fn write_metadata(&mut self) {
        let end_offset = self.rng.below(50) as i64;
        let id = SnapshotId { end_offset, epoch: self.epoch };
        let bytes: Vec<u8> = (0..self.rng.below(2000)).map(|at| (at % 251) as u8).collect();
        if self.rng.below(3) == 0 {
            let vote = self.next_vote();
            self.memory.metadata.next_vote = Some(vote.clone());
            self.house.metadata.write_quorum_state(&vote).expect("a good disk takes a vote");
            self.observe();
            self.memory.metadata.vote = Some(vote);
            return;
        }
        if self.memory.metadata.snapshots.contains_key(&id) {
            return;
        }
        self.memory.metadata.uncertain.insert(id, bytes.clone());
        let unique = self.rng.next_u64();
        self.house.metadata.write_snapshot(id, &bytes, unique).expect("a good disk takes a snapshot");
        self.observe();
        self.memory.metadata.uncertain.remove(&id);
        self.memory.metadata.snapshots.insert(id, bytes);
        self.deeds.metadata_snapshots += 1;
    }

    fn next_vote(&mut self) -> QuorumState {
        QuorumState {
            leader_id: 1,
            leader_epoch: self.rng.below(1000) as i32,
            voted_id: -1,
            version: QuorumStateVersion::V1 { voted_directory_id: Uuid([3; 16]) },
        }
    }

    fn delete_metadata(&mut self) {
        let Some((id, bytes)) = self.memory.metadata.snapshots.pop_first() else { return };
        self.memory.metadata.uncertain.insert(id, bytes);
        self.house.metadata.delete_snapshot(id).expect("a good disk removes");
        self.observe();
        self.memory.metadata.uncertain.remove(&id);
    }

    // ---- truncation

    /// A follower gives up what its leader does not have.
    fn truncate(&mut self) {
        self.turn();
        let name = self.pick();
        let log = &self.house.logs[&name];
        let (start, end) = (log.ends().log_start, log.ends().written.offset);
        // Mostly near the end, as it happens.
        let range = if self.rng.below(4) == 0 { end - start } else { (end - start).min(12) };
        let to = end - self.rng.below(range as u64 + 1) as i64;
        let known = self.memory.partitions.get_mut(&name).expect("a known partition");
        known.cut(to);
        let log = self.house.logs.get_mut(&name).expect("an open log");
        let deleted = log.truncate_to(to, NOW_MS).expect("a good disk is cut");
        self.observe();
        let known = self.memory.partitions.get_mut(&name).expect("a known partition");
        known.before_cut = None;
        let ends = self.house.logs[&name].ends();
        assert_eq!(ends.written.offset, known.line_end(ends.log_start), "the end after a cut at {to}");
        self.house.write_checkpoint(Checkpoint::RecoveryPoint).expect("a good disk takes a checkpoint");
        self.observe();
        checks::check(&self.house, &self.memory, true);
        self.deeds.truncations += u32::from(deleted.is_some());
        self.segments.extend(deleted);
        self.epoch += 1;
    }

    // ---- ends and starts

    pub fn stop_and_start(&mut self) {
        self.finish_turns();
        checks::check(&self.house, &self.memory, true);
        self.house.stop().expect("a good disk is left clean");
        self.observe();
        for (name, known) in &mut self.memory.partitions {
            let ends = self.house.logs[name].ends();
            (known.written, known.durable) = (ends.written.offset, ends.durable);
            known.log_start = known.log_start.max(ends.log_start);
        }
        self.deeds.stops += 1;
        self.start(|disk| disk.kill());
    }

    fn crash_and_start(&mut self) {
        self.deeds.crashes += 1;
        if self.rng.below(3) == 0 {
            // The process only: what was not synced still may be lost later.
            self.start(|disk| disk.kill());
            return;
        }
        let loss = Loss::ALL[self.rng.below(Loss::ALL.len() as u64) as usize];
        let chance = self.rng.next_u64();
        self.start(|disk| disk.power_cut_losing(loss, chance));
    }

    fn start(&mut self, end: impl FnOnce(&SimDisk)) {
        end(&self.disk);
        // What was only written may be gone by now.
        self.memory.partitions.values_mut().for_each(|known| known.written = known.durable);
        self.writer = Writer::new();
        self.segments.clear();
        self.directories.clear();
        self.house = House::start(&self.disk, &self.memory).expect("a directory of ours opens");
        self.observe();
        checks::check(&self.house, &self.memory, false);
        for (name, known) in &mut self.memory.partitions {
            let ends = self.house.logs[name].ends();
            known.ends_at(ends.written.offset);
            known.log_start = known.log_start.max(ends.log_start);
            known.log_start_asked = known.log_start;
        }
        let metadata = &mut self.memory.metadata;
        metadata.vote = self.house.metadata.quorum_state().expect("it was read before");
        // What was on its way has arrived, or never will.
        let found = self.house.metadata.snapshots().expect("they were listed before");
        let uncertain = std::mem::take(&mut metadata.uncertain);
        metadata.snapshots.extend(uncertain.into_iter().filter(|(id, _)| found.contains(id)));
        self.epoch += 1;
    }
}

fn name(index: u64) -> TopicPartition {
    TopicPartition::new("t", index as i32)
}

fn context(leader_epoch: i32, origin: AppendOrigin, sync: bool) -> AppendContext {
    AppendContext { origin, leader_epoch, now_ms: NOW_MS, sync }
}
