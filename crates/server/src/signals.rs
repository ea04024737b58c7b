//! SIGTERM and SIGINT: the first asks for a clean stop, the second ends the process at once.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What shells add to the number of the signal that ended a process.
const SIGNAL_EXIT: i32 = 128;

/// Both signals, caught from now on; also those that a process with number 1 would ignore otherwise.
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Must be called inside a runtime.
    pub fn catch() -> io::Result<Self> {
        Ok(StopSignals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) -> SignalKind {
        tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.interrupt.recv() => SignalKind::interrupt(),
        }
    }

    /// Waits for `step`, unless a signal comes before: then the process ends at once.
    pub async fn unless_hurried<T>(&mut self, step: impl Future<Output = T>) -> T {
        tokio::select! {
            done = step => done,
            signal = self.next() => std::process::exit(SIGNAL_EXIT + signal.as_raw_value()),
        }
    }
}
