//! The memory of all shards together, which `klamm.group.memory.max.bytes` bounds.
//!
//! A shard tells its own bytes behind every step, and may grow by what the others leave. Shards that decide at the same
//! moment do not see each other's last request; that much more it may become.

use std::sync::atomic::{AtomicUsize, Ordering};

use klamm_coordinator::group::contract::GroupLimits;
use klamm_coordinator::group::memory::GroupMemory;

/// The part of the memory that is left to what uncommitted records hold.
const UNCOMMITTED_PART: usize = 4;

/// What is kept for long, and what may be held besides until the log has come further.
pub fn parts(all: usize) -> GroupMemory {
    let uncommitted = all / UNCOMMITTED_PART;
    GroupMemory { kept: all - uncommitted, uncommitted }
}

/// Bytes of all shards.
#[derive(Debug, Default)]
pub struct Taken {
    kept: AtomicUsize,
    uncommitted: AtomicUsize,
}

impl Taken {
    /// A shard takes so much now.
    pub fn changed(&self, before: GroupMemory, now: GroupMemory) {
        let change = |sum: &AtomicUsize, before: usize, now: usize| {
            if before != now {
                sum.fetch_add(now.wrapping_sub(before), Ordering::Relaxed);
            }
        };
        change(&self.kept, before.kept, now.kept);
        change(&self.uncommitted, before.uncommitted, now.uncommitted);
    }

    pub fn sum(&self) -> GroupMemory {
        let load = |sum: &AtomicUsize| sum.load(Ordering::Relaxed);
        GroupMemory { kept: load(&self.kept), uncommitted: load(&self.uncommitted) }
    }

    /// The limits of all shards as those of one that takes `own`.
    pub fn limits_of(&self, own: GroupMemory, all: &GroupLimits) -> GroupLimits {
        let sum = self.sum();
        let left = |max: usize, sum: usize, own: usize| max.saturating_sub(sum.saturating_sub(own));
        GroupLimits {
            memory_max: left(all.memory_max, sum.kept, own.kept),
            uncommitted_max: left(all.uncommitted_max, sum.uncommitted, own.uncommitted),
            ..*all
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(kept: usize, uncommitted: usize) -> GroupMemory {
        GroupMemory { kept, uncommitted }
    }

    #[test]
    fn a_shard_may_have_what_the_others_leave() {
        let taken = Taken::default();
        let all = GroupLimits { memory_max: 100, uncommitted_max: 20, ..GroupLimits::default() };
        let left = |own| {
            let limits = taken.limits_of(own, &all);
            (limits.memory_max, limits.uncommitted_max)
        };
        taken.changed(memory(0, 0), memory(30, 5));
        taken.changed(memory(0, 0), memory(10, 0));
        assert_eq!(left(memory(10, 0)), (70, 15));
        assert_eq!(left(memory(30, 5)), (90, 20));
        taken.changed(memory(10, 0), memory(90, 40));
        assert_eq!(left(memory(30, 5)), (10, 0), "more than all was read from logs");
        taken.changed(memory(30, 5), memory(0, 0));
        assert_eq!((left(memory(90, 40)), taken.sum()), ((100, 20), memory(90, 40)));
    }
}
