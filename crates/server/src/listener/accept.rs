//! The loop that takes connections and hands them to the shards. Kafka: `SocketServer`'s `Acceptor`.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use klamm_node::{Connection, Principal};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tracing::warn;

use super::Listener;
use crate::admission::Gate;
use crate::answer::Peer;
use crate::descriptors::is_of_the_reserve;
use crate::logging::RateLimit;
use crate::shard::{Accepted, Shard};

const LOGGER: &str = "kafka.network.SocketServer";

/// Pause after an error that will last a moment (no descriptors, no memory): the backlog waits meanwhile.
const PAUSE: Duration = Duration::from_millis(100);

static LINES: RateLimit = RateLimit::per_second(1);

/// Sizes of the sockets' buffers, where they are not left to the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SocketBuffers {
    pub send_bytes: Option<usize>,
    pub receive_bytes: Option<usize>,
}

/// What a listener's connections have in common.
#[derive(Clone)]
pub struct Doorway {
    pub listener: Listener,
    pub buffers: SocketBuffers,
    pub gate: Gate,
}

/// Accepts for ever. Nothing a client does ends this loop.
pub async fn accept(socket: TcpListener, doorway: Doorway, shards: Rc<Vec<Shard>>) {
    let listener = &doorway.listener;
    loop {
        doorway.gate.room().await;
        let error = match socket.accept().await {
            // Dropped and thereby closed: what is left is for the files of the logs.
            Ok((stream, _)) if is_of_the_reserve(&stream) => {
                io::Error::other("the descriptors that are left are kept for files")
            }
            Ok((stream, address)) => {
                doorway.let_in(stream, address, &shards);
                continue;
            }
            Err(error) if is_about_one_client(&error) => continue,
            Err(error) => error,
        };
        if let Some(suppressed) = LINES.admit() {
            let name = &*listener.name;
            warn!(target: LOGGER, listener = name, suppressed, "cannot accept connections: {error}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Doorway {
    fn let_in(&self, stream: TcpStream, address: SocketAddr, shards: &[Shard]) {
        let Some(ticket) = self.gate.ticket(address.ip().to_canonical()) else {
            if let Some(suppressed) = LINES.admit() {
                let listener = &*self.listener.name;
                warn!(
                    target: LOGGER, listener, suppressed,
                    "refused a connection of {}, which has as many as max.connections.per.ip allows", address.ip()
                );
            }
            return;
        };
        if let Ok(socket) = prepare(stream, self.buffers) {
            hand_over(Accepted { socket, peer: self.listener.peer(address), ticket }, shards);
        }
    }
}

impl Listener {
    fn peer(&self, address: SocketAddr) -> Peer {
        let principal = Principal::anonymous();
        let ip = address.ip().to_canonical();
        Peer { address, connection: Arc::new(Connection::new(principal, self.name.clone(), self.role, ip)) }
    }
}

/// The client gave up before it was accepted.
fn is_about_one_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

fn prepare(stream: TcpStream, buffers: SocketBuffers) -> io::Result<std::net::TcpStream> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(&stream);
    socket.set_keepalive(true)?;
    if let Some(bytes) = buffers.send_bytes {
        socket.set_send_buffer_size(bytes)?;
    }
    if let Some(bytes) = buffers.receive_bytes {
        socket.set_recv_buffer_size(bytes)?;
    }
    stream.into_std()
}

/// To the shard with the fewest connections; connections live long, so counting beats taking turns. One that is busy
/// with a long request and does not take what it is given gets no more while there are others.
fn hand_over(accepted: Accepted, shards: &[Shard]) {
    if let Some(shard) = shards.iter().min_by_key(|shard| (shard.given(), shard.connections())) {
        shard.give(accepted);
    }
}
