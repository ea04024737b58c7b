//! Deadlines of sleeping requests. Nobody looks at a clock here: time is what [`Timers::advance`] says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use klamm_base::owned::Mutex;
use klamm_base::time::Mono;

use crate::gather::{Gather, Wakes};

/// "No deadline" in the cached earliest one.
const NEVER: u64 = u64::MAX;

/// All armed deadlines of the node.
#[derive(Debug)]
pub struct Timers {
    queue: Mutex<Queue>,
    /// The earliest deadline in microseconds, readable without the lock.
    earliest: AtomicU64,
}

#[derive(Debug, Default)]
struct Queue {
    deadlines: BTreeMap<(Mono, u64), Arc<Gather>>,
    next_id: u64,
}

/// An armed deadline; dropping it disarms.
#[derive(Debug)]
pub struct Deadline {
    timers: Arc<Timers>,
    key: (Mono, u64),
}

impl Timers {
    pub fn new() -> Arc<Timers> {
        Arc::new(Timers { queue: Mutex::default(), earliest: AtomicU64::new(NEVER) })
    }

    /// Interrupts `gather` at `at`, unless the returned value is dropped before.
    pub fn arm(self: &Arc<Self>, at: Mono, gather: Arc<Gather>) -> Deadline {
        let mut queue = self.queue.lock();
        queue.next_id += 1;
        let key = (at, queue.next_id);
        queue.deadlines.insert(key, gather);
        self.note_earliest(&queue);
        Deadline { timers: self.clone(), key }
    }

    /// Interrupts everything due at `now`.
    pub fn advance(&self, now: Mono, wakes: &mut Wakes) {
        if self.earliest.load(Ordering::Acquire) > now.0 {
            return;
        }
        let due = {
            let mut queue = self.queue.lock();
            let later = queue.deadlines.split_off(&(Mono(now.0 + 1), 0));
            let due = std::mem::replace(&mut queue.deadlines, later);
            self.note_earliest(&queue);
            due
        };
        due.into_values().for_each(|gather| gather.interrupt(wakes));
    }

    pub fn earliest(&self) -> Option<Mono> {
        let earliest = self.earliest.load(Ordering::Acquire);
        (earliest != NEVER).then_some(Mono(earliest))
    }

    fn note_earliest(&self, queue: &Queue) {
        let earliest = queue.deadlines.first_key_value().map_or(NEVER, |((at, _), _)| at.0);
        self.earliest.store(earliest, Ordering::Release);
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        let mut queue = self.timers.queue.lock();
        if queue.deadlines.remove(&self.key).is_some() {
            self.timers.note_earliest(&queue);
        }
    }
}
