//! What the connections of one shard share: receive buffers, the account of their memory, and the word to stop.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::buffers::Buffers;
use super::pool::{Account, Pools};
use super::standing::{Standing, Want};
use super::wakeup::Wakeup;

/// What the connections of a shard share.
pub struct Shared {
    pub buffers: Buffers,
    pub pools: Arc<Pools>,
    /// Told when memory is short, or when room has come.
    pub short: Arc<Notify>,
    requests: Account,
    answers: Account,
    stopping: Cell<bool>,
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
