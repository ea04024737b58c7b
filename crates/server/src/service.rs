//! The node as what answers the frames of a shard's connections.

use std::sync::Arc;

use bytes::Bytes;
use klamm_wire::ApiKey;

use crate::answer::{Answering, Peer, RequestKind, Service};
use crate::work::Work;

pub struct NodeService {
    work: Arc<Work>,
}

impl NodeService {
    pub fn new(work: Arc<Work>) -> Self {
        NodeService { work }
    }
}

impl Service for NodeService {
    fn answer(&self, peer: &Peer, frame: Bytes) -> Answering {
        Box::pin(self.work.node.handle(&peer.connection, frame, self.work.clock.now()))
    }

    /// Produce requests append in the order in which they begin and only then wait, so that several in flight share
    /// one write and one sync. Anything else may depend on the effects of what came before it.
    fn overlaps(&self, kind: RequestKind) -> bool {
        kind.api_key == ApiKey::Produce.key()
    }

    fn end_of_turn(&self) {
        self.work.look_after();
    }
}
