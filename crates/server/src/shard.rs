//! One thread with a runtime of its own that serves its share of the connections.
//!
//! A connection stays on the shard it was given to, so nothing of it is locked or sent between threads. Closing a
//! shard's inbox is how it is told to stop: its connections take no further requests, send the answers they owe and
//! end; what is still waiting after a short while is dropped.

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;

use crate::admission::Ticket;
use crate::answer::{Peer, Service};
use crate::connection::{Connection, ConnectionLimits, Pools, Shared, keep};
use crate::ends;

/// How long a stopping shard waits for answers that are owed. Waiting fetches are not worth a longer stop: their
/// clients ask the next leader.
const DRAIN_MAX: Duration = Duration::from_millis(300);

/// A connection on its way from the listener to its shard.
pub struct Accepted {
    pub socket: std::net::TcpStream,
    pub peer: Peer,
    pub ticket: Ticket,
}

/// The handle that the listeners have of a shard.
pub struct Shard {
    inbox: UnboundedSender<Accepted>,
    counts: Arc<Counts>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Counts {
    /// In the inbox: none, unless the shard is busy for long.
    given: AtomicUsize,
    /// Given, taken or not, and not ended.
    live: AtomicUsize,
}

impl Shard {
    /// Starts the thread. `make_service` runs on it.
    pub fn start<S: Service>(
        number: usize,
        limits: ConnectionLimits,
        pools: Arc<Pools>,
        make_service: impl FnOnce() -> S + Send + 'static,
    ) -> io::Result<Shard> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let (inbox, arrivals) = unbounded_channel();
        let counts = Arc::new(Counts::default());
        let counted = counts.clone();
        let thread = std::thread::Builder::new().name(format!("klamm-shard-{number}")).spawn(move || {
            let service = Rc::new(make_service());
            LocalSet::new().block_on(&runtime, serve(arrivals, service, limits, pools, counted));
        })?;
        Ok(Shard { inbox, counts, thread })
    }

    /// Connections given to this shard that have not ended.
    pub fn connections(&self) -> usize {
        self.counts.live.load(Ordering::Relaxed)
    }

    /// Of those, the ones that it had no time to take yet.
    pub fn given(&self) -> usize {
        self.counts.given.load(Ordering::Relaxed)
    }

    pub fn give(&self, accepted: Accepted) {
        self.counts.live.fetch_add(1, Ordering::Relaxed);
        self.counts.given.fetch_add(1, Ordering::Relaxed);
        // A shard that is gone has panicked outside any request; the connection then closes by being dropped.
        let _ = self.inbox.send(accepted);
    }

    /// Tells the shard to stop and gives its thread, which ends soon.
    pub fn stop(self) -> JoinHandle<()> {
        self.thread
    }
}

async fn serve<S: Service>(
    mut arrivals: UnboundedReceiver<Accepted>,
    service: Rc<S>,
    limits: ConnectionLimits,
    pools: Arc<Pools>,
    counts: Arc<Counts>,
) {
    let shared = Rc::new(Shared::new(pools));
    tokio::task::spawn_local(keep(shared.clone()));
    while let Some(Accepted { socket, peer, ticket }) = arrivals.recv().await {
        counts.given.fetch_sub(1, Ordering::Relaxed);
        match TcpStream::from_std(socket) {
            Ok(socket) => {
                let connection = Connection::new(socket, peer, service.clone(), shared.clone(), limits);
                tokio::task::spawn_local(run(connection, ticket, counts.clone()));
            }
            Err(error) => {
                ends::report_lost(&peer, &error);
                counts.live.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
    let _ = tokio::time::timeout(DRAIN_MAX, shared.stop()).await;
}

/// Runs a connection to its end, also when its task panics.
async fn run<S: Service>(connection: Connection<S>, ticket: Ticket, counts: Arc<Counts>) {
    struct Leave(Arc<Counts>);
    impl Drop for Leave {
        fn drop(&mut self) {
            self.0.live.fetch_sub(1, Ordering::Relaxed);
        }
    }
    let _leave = Leave(counts);
    // Given back before the shard counts one less.
    let _ticket = ticket;
    let peer = connection.peer().clone();
    ends::report(&peer, &connection.await);
}
