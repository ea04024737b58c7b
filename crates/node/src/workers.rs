//! Several threads at once for the start, which the node does not have itself.

/// Whoever has threads.
pub trait Workers: Send + Sync {
    /// Calls `work` on up to `threads` threads at the same time; returns when all calls have.
    fn run(&self, threads: usize, work: &(dyn Fn() + Sync));
}

/// The caller's thread and no other.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneWorker;

impl Workers for OneWorker {
    fn run(&self, _threads: usize, work: &(dyn Fn() + Sync)) {
        work();
    }
}
