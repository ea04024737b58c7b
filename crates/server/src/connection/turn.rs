//! What a connection does in a turn.
//!
//! A turn is short whatever the client sends: so many reads, so many requests, so many bytes, and the other connections
//! of the shard have theirs.

use std::task::{Context, Poll};
use std::time::Duration;

use klamm_node::Answer;
use tokio::time::Instant;

use super::in_flight::{Begun, InFlight};
use super::receive::{COPIED_BYTES_MAX, FrameSize, PARKED_BYTES_MAX};
use super::standing::{Arrived, Want};
use super::{Connection, End};
use crate::answer::{RequestKind, Service};
use crate::panics::Panicked;

/// Reads in one turn before other connections of the shard have theirs.
const READS_MAX: usize = 4;

/// Requests begun in one turn before other connections of the shard have theirs.
const REQUESTS_MAX: usize = 128;

/// What was done so far.
#[derive(Default)]
struct Done {
    reads: usize,
    read_bytes: usize,
    requests: usize,
    sent_bytes: usize,
    /// When the first of several rounds of requests was over.
    since: Option<Instant>,
    /// Requests are left that could begin.
    is_behind: bool,
}

impl<S: Service> Connection<S> {
    /// All that can be done now. `Err` ends the connection at once.
    pub(super) fn turn(&mut self, woken: bool, cx: &mut Context<'_>) -> Result<(), End> {
        if self.shared.end_wanting(&self.standing) {
            self.forgive();
        }
        let mut done = Done::default();
        self.work(woken, &mut done, cx)?;
        self.settle(&done);
        Ok(())
    }

    fn work(&mut self, mut woken: bool, done: &mut Done, cx: &mut Context<'_>) -> Result<(), End> {
        loop {
            woken |= self.standing.wakeup.take_woken();
            let begun = self.begin_requests(done)?;
            if woken {
                self.in_flight
                    .poll_all(&mut Context::from_waker(&self.answers_waker))
                    .map_err(|Panicked| End::Panic)?;
            }
            if begun || woken {
                self.service.end_of_turn();
                woken = self.standing.wakeup.take_woken();
                if woken {
                    continue;
                }
            }
            self.collect_answers();
            if self.may_begin(done) {
                continue;
            }
            self.send(done, cx)?;
            self.check_end()?;
            if self.may_begin(done) {
                continue;
            }
            // The rest is for the next turn, which comes when all others had theirs.
            done.is_behind = self.next_request().is_some();
            if done.reads == READS_MAX || done.is_behind {
                cx.waker().wake_by_ref();
                return Ok(());
            }
            if !self.read(done, cx)? {
                return Ok(());
            }
        }
    }

    /// Says what the turn left: memory held, times that run.
    fn settle(&mut self, done: &Done) {
        self.shared.note_behind(&self.standing, done.is_behind);
        self.receive.rest(&self.shared.buffers);
        let arrived = match (self.receive.is_empty(), self.receive.peek()) {
            (true, _) => Arrived::Nothing,
            (false, Some(_)) => Arrived::Queued,
            (false, None) => Arrived::Unfinished,
        };
        let held = self.receive.held_bytes() + self.in_flight.frame_bytes();
        let unsent = self.outgoing.memory_bytes();
        self.shared.hold(&self.standing, held, unsent);
        self.standing.arrived.set(arrived);
        if done.sent_bytes > 0 || done.reads > 0 {
            let now = Instant::now();
            self.times.note_active(now);
            self.standing.note_read(done.read_bytes, done.requests > 0, now);
            if done.sent_bytes > 0 || unsent == 0 {
                self.standing.note_sent(now);
            }
        }
        if done.requests > 0 {
            self.times.note_request();
            self.shared.pools.leave_turn(self.standing.id);
        }
        self.times.note_unfinished(arrived == Arrived::Unfinished, &self.limits);
        self.times.note_unsent(!self.outgoing.is_empty(), done.sent_bytes > 0, &self.limits);
        if self.waits_for_room_of_answers() {
            self.shared.want(&self.standing, Want::Answer);
        }
    }

    /// The server did not read for a while.
    fn forgive(&mut self) {
        let now = Instant::now();
        self.times.forgive(now, &self.limits);
        self.standing.note_read(0, true, now);
    }

    /// Begins the requests whose frames are complete. Returns whether there were any.
    fn begin_requests(&mut self, done: &mut Done) -> Result<bool, End> {
        let mut begun = false;
        while done.requests < REQUESTS_MAX
            && let Some((kind, overlaps)) = self.next_request()
        {
            let is_parked = !overlaps || self.is_memory_short();
            match self.receive.next_frame(if is_parked { PARKED_BYTES_MAX } else { COPIED_BYTES_MAX }) {
                Ok(Some(frame)) => {
                    let frame_bytes = frame.len();
                    let answering = self.service.answer(&self.peer, frame);
                    let request = Begun { kind, frame_bytes, overlaps, answering };
                    let cx = &mut Context::from_waker(&self.answers_waker);
                    self.in_flight.begin(request, cx).map_err(|Panicked| End::Panic)?;
                    begun = true;
                    done.requests += 1;
                }
                Ok(None) => break,
                Err(fault) => self.closing = Some(End::Frame(fault)),
            }
        }
        Ok(begun)
    }

