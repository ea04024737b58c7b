//! The clean end: controlled shutdown, logs closed, checkpoints, and last the marker that says so.

use klamm_base::{Mono, Now};

use super::Node;
use crate::fault::NodeFault;
use crate::gather::Wakes;
use crate::lifecycle::Wish;
use crate::partitions::checkpoints;

/// So much of what was deleted goes with a stop: taking it away may cost the disk milliseconds each, and a stop that takes
/// long is one that is killed.
const WASTE_REMOVED: usize = 16;

impl Node {
    /// Stops in good order: controlled shutdown, logs closed, checkpoints, clean-shutdown markers; the locks go back when
    /// the node is dropped. The listeners are closed and no other call is running. Blocks on the disk.
    ///
    /// # Errors
    /// What kept a directory from being left clean; the others are. A node that has a fault leaves no marker anywhere.
    pub fn stop(&self, now: Now) -> Result<(), NodeFault> {
        self.leave_cluster(now);
        if let Some(fault) = self.fault() {
            return Err(fault);
        }
        let mut wakes = Wakes::default();
        self.remove_waste(&mut wakes);
        let partitions = self.broker.partitions.all();
        for directory in self.broker.directories.iter().filter(|directory| !directory.is_offline()) {
            if let Err(fault) = checkpoints::close_logs(directory, &partitions) {
                self.directory_failed(directory, fault, &mut wakes);
            }
        }
        self.broker.controller.stop(now)?;
        let broker_epoch = self.lifecycle.lock().broker_epoch;
        // Not in a directory that holds nothing but the metadata log: other releases neither read nor remove it there.
        for directory in self.broker.directories.iter().filter(|directory| !directory.is_offline()) {
            let left = checkpoints::leave_clean(directory, &partitions, broker_epoch);
            if let Err(fault) = left {
                self.directory_failed(directory, fault, &mut wakes);
            }
        }
        wakes.wake_all();
        self.fault().map_or(Ok(()), Err)
    }

    /// Nothing reads any more what was deleted: it need not wait. What is left is found by its name at the next start, which
    /// removes it beside its other work.
    fn remove_waste(&self, wakes: &mut Wakes) {
        let removals = std::iter::from_fn(|| self.publisher.disposal.turn(Mono::NEVER));
        for removed in removals.take(WASTE_REMOVED) {
            if let Err((directory, fault)) = removed {
                self.directory_failed(&directory, fault, wakes);
            }
        }
    }

    /// Hands leadership over, and writes what is on its way.
    fn leave_cluster(&self, now: Now) {
        let broker = &self.broker;
        loop {
            let heartbeat = self.lifecycle.lock().heartbeat(broker, Wish::ShutDown, now);
            self.settle(now);
            match heartbeat {
                Ok(heartbeat) if !heartbeat.should_shut_down && self.fault().is_none() => {}
                _ => break,
            }
        }
        self.settle(now);
    }
}
