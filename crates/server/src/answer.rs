//! What leaves on a connection, and who makes it: the keyhole between a connection and the node.
//!
//! The connection knows frames, order and bytes; it does not know what a request means. The node is one service,
//! the tests of the connection are another.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;
use klamm_log::FileSlice;

use crate::connection::{Peer, RequestKind};

/// The answer to one frame, in the order of the frames.
pub enum Answer {
    /// What is sent, the frame's size included.
    Reply(Vec<Piece>),
    /// Nothing is sent (Produce with acks=0).
    NoReply,
    /// The connection ends, after the answers to earlier frames.
    Close,
}

/// Bytes of an answer: at hand, or still in a file.
pub enum Piece {
    Bytes(Bytes),
    File(FileSlice),
}

pub type Answering = Pin<Box<dyn Future<Output = Answer>>>;

/// What stands behind the connections of a shard.
pub trait Service: 'static {
    /// Begins to answer a frame. Nothing happens before the first poll.
    fn answer(&self, peer: &Rc<Peer>, frame: Bytes) -> Answering;

    /// Whether a request may begin while earlier ones of its connection, all of such a kind, have no answer yet.
    /// Every other request begins when it is the only one, as a client of Kafka may rely on.
    fn overlaps(&self, kind: RequestKind) -> bool;

    /// Called by each connection after it has begun or continued answers: what they left to be written is written
    /// now, or handed to the thread that syncs.
    fn end_of_turn(&self);
}
