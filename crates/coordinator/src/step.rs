//! What every decision of a coordinator comes to, whatever kind of coordinator it is.
//!
//! ```text
//! request or timer ─► decide ─► Step { answers, records, after }
//!                                  │        │        └─ handed back when the records are committed, or refused
//!                                  │        └─ appended in one batch, replayed where the step says so
//!                                  └─ leave at once
//! ```
//!
//! Kafka: `CoordinatorResult`, whose append future is [`Step::after`] here.

/// A request that waits for its answer; the shell gives the number and knows who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// What a decision asks for. `R` records, `A` answers, `T` what is to be done when the records are committed.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<R, A, T> {
    pub answers: Vec<(RequestId, A)>,
    pub records: Vec<R>,
    /// The records change the state only when they are replayed. Otherwise the state has them already.
    pub is_replayed: bool,
    pub after: Vec<T>,
}

impl<R, A, T> Default for Step<R, A, T> {
    fn default() -> Self {
        Step { answers: Vec::new(), records: Vec::new(), is_replayed: false, after: Vec::new() }
    }
}

impl<R, A, T> Step<R, A, T> {
    /// Answers and asks for nothing else.
    pub fn answer(request: RequestId, answer: A) -> Self {
        Step { answers: vec![(request, answer)], ..Step::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.records.is_empty() && self.after.is_empty()
    }
}
