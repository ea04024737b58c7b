//! What the log says when answering a request panics.

use std::fmt::{Debug, Write};
use std::sync::Mutex;

use klamm_server::panics::log_panics;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::harness::{PANIC, Server, request};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps every line with its fields.
struct Keep;

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{field}={value:?} ");
    }
}

impl Subscriber for Keep {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        LINES.lock().expect("no panic in here").push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn a_panic_is_one_line_with_the_kind_of_the_request() {
    tracing::subscriber::set_global_default(Keep).expect("the only one");
    log_panics();
    let server = Server::start();
    let mut client = server.connect();
    // As a request of a kind that no other test has.
    client.send(&request(PANIC, 4321, b""));
    client.expect_close();
    let lines = LINES.lock().expect("no panic in here");
    let about: Vec<_> = lines.iter().filter(|line| line.contains("4321")).collect();
    let is_told = |line: &str| line.contains("a request (key 5, version 4321)") && line.contains("as told");
    assert!(matches!(&about[..], [line] if is_told(line)), "{about:?}");
}
