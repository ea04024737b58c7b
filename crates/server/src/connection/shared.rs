//! What the connections of one shard share: receive buffers, the account of their memory, and the word to stop.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::buffers::Buffers;
use super::pool::{Account, Pools};
use super::standing::{Standing, Want};
use super::wakeup::Wakeup;

/// How long one connection begins requests before the others of its shard have their turns.
const TURN_MAX: Duration = Duration::from_millis(2);

/// What the connections of a shard share.
pub struct Shared {
    pub buffers: Buffers,
    pub pools: Arc<Pools>,
    /// Told when memory is short, or when room has come.
    pub short: Arc<Notify>,
    requests: Account,
    answers: Account,
    stopping: Cell<bool>,
    /// Connections whose last turn left requests that could have begun.
    behind: Cell<u32>,
    connections: RefCell<BTreeMap<u64, Rc<Standing>>>,
    empty: Notify,
}

impl Shared {
    pub fn new(pools: Arc<Pools>) -> Shared {
        Shared {
            buffers: Buffers::default(),
            short: pools.add_keeper(),
            requests: Account::of_requests(&pools),
            answers: Account::of_answers(&pools),
            pools,
            stopping: Cell::new(false),
            behind: Cell::new(0),
            connections: RefCell::default(),
            empty: Notify::new(),
        }
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.get()
    }

    /// A connection begins; what it gets is given back in `leave`.
    pub fn enter(&self, wakeup: Arc<Wakeup>, now: Instant) -> Rc<Standing> {
        let standing = Rc::new(Standing::new(self.pools.next_id(), wakeup, now));
        self.connections.borrow_mut().insert(standing.id, standing.clone());
        standing
    }

    pub fn leave(&self, standing: &Standing) {
        self.hold(standing, 0, 0);
        self.end_wanting(standing);
        self.note_behind(standing, false);
        self.pools.leave_turn(standing.id);
        let mut connections = self.connections.borrow_mut();
        connections.remove(&standing.id);
        if connections.is_empty() {
            self.empty.notify_one();
        }
    }

    /// The connection holds so many bytes of requests and of answers now.
    pub fn hold(&self, standing: &Standing, requests: usize, answers: usize) {
        self.requests.change(standing.held.replace(requests), requests);
        self.answers.change(standing.unsent.replace(answers), answers);
    }

    /// The connection waits for room.
    pub fn want(&self, standing: &Standing, want: Want) {
        if standing.wants.replace(Some(want)).is_none() {
            self.pools.begin_waiting();
        }
    }

    /// The connection tries again. Returns whether it had waited.
    pub fn end_wanting(&self, standing: &Standing) -> bool {
        let waited = standing.wants.take().is_some();
        if waited {
            self.pools.end_waiting();
        }
        waited
    }

    /// The connection's turn has left requests for the next one, or has not.
    pub fn note_behind(&self, standing: &Standing, is_behind: bool) {
        let was_behind = standing.is_behind.replace(is_behind);
        self.behind.set(self.behind.get() + u32::from(is_behind) - u32::from(was_behind));
    }

    /// How long a turn may begin requests: those who always have more share the time of one, so that a client with a
    /// single request waits for one turn's time however many they are.
    pub fn turn_max(&self) -> Duration {
        TURN_MAX / self.behind.get().max(1)
    }

    pub fn standings(&self) -> Vec<Rc<Standing>> {
        self.connections.borrow().values().cloned().collect()
    }

    /// Tells all to end, and waits until they have.
    pub async fn stop(&self) {
        self.stopping.set(true);
        self.connections.borrow().values().for_each(|standing| standing.wakeup.wake_connection());
        while !self.connections.borrow().is_empty() {
            self.empty.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_are_behind_share_one_turn() {
        let shared = Shared::new(Pools::new(1 << 20, 1 << 20, 1));
        let connections: Vec<_> = (0..4).map(|_| shared.enter(Wakeup::new(), Instant::now())).collect();
        assert_eq!(shared.turn_max(), TURN_MAX);
        for connection in &connections {
            shared.note_behind(connection, true);
            shared.note_behind(connection, true);
        }
        assert_eq!(shared.turn_max(), TURN_MAX / 4);
        shared.note_behind(&connections[0], false);
        shared.leave(&connections[1]);
        assert_eq!(shared.turn_max(), TURN_MAX / 2);
        connections.iter().for_each(|connection| shared.leave(connection));
        assert_eq!((shared.behind.get(), shared.turn_max()), (0, TURN_MAX));
    }
}
