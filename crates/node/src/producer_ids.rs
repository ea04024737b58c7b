//! The producer ids this broker may hand out, in blocks that the controller has given it
//! (Kafka: `RPCProducerIdManager`).

use std::collections::VecDeque;
use std::ops::Range;

use klamm_base::owned::Mutex;

/// The rest of the blocks.
#[derive(Debug, Default)]
pub struct ProducerIds(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Of this broker's registration; the controller gives blocks only to whom it knows.
    broker_epoch: i64,
    blocks: VecDeque<Block>,
}

#[derive(Debug)]
struct Block {
    ids: Range<i64>,
    /// Where the block lies in the metadata log.
    offset: i64,
}

/// An id that is nobody else's. It may be told once the image contains `offset`: until then the block that it is from
/// could be lost, and given to others again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserved {
    pub id: i64,
    pub offset: i64,
}

impl ProducerIds {
    pub fn set_broker_epoch(&self, broker_epoch: i64) {
        self.0.lock().broker_epoch = broker_epoch;
    }

    pub fn broker_epoch(&self) -> i64 {
        self.0.lock().broker_epoch
    }

    /// The next id, while there is one.
    pub fn take(&self) -> Option<Reserved> {
        let mut state = self.0.lock();
        let block = state.blocks.front_mut()?;
        let reserved = block.ids.next().map(|id| Reserved { id, offset: block.offset });
        if block.ids.is_empty() {
            state.blocks.pop_front();
        }
        reserved
    }

    /// A new block that lies at `offset` of the metadata log. When several requests have asked at once, each of their
    /// blocks is used.
    pub fn add(&self, start: i64, len: i32, offset: i64) {
        let ids = start..start + i64::from(len);
        if !ids.is_empty() {
            self.0.lock().blocks.push_back(Block { ids, offset });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_taken_once() {
        let ids = ProducerIds::default();
        assert_eq!(ids.take(), None);
        ids.add(1000, 2, 7);
        ids.add(5000, 1, 8);
        ids.add(9000, 0, 9);
        let taken: Vec<_> =
            core::iter::from_fn(|| ids.take()).map(|taken| (taken.id, taken.offset)).collect();
        assert_eq!(taken, [(1000, 7), (1001, 7), (5000, 8)]);
    }
}
