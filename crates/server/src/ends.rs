//! What the log says about connections that end. Clients can provoke these lines, so they are limited.

use std::io;

use tracing::{debug, error, warn};

use crate::connection::{End, Peer};
use crate::logging::RateLimit;

const LOGGER: &str = "kafka.network.SocketServer";

/// Lines about misbehaving clients, in all.
static LINES: RateLimit = RateLimit::per_second(5);

pub fn report(peer: &Peer, end: &End) {
    let address = peer.address;
    let listener = &peer.listener.name;
    match end {
        End::Client | End::Stopped => {}
        End::Idle => debug!(target: LOGGER, %address, listener, "closed an idle connection"),
        End::Io(error) => debug!(target: LOGGER, %address, listener, %error, "a connection broke"),
        End::Frame(fault) => {
            if let Some(suppressed) = LINES.admit() {
                warn!(target: LOGGER, %address, listener, suppressed, "closed a connection: {fault}");
            }
        }
        End::Refused => {
            if let Some(suppressed) = LINES.admit() {
                warn!(target: LOGGER, %address, listener, suppressed, "closed a connection: a request was refused");
            }
        }
        End::Panic(panic) => {
            if let Some(suppressed) = LINES.admit() {
                let (key, version) = (panic.kind.api_key, panic.kind.api_version);
                let why = panic_text(&*panic.payload);
                error!(target: LOGGER, %address, listener, key, version, suppressed, "answering a request failed: {why}");
            }
        }
    }
}

/// A connection that was accepted and could not be served.
pub fn report_lost(peer: &Peer, error: &io::Error) {
    if let Some(suppressed) = LINES.admit() {
        warn!(target: LOGGER, address = %peer.address, suppressed, "lost a new connection: {error}");
    }
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "no message",
    }
}
