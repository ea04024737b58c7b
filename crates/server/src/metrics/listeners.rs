//! Connections of a listener, counted as they come and go (Kafka: `socket-server-metrics`).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug)]
pub struct ListenerFigures {
    pub name: Arc<str>,
    created: AtomicU64,
    closed: AtomicU64,
    refused: AtomicU64,
}

/// A connection that is there; it has left when this is dropped.
#[derive(Debug)]
pub struct Present(Arc<ListenerFigures>);

impl ListenerFigures {
    pub fn new(name: Arc<str>) -> Arc<ListenerFigures> {
        let (created, closed, refused) = Default::default();
        Arc::new(ListenerFigures { name, created, closed, refused })
    }

    pub fn enter(self: &Arc<Self>) -> Present {
        self.created.fetch_add(1, Ordering::Relaxed);
        Present(self.clone())
    }

    /// A connection was closed at once: its address has too many.
    pub fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub fn created(&self) -> u64 {
        self.created.load(Ordering::Relaxed)
    }

    pub fn closed(&self) -> u64 {
        self.closed.load(Ordering::Relaxed)
    }

    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.closed.fetch_add(1, Ordering::Relaxed);
    }
}
