//! Requests that sleep until their answer is there.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use klamm_base::owned::Mutex;
use klamm_coordinator::group::contract::GroupAnswer;

use crate::gather::{Gather, Wakes};

/// Where the answer to one request is left.
pub struct Slot {
    gather: Arc<Gather>,
    answer: Mutex<Option<GroupAnswer>>,
}

impl Slot {
    pub fn new() -> Arc<Slot> {
        Arc::new(Slot { gather: Gather::new(1), answer: Mutex::new(None) })
    }

    /// The answer; wakes who sleeps on it.
    pub fn put(&self, answer: GroupAnswer, wakes: &mut Wakes) {
        *self.answer.lock() = Some(answer);
        self.gather.arrived(1, wakes);
    }
}

/// Sleeps until the answer is there. Dropping it gives up the answer, not what was asked.
pub struct Answering(Arc<Slot>);

impl Answering {
    pub(super) fn new(slot: Arc<Slot>) -> Answering {
        Answering(slot)
    }
}

impl Future for Answering {
    type Output = GroupAnswer;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<GroupAnswer> {
        ready!(self.0.gather.poll(context));
        let answer = self.0.answer.lock().take();
        Poll::Ready(answer.expect("an answer is left before the sleeper is woken, and taken once"))
    }
}
