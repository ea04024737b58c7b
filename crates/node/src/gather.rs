//! What a request sleeps on: a count that others bring to zero, with one waker.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

/// Shared between a sleeping request and everything that may wake it.
#[derive(Debug, Default)]
pub struct Gather {
    /// What is still missing: appends that have not ended, or bytes below min_bytes.
    missing: AtomicU64,
    /// The request must not sleep on, whatever is missing: time is up, or something has changed.
    interrupted: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Gather {
    pub fn new(missing: u64) -> Arc<Gather> {
        Arc::new(Gather { missing: AtomicU64::new(missing), ..Gather::default() })
    }

    /// Takes `count` from what is missing; the last one wakes the request.
    pub fn arrived(&self, count: u64) {
        let update = |missing: u64| Some(missing.saturating_sub(count));
        let before = self.missing.fetch_update(Ordering::AcqRel, Ordering::Acquire, update).unwrap_or(0);
        if before > 0 && before <= count {
            self.wake();
        }
    }

    /// Wakes the request at once.
    pub fn interrupt(&self) {
        if !self.interrupted.swap(true, Ordering::AcqRel) {
            self.wake();
        }
    }

    /// Nothing is missing any more.
    pub fn is_complete(&self) -> bool {
        self.missing.load(Ordering::Acquire) == 0
    }

    /// Sleeps until complete or interrupted.
    pub async fn wait(&self) {
        poll_fn(|context| self.poll(context)).await;
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<()> {
        if self.is_over() {
            return Poll::Ready(());
        }
        *self.waker.lock() = Some(context.waker().clone());
        // Whoever finished between the check and the line above found no waker to wake.
        if self.is_over() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn is_over(&self) -> bool {
        self.is_complete() || self.interrupted.load(Ordering::Acquire)
    }

    fn wake(&self) {
        let waker = self.waker.lock().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
