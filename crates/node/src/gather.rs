//! What a request sleeps on: a count that others bring to zero, with one waker.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use klamm_base::ErrorCode;
use klamm_base::owned::Mutex;

/// Wakers collected under locks, to be called after the locks are given back: waking may be a system call.
#[derive(Debug, Default)]
pub struct Wakes(Vec<Waker>);

impl Wakes {
    /// Wakes everything collected, in order.
    pub fn wake_all(self) {
        self.0.into_iter().for_each(Waker::wake);
    }
}

/// Lets others have their turn before a long answer goes on.
pub async fn pause() {
    let mut paused = false;
    poll_fn(|context| {
        if paused {
            return Poll::Ready(());
        }
        paused = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Shared between a sleeping request and everything that may wake it.
#[derive(Debug, Default)]
pub struct Gather {
    /// What is still missing: appends that have not ended, or bytes below min_bytes.
    missing: AtomicU64,
    /// The request must not sleep on, whatever is missing: time is up, or something has changed.
    interrupted: AtomicBool,
    sleeper: Mutex<Sleeper>,
}

#[derive(Debug, Default)]
struct Sleeper {
    waker: Option<Waker>,
    /// Parts of the request that came to an error, by their index.
    failed: Vec<(u32, ErrorCode)>,
}

impl Gather {
    pub fn new(missing: u64) -> Arc<Gather> {
        Arc::new(Gather { missing: AtomicU64::new(missing), ..Gather::default() })
    }

    /// Takes `count` from what is missing; the last one wakes the request.
    pub fn arrived(&self, count: u64, wakes: &mut Wakes) {
        let update = |missing: u64| Some(missing.saturating_sub(count));
        let before = self.missing.fetch_update(Ordering::AcqRel, Ordering::Acquire, update).unwrap_or(0);
        if before > 0 && before <= count {
            wakes.0.extend(self.sleeper.lock().waker.take());
        }
    }

    /// Takes off parts whose end was known before anybody slept on them.
    pub fn settle(&self, count: u64) {
        let before = self.missing.fetch_sub(count, Ordering::AcqRel);
        assert!(before >= count, "{count} parts settled, {before} were missing");
    }

    /// One part has ended with `error`.
    pub fn ended(&self, part: u32, error: ErrorCode, wakes: &mut Wakes) {
        if !error.is_none() {
            self.sleeper.lock().failed.push((part, error));
        }
        self.arrived(1, wakes);
    }

    /// Wakes the request at once.
    pub fn interrupt(&self, wakes: &mut Wakes) {
        if !self.interrupted.swap(true, Ordering::AcqRel) {
            wakes.0.extend(self.sleeper.lock().waker.take());
        }
    }

    /// Nothing is missing any more.
    pub fn is_complete(&self) -> bool {
        self.missing.load(Ordering::Acquire) == 0
    }

    /// The parts that ended with an error so far.
    pub fn take_failed(&self) -> Vec<(u32, ErrorCode)> {
        std::mem::take(&mut self.sleeper.lock().failed)
    }

    /// Sleeps until complete or interrupted.
    pub async fn wait(&self) {
        poll_fn(|context| self.poll(context)).await;
    }

    /// One look of [`Gather::wait`].
    pub fn poll(&self, context: &mut Context<'_>) -> Poll<()> {
        if self.is_over() {
            return Poll::Ready(());
        }
        let waker = context.waker();
        let mut sleeper = self.sleeper.lock();
        if !sleeper.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            sleeper.waker = Some(waker.clone());
        }
        drop(sleeper);
        // Whoever finished between the check and the lock found no waker to wake.
        if self.is_over() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn is_over(&self) -> bool {
        self.is_complete() || self.interrupted.load(Ordering::Acquire)
    }
}
