//! Waking a connection's task, at most once a turn.
//!
//! Answers are woken by whoever moves an end: another connection, the sync thread, a timer, and often by the
//! connection itself in the middle of its turn. The last must not cost a trip through the runtime.
//!
//! | state | `wake` | `begin_turn` | `take_woken` | `end_turn` |
//! |---|---|---|---|---|
//! | Asleep | Woken, wakes the task | InTurn | – | – |
//! | Woken | – | InTurn, answers are polled | – | – |
//! | InTurn | WokenInTurn | – | – | Asleep |
//! | WokenInTurn | – | – | InTurn, answers are polled | refused |

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Wake, Waker};

use parking_lot::Mutex;

const ASLEEP: u8 = 0;
const WOKEN: u8 = 1;
const IN_TURN: u8 = 2;
const WOKEN_IN_TURN: u8 = 3;

/// The waker that a connection's answers get.
pub struct Wakeup {
    state: AtomicU8,
    task: Mutex<Option<Waker>>,
}

impl Wakeup {
    pub fn new() -> Arc<Self> {
        Arc::new(Wakeup { state: AtomicU8::new(ASLEEP), task: Mutex::new(None) })
    }

    /// Lets the connection have a turn, whatever for.
    pub fn wake_connection(self: &Arc<Self>) {
        Wake::wake_by_ref(self);
    }

    /// Returns whether answers were woken since the last turn.
    pub fn begin_turn(&self, task: &Waker) -> bool {
        let mut known = self.task.lock();
        if !known.as_ref().is_some_and(|known| known.will_wake(task)) {
            *known = Some(task.clone());
        }
        drop(known);
        self.state.swap(IN_TURN, Ordering::AcqRel) == WOKEN
    }

    /// Whether answers were woken in this turn since the last call.
    pub fn take_woken(&self) -> bool {
        self.state.swap(IN_TURN, Ordering::AcqRel) == WOKEN_IN_TURN
    }

    /// Returns false when answers were woken meanwhile: the turn is not over.
    pub fn end_turn(&self) -> bool {
        self.state.compare_exchange(IN_TURN, ASLEEP, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let before = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| match state {
            ASLEEP => Some(WOKEN),
            IN_TURN => Some(WOKEN_IN_TURN),
            _ => None,
        });
        if before == Ok(ASLEEP) {
            let task = self.task.lock().clone();
            if let Some(task) = task {
                task.wake();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_task_is_woken_once_and_never_during_its_turn() {
        let count = Arc::new(Count::default());
        let task = Waker::from(count.clone());
        let wakeup = Wakeup::new();
        assert!(!wakeup.begin_turn(&task), "nothing was woken before the first turn");
        let waker = Waker::from(wakeup.clone());
        waker.wake_by_ref();
        waker.wake_by_ref();
        assert_eq!(count.0.load(Ordering::Relaxed), 0);
        assert!(!wakeup.end_turn(), "woken in the turn: it goes on");
        assert!(wakeup.take_woken());
        assert!(!wakeup.take_woken());
        assert!(wakeup.end_turn());
        waker.wake_by_ref();
        waker.wake_by_ref();
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        assert!(wakeup.begin_turn(&task));
        assert!(wakeup.end_turn());
        assert!(!wakeup.begin_turn(&task), "a turn for the socket only");
    }
}
