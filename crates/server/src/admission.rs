//! How many connections are taken, and how fast. Kafka: `ConnectionQuotas`, one for the broker's listeners and one for
//! the controller's.
//!
//! | Bound | When it is reached |
//! |---|---|
//! | `max.connections` of all listeners | nobody is accepted until a connection ends; clients wait in the backlog |
//! | the same of one listener | nobody is accepted there |
//! | `max.connection.creation.rate` of all or of one | nobody is accepted until it is time for the next |
//! | `max.connections.per.ip` | a further one from that address is closed at once |
//!
//! The listener that brokers use among themselves is left out of the bounds of all, as long as there are others: clients
//! must not keep brokers from each other. Kafka also closes a client's connection then; here those of the brokers come on
//! top, and so may one of each further socket that is waiting to accept. Bounds are asked for at each connection, so that
//! they may change.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

/// While nobody can be accepted the bounds are looked at again after this time, should they have been raised.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// So many connections may come at once after a quiet time, in seconds of the rate.
const BURST: Duration = Duration::from_secs(1);

/// The most there may be at a time, and that may come in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub connections: usize,
    pub per_second: u32,
}

impl Bounds {
    pub const NONE: Bounds = Bounds { connections: usize::MAX, per_second: u32::MAX };
}

/// Who knows the bounds as they are now.
pub trait BoundsNow: Send + Sync {
    fn of_all(&self) -> Bounds;
    fn of_listener(&self, name: &str) -> Bounds;
    fn of_address(&self, address: IpAddr) -> usize;
}

/// What has come so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdmissionFigures {
    /// At the moment.
    pub connections: usize,
    pub accepted: u64,
    /// Closed at once: their addresses had as many as they may have.
    pub refused: u64,
}

/// The same of one listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerFigures {
    pub name: Arc<str>,
    pub connections: usize,
    pub accepted: u64,
    pub refused: u64,
}

/// Counts the connections of some listeners.
pub struct Admission {
    bounds: Box<dyn BoundsNow>,
    counts: Mutex<Counts>,
    accepted: AtomicU64,
    refused: AtomicU64,
    left: Notify,
}

#[derive(Default)]
struct Counts {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
    pace: Pace,
    by_listener: HashMap<Arc<str>, OfListener>,
}

#[derive(Default)]
struct OfListener {
    connections: usize,
    accepted: u64,
    refused: u64,
    pace: Pace,
}

/// How fast connections have come: the time up to which the rate is used up.
#[derive(Default)]
struct Pace {
    used_until: Option<Instant>,
}

impl Pace {
    /// How long the next one has to wait.
    fn wait(&self, now: Instant) -> Duration {
        let ahead = self.used_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        ahead.saturating_sub(BURST)
    }

    fn count(&mut self, per_second: u32, now: Instant) {
        let until = self.used_until.map_or(now, |until| until.max(now));
        self.used_until = Some(until + Duration::from_secs(1) / per_second.max(1));
    }
}

/// The place of one connection; given back when dropped.
pub struct Ticket {
    admission: Arc<Admission>,
    listener: Arc<str>,
    address: IpAddr,
}

/// The way in through one listener.
#[derive(Clone)]
pub struct Gate {
    admission: Arc<Admission>,
    listener: Arc<str>,
    /// Not held to the bounds of all.
    is_for_brokers: bool,
}

impl Admission {
    pub fn new(bounds: Box<dyn BoundsNow>) -> Arc<Admission> {
        Arc::new(Admission {
            bounds,
            counts: Mutex::default(),
            accepted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            left: Notify::new(),
        })
    }

    pub fn gate(self: &Arc<Self>, listener: Arc<str>, is_for_brokers: bool) -> Gate {
        Gate { admission: self.clone(), listener, is_for_brokers }
    }

