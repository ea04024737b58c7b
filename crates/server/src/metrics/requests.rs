//! What requests came and how long they took, counted on the shard that answers them (Kafka: `RequestMetrics`).
//!
//! | Kafka | here |
//! |---|---|
//! | RequestsPerSec | answers, by API and version |
//! | LocalTimeMs | from the whole frame to the end of the first step: appended, read, decided |
//! | RemoteTimeMs | from there to the answer: waiting for a disk, for records, for other members |
//! | TotalTimeMs | both |
//! | RequestBytes | the frame |
//! | ErrorsPerSec | errors in answers, by code; NONE are answers without any |
//!
//! There are no queues between threads, so nothing has to wait in one (RequestQueueTimeMs, ResponseQueueTimeMs).

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, OnceLock};

use klamm_base::Mono;
use klamm_node::{Answer, CloseReason};
use klamm_wire::ApiKey;

use crate::answer::RequestKind;
use crate::clock::Clock;
use crate::counting::{Counter, Histogram};

/// Keys of APIs are below.
const KEYS: usize = 96;
/// Versions that are counted; the last one stands for all from there on.
pub const VERSIONS: usize = 24;

/// The counts of one shard. APIs that nobody has asked for take no memory.
#[derive(Debug)]
pub struct RequestFigures {
    by_key: [OnceLock<Box<ApiFigures>>; KEYS],
    /// Requests that have begun and have no answer.
    pub in_flight: Counter,
    /// Connections that ended with a request that could not be understood, or was too much.
    pub refused: Counter,
}

#[derive(Debug, Default)]
pub struct ApiFigures {
    pub answers: [Counter; VERSIONS],
    pub errors: Errors,
    /// Microseconds.
    pub local: Histogram,
    pub remote: Histogram,
    pub total: Histogram,
    pub bytes: Histogram,
}

/// Codes are below.
const ERROR_CODES: usize = 160;

/// Errors by code, from -1 on.
#[derive(Debug)]
pub struct Errors([Counter; ERROR_CODES]);

impl Default for Errors {
    fn default() -> Self {
        Errors(std::array::from_fn(|_| Counter::default()))
    }
}

impl Errors {
    fn add(&self, code: i16, count: u64) {
        if let Some(counter) = usize::try_from(i32::from(code) + 1).ok().and_then(|at| self.0.get(at)) {
            counter.add(count);
        }
    }

    /// Codes that have been counted.
    pub fn iter(&self) -> impl Iterator<Item = (i16, u64)> {
        let counted = self.0.iter().enumerate().map(|(at, counter)| (at as i16 - 1, counter.get()));
        counted.filter(|(_, count)| *count > 0)
    }
}

impl Default for RequestFigures {
    fn default() -> Self {
        RequestFigures {
            by_key: std::array::from_fn(|_| OnceLock::new()),
            in_flight: Counter::default(),
            refused: Counter::default(),
        }
    }
}

impl RequestFigures {
    /// What is known of an API; `None` when nobody has asked for it.
    pub fn of(&self, api: ApiKey) -> Option<&ApiFigures> {
        self.by_key.get(usize::try_from(api.key()).ok()?)?.get().map(Box::as_ref)
    }

    /// Counts an answer, its times in microseconds.
    pub fn answered(&self, kind: RequestKind, bytes: usize, local: u64, remote: u64, errors: &[(i16, u32)]) {
        let known = ApiKey::from_key(kind.api_key).and_then(|_| usize::try_from(kind.api_key).ok());
        let Some(api) = known.and_then(|key| self.by_key.get(key)) else { return };
        let api = api.get_or_init(Box::default);
        let version = usize::try_from(kind.api_version).unwrap_or(VERSIONS).min(VERSIONS - 1);
        api.answers[version].add(1);
        if errors.is_empty() {
            api.errors.add(0, 1);
        }
        errors.iter().for_each(|(code, count)| api.errors.add(*code, (*count).into()));
        api.local.add(local);
        api.remote.add(remote);
        api.total.add(local + remote);
        api.bytes.add(bytes as u64);
    }
}

/// The counts of a shard in the hands of the shard itself.
#[derive(Clone)]
pub struct Meter(Arc<RequestFigures>);

/// One request less in flight when dropped.
struct InFlight(Meter);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.0.in_flight.add(u64::MAX);
    }
}

