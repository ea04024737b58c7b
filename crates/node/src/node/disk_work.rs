//! Work on the disk, for whoever has a thread for it.

use std::sync::atomic::Ordering;

use klamm_base::Now;

use super::Node;
use crate::gather::Wakes;
use crate::jobs;

impl Node {
    /// Number of log directories; they are named 0, 1, ... below.
    pub fn directories(&self) -> usize {
        self.directories.len()
    }

    /// Whether appended data of a directory waits to be written: whoever asks may call [`Node::write_turn`] at once, on
    /// its own thread. Cheap.
    pub fn write_work(&self, dir: usize) -> bool {
        self.directories[dir].writer.has_work()
    }

    /// Whether written data of a directory waits for a sync: for [`Node::sync_turn`], on a thread that may wait for the
    /// disk. Look after each write turn. Cheap.
    pub fn sync_work(&self, dir: usize) -> bool {
        self.directories[dir].writer.has_sync_work()
    }

    /// Writes what has arrived, moves ends, wakes who waited for them. Returns at once, with false, while another thread
    /// is in its turn for this directory: that one takes over what is queued.
    pub fn write_turn(&self, dir: usize, now: Now) -> bool {
        let writer = &self.directories[dir].writer;
        while writer.has_work() {
            let Some(done) = writer.try_turn() else { return false };
            self.all_progressed(done, now);
        }
        true
    }

    /// Syncs what asked for it, moves ends, wakes who waited for them; false when there was nothing. Write turns go on
    /// beside it. What it publishes may append: look at [`Node::write_work`] afterwards.
    pub fn sync_turn(&self, dir: usize, now: Now) -> bool {
        let done = self.directories[dir].writer.sync_turn();
        let worked = !done.is_empty();
        self.all_progressed(done, now);
        worked
    }

    /// True while slow disk work waits (flush of rolled segments, checkpoints, removal of deleted partitions).
    pub fn background_work(&self) -> bool {
        self.directories.iter().any(|directory| directory.writer.has_flush_work())
            || self.broker.controller.has_upkeep()
            || self.repeat_is_due.load(Ordering::Acquire)
            || jobs::has_claimed_starts(&self.broker)
            || self.broker.group_coordinators.has_work()
            || self.housekeeping.lock().has_job()
    }

    /// Does one piece of slow disk work; false when there was none. Wants a thread of its own.
    pub fn background_turn(&self, now: Now) -> bool {
        if self.log_starts_turn() || self.flush_turn(now) || self.groups_turn(now) || self.repeat_turn(now) {
            return true;
        }
        let mut wakes = Wakes::default();
        let controller = &self.broker.controller;
        match controller.upkeep_turn(now, &self.broker.news) {
            Ok(false) => {}
            Ok(true) => return true,
            Err(fault) => {
                self.directory_failed(&controller.directory(), fault, &mut wakes);
                wakes.wake_all();
                return true;
            }
        }
        let Some(job) = self.housekeeping.lock().take() else { return false };
        let done = jobs::work_off(job, &self.broker, &self.publisher.disposal, now, &mut wakes);
        match done {
            Ok(false) => {}
            Ok(true) => self.housekeeping.lock().again(job),
            Err((directory, fault)) => self.directory_failed(&directory, fault, &mut wakes),
        }
        wakes.wake_all();
        self.note_next_chore();
        true
    }

    /// True while something waits that would hold a shard for too long.
    pub fn slow_work(&self) -> bool {
        self.broker.slow_lane.has_work()
    }

    /// Does one piece of it; false when there was none. Wants a thread of its own; touches no disk.
    pub fn slow_turn(&self) -> bool {
        self.broker.slow_lane.turn()
    }

    /// Moves the log starts that requests wait for; false when none do.
    fn log_starts_turn(&self) -> bool {
        let mut wakes = Wakes::default();
        let moved = jobs::move_claimed_starts(&self.broker, &mut wakes);
        let worked = !matches!(moved, Ok(false));
        if let Err((directory, fault)) = moved {
            self.directory_failed(&directory, fault, &mut wakes);
        }
        wakes.wake_all();
        worked
    }

    /// Loads coordinators; false when nothing is to be loaded.
    fn groups_turn(&self, now: Now) -> bool {
        let coordinators = &self.broker.group_coordinators;
        coordinators.has_work() && coordinators.turn(&self.broker.settings(), &self.broker.news, now)
    }

    /// Finishes one rolled segment; false when none waits.
    fn flush_turn(&self, now: Now) -> bool {
        let Some(done) = self.directories.iter().find_map(|directory| directory.writer.flush_turn()) else {
            return false;
        };
        self.all_progressed(vec![done], now);
        true
    }

    /// Writes, commits and publishes until nothing is left to do.
    pub(super) fn settle(&self, now: Now) {
        while (0..self.directories.len()).any(|dir| self.write_work(dir) || self.sync_work(dir)) {
            for dir in 0..self.directories.len() {
                self.write_turn(dir, now);
                self.sync_turn(dir, now);
            }
        }
        while self.flush_turn(now) {}
    }
}
