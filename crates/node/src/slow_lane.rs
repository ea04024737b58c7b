//! Work that would hold a shard for too long: one after the other, on a thread of somebody else
//! ([`Node::slow_turn`](crate::Node::slow_turn)). Whoever waits for it sleeps meanwhile; whoever has gone away is
//! passed over.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use klamm_base::owned::Mutex;
use klamm_records::Scratch;

use crate::gather::{Gather, Wakes};

type Task = Box<dyn FnOnce(&mut Scratch) + Send>;

/// The queue, and the one scratch that all of it takes.
#[derive(Default)]
pub struct SlowLane {
    queue: Mutex<VecDeque<Task>>,
    has_work: AtomicBool,
    scratch: Mutex<Scratch>,
}

/// Where a result is left.
struct Slot<T> {
    result: Mutex<Option<T>>,
    done: Arc<Gather>,
}

/// Wakes who waits, also when the work has panicked: then it is the request that fails.
struct Done(Arc<Gather>);

impl Drop for Done {
    fn drop(&mut self) {
        let mut wakes = Wakes::default();
        self.0.arrived(1, &mut wakes);
        wakes.wake_all();
    }
}

impl SlowLane {
    /// Has `work` done in its turn. Dropped before that, it is never done.
    pub async fn run<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(&mut Scratch) -> T + Send + 'static,
    {
        let slot = Arc::new(Slot { result: Mutex::new(None), done: Gather::new(1) });
        let theirs: Weak<Slot<T>> = Arc::downgrade(&slot);
        self.queue.lock().push_back(Box::new(move |scratch| {
            let Some(slot) = theirs.upgrade() else { return };
            let _done = Done(slot.done.clone());
            let result = work(scratch);
            *slot.result.lock() = Some(result);
        }));
        self.has_work.store(true, Ordering::Release);
        slot.done.wait().await;
        // Not under the lock: the panic is the request's, and nothing was left half moved.
        let result = slot.result.lock().take();
        result.expect("work in the slow lane comes to its end")
    }

    /// One atomic read.
    pub fn has_work(&self) -> bool {
        self.has_work.load(Ordering::Acquire)
    }

    /// Does one piece of work; false when there is none.
    pub fn turn(&self) -> bool {
        let task = {
            let mut queue = self.queue.lock();
            let task = queue.pop_front();
            self.has_work.store(!queue.is_empty(), Ordering::Release);
            task
        };
        let Some(task) = task else { return false };
        // Lost if the work panics, as nobody knows then what state it is in.
        let mut scratch = std::mem::take(&mut *self.scratch.lock());
        task(&mut scratch);
        *self.scratch.lock() = scratch;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    #[test]
    fn work_is_done_in_turn_and_not_for_those_who_have_gone() {
        let lane = SlowLane::default();
        let mut context = Context::from_waker(Waker::noop());
        let mut first = pin!(lane.run(|_| 1));
        assert!(first.as_mut().poll(&mut context).is_pending());
        {
            let mut gone = pin!(lane.run(|_| -> i32 { panic!("nobody waits for it") }));
            assert!(gone.as_mut().poll(&mut context).is_pending());
        }
        let mut last = pin!(lane.run(|_| 3));
        assert!(last.as_mut().poll(&mut context).is_pending());
        assert!(lane.has_work() && lane.turn());
        assert_eq!(first.as_mut().poll(&mut context), Poll::Ready(1));
        assert!(lane.turn() && lane.turn() && !lane.has_work() && !lane.turn());
        assert_eq!(last.as_mut().poll(&mut context), Poll::Ready(3));
    }

    #[test]
    #[should_panic(expected = "comes to its end")]
    fn work_that_panics_fails_its_request() {
        let lane = SlowLane::default();
        let mut context = Context::from_waker(Waker::noop());
        let mut request = pin!(lane.run(|_| -> i32 { panic!("a fault") }));
        assert!(request.as_mut().poll(&mut context).is_pending());
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| lane.turn())).is_err());
        let _ = request.as_mut().poll(&mut context);
    }
}
