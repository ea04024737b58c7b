//! Threads for the start of a node: many logs are opened at once (`num.recovery.threads.per.data.dir`).

use std::thread;

use klamm_node::Workers;

use crate::panics::in_owned_state;

/// Threads that end with the work they were started for.
pub struct StartThreads;

impl Workers for StartThreads {
    fn run(&self, threads: usize, work: &(dyn Fn() + Sync)) {
        thread::scope(|scope| {
            for number in 1..threads {
                let name = format!("klamm-recovery-{number}");
                // A thread that the system does not give is one that the others need not wait for.
                let _ = thread::Builder::new().name(name).spawn_scoped(scope, || in_owned_state(work));
            }
            work();
        });
    }
}
