//! What the log says about connections that end. Clients can provoke these lines, so they are limited.

use std::io;

use tracing::{debug, warn};

use klamm_node::CloseReason;

use crate::answer::{Peer, RequestKind};
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
                let why = refusal(reason);
                warn!(target: LOGGER, %address, listener, suppressed, "closed a connection: {why}");
            }
        }
    }
}

fn refusal(reason: &CloseReason) -> String {
    let kind = |&api_key, &api_version| RequestKind { api_key, api_version };
    match reason {
        CloseReason::Malformed { api_key, api_version, error } => {
            format!("a request ({}) does not parse: {error}", kind(api_key, api_version))
        }
        CloseReason::CutOff { len } => format!("a request of {len} bytes is too short for its header"),
        CloseReason::UnknownApi { api_key, api_version } => {
            format!("a request ({}) is not served on this listener", kind(api_key, api_version))
        }
        CloseReason::UnsupportedVersion { api_key, api_version } => {
            format!("a request ({}) has a version that is not served", kind(api_key, api_version))
        }
        CloseReason::ProduceFailed { error } => {
            format!("a Produce without acknowledgement failed with {}", error.name())
        }
    }
}

/// A connection that was accepted and could not be served.
pub fn report_lost(peer: &Peer, error: &io::Error) {
    if let Some(suppressed) = LINES.admit() {
        warn!(target: LOGGER, address = %peer.address, suppressed, "lost a new connection: {error}");
    }
}
