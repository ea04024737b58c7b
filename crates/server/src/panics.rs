//! What a panic costs.
//!
//! While a request is decoded or answered: its connection. While the node's own state is moved (a writer's turn, timers,
//! or a request that holds an owner's lock): the process, before it can lie about what it holds. Each is one line in the
//! log.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};

use klamm_base::owned;
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

/// Panics become lines of the log from now on, and one under an owner's lock ends the process.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|info| {
        let is_held = owned::is_held();
        log(info, is_held);
        if is_held {
            std::process::abort();
        }
    }));
}

fn log(info: &PanicHookInfo<'_>, is_last: bool) {
    let Some(suppressed) = LINES.admit().or(is_last.then_some(0)) else { return };
    let why = info.payload_as_str().unwrap_or("no message");
    let (file, line) = info.location().map_or(("?", 0), |at| (at.file(), at.line()));
    let end = if is_last { "; what it was changing cannot be trusted, so the process ends" } else { "" };
    match ANSWERING.get() {
        Some(kind) => {
            error!(target: LOGGER, suppressed, "answering a request ({kind}) failed at {file}:{line}: {why}{end}");
        }
        None => error!(target: LOGGER, suppressed, "failed at {file}:{line}: {why}{end}"),
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

    #[test]
    fn a_panic_of_owned_state_ends_the_process() {
        const NAME: &str = "panics::tests::a_panic_of_owned_state_ends_the_process";
        assert_ends_process(NAME, || in_owned_state(|| panic!("planted")));
    }

    #[test]
    fn a_panic_under_an_owners_lock_ends_the_process_whoever_asked() {
        const NAME: &str = "panics::tests::a_panic_under_an_owners_lock_ends_the_process_whoever_asked";
        assert_ends_process(NAME, || {
            log_panics();
            let state = owned::Mutex::new(0);
            let _ = in_answer(RequestKind { api_key: 0, api_version: 9 }, || {
                *state.lock() = 1;
                let _held = state.lock();
                panic!("planted");
            });
        });
    }

    /// The test `name` is its own child, which must not come to the end of `step`.
    fn assert_ends_process(name: &str, step: impl FnOnce()) {
        const CHILD: &str = "KLAMM_TEST_ABORTS";
        if std::env::var_os(CHILD).is_some() {
            step();
            return;
        }
        let this = std::env::current_exe().expect("a test runs");
        let mut child = std::process::Command::new(this);
        let output = child.args(["--exact", name]).env(CHILD, "1").output().expect("starts");
        let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
        assert_eq!(signal, Some(6), "ended by {:?} instead of SIGABRT", output.status);
    }
}
