//! The keyhole between a connection and what answers it.
//!
//! The connection knows frames, order and bytes; it does not know what a request means. The node is one service,
//! the tests of the connection are another.

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use klamm_node::{Answer, Connection};
use klamm_wire::ApiKey;

/// Who is on the other side of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    pub address: SocketAddr,
    pub connection: Arc<Connection>,
}

/// A request's key and version as its first four bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestKind {
    pub api_key: i16,
    pub api_version: i16,
}

impl RequestKind {
    /// Of a frame too short for them, -1.
    pub fn of(frame: &[u8]) -> Self {
        let word = |at: usize| frame.get(at..at + 2).map_or(-1, |b| i16::from_be_bytes([b[0], b[1]]));
        RequestKind { api_key: word(0), api_version: word(2) }
    }
}

/// As log lines name it: `Fetch 12`.
impl fmt::Display for RequestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ApiKey::from_key(self.api_key) {
            Some(api) => write!(f, "{} {}", api.name(), self.api_version),
            None => write!(f, "key {}, version {}", self.api_key, self.api_version),
        }
    }
}

pub type Answering = Pin<Box<dyn Future<Output = Answer>>>;

/// What stands behind the connections of a shard.
pub trait Service: 'static {
    /// Begins to answer a frame. Nothing happens before the first poll.
    fn answer(&self, peer: &Peer, frame: Bytes) -> Answering;

    /// Whether a request may begin while earlier ones of its connection, all of such a kind, have no answer yet.
    /// Every other request begins when it is the only one, as a client of Kafka may rely on.
    fn overlaps(&self, kind: RequestKind) -> bool;

    /// Called by each connection after it has begun or continued answers: what they left to be written is written
    /// now, or handed to the thread that syncs.
    fn end_of_turn(&self);
}
