//! When a connection has to end, and the one timer that sees to it.
//!
//! | What | From | For |
//! |---|---|---|
//! | first request | the beginning | `klamm.first.request.max.ms`, until it is there |
//! | a request that is not whole | its first byte | `klamm.frame.max.ms` and what its bytes may take |
//! | answers that are not taken | the last byte taken | `klamm.send.stall.max.ms` |
//! | nothing at all | the last byte | `connections.max.idle.ms`, while nothing is being answered |
//!
//! Time in which the server itself does not read (a throttled client, memory that is short) is not held against the
//! client. The timer is set again only when it must ring earlier than it is set for, so a busy connection does not touch it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::{ConnectionLimits, End};

/// How a connection stands when its timer rings.
pub struct Moment {
    pub is_answering: bool,
    /// Bytes there of a request that is not whole.
    pub unfinished: Option<usize>,
    /// Whether the server would not read.
    pub is_held_back: bool,
}

pub struct Times {
    last_active: Instant,
    /// None once the first request is there.
    first_request_end: Option<Instant>,
    unfinished_since: Option<Instant>,
    unsent_since: Option<Instant>,
    muted_until: Option<Instant>,
    rings_at: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Times {
    pub fn new(limits: &ConnectionLimits, now: Instant) -> Times {
        let first_request_end = now + limits.first_request_max;
        let rings_at = first_request_end.min(now + limits.idle_max);
        Times {
            last_active: now,
            first_request_end: Some(first_request_end),
            unfinished_since: None,
            unsent_since: None,
            muted_until: None,
            rings_at,
            timer: Box::pin(tokio::time::sleep_until(rings_at)),
        }
    }

    pub fn is_muted(&self) -> bool {
        self.muted_until.is_some()
    }

    /// The client was told to wait for so long.
    pub fn mute(&mut self, time: Duration) {
        let until = Instant::now() + time;
        self.muted_until = self.muted_until.max(Some(until));
        self.ring_by(until);
    }

    /// Bytes came or went.
    pub fn note_active(&mut self, now: Instant) {
        self.last_active = now;
    }

    /// A request has begun.
    pub fn note_request(&mut self) {
        self.first_request_end = None;
        self.unfinished_since = None;
    }

    /// Whether part of a request is there, after a turn.
    pub fn note_unfinished(&mut self, is_unfinished: bool, limits: &ConnectionLimits) {
        match (is_unfinished, self.unfinished_since) {
            (false, _) => self.unfinished_since = None,
            (true, Some(_)) => {}
            (true, None) => {
                let now = Instant::now();
                self.unfinished_since = Some(now);
                self.ring_by(now + limits.frame_max);
            }
        }
    }

    /// Whether answers are left that the socket did not take, after a turn in which it took some or none.
    pub fn note_unsent(&mut self, is_unsent: bool, took: bool, limits: &ConnectionLimits) {
        if !is_unsent {
            self.unsent_since = None;
        } else if took || self.unsent_since.is_none() {
            let now = Instant::now();
            self.unsent_since = Some(now);
            self.ring_by(now + limits.send_stall_max);
        }
    }

    /// Nothing was read for a while, and not by the client's fault.
    pub fn forgive(&mut self, now: Instant, limits: &ConnectionLimits) {
        self.unfinished_since = self.unfinished_since.map(|_| now);
        self.first_request_end = self.first_request_end.map(|_| now + limits.first_request_max);
        self.last_active = now;
    }

    fn ring_by(&mut self, at: Instant) {
        if at < self.rings_at {
            self.rings_at = at;
            self.timer.as_mut().reset(at);
        }
    }

    /// Ends a mute time, or the connection. Returns whether there is more to do now.
    pub fn poll(
        &mut self,
        limits: &ConnectionLimits,
        moment: impl Fn() -> Moment,
        cx: &mut Context<'_>,
    ) -> Result<bool, End> {
        let mut unmuted = false;
        while let Poll::Ready(()) = self.timer.as_mut().poll(cx) {
            let (now, moment) = (Instant::now(), moment());
            let was_muted = self.is_muted();
            if self.muted_until.is_some_and(|until| until <= now) {
                self.muted_until = None;
                unmuted = true;
            }
            if was_muted || moment.is_held_back {
                self.forgive(now, limits);
            }
            if moment.is_answering {
                self.last_active = now;
            }
            self.rings_at = self.next(limits, &moment, now)?;
            self.timer.as_mut().reset(self.rings_at);
        }
        Ok(unmuted)
    }

    /// When to look again, if the connection may stay until then.
    fn next(&self, limits: &ConnectionLimits, moment: &Moment, now: Instant) -> Result<Instant, End> {
        let frame_bytes = moment.unfinished.unwrap_or(0);
        let ends = [
            (self.first_request_end.filter(|_| !moment.is_answering), End::NoRequest),
            (
                self.unfinished_since.map(|since| since + limits.frame_time(frame_bytes)),
                End::SlowRequest { frame_bytes },
            ),
            (self.unsent_since.map(|since| since + limits.send_stall_max), End::NotRead),
            (Some(self.last_active + limits.idle_max), End::Idle),
        ];
        let mut next = self.muted_until;
        for (at, end) in ends {
            let Some(at) = at else { continue };
            if at <= now {
                return Err(end);
            }
            next = Some(next.map_or(at, |next| next.min(at)));
        }
        Ok(next.unwrap_or(now + limits.idle_max))
    }
}
