//! Visits crash points: the disk as it was at an operation, with a loss of what was not synced.

use klamm_base::rng::{Rng, SeededRng};
use klamm_log::disk::sim::{Loss, SimDisk};

use super::checks::{
    AllAnswers, all_answers, assert_same, check, epoch_files_are_those_of_the_batches,
    indexes_only_accelerate,
};
use super::house::House;
use super::memory::Memory;

/// How much of what could be looked at is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// One of so many operations.
    pub stride: u64,
    /// So many ways of losing, at each of them.
    pub losses: usize,
    /// At one of so many points the directory is closed and opened again, and opened without indexes.
    pub reopened: u64,
    /// At one of so many points recovery itself is interrupted, at every operation.
    pub interrupted: u64,
}

/// What was visited.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    pub operations: u64,
    /// Crash points of the workload: an operation and a loss.
    pub points: u64,
    /// Crash points of recoveries.
    pub during_recovery: u64,
    pub reopened: u64,
    /// Points after which the marker of a clean stop was found.
    pub clean: u64,
}

impl Count {
    pub fn add(&mut self, other: &Count) {
        self.operations += other.operations;
        self.points += other.points;
        self.during_recovery += other.during_recovery;
        self.reopened += other.reopened;
        self.clean += other.clean;
    }
}

pub struct Explorer {
    effort: Effort,
    rng: SeededRng,
    pub count: Count,
    /// The seed of the workload, for messages.
    seed: u64,
}

impl Explorer {
    pub fn new(effort: Effort, seed: u64) -> Explorer {
        Explorer { effort, rng: SeededRng::new(seed ^ 0x5eed), count: Count::default(), seed }
    }

    /// The disk at each operation of something that the world has not heard of yet.
    /// `closely` leaves none out.
    pub fn visit(&mut self, crashes: Vec<SimDisk>, memory: &Memory, closely: bool) {
        for crash in crashes {
            self.count.operations += 1;
            let is_left_out = self.rng.below(self.effort.stride) != 0;
            if is_left_out && !(closely && self.effort.losses > 0) {
                continue;
            }
            let first = self.rng.below(Loss::ALL.len() as u64) as usize;
            for step in 0..self.effort.losses.min(Loss::ALL.len()) {
                let loss = Loss::ALL[(first + step) % Loss::ALL.len()];
                self.point(&crash, loss, memory);
            }
        }
    }

    fn point(&mut self, crash: &SimDisk, loss: Loss, memory: &Memory) {
        let chance = self.rng.next_u64();
        let _place = Place { seed: self.seed, operation: self.count.operations, loss, chance };
        let disk = crash.fork();
        disk.power_cut_losing(loss, chance);
        let interrupted = chance.is_multiple_of(self.effort.interrupted).then(|| disk.fork());
        let house = House::start(&disk, memory).unwrap_or_else(|fault| panic!("it does not open: {fault}"));
        let found = check(&house, memory, loss == Loss::Nothing);
        self.count.points += 1;
        self.count.clean += u64::from(house.was_clean);
        if (chance >> 8).is_multiple_of(self.effort.reopened) {
            self.reopen(&disk, house, memory, &found);
        }
        if let Some(disk) = interrupted {
            self.interrupt(&disk, memory, &found, chance);
        }
    }

    /// A second recovery, a clean end and a start after it change no answer; nor does the lack of all indexes.
    fn reopen(&mut self, disk: &SimDisk, house: House, memory: &Memory, found: &AllAnswers) {
        drop(house);
        disk.kill();
        let mut house = House::start(disk, memory).expect("what was recovered opens");
        assert_same("21: a second recovery", &all_answers(&house), found);
        house.stop().expect("what was recovered can be closed");
        drop(house);
        disk.power_cut_losing(Loss::Everything, 0);
        epoch_files_are_those_of_the_batches(disk, memory, found);
        let bare = disk.fork();
        let house = House::start(disk, memory).expect("what was closed opens");
        assert!(house.was_clean, "the marker of a clean stop is gone");
        assert_same("24: a clean stop and start", &all_answers(&house), found);
        indexes_only_accelerate(&bare, memory, found);
        self.count.reopened += 1;
    }

    /// Invariant 21: recovery, interrupted at any operation and begun again, finds what it finds undisturbed.
    fn interrupt(&mut self, disk: &SimDisk, memory: &Memory, found: &AllAnswers, chance: u64) {
        let mut rng = SeededRng::new(chance);
        let recorded = disk.fork();
        recorded.record_crashes();
        drop(House::start(&recorded, memory).expect("it has opened before"));
        for crash in recorded.take_crashes() {
            let loss = Loss::ALL[rng.below(Loss::ALL.len() as u64) as usize];
            crash.power_cut_losing(loss, rng.next_u64());
            let house = House::start(&crash, memory)
                .unwrap_or_else(|fault| panic!("21: no start after an interrupted recovery: {fault}"));
            assert_same(&format!("21: after an interrupted recovery, {loss:?}"), &all_answers(&house), found);
            self.count.during_recovery += 1;
        }
    }
}

/// Where a check fails, shown when it does.
struct Place {
    seed: u64,
    operation: u64,
    loss: Loss,
    chance: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Place { seed, operation, loss, chance } = self;
            eprintln!("at seed {seed}, operation {operation}, loss {loss:?}, chance {chance}");
        }
    }
}
