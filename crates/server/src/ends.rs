//! What the log says about connections that end. Clients can provoke these lines, so they are limited.

use std::io;

use tracing::{debug, warn};

use crate::answer::Peer;
use crate::connection::End;
use crate::logging::RateLimit;

const LOGGER: &str = "kafka.network.SocketServer";

/// Lines about misbehaving clients, in all.
static LINES: RateLimit = RateLimit::per_second(5);

pub fn report(peer: &Peer, end: &End) {
    let address = peer.address;
    let listener = &*peer.connection.listener;
    match end {
        End::Client | End::Stopped | End::Panic => {}
        End::Idle => debug!(target: LOGGER, %address, listener, "closed an idle connection"),
        End::Io(error) => debug!(target: LOGGER, %address, listener, %error, "a connection broke"),
        End::Frame(fault) => {
            if let Some(suppressed) = LINES.admit() {
                warn!(target: LOGGER, %address, listener, suppressed, "closed a connection: {fault}");
            }
        }
        End::Refused(reason) => {
            if let Some(suppressed) = LINES.admit() {
                warn!(target: LOGGER, %address, listener, suppressed, "closed a connection: {reason:?}");
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
