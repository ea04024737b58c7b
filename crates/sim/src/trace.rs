//! What happened in a run, as one number: two runs of a seed must agree on it.

/// FNV-1a over everything noted, in order.
#[derive(Clone, Debug)]
pub struct Trace {
    hash: u64,
    events: u64,
}

impl Default for Trace {
    fn default() -> Self {
        Trace { hash: 0xcbf2_9ce4_8422_2325, events: 0 }
    }
}

impl Trace {
    pub fn note(&mut self, event: &str) {
        self.bytes(event.as_bytes());
        self.bytes(&[0]);
        self.events += 1;
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub fn hash(&self) -> u64 {
        self.hash
    }

    pub fn events(&self) -> u64 {
        self.events
    }
}
