//! What a turn of a writer leads to: ends move, decisions are committed, the image takes effect, a directory fails.
//!
//! ```text
//! directory online ── a write, sync or other call fails ──► offline until the next start
//!   its partitions answer KAFKA_STORAGE_ERROR, the controller hears of it at once, the others go on
//!   it held the metadata log, or was the last one ──► the node has a fault and must end
//! ```

use std::sync::Arc;
use std::sync::atomic::Ordering;

use klamm_base::Now;
use klamm_log::{Done, LogFault, Progress};

use super::Node;
use crate::fault::{NodeFault, is_out_of_descriptors};
use crate::gather::Wakes;
use crate::lifecycle;
use crate::news::News;
use crate::partitions::{Directory, Owner};
use crate::replicas::{Aftermath, DirectoryFault};

impl Node {
    pub(super) fn all_progressed(&self, done: Vec<Done<Owner>>, now: Now) {
        let mut wakes = Wakes::default();
        for done in done {
            self.progressed(&done.owner, &done.progress, now, &mut wakes);
        }
        wakes.wake_all();
    }

    fn progressed(&self, owner: &Owner, progress: &Progress, now: Now, wakes: &mut Wakes) {
        match owner {
            Owner::Partition(partition) => {
                partition.on_progress(progress, wakes);
                if let Some(fault) = &progress.fault {
                    self.directory_failed(&partition.directory, fault.clone(), wakes);
                }
                if partition.is_internal {
                    let settings = self.broker.settings();
                    self.broker.group_coordinators.progressed(partition, &settings, now, wakes);
                }
            }
            Owner::Metadata => {
                self.broker.controller.on_progress(progress, now);
                let mut aftermath = Aftermath::default();
                self.broker.controller.publish(now, wakes, |step, wakes| {
                    aftermath.add(self.publisher.publish(&self.broker, step, now, wakes));
                });
                self.deal_with(aftermath, now, wakes);
                if let Some(fault) = self.broker.controller.fault() {
                    self.fault.lock().get_or_insert(fault);
                }
            }
        }
    }

    /// What a step of the image has left to do.
    pub(super) fn deal_with(&self, aftermath: Aftermath, now: Now, wakes: &mut Wakes) {
        let Aftermath { faults, misplaced, must_repeat, must_tell } = aftermath;
        for DirectoryFault { directory, fault } in faults {
            self.directory_failed(&directory, fault, wakes);
        }
        if must_repeat {
            self.must_repeat.store(true, Ordering::Release);
        }
        if must_tell {
            self.tell_at_once();
        }
        lifecycle::report_places(&self.broker, &misplaced, now);
    }

    /// Carries out again what had to wait; false when nothing is due.
    pub(super) fn repeat_turn(&self, now: Now) -> bool {
        if !self.repeat_is_due.swap(false, Ordering::AcqRel) {
            return false;
        }
        let mut wakes = Wakes::default();
        let publish = || self.publisher.publish_all(&self.broker, now, &mut wakes);
        let aftermath = self.broker.controller.between_steps(publish);
        self.deal_with(aftermath, now, &mut wakes);
        wakes.wake_all();
        true
    }

    /// Takes a directory out of use with everything in it. Without the metadata log, or without any directory, the
    /// node cannot go on.
    pub(super) fn directory_failed(&self, directory: &Arc<Directory>, fault: LogFault, wakes: &mut Wakes) {
        if is_out_of_descriptors(&fault) {
            self.broker.news.add(News::OutOfDescriptors { fault });
            // With the next heartbeat others may have given some back.
            self.must_repeat.store(true, Ordering::Release);
            return;
        }
        if !directory.fail(fault.clone()) {
            return;
        }
        let dir = directory.path().to_owned();
        self.broker.news.add(News::DirectoryOffline { dir, fault: fault.clone() });
        for partition in self.broker.partitions.all() {
            if Arc::ptr_eq(&partition.directory, directory) {
                partition.fail(wakes);
            }
        }
        self.broker.coordinate(wakes);
        if Arc::ptr_eq(directory, &self.broker.controller.directory()) {
            self.fault.lock().get_or_insert(NodeFault::MetadataLog(fault));
        } else if self.broker.directories.iter().all(|directory| directory.is_offline()) {
            self.fault.lock().get_or_insert(NodeFault::AllDirectories(fault));
        }
        self.tell_at_once();
    }

    /// The next heartbeat is due now.
    fn tell_at_once(&self) {
        self.must_tell.store(true, Ordering::Release);
        self.next_chore.store(0, Ordering::Release);
    }
}
