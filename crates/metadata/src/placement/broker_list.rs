//! Brokers taken in turn, beginning one further in every round.

use klamm_base::rng::Rng;

use super::striped::{below, shuffle};

/// The brokers of one rack that are alike.
#[derive(Debug, Default)]
pub(super) struct BrokerList {
    brokers: Vec<i32>,
    /// How many were given out in this round.
    index: usize,
    /// Where this round began.
    offset: usize,
    round: usize,
}

impl BrokerList {
    pub(super) fn push(&mut self, broker: i32) {
        self.brokers.push(broker);
    }

    /// Orders the brokers and picks where the first round begins.
    pub(super) fn initialize(&mut self, rng: &mut dyn Rng) {
        if !self.brokers.is_empty() {
            self.brokers.sort_unstable();
            self.offset = below(rng, self.brokers.len());
        }
    }

    pub(super) fn shuffle(&mut self, rng: &mut dyn Rng) {
        shuffle(rng, &mut self.brokers);
    }

    /// The next broker of `round`; `None` when all were given out in it.
    pub(super) fn next(&mut self, round: usize) -> Option<i32> {
        if self.brokers.is_empty() {
            return None;
        }
        if self.round != round {
            self.round = round;
            self.index = 0;
            self.offset = (self.offset + 1) % self.brokers.len();
        }
        if self.index >= self.brokers.len() {
            return None;
        }
        let broker = self.brokers[(self.index + self.offset) % self.brokers.len()];
        self.index += 1;
        Some(broker)
    }
}
