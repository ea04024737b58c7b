//! One connection: a task that reads, begins, writes and sends in turns. Kafka: `SocketServer`'s `Processor`.
//!
//! A turn takes in what the socket has, begins the requests that are complete, lets the service write what they
//! left, and sends all answers that are ready in one go. Between turns the task sleeps until the socket or an
//! answer wakes it.
//!
//! * [`turn`] – what is done in a turn
//! * [`receive`] – bytes to frames; [`buffers`] – the memory they arrive in
//! * [`in_flight`] – requests that are being answered
//! * [`outgoing`] – answers to bytes on the socket
//! * [`wakeup`] – the waker of the answers
//! * [`limits`] – the bounds on one connection; [`times`] – those on its time
//! * [`pool`] – the memory of all connections; [`standing`] – what one has of it; [`keeper`] – who makes room
//! * [`shared`] – what the connections of a shard share

mod buffers;
mod in_flight;
mod keeper;
mod limits;
mod outgoing;
mod pool;
mod receive;
mod shared;
mod standing;
mod times;
mod turn;
mod wakeup;

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::net::TcpStream;
use tokio::time::Instant;

use klamm_node::CloseReason;

use crate::answer::{Peer, Service};

use in_flight::InFlight;
pub use keeper::keep;
pub use limits::ConnectionLimits;
use outgoing::Outgoing;
pub use pool::{PoolFigures, Pools};
pub use receive::FrameFault;
use receive::Receive;
pub use shared::Shared;
use standing::Standing;
use times::{Moment, Times};
use wakeup::Wakeup;

/// Why a connection ended.
pub enum End {
    /// The client closed or reset it.
    Client,
    Idle,
    /// No request was whole in the time given to the first.
    NoRequest,
    /// A request was not whole in the time given to it.
    SlowRequest {
        frame_bytes: usize,
    },
    /// Answers were not taken for too long.
    NotRead,
    /// Memory was short, and this was the connection that held most of it for longest.
    MemoryShort,
    /// A frame was out of bounds.
    Frame(FrameFault),
    /// A request was answered with the end of its connection.
    Refused(CloseReason),
    /// Answering a request panicked, which has been logged.
    Panic,
    Io(io::Error),
    /// The server stops and all answers are out.
    Stopped,
}

/// The task of one connection.
pub struct Connection<S> {
    socket: TcpStream,
    peer: Peer,
    service: Rc<S>,
    shared: Rc<Shared>,
    standing: Rc<Standing>,
    limits: ConnectionLimits,
    receive: Receive,
    in_flight: InFlight,
    outgoing: Outgoing,
    answers_waker: Waker,
    /// Set when nothing more is read; the connection ends when the answers before that are out.
    closing: Option<End>,
    times: Times,
}

impl<S: Service> Connection<S> {
    pub fn new(
        socket: TcpStream,
        peer: Peer,
        service: Rc<S>,
        shared: Rc<Shared>,
        limits: ConnectionLimits,
    ) -> Self {
        let (wakeup, now) = (Wakeup::new(), Instant::now());
        Connection {
            socket,
            peer,
            service,
            answers_waker: Waker::from(wakeup.clone()),
            standing: shared.enter(wakeup, now),
            shared,
            limits,
            receive: Receive::new(limits.frame_bytes_max),
            in_flight: InFlight::default(),
            outgoing: Outgoing::default(),
            closing: None,
            times: Times::new(&limits, now),
        }
    }

    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    fn check_times(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        let moment = || Moment {
            is_answering: !self.in_flight.is_empty(),
            unfinished: self.receive.unfinished(),
            is_held_back: self.standing.wants.get().is_some(),
        };
        self.times.poll(&self.limits, moment, cx)
    }
}

impl<S: Service> Future for Connection<S> {
    type Output = End;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<End> {
        let this = &mut *self;
        let mut woken = this.standing.wakeup.begin_turn(cx.waker());
        loop {
            if this.standing.is_condemned.get() {
                return Poll::Ready(End::MemoryShort);
            }
            match this.turn(woken, cx).and_then(|()| this.check_times(cx)) {
                Err(end) => return Poll::Ready(end),
                Ok(true) => {}
                Ok(false) if this.standing.wakeup.end_turn() => return Poll::Pending,
                Ok(false) => {}
            }
            woken = false;
        }
    }
}

impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        self.shared.leave(&self.standing);
    }
}
