//! What a panic costs.
//!
//! While a request is decoded or answered: its connection. While the node's own state is moved (a writer's turn,
//! timers): the process, before it can lie about what it holds. Each is one line in the log.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};

use tracing::error;

use crate::answer::RequestKind;
use crate::logging::RateLimit;

const LOGGER: &str = "kafka.server.KafkaRequestHandler";

/// Clients might know how to provoke one.
static LINES: RateLimit = RateLimit::per_second(5);

thread_local! {
    static ANSWERING: Cell<Option<RequestKind>> = const { Cell::new(None) };
}

/// The panic of an answer. It has been logged.
#[derive(Debug)]
pub struct Panicked;

/// Does a step of answering a request.
pub fn in_answer<R>(kind: RequestKind, step: impl FnOnce() -> R) -> Result<R, Panicked> {
    ANSWERING.set(Some(kind));
    let result = catch_unwind(AssertUnwindSafe(step));
    ANSWERING.set(None);
    result.map_err(|_| Panicked)
}

/// Does a step that moves the node's own state; a panic ends the process.
pub fn in_owned_state<R>(step: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|_| std::process::abort())
}

/// Panics become lines of the log from now on.
pub fn log_panics() {
    std::panic::set_hook(Box::new(log));
}

fn log(info: &PanicHookInfo<'_>) {
    let Some(suppressed) = LINES.admit() else { return };
    let why = info.payload_as_str().unwrap_or("no message");
    let (file, line) = info.location().map_or(("?", 0), |at| (at.file(), at.line()));
    match ANSWERING.get() {
        Some(kind) => {
            error!(target: LOGGER, suppressed, "answering a request ({kind}) failed at {file}:{line}: {why}");
        }
        None => error!(target: LOGGER, suppressed, "failed at {file}:{line}: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_one_answer_lost() {
        let kind = RequestKind { api_key: 3, api_version: 12 };
        assert!(in_answer(kind, || -> u32 { panic!("planted") }).is_err());
        assert_eq!(in_answer(kind, || 7).ok(), Some(7));
        assert_eq!(ANSWERING.get(), None);
    }

    /// The test is its own child, which must not come to its end.
    #[test]
    fn a_panic_of_owned_state_ends_the_process() {
        const CHILD: &str = "KLAMM_TEST_ABORTS";
        const NAME: &str = "panics::tests::a_panic_of_owned_state_ends_the_process";
        if std::env::var_os(CHILD).is_some() {
            in_owned_state(|| panic!("planted"));
            return;
        }
        let this = std::env::current_exe().expect("a test runs");
        let mut child = std::process::Command::new(this);
        let output = child.args(["--exact", NAME]).env(CHILD, "1").output().expect("starts");
        let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
        assert_eq!(signal, Some(6), "ended by {:?} instead of SIGABRT", output.status);
    }
}