    pub fn figures(&self) -> AdmissionFigures {
        AdmissionFigures {
            connections: self.counts.lock().all,
            accepted: self.accepted.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// Of each listener that a connection has come to.
    pub fn listeners(&self) -> Vec<ListenerFigures> {
        let figures = |(name, here): (&Arc<str>, &OfListener)| ListenerFigures {
            name: name.clone(),
            connections: here.connections,
            accepted: here.accepted,
            refused: here.refused,
        };
        let mut listeners: Vec<_> = self.counts.lock().by_listener.iter().map(figures).collect();
        listeners.sort_by(|a, b| a.name.cmp(&b.name));
        listeners
    }
}

impl Gate {
    /// Waits until one more connection may be accepted.
    pub async fn room(&self) {
        loop {
            let mut left = std::pin::pin!(self.admission.left.notified());
            // Before it is looked, so that nobody leaves unseen in between.
            left.as_mut().enable();
            let Some(wait) = self.wait(Instant::now()) else { return };
            let _ = tokio::time::timeout(wait, left).await;
        }
    }

    /// How long to wait before it is looked again; none when one may be accepted now.
    fn wait(&self, now: Instant) -> Option<Duration> {
        let bounds = &self.admission.bounds;
        let (of_all, of_listener) = (bounds.of_all(), bounds.of_listener(&self.listener));
        let counts = self.admission.counts.lock();
        let here = counts.by_listener.get(&self.listener);
        let mut levels =
            vec![(here.map_or(0, |here| here.connections), here.map(|here| &here.pace), of_listener)];
        if !self.is_for_brokers {
            levels.push((counts.all, Some(&counts.pace), of_all));
        }
        if levels.iter().any(|(count, _, bounds)| *count >= bounds.connections || bounds.per_second == 0) {
            return Some(LOOK_AGAIN);
        }
        let wait = levels.iter().filter_map(|(_, pace, _)| Some(pace.as_ref()?.wait(now))).max()?;
        (wait > Duration::ZERO).then(|| wait.min(LOOK_AGAIN))
    }

    /// A place for a connection that was accepted; `None` when its address has as many as it may have.
    pub fn ticket(&self, address: IpAddr) -> Option<Ticket> {
        let (admission, now) = (&self.admission, Instant::now());
        let bounds = &admission.bounds;
        let (of_all, of_listener, most) =
            (bounds.of_all(), bounds.of_listener(&self.listener), bounds.of_address(address));
        let mut counts = admission.counts.lock();
        let counts = &mut *counts;
        let here = counts.by_listener.entry(self.listener.clone()).or_default();
        // Also those that are refused cost something.
        here.pace.count(of_listener.per_second, now);
        if !self.is_for_brokers {
            counts.pace.count(of_all.per_second, now);
        }
        let of_address = counts.by_address.entry(address).or_default();
        if *of_address >= most {
            if *of_address == 0 {
                counts.by_address.remove(&address);
            }
            here.refused += 1;
            admission.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        *of_address += 1;
        here.connections += 1;
        here.accepted += 1;
        counts.all += 1;
        admission.accepted.fetch_add(1, Ordering::Relaxed);
        Some(Ticket { admission: admission.clone(), listener: self.listener.clone(), address })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut counts = self.admission.counts.lock();
        counts.all -= 1;
        if let Some(here) = counts.by_listener.get_mut(&self.listener) {
            here.connections -= 1;
        }
        if let Some(of_address) = counts.by_address.get_mut(&self.address) {
            *of_address -= 1;
            if *of_address == 0 {
                counts.by_address.remove(&self.address);
            }
        }
        drop(counts);
        // All sockets that accept: the one that is told first may wait for something else.
        self.admission.left.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use std::sync::atomic::AtomicUsize;

    const A: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const B: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

    /// Bounds of all, of listener "B", of address A; there are no others.
    struct Fixed(Arc<AtomicUsize>, Bounds, usize);

    impl BoundsNow for Fixed {
        fn of_all(&self) -> Bounds {
            Bounds { connections: self.0.load(Ordering::Relaxed), ..Bounds::NONE }
        }

        fn of_listener(&self, name: &str) -> Bounds {
            if name == "B" { self.1 } else { Bounds::NONE }
        }

        fn of_address(&self, address: IpAddr) -> usize {
            if address == A { self.2 } else { usize::MAX }
        }
    }

    fn admission(all: usize, of_b: Bounds, of_a: usize) -> (Arc<Admission>, Arc<AtomicUsize>) {
        let all = Arc::new(AtomicUsize::new(all));
        (Admission::new(Box::new(Fixed(all.clone(), of_b, of_a))), all)
    }

    #[test]
    fn an_address_has_as_many_as_it_may() {
        let (admission, _) = admission(10, Bounds::NONE, 2);
        let gate = admission.gate("A".into(), false);
        let (one, two) = (gate.ticket(A), gate.ticket(A));
        assert!(one.is_some() && two.is_some() && gate.ticket(A).is_none());
        assert!(gate.ticket(B).is_some(), "and is given back at once");
        drop(one);
        assert!(gate.ticket(A).is_some());
        drop(two);
        assert!(admission.counts.lock().by_address.is_empty(), "nothing is kept of those that left");
        assert_eq!(admission.figures(), AdmissionFigures { connections: 0, accepted: 4, refused: 1 });
        let listeners = admission.listeners();
        assert_eq!(listeners.iter().map(|of| of.accepted).sum::<u64>(), 4);
        assert_eq!(listeners.iter().map(|of| of.refused).sum::<u64>(), 1);
    }

    #[test]
    fn a_listener_may_have_less_and_that_of_brokers_has_its_own_only() {
        let (admission, _) = admission(2, Bounds { connections: 1, ..Bounds::NONE }, usize::MAX);
        let (clients, few, brokers) = (
            admission.gate("A".into(), false),
            admission.gate("B".into(), false),
            admission.gate("C".into(), true),
        );
        let now = Instant::now();
        let one = few.ticket(A);
        assert_eq!(few.wait(now), Some(LOOK_AGAIN));
        assert_eq!(clients.wait(now), None);
        let two = clients.ticket(B);
        assert_eq!(clients.wait(now), Some(LOOK_AGAIN), "all are as many as there may be");
        assert_eq!(brokers.wait(now), None);
        drop((one, two));
        assert!(clients.wait(now).is_none() && few.wait(now).is_none());
    }

    #[test]
    fn connections_come_at_the_rate_after_the_first_second() {
        let (admission, _) = admission(1000, Bounds { per_second: 10, ..Bounds::NONE }, usize::MAX);
        let gate = admission.gate("B".into(), false);
        let start = Instant::now();
        while gate.wait(start).is_none() {
            assert!(gate.ticket(A).is_some());
        }
        let burst = admission.figures().accepted;
        assert!((10..=12).contains(&burst), "{burst} at once");
        let wait = gate.wait(start).expect("too fast");
        assert!(wait <= Duration::from_millis(150), "{wait:?}");
        assert_eq!(gate.wait(start + Duration::from_millis(200)), None);
        assert_eq!(admission.gate("A".into(), false).wait(start), None, "others are not held up");
    }

    #[test]
    fn whoever_waits_goes_on_when_one_leaves_and_when_the_bound_is_raised() {
        let (admission, most) = admission(1, Bounds::NONE, usize::MAX);
        let gate = admission.gate("A".into(), false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            gate.room().await;
            let ticket = gate.ticket(A).expect("room");
            let mut waiting = std::pin::pin!(gate.room());
            let soon = Duration::from_millis(1);
            assert!(tokio::time::timeout(soon, &mut waiting).await.is_err(), "full");
            drop(ticket);
            assert!(tokio::time::timeout(LOOK_AGAIN / 2, &mut waiting).await.is_ok(), "at once");
            let _full = gate.ticket(A).expect("room");
            most.store(2, Ordering::Relaxed);
            assert!(tokio::time::timeout(20 * LOOK_AGAIN, gate.room()).await.is_ok());
        });
    }
}
