//! Groups and their offsets through kills and power cuts: what was acknowledged is there afterwards, and what is read
//! from the log equals what was there before.

use std::collections::BTreeMap;
use std::path::Path;

use klamm_base::rng::{Rng, SeededRng};
use klamm_sim::world::DIR;

use super::words::{Groups, Member};

const GROUPS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// What may be found of one partition: the last offset that was acknowledged, and those sent after it.
#[derive(Debug, Default)]
struct Commits {
    acknowledged: Option<i64>,
    sent: Vec<i64>,
}

struct Run {
    groups: Groups,
    rng: SeededRng,
    members: BTreeMap<&'static str, Member>,
    commits: BTreeMap<(&'static str, i32), Commits>,
    next_offset: i64,
}

impl Run {
    fn new(seed: u64, overrides: &[(&str, &str)]) -> Run {
        Run {
            groups: Groups::ready(seed, overrides),
            rng: SeededRng::new(seed),
            members: BTreeMap::new(),
            commits: BTreeMap::new(),
            next_offset: 1,
        }
    }

    fn step(&mut self) {
        let group = GROUPS[self.rng.below(GROUPS.len() as u64) as usize];
        match self.rng.below(20) {
            0..=1 => self.come_or_go(group),
            2 => self.delete(group),
            3 => self.groups.world.background(),
            _ => self.commit(group, self.rng.clone().below(4) > 0),
        }
    }

    fn come_or_go(&mut self, group: &'static str) {
        match self.members.remove(group) {
            Some(member) => assert_eq!(self.groups.leave(group, &member), 0),
            None => drop(self.members.insert(group, self.groups.enter(group))),
        }
    }

    fn delete(&mut self, group: &'static str) {
        if !self.members.contains_key(group) && self.groups.delete(group) == 0 {
            self.commits.retain(|(other, _), _| *other != group);
        }
    }

    /// Commits one offset; when nobody waits for the answer it may be lost.
    fn commit(&mut self, group: &'static str, waits: bool) {
        let partition = self.rng.below(3) as i32;
        let offset = self.next_offset;
        self.next_offset += 1;
        let member = self.members.get(group).cloned().unwrap_or_default();
        let commits = self.commits.entry((group, partition)).or_default();
        commits.sent.push(offset);
        let pending = self.groups.send_commit(group, &member, "t", partition, offset);
        if waits {
            self.groups.world.run();
            assert_eq!(self.groups.commit_error(pending), Some(0));
            *commits = Commits { acknowledged: Some(offset), sent: vec![offset] };
        }
    }

    /// What is there now is no older than what was acknowledged, and nothing that nobody sent.
    fn check(&mut self) {
        for ((group, partition), commits) in &mut self.commits {
            let found = self.groups.offset(group, "t", *partition);
            assert!(found >= commits.acknowledged, "{group}-{partition}: {found:?} of {commits:?}");
            assert!(found.is_none_or(|found| commits.sent.contains(&found)), "{found:?} of {commits:?}");
            commits.acknowledged = found;
        }
    }
}

#[test]
fn acknowledged_commits_survive_a_kill() {
    for seed in 0..10 {
        let mut run = Run::new(seed, &[("offsets.topic.num.partitions", "3")]);
        for _ in 0..6 {
            (0..30).for_each(|_| run.step());
            run.groups.world.kill();
            run.groups.start();
            run.check();
        }
    }
}

#[test]
fn acknowledged_commits_survive_a_power_cut_where_every_record_is_synced() {
    for seed in 0..10 {
        let synced = [("offsets.topic.num.partitions", "3"), ("log.flush.interval.messages", "1")];
        let mut run = Run::new(seed, &synced);
        for _ in 0..6 {
            (0..30).for_each(|_| run.step());
            run.groups.world.power_cut();
            run.groups.start();
            run.check();
        }
    }
}

#[test]
fn what_is_read_from_the_log_equals_what_was_there() {
    for seed in 0..10 {
        // Short segments and a busy cleaner: the log that is read is not the one that was written. It is read in
        // many slices.
        let settings = [
            ("offsets.topic.num.partitions", "3"),
            ("log.roll.ms", "5000"),
            ("offsets.load.buffer.size", "2000"),
            ("log.cleaner.min.cleanable.ratio", "0.01"),
            ("offsets.topic.compression.codec", ["0", "1", "2", "3", "4"][seed as usize % 5]),
        ];
        let mut run = Run::new(seed, &settings);
        for round in 0..4 {
            (0..60).for_each(|_| run.step());
            run.groups.world.run();
            let before = run.groups.dump();
            match round % 2 {
                0 => run.groups.world.kill(),
                _ => run.groups.world.stop(),
            }
            run.groups.start();
            assert_eq!(run.groups.dump(), before, "seed {seed}, round {round}");
            run.groups.world.advance(35_000);
            run.groups.world.background();
            run.groups.world.run();
            run.members.clear();
        }
        let image = run.groups.world.disk.image(Path::new(DIR));
        let cleaned = String::from_utf8(image[&Path::new(DIR).join("cleaner-offset-checkpoint")].clone());
        assert!(
            cleaned.is_ok_and(|cleaned| cleaned.contains("__consumer_offsets")),
            "something was compacted"
        );
    }
}
