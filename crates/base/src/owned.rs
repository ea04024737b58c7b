//! Locks around what an owner moves, so that a panic can tell whether it left something half moved.
//!
//! A panic while a request is answered costs its connection, which is right only as long as nothing is held that others
//! go on with. Whoever decides what a panic costs asks [`is_held`] on the panicking thread, before the locks go.

use core::cell::Cell;
use core::ops::{Deref, DerefMut};

use parking_lot::RwLockReadGuard;

thread_local! {
    static HELD: Cell<u32> = const { Cell::new(0) };
}

/// Whether this thread holds a lock that allows it to move owned state.
pub fn is_held() -> bool {
    HELD.get() > 0
}

/// Counts one lock of this thread.
#[derive(Debug)]
struct Hold;

impl Hold {
    fn new() -> Hold {
        HELD.set(HELD.get() + 1);
        Hold
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        HELD.set(HELD.get() - 1);
    }
}

/// State that one thread at a time may look at and move.
#[derive(Debug, Default)]
pub struct Mutex<T>(parking_lot::Mutex<T>);

impl<T> Mutex<T> {
    pub const fn new(state: T) -> Mutex<T> {
        Mutex(parking_lot::const_mutex(state))
    }

    /// Waits for its turn.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        Guard { state: self.0.lock(), _hold: Hold::new() }
    }

    /// `None` while another has it.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        Some(Guard { state: self.0.try_lock()?, _hold: Hold::new() })
    }

    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

/// State that many threads read and one at a time may move.
#[derive(Debug, Default)]
pub struct RwLock<T>(parking_lot::RwLock<T>);

impl<T> RwLock<T> {
    pub const fn new(state: T) -> RwLock<T> {
        RwLock(parking_lot::const_rwlock(state))
    }

    /// A reader moves nothing, and does not count as holding the state.
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read()
    }

    /// Waits until it is alone.
    pub fn write(&self) -> WriteGuard<'_, T> {
        Guard { state: self.0.write(), _hold: Hold::new() }
    }
}

/// Gives the state back when dropped. It stays on its thread.
#[derive(Debug)]
pub struct Guard<G> {
    state: G,
    _hold: Hold,
}

pub type MutexGuard<'a, T> = Guard<parking_lot::MutexGuard<'a, T>>;
pub type WriteGuard<'a, T> = Guard<parking_lot::RwLockWriteGuard<'a, T>>;

impl<G: Deref> Deref for Guard<G> {
    type Target = G::Target;

    fn deref(&self) -> &G::Target {
        &self.state
    }
}

impl<G: DerefMut> DerefMut for Guard<G> {
    fn deref_mut(&mut self) -> &mut G::Target {
        &mut self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn what_may_be_moved_is_held_and_what_is_read_is_not() {
        let (state, table) = (Mutex::new(1), RwLock::new(2));
        assert!(!is_held());
        let reader = table.read();
        assert!(!is_held());
        drop(reader);
        let (mut one, mut two) = (state.lock(), table.write());
        *one += *two;
        *two = 0;
        assert!(is_held() && state.try_lock().is_none());
        drop(one);
        assert!(is_held(), "the other one");
        drop(two);
        assert!(!is_held());
        assert_eq!((state.try_lock().map(|state| *state), *table.read()), (Some(3), 0));
        assert_eq!(state.into_inner(), 3);
    }

    #[test]
    fn another_thread_holds_for_itself() {
        let state = Mutex::new(());
        let held = state.lock();
        std::thread::scope(|scope| {
            scope.spawn(|| assert!(!is_held())).join().expect("it asks only");
        });
        drop(held);
    }

    #[test]
    fn nothing_is_held_behind_a_panic() {
        let state = Mutex::new(0);
        let moving = catch_unwind(AssertUnwindSafe(|| {
            let mut state = state.lock();
            *state = 1;
            panic!("planted");
        }));
        assert!(moving.is_err() && !is_held());
        assert_eq!(*state.lock(), 1, "half moved: whoever caught it has to ask before");
    }
}
