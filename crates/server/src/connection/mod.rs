//! One connection: a task that reads, begins, writes and sends in turns. Kafka: `SocketServer`'s `Processor`.
//!
//! A turn takes in what the socket has, begins the requests that are complete, lets the service write what they
//! left, and sends all answers that are ready in one go. Between turns the task sleeps until the socket or an
//! answer wakes it.
//!
//! * [`receive`] – bytes to frames; [`buffers`] – the memory they arrive in
//! * [`in_flight`] – requests that are being answered
//! * [`outgoing`] – answers to bytes on the socket
//! * [`wakeup`] – the waker of the answers
//! * [`shared`] – what the connections of a shard share

mod buffers;
mod in_flight;
mod outgoing;
mod receive;
mod shared;
mod wakeup;

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use klamm_node::{Answer, CloseReason};

use crate::answer::{Peer, RequestKind, Service};
use crate::panics::Panicked;

use in_flight::{Begun, InFlight};
use outgoing::Outgoing;
pub use receive::FrameFault;
use receive::Receive;
pub use shared::Shared;
use wakeup::Wakeup;

/// Reads in one turn before other connections of the shard have theirs.
const TURN_READS_MAX: usize = 4;

/// Bounds on one connection.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// `socket.request.max.bytes`
    pub frame_bytes_max: usize,
    /// `connections.max.idle.ms`
    pub idle_max: Duration,
    /// Requests without an answer; more stay in the socket.
    pub in_flight_max: usize,
    /// Bytes of the frames of these requests. One frame is always taken.
    pub in_flight_bytes_max: usize,
    /// Bytes of unsent answers in memory; above, no request begins.
    pub unsent_bytes_max: usize,
    /// Pieces (runs of bytes and slices of files) of unsent answers; above, no request begins.
    pub unsent_pieces_max: usize,
}

impl ConnectionLimits {
    /// The bounds that a properties file can set; the others are fixed.
    pub fn new(frame_bytes_max: usize, idle_max: Duration) -> Self {
        ConnectionLimits {
            frame_bytes_max,
            idle_max,
            in_flight_max: 64,
            in_flight_bytes_max: 4 * 1024 * 1024,
            unsent_bytes_max: 1024 * 1024,
            unsent_pieces_max: 256,
        }
    }
}

/// Why a connection ended.
pub enum End {
    /// The client closed or reset it.
    Client,
    Idle,
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
    limits: ConnectionLimits,
    receive: Receive,
    in_flight: InFlight,
    outgoing: Outgoing,
    wakeup: Arc<Wakeup>,
    answers_waker: Waker,
    /// Set when nothing more is read; the connection ends when the answers before that are out.
    closing: Option<End>,
    last_active: Instant,
    muted_until: Option<Instant>,
    /// Fires at the end of the mute time, else when the connection may have become idle; re-armed only then.
    timer: Pin<Box<Sleep>>,
}

impl<S: Service> Connection<S> {
    pub fn new(
        socket: TcpStream,
        peer: Peer,
        service: Rc<S>,
        shared: Rc<Shared>,
        limits: ConnectionLimits,
    ) -> Self {
        let wakeup = Wakeup::new();
        Connection {
            socket,
            peer,
            service,
            shared,
            limits,
            receive: Receive::new(limits.frame_bytes_max),
            in_flight: InFlight::default(),
            outgoing: Outgoing::default(),
            answers_waker: Waker::from(wakeup.clone()),
            wakeup,
            closing: None,
            last_active: Instant::now(),
            muted_until: None,
            timer: Box::pin(tokio::time::sleep(limits.idle_max)),
        }
    }

    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    pub fn wakeup(&self) -> &Arc<Wakeup> {
        &self.wakeup
    }

    /// All that can be done now. `Err` ends the connection at once.
    fn turn(&mut self, mut woken: bool, cx: &mut Context<'_>) -> Result<(), End> {
        let mut reads = 0;
        let mut active = false;
        loop {
            woken |= self.wakeup.take_woken();
            let begun = self.begin_requests()?;
            if woken {
                self.in_flight
                    .poll_all(&mut Context::from_waker(&self.answers_waker))
                    .map_err(|Panicked| End::Panic)?;
            }
            if begun || woken {
                self.service.end_of_turn();
                woken = self.wakeup.take_woken();
                if woken {
                    continue;
                }
            }
            self.collect_answers();
            if self.next_request().is_some() {
                continue;
            }
            active |= self.send(cx)?;
            self.check_end()?;
            if self.next_request().is_some() {
                continue;
            }
            if reads == TURN_READS_MAX {
                cx.waker().wake_by_ref();
                break;
            }
            if !self.read(cx)? {
                break;
            }
            reads += 1;
        }
        if active || reads > 0 {
            self.last_active = Instant::now();
        }
        self.receive.rest(&self.shared.buffers);
        Ok(())
    }

