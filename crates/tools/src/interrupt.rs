//! Signals that end a command which otherwise goes on for ever (Java: shutdown hooks).

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What shells add to the number of the signal that ended a process.
const SIGNAL_EXIT: u8 = 128;

/// SIGINT and SIGTERM, caught from now on.
pub struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupts {
    /// Must be called on a runtime.
    ///
    /// # Errors
    /// What the system says.
    pub fn watch() -> io::Result<Interrupts> {
        Ok(Interrupts {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for a signal, and gives the exit code that it means.
    pub async fn next(&mut self) -> u8 {
        let kind = tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
        };
        SIGNAL_EXIT.saturating_add(u8::try_from(kind.as_raw_value()).unwrap_or(0))
    }
}
