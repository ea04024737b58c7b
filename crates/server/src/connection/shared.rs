//! What the connections of one shard share: receive buffers, and the word to stop.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Notify;

use super::buffers::Buffers;
use super::wakeup::Wakeup;

/// What the connections of a shard share.
#[derive(Default)]
pub struct Shared {
    pub buffers: Buffers,
    stopping: Cell<bool>,
    next_id: Cell<u64>,
    connections: RefCell<BTreeMap<u64, Arc<Wakeup>>>,
    empty: Notify,
}

impl Shared {
    pub fn is_stopping(&self) -> bool {
        self.stopping.get()
    }

    /// A connection begins; the number is given back in `leave`.
    pub fn enter(&self, wakeup: &Arc<Wakeup>) -> u64 {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        self.connections.borrow_mut().insert(id, wakeup.clone());
        id
    }

    pub fn leave(&self, id: u64) {
        let mut connections = self.connections.borrow_mut();
        connections.remove(&id);
        if connections.is_empty() {
            self.empty.notify_one();
        }
    }

    /// Tells all to end, and waits until they have.
    pub async fn stop(&self) {
        self.stopping.set(true);
        for wakeup in self.connections.borrow().values() {
            std::task::Wake::wake_by_ref(wakeup);
        }
        while !self.connections.borrow().is_empty() {
            self.empty.notified().await;
        }
    }
}
