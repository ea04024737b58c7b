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
        End::NoRequest => debug!(target: LOGGER, %address, listener, "closed a connection without a request"),
        End::NotRead => warn_of(peer, "it takes none of its answers"),
        End::MemoryShort => warn_of(peer, "memory is short, and it held most for longest"),
        End::SlowRequest { frame_bytes } => {
            warn_of(peer, &format!("a request is too slow: {frame_bytes} bytes of it have come"));
        }
        End::Frame(fault) => warn_of(peer, &fault.to_string()),
        End::Refused(reason) => warn_of(peer, &refusal(reason)),
    }
}

fn warn_of(peer: &Peer, why: &str) {
    if let Some(suppressed) = LINES.admit() {
        let (address, listener) = (peer.address, &*peer.connection.listener);
        warn!(target: LOGGER, %address, listener, suppressed, "closed a connection: {why}");
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
        CloseReason::TooMuchMemory { api_key, api_version, needed } => {
            format!(
                "a request ({}) takes {needed} bytes of memory, which others hold",
                kind(api_key, api_version)
            )
        }
        CloseReason::AnswerTooLarge { api_key, api_version, size } => {
            let kind = kind(api_key, api_version);
            format!("the answer to a request ({kind}) has {size} bytes, more than klamm.max.response.bytes")
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