    /// Begins the requests whose frames are complete. Returns whether there were any.
    fn begin_requests(&mut self) -> Result<bool, End> {
        let mut begun = false;
        while let Some((kind, overlaps)) = self.next_request() {
            match self.receive.next_frame() {
                Ok(Some(frame)) => {
                    let frame_bytes = frame.len();
                    let answering = self.service.answer(&self.peer, frame);
                    let request = Begun { kind, frame_bytes, overlaps, answering };
                    let cx = &mut Context::from_waker(&self.answers_waker);
                    self.in_flight.begin(request, cx).map_err(|Panicked| End::Panic)?;
                    begun = true;
                }
                Ok(None) => break,
                Err(fault) => self.closing = Some(End::Frame(fault)),
            }
        }
        Ok(begun)
    }

    /// The request that may begin now, with whether it overlaps. A frame that is refused counts as one.
    fn next_request(&self) -> Option<(RequestKind, bool)> {
        if !self.may_read() || !self.has_room() {
            return None;
        }
        let kind = RequestKind::of(self.receive.peek()?);
        let overlaps = self.service.overlaps(kind);
        self.in_flight.admits(overlaps).then_some((kind, overlaps))
    }

    fn may_read(&self) -> bool {
        self.closing.is_none() && self.muted_until.is_none() && !self.shared.is_stopping()
    }

    /// Leaves the client's bytes alone for as long as it was told to wait (KIP-219).
    fn mute(&mut self, throttle_ms: u32) {
        if throttle_ms > 0 {
            let until = Instant::now() + Duration::from_millis(throttle_ms.into());
            self.muted_until = self.muted_until.max(Some(until));
            self.timer.as_mut().reset(until);
        }
    }

    /// Whether the bounds allow one more request.
    fn has_room(&self) -> bool {
        let requests = self.in_flight.len() < self.limits.in_flight_max
            && self.in_flight.frame_bytes() < self.limits.in_flight_bytes_max;
        let answers = self.outgoing.memory_bytes() < self.limits.unsent_bytes_max
            && self.outgoing.pieces() < self.limits.unsent_pieces_max;
        (requests || self.in_flight.is_empty()) && answers
    }

    /// Moves the answers that are next in order to the sending half.
    fn collect_answers(&mut self) {
        while let Some(answer) = self.in_flight.pop_answered() {
            match answer {
                Answer::Reply(reply) => {
                    self.mute(reply.throttle_ms);
                    self.outgoing.push(reply);
                }
                Answer::NoReply => {}
                Answer::Close(reason) => {
                    self.in_flight = InFlight::default();
                    self.closing = Some(End::Refused(reason));
                }
            }
        }
    }

    /// Sends what the socket takes. Returns whether it took anything.
    fn send(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        let mut sent = 0;
        match self.outgoing.poll_send(&self.socket, &mut sent, cx) {
            Poll::Ready(Err(error)) => Err(End::Io(error)),
            _ => Ok(sent > 0),
        }
    }

    fn check_end(&mut self) -> Result<(), End> {
        if !self.in_flight.is_empty() || !self.outgoing.is_empty() {
            return Ok(());
        }
        match self.closing.take() {
            Some(end) => Err(end),
            None if self.shared.is_stopping() => Err(End::Stopped),
            None => Ok(()),
        }
    }

    /// Reads once, if there is room for what may come. Returns whether bytes arrived.
    fn read(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        if !self.may_read() || self.receive.peek().is_some() {
            return Ok(false);
        }
        match self.receive.poll_receive(&mut self.socket, &self.shared.buffers, cx) {
            Poll::Ready(Ok(0)) => Err(End::Client),
            Poll::Ready(Ok(_)) => Ok(true),
            Poll::Ready(Err(error)) => Err(End::Io(error)),
            Poll::Pending => Ok(false),
        }
    }

    /// Ends a mute time, or a connection on which nothing moved for too long while no request was being answered.
    /// Returns whether there is more to do now.
    fn check_time(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        let mut unmuted = false;
        while self.timer.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            if self.muted_until.is_some_and(|until| until <= now) {
                self.muted_until = None;
                unmuted = true;
            }
            if !self.in_flight.is_empty() || unmuted {
                self.last_active = now;
            }
            let idle_end = self.last_active + self.limits.idle_max;
            if idle_end <= now {
                return Err(End::Idle);
            }
            self.timer.as_mut().reset(self.muted_until.unwrap_or(idle_end));
        }
        Ok(unmuted)
    }
}

impl<S: Service> Future for Connection<S> {
    type Output = End;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<End> {
        let this = &mut *self;
        let mut woken = this.wakeup.begin_turn(cx.waker());
        loop {
            match this.turn(woken, cx).and_then(|()| this.check_time(cx)) {
                Err(end) => return Poll::Ready(end),
                Ok(true) => {}
                Ok(false) if this.wakeup.end_turn() => return Poll::Pending,
                Ok(false) => {}
            }
            woken = false;
        }
    }
}
