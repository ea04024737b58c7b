//! SIGTERM, SIGINT and SIGHUP: the first asks for a clean stop, the second ends the process at once.
//!
//! A process that was started to survive its terminal (`nohup`) ignores SIGHUP from the beginning, and goes on doing so.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What shells add to the number of the signal that ended a process.
const SIGNAL_EXIT: i32 = 128;

/// The signals, caught from now on; also those that a process with number 1 would ignore otherwise.
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Option<Signal>,
    first: Option<SignalKind>,
}

/// The signal that asked a node to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoppedBy(SignalKind);

impl StoppedBy {
    /// The code that shells give, and Java: 143 for SIGTERM.
    pub fn exit_code(self) -> u8 {
        u8::try_from(SIGNAL_EXIT + self.0.as_raw_value()).unwrap_or(u8::MAX)
    }
}

impl StopSignals {
    /// Must be called inside a runtime.
    pub fn catch() -> io::Result<Self> {
        Ok(StopSignals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: if ignores_hangup() { None } else { Some(signal(SignalKind::hangup())?) },
            first: None,
        })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) -> SignalKind {
        let signal = tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            () = received(&mut self.hangup) => SignalKind::hangup(),
        };
        self.first.get_or_insert(signal);
        signal
    }

    /// The first that came; SIGTERM when a node stops by itself.
    pub fn stopped_by(&self) -> StoppedBy {
        StoppedBy(self.first.unwrap_or(SignalKind::terminate()))
    }

    /// Waits for `step`, unless a signal comes before: then the process ends at once.
    pub async fn unless_hurried<T>(&mut self, step: impl Future<Output = T>) -> T {
        tokio::select! {
            done = step => done,
            signal = self.next() => std::process::exit(SIGNAL_EXIT + signal.as_raw_value()),
        }
    }
}

async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// As the system tells: the mask of ignored signals, SIGHUP the lowest bit.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
