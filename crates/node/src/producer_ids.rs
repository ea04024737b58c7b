//! The producer ids this broker may hand out, in blocks that the controller has given it
//! (Kafka: `RPCProducerIdManager`).

use std::collections::VecDeque;
use std::ops::Range;

use parking_lot::Mutex;

/// The rest of the blocks.
#[derive(Debug, Default)]
pub struct ProducerIds(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Of this broker's registration; the controller gives blocks only to whom it knows.
    broker_epoch: i64,
    blocks: VecDeque<Range<i64>>,
}

impl ProducerIds {
    pub fn set_broker_epoch(&self, broker_epoch: i64) {
        self.0.lock().broker_epoch = broker_epoch;
    }

    pub fn broker_epoch(&self) -> i64 {
        self.0.lock().broker_epoch
    }

    /// The next id, while there is one.
    pub fn take(&self) -> Option<i64> {
        let mut state = self.0.lock();
        let block = state.blocks.front_mut()?;
        let id = block.next();
        if block.is_empty() {
            state.blocks.pop_front();
        }
        id
    }

    /// A new block. When several requests have asked at once, each of their blocks is used.
    pub fn add(&self, start: i64, len: i32) {
        let block = start..start + i64::from(len);
        if !block.is_empty() {
            self.0.lock().blocks.push_back(block);
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
        ids.add(1000, 2);
        ids.add(5000, 1);
        ids.add(9000, 0);
        assert_eq!(
            [ids.take(), ids.take(), ids.take(), ids.take()],
            [Some(1000), Some(1001), Some(5000), None]
        );
    }
}
