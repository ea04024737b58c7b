//! Keeps the Produce requests of one connection in order while one of them takes its time.
//!
//! Produce requests of a connection are begun side by side and append at their first turn. One that cannot, because
//! its batch must be looked at elsewhere, closes the turnstile; those behind it wait until it has appended.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Waker};

use klamm_base::owned::Mutex;

#[derive(Debug, Default)]
pub struct Turnstile {
    is_closed: AtomicBool,
    waiting: Mutex<Vec<Waker>>,
}

/// The turnstile is closed while this lives.
#[derive(Debug)]
pub struct Inside<'a>(&'a Turnstile);

impl Turnstile {
    /// Waits while it is closed; one atomic read when it is not. Requests are polled in their order, so they also pass
    /// in it.
    pub async fn pass(&self) {
        poll_fn(|context| {
            if !self.is_closed.load(Ordering::Acquire) {
                return Poll::Ready(());
            }
            self.waiting.lock().push(context.waker().clone());
            // Whoever has opened it in between found no waker.
            if self.is_closed.load(Ordering::Acquire) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
    }

    /// Closes it behind a request that has passed.
    pub fn close(&self) -> Inside<'_> {
        self.is_closed.store(true, Ordering::Release);
        Inside(self)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.is_closed.store(false, Ordering::Release);
        std::mem::take(&mut *self.0.waiting.lock()).into_iter().for_each(Waker::wake);
    }
}