    /// Whether another round of requests belongs to this turn.
    fn may_begin(&self, done: &mut Done) -> bool {
        if done.requests >= REQUESTS_MAX || self.next_request().is_none() {
            return false;
        }
        let now = Instant::now();
        now.saturating_duration_since(*done.since.get_or_insert(now)) < self.shared.turn_max()
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
        self.closing.is_none() && !self.times.is_muted() && !self.shared.is_stopping()
    }

    /// Whether the bounds allow one more request.
    fn has_room(&self) -> bool {
        let requests = self.in_flight.len() < self.limits.in_flight_max
            && self.in_flight.frame_bytes() < self.limits.in_flight_bytes_max;
        let answers = self.outgoing.memory_bytes() < self.limits.unsent_bytes_max
            && self.outgoing.pieces() < self.limits.unsent_pieces_max;
        (requests || self.in_flight.is_empty()) && answers && self.is_room_for_answers()
    }

    /// Whether the memory of all answers allows one more of this connection: when half of it is used, only of one
    /// that takes its answers.
    fn is_room_for_answers(&self) -> bool {
        let pool = &self.shared.pools.answers;
        let used = pool.used();
        used < pool.sixteenths(8) || (used < pool.limit() && self.outgoing.is_empty())
    }

    /// Whether a request is there that begins when others have given memory back.
    fn waits_for_room_of_answers(&self) -> bool {
        let pool = &self.shared.pools.answers;
        pool.used() >= pool.limit() && self.may_read() && self.receive.peek().is_some()
    }

    fn is_memory_short(&self) -> bool {
        let pool = &self.shared.pools.requests;
        pool.used() >= pool.sixteenths(8)
    }

    /// Moves the answers that are next in order to the sending half.
    fn collect_answers(&mut self) {
        while let Some(answer) = self.in_flight.pop_answered() {
            match answer {
                Answer::Reply(reply) => {
                    // The client's bytes are left alone for as long as it was told to wait (KIP-219).
                    if reply.throttle_ms > 0 {
                        self.times.mute(Duration::from_millis(reply.throttle_ms.into()));
                    }
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

    /// Sends what the socket takes.
    fn send(&mut self, done: &mut Done, cx: &mut Context<'_>) -> Result<(), End> {
        let pool = &self.shared.pools.answers;
        self.outgoing.set_lean(pool.used() >= pool.sixteenths(8));
        match self.outgoing.poll_send(&self.socket, &mut done.sent_bytes, cx) {
            Poll::Ready(Err(error)) => Err(End::Io(error)),
            _ => Ok(()),
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
    fn read(&mut self, done: &mut Done, cx: &mut Context<'_>) -> Result<bool, End> {
        if !self.may_read() || self.receive.peek().is_some() {
            return Ok(false);
        }
        if let Some(below) = self.lacks_room() {
            self.shared.want(&self.standing, Want::Read { below });
            return Ok(false);
        }
        match self.receive.poll_receive(&mut self.socket, &self.shared.buffers, cx) {
            Poll::Ready(Ok(0)) => Err(End::Client),
            Poll::Ready(Ok(bytes)) => {
                done.reads += 1;
                done.read_bytes += bytes;
                Ok(true)
            }
            Poll::Ready(Err(error)) => Err(End::Io(error)),
            Poll::Pending => Ok(false),
        }
    }

    /// What must be used less of the requests' memory before this connection may read on; none if it may now.
    ///
    /// The larger a frame is the earlier it waits, so that there is always room for small ones and for those who have
    /// shown what they send. Of those that wait one has the turn and goes on to the end of the pool, and beyond if
    /// nobody else holds anything, so that a frame of any size is served at last.
    fn lacks_room(&self) -> Option<usize> {
        let pool = &self.shared.pools.requests;
        let used = pool.used();
        if used < pool.sixteenths(2) {
            return None;
        }
        let arriving = self.receive.arriving();
        let below = match arriving {
            FrameSize::Small => pool.limit(),
            FrameSize::Proven => pool.sixteenths(15),
            FrameSize::Large => pool.sixteenths(12),
            // One at a time, so that those which have begun do not keep each other from their ends.
            FrameSize::Huge => pool.sixteenths(2),
        };
        let others = used.saturating_sub(self.standing.held.get());
        let is_free = used < below
            || (arriving != FrameSize::Small
                && (used < pool.limit() || others < pool.sixteenths(1))
                && self.shared.pools.takes_turn(self.standing.id));
        (!is_free).then_some(below)
    }
}
