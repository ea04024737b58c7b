//! The node's one source of randomness, shared: the server draws from the operating system, the simulator from a seed.

use std::sync::Arc;

use klamm_base::owned::Mutex;
use klamm_base::rng::Rng;

/// Clones draw from the same source.
#[derive(Clone)]
pub struct SharedRng(Arc<Mutex<Box<dyn Rng + Send>>>);

impl SharedRng {
    pub fn new(source: Box<dyn Rng + Send>) -> SharedRng {
        SharedRng(Arc::new(Mutex::new(source)))
    }
}

impl Rng for SharedRng {
    fn next_u64(&mut self) -> u64 {
        self.0.lock().next_u64()
    }
}
