//! The requests of one connection that are being answered: begun together, finished in order.
//!
//! Kafka answers one request of a connection before it looks at the next. Here requests of a kind that allows it
//! begin as soon as their frames are complete, so that the five in flight of a producer share one write and one
//! sync; all others keep Kafka's order of effects.

use std::collections::VecDeque;
use std::task::{Context, Poll};

use klamm_node::Answer;

use crate::answer::{Answering, RequestKind};
use crate::panics::{Panicked, in_answer};

/// A request that begins.
pub struct Begun {
    pub kind: RequestKind,
    pub frame_bytes: usize,
    pub overlaps: bool,
    pub answering: Answering,
}

enum State {
    Answering(Answering),
    Answered(Answer),
}

struct Slot {
    kind: RequestKind,
    frame_bytes: usize,
    state: State,
}

#[derive(Default)]
pub struct InFlight {
    slots: VecDeque<Slot>,
    frame_bytes: usize,
    /// Of the slots, those without an answer.
    unanswered: usize,
    /// Whether all of those without an answer let others begin beside them.
    overlapping: bool,
    /// Of the slots, those whose answer tells the client to wait.
    throttled: usize,
}

impl InFlight {
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Bytes of the frames that are being answered.
    pub fn frame_bytes(&self) -> usize {
        self.frame_bytes
    }

    /// Whether the next request may begin, given whether it overlaps. None does behind an answer that tells the
    /// client to wait.
    pub fn admits(&self, overlaps: bool) -> bool {
        self.throttled == 0 && (self.unanswered == 0 || (overlaps && self.overlapping))
    }

    /// Takes the next request and polls it for the first time.
    pub fn begin(&mut self, begun: Begun, cx: &mut Context<'_>) -> Result<(), Panicked> {
        assert!(self.admits(begun.overlaps), "{} requests before have no answer", self.unanswered);
        let Begun { kind, frame_bytes, overlaps, answering } = begun;
        let mut slot = Slot { kind, frame_bytes, state: State::Answering(answering) };
        slot.poll(cx)?;
        self.unanswered += usize::from(!slot.is_answered());
        self.throttled += usize::from(slot.is_throttled());
        self.overlapping = overlaps;
        self.frame_bytes += frame_bytes;
        self.slots.push_back(slot);
        Ok(())
    }

    /// Polls every request that has no answer yet.
    pub fn poll_all(&mut self, cx: &mut Context<'_>) -> Result<(), Panicked> {
        for slot in self.slots.iter_mut().filter(|slot| !slot.is_answered()) {
            slot.poll(cx)?;
            self.unanswered -= usize::from(slot.is_answered());
            self.throttled += usize::from(slot.is_throttled());
        }
        Ok(())
    }

    /// The next answer in the order of the requests.
    pub fn pop_answered(&mut self) -> Option<Answer> {
        if !self.slots.front()?.is_answered() {
            return None;
        }
        let slot = self.slots.pop_front()?;
        self.frame_bytes -= slot.frame_bytes;
        self.throttled -= usize::from(slot.is_throttled());
        match slot.state {
            State::Answered(answer) => Some(answer),
            State::Answering(_) => None,
        }
    }
}

impl Slot {
    fn is_answered(&self) -> bool {
        matches!(self.state, State::Answered(_))
    }

    fn is_throttled(&self) -> bool {
        matches!(&self.state, State::Answered(Answer::Reply(reply)) if reply.throttle_ms > 0)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Result<(), Panicked> {
        let State::Answering(answering) = &mut self.state else { return Ok(()) };
        if let Poll::Ready(answer) = in_answer(self.kind, || answering.as_mut().poll(cx))? {
            self.state = State::Answered(answer);
        }
        Ok(())
    }
}
