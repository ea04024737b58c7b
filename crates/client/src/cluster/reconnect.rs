//! How long to leave an address alone that did not answer (Kafka: `ClusterConnectionStates`, KIP-144).

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::Address;

/// Pauses by address; those that answer are not in here.
#[derive(Default)]
pub struct Reconnects {
    failed: BTreeMap<Address, Failed>,
}

struct Failed {
    pause: Duration,
    not_before: Instant,
}

impl Reconnects {
    /// When the address may be tried; `None` for at once.
    pub fn not_before(&self, address: &Address) -> Option<Instant> {
        self.failed.get(address).map(|failed| failed.not_before)
    }

    pub fn succeeded(&mut self, address: &Address) {
        self.failed.remove(address);
    }

    /// The pause is `first`, and doubles with each failure up to `longest`.
    pub fn failed(&mut self, address: &Address, now: Instant, first: Duration, longest: Duration) {
        let pause = self.failed.get(address).map_or(first, |failed| failed.pause * 2).min(longest);
        self.failed.insert(address.clone(), Failed { pause, not_before: now + pause });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end_with_an_answer() {
        let (first, longest) = (Duration::from_millis(50), Duration::from_millis(150));
        let (mut reconnects, now) = (Reconnects::default(), Instant::now());
        let address = Address::new("a", 1);
        assert_eq!(reconnects.not_before(&address), None);
        let mut pauses = Vec::new();
        for _ in 0..4 {
            reconnects.failed(&address, now, first, longest);
            pauses.extend(reconnects.not_before(&address).map(|at| (at - now).as_millis()));
        }
        assert_eq!(pauses, [50, 100, 150, 150]);
        assert_eq!(reconnects.not_before(&Address::new("b", 1)), None);
        reconnects.succeeded(&address);
        assert_eq!(reconnects.not_before(&address), None);
    }
}
