//! The node as what answers the frames of a shard's connections.

use std::sync::Arc;

use bytes::Bytes;
use klamm_wire::ApiKey;

use crate::answer::{Answering, Peer, RequestKind, Service};
use crate::metrics::requests::Meter;
use crate::work::Work;

pub struct NodeService {
    work: Arc<Work>,
    meter: Meter,
}

impl NodeService {
    pub fn new(work: Arc<Work>, meter: Meter) -> Self {
        NodeService { work, meter }
    }
}

impl Service for NodeService {
    fn answer(&self, peer: &Peer, frame: Bytes) -> Answering {
        let (clock, kind, bytes) = (self.work.clock, RequestKind::of(&frame), frame.len());
        let now = clock.now();
        let answering = self.work.node.handle(&peer.connection, frame, now);
        Box::pin(self.meter.clone().measure(kind, bytes, now.mono, clock, answering))
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