impl Meter {
    /// For the thread of the shard only, which alone may count.
    pub fn new(figures: Arc<RequestFigures>) -> Meter {
        Meter(figures)
    }

    /// Answers a request that began at `begin`, and counts it.
    pub async fn measure(
        self,
        kind: RequestKind,
        bytes: usize,
        begin: Mono,
        clock: Clock,
        answering: impl Future<Output = Answer>,
    ) -> Answer {
        self.0.in_flight.add(1);
        let in_flight = InFlight(self);
        let mut answering = pin!(answering);
        let mut first_step = None;
        let mut answered = begin;
        let answer = poll_fn(|cx| {
            let polled = answering.as_mut().poll(cx);
            if first_step.is_none() || polled.is_ready() {
                answered = clock.mono();
            }
            first_step.get_or_insert(answered);
            polled
        })
        .await;
        let first_step = first_step.unwrap_or(answered);
        let (local, remote) = (first_step.micros_since(begin), answered.micros_since(first_step));
        let figures = &in_flight.0.0;
        match &answer {
            Answer::Reply(reply) => figures.answered(kind, bytes, local, remote, &reply.errors),
            Answer::NoReply => figures.answered(kind, bytes, local, remote, &[]),
            Answer::Close(CloseReason::ProduceFailed { error }) => {
                figures.answered(kind, bytes, local, remote, &[(error.code(), 1)]);
            }
            Answer::Close(_) => figures.refused.add(1),
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counting::Counts;
    use std::task::{Context, Poll, Waker};

    const PRODUCE: RequestKind = RequestKind { api_key: 0, api_version: 11 };

    #[test]
    fn a_request_is_in_flight_until_its_answer_and_then_counted() {
        let figures = Arc::new(RequestFigures::default());
        let meter = Meter::new(figures.clone());
        let mut polls = 0;
        let answer = poll_fn(move |_| {
            polls += 1;
            if polls == 2 { Poll::Ready(Answer::NoReply) } else { Poll::Pending }
        });
        let clock = Clock::start();
        let mut measured = Box::pin(meter.clone().measure(PRODUCE, 100, clock.mono(), clock, answer));
        let cx = &mut Context::from_waker(Waker::noop());
        assert!(measured.as_mut().poll(cx).is_pending());
        assert_eq!(figures.in_flight.get(), 1);
        assert!(figures.of(ApiKey::Produce).is_none());
        assert!(measured.as_mut().poll(cx).is_ready());
        assert_eq!(figures.in_flight.get(), 0);
        let api = figures.of(ApiKey::Produce).expect("counted");
        assert_eq!(api.answers[11].get(), 1);
        let mut bytes = Counts::default();
        bytes.add(&api.bytes);
        assert_eq!((bytes.total(), bytes.quantile(0.5)), (1, 99.5));
        // A connection that ends takes its requests with it.
        drop(meter.measure(PRODUCE, 1, clock.mono(), clock, std::future::pending()));
        assert_eq!(figures.in_flight.get(), 0);
    }

    #[test]
    fn what_nobody_knows_is_not_counted_by_name() {
        let figures = RequestFigures::default();
        for (api_key, api_version) in [(-1, 0), (i16::MAX, 0), (95, 1)] {
            figures.answered(RequestKind { api_key, api_version }, 1, 1, 1, &[]);
        }
        let errors = [(35, 2), (i16::MAX, 1), (-1, 1), (i16::MIN, 1)];
        figures.answered(RequestKind { api_key: 18, api_version: i16::MAX }, 1, 1, 1, &errors);
        figures.answered(RequestKind { api_key: 18, api_version: -1 }, 1, 1, 1, &[]);
        let answers = &figures.of(ApiKey::ApiVersions).expect("counted").answers;
        assert_eq!(answers[VERSIONS - 1].get(), 2);
        let errors = &figures.of(ApiKey::ApiVersions).expect("counted").errors;
        assert_eq!(errors.iter().collect::<Vec<_>>(), [(-1, 1), (0, 1), (35, 2)]);
        assert_eq!(ApiKey::ALL.iter().filter(|api| figures.of(**api).is_some()).count(), 1);
        assert!(ApiKey::ALL.iter().all(|api| (api.key() as usize) < KEYS));
    }
}
