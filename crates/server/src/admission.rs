//! How many connections are taken. Kafka: `ConnectionQuotas`, one for the broker's listeners and one for the controller's.
//!
//! | Bound | When it is reached |
//! |---|---|
//! | `max.connections` | nobody is accepted until a connection ends; clients wait in the backlog |
//! | `max.connections.per.ip` | a further one from that address is closed at once |
//!
//! The listener that brokers use among themselves is left out of the first bound, as long as there are others: clients
//! must not keep brokers from each other. Kafka also closes a client's connection then; here those of the brokers come on
//! top, and so may one of each further socket that is waiting to accept. Bounds are asked for at each connection, so that they may change.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// While nobody can be accepted the bounds are looked at again after this time, should they have been raised.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// The bounds as they are now; the most there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub connections: usize,
    /// Of the address that asks.
    pub of_address: usize,
}

impl Bounds {
    pub const NONE: Bounds = Bounds { connections: usize::MAX, of_address: usize::MAX };
}

/// Who asks for the bounds of an address.
pub type BoundsOf = Box<dyn Fn(Option<IpAddr>) -> Bounds + Send + Sync>;

/// Counts the connections of some listeners.
pub struct Admission {
    bounds: BoundsOf,
    counts: Mutex<Counts>,
    left: Notify,
}

#[derive(Default)]
struct Counts {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The place of one connection; given back when dropped.
pub struct Ticket {
    admission: Arc<Admission>,
    address: IpAddr,
}

impl Admission {
    pub fn new(bounds: BoundsOf) -> Arc<Admission> {
        Arc::new(Admission { bounds, counts: Mutex::default(), left: Notify::new() })
    }

    /// Waits until one more connection may be accepted.
    pub async fn room(&self) {
        while self.counts.lock().all >= (self.bounds)(None).connections {
            let _ = tokio::time::timeout(LOOK_AGAIN, self.left.notified()).await;
        }
    }

    /// A place for a connection that was accepted; `None` when its address has as many as it may have.
    pub fn ticket(self: &Arc<Self>, address: IpAddr) -> Option<Ticket> {
        let most = (self.bounds)(Some(address)).of_address;
        let mut counts = self.counts.lock();
        let of_address = counts.by_address.entry(address).or_default();
        if *of_address >= most {
            return None;
        }
        *of_address += 1;
        counts.all += 1;
        Some(Ticket { admission: self.clone(), address })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut counts = self.admission.counts.lock();
        counts.all -= 1;
        if let Some(of_address) = counts.by_address.get_mut(&self.address) {
            *of_address -= 1;
            if *of_address == 0 {
                counts.by_address.remove(&self.address);
            }
        }
        drop(counts);
        self.admission.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const A: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const B: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

    #[test]
    fn an_address_has_as_many_as_it_may() {
        let bounds = |address| Bounds { connections: 10, of_address: if address == Some(A) { 2 } else { 1 } };
        let admission = Admission::new(Box::new(bounds));
        let (one, two) = (admission.ticket(A), admission.ticket(A));
        assert!(one.is_some() && two.is_some() && admission.ticket(A).is_none());
        assert!(admission.ticket(B).is_some(), "and is given back at once");
        drop(one);
        assert!(admission.ticket(A).is_some());
        drop(two);
        assert!(admission.counts.lock().by_address.is_empty(), "nothing is kept of those that left");
        assert_eq!(admission.counts.lock().all, 0);
    }

    #[test]
    fn whoever_waits_goes_on_when_one_leaves_and_when_the_bound_is_raised() {
        let most = Arc::new(AtomicUsize::new(1));
        let asked = most.clone();
        let bounds = move |_| Bounds { connections: asked.load(Ordering::Relaxed), of_address: usize::MAX };
        let admission = Admission::new(Box::new(bounds));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            admission.room().await;
            let ticket = admission.ticket(A).expect("room");
            let mut waiting = std::pin::pin!(admission.room());
            let soon = Duration::from_millis(1);
            assert!(tokio::time::timeout(soon, &mut waiting).await.is_err(), "full");
            drop(ticket);
            assert!(tokio::time::timeout(LOOK_AGAIN / 2, &mut waiting).await.is_ok(), "at once");
            let _full = admission.ticket(A).expect("room");
            most.store(2, Ordering::Relaxed);
            assert!(tokio::time::timeout(20 * LOOK_AGAIN, admission.room()).await.is_ok());
        });
    }
}
