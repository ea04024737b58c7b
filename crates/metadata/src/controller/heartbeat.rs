//! Brokers say that they live, what they know and what they want. Kafka: `BrokerHeartbeatManager`,
//! `BrokerHeartbeatTracker`, KIP-631.
//!
//! ```text
//! state               the broker wants               next
//! Fenced              to shut down                   ShutdownNow
//! Fenced              to work, has caught up         Unfenced
//! Fenced              otherwise                      Fenced
//! Unfenced            to be fenced and shut down     ShutdownNow
//! Unfenced            to be fenced                   Fenced
//! Unfenced            to shut down, leads            ControlledShutdown
//! Unfenced            to shut down, leads nothing    ShutdownNow
//! Unfenced            otherwise                      Unfenced
//! ControlledShutdown  leads, or others lag behind    ControlledShutdown
//! ControlledShutdown  otherwise                      ShutdownNow
//! ```
//!
//! What is kept here is not in the log: a new controller begins with fresh sessions.

use std::collections::BTreeMap;

use klamm_base::{ErrorCode, Mono};
use klamm_wire::{BrokerHeartbeatRequest, BrokerHeartbeatResponse};

use super::decision::{ApiError, Decision};
use super::fencing;
use super::view::View;
use crate::image::BrokerRegistration;

/// What the controller knows of one broker besides its registration.
#[derive(Clone, Debug)]
struct Heard {
    epoch: i64,
    last_contact: Mono,
    /// The metadata offset the broker has applied; -1 before it told.
    metadata_offset: i64,
    /// Where the records of its controlled shutdown ended.
    controlled_shutdown_offset: Option<i64>,
}

/// Sessions of all brokers.
#[derive(Clone, Debug, Default)]
pub(super) struct Heartbeats {
    session_timeout_ms: i64,
    brokers: BTreeMap<i32, Heard>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ControlState {
    Fenced,
    Unfenced,
    ControlledShutdown,
    ShutdownNow,
}

impl Heartbeats {
    /// A new controller gives every unfenced broker a full session.
    pub(super) fn new(session_timeout_ms: i64, view: &View<'_>, now: Mono) -> Heartbeats {
        let mut heartbeats = Heartbeats { session_timeout_ms, brokers: BTreeMap::new() };
        for broker in view.image.cluster.alive_brokers() {
            heartbeats.touch(broker.id, broker.epoch, -1, now);
        }
        heartbeats
    }

    pub(super) fn has_valid_session(&self, broker: &BrokerRegistration, now: Mono) -> bool {
        self.brokers
            .get(&broker.id)
            .is_some_and(|heard| heard.epoch == broker.epoch && !self.is_expired(heard, now))
    }

    /// Ends a session; the next one begins with a heartbeat.
    pub(super) fn end(&mut self, broker: i32) {
        self.brokers.remove(&broker);
    }

    /// When the next session ends, if nobody is heard of until then.
    pub(super) fn next_expiry(&self) -> Option<Mono> {
        self.brokers.values().map(|heard| heard.last_contact.plus_ms(self.session_timeout_ms + 1)).min()
    }

    /// Takes out one broker whose session is over.
    pub(super) fn take_expired(&mut self, now: Mono) -> Option<(i32, i64)> {
        let (&id, heard) = self.brokers.iter().find(|(_, heard)| self.is_expired(heard, now))?;
        let epoch = heard.epoch;
        self.brokers.remove(&id);
        Some((id, epoch))
    }

    fn is_expired(&self, heard: &Heard, now: Mono) -> bool {
        now > heard.last_contact.plus_ms(self.session_timeout_ms)
    }

    fn touch(&mut self, broker: i32, epoch: i64, metadata_offset: i64, now: Mono) {
        let same_epoch = self.brokers.get(&broker).filter(|heard| heard.epoch == epoch);
        let controlled_shutdown_offset = same_epoch.and_then(|heard| heard.controlled_shutdown_offset);
        let heard = Heard { epoch, last_contact: now, metadata_offset, controlled_shutdown_offset };
        self.brokers.insert(broker, heard);
    }

    /// The least any working broker has applied.
    fn lowest_active_offset(&self, view: &View<'_>) -> i64 {
        let active =
            view.image.cluster.alive_brokers().filter(|broker| self.shutdown_offset(broker.id).is_none());
        let offset = |broker: &BrokerRegistration| {
            self.brokers.get(&broker.id).map_or(-1, |heard| heard.metadata_offset)
        };
        active.map(|broker| offset(broker)).min().unwrap_or(i64::MAX)
    }

    fn shutdown_offset(&self, broker: i32) -> Option<i64> {
        self.brokers.get(&broker).and_then(|heard| heard.controlled_shutdown_offset)
    }

    fn state(&self, broker: &BrokerRegistration) -> ControlState {
        match (broker.fenced, self.shutdown_offset(broker.id)) {
            (true, _) => ControlState::Fenced,
            (false, Some(_)) => ControlState::ControlledShutdown,
            (false, None) => ControlState::Unfenced,
        }
    }

    fn next_state(
        &self,
        view: &View<'_>,
        broker: &BrokerRegistration,
        request: &BrokerHeartbeatRequest,
        is_caught_up: bool,
    ) -> ControlState {
        match self.state(broker) {
            ControlState::Fenced if request.want_shut_down => ControlState::ShutdownNow,
            ControlState::Fenced if !request.want_fence && is_caught_up => ControlState::Unfenced,
            ControlState::Fenced => ControlState::Fenced,
            ControlState::Unfenced => match (request.want_fence, request.want_shut_down) {
                (true, true) => ControlState::ShutdownNow,
                (true, false) => ControlState::Fenced,
                (false, true) if has_leaderships(view, broker.id) => ControlState::ControlledShutdown,
                (false, true) => ControlState::ShutdownNow,
                (false, false) => ControlState::Unfenced,
            },
            ControlState::ControlledShutdown => {
                let waits = has_leaderships(view, broker.id)
                    || self.shutdown_offset(broker.id) > Some(self.lowest_active_offset(view));
                if waits { ControlState::ControlledShutdown } else { ControlState::ShutdownNow }
            }
            ControlState::ShutdownNow => ControlState::ShutdownNow,
        }
    }
}

/// What the decision needs besides the image.
pub(super) struct Heartbeat {
    pub now: Mono,
    /// Offset of the record that registered the broker.
    pub registration_offset: i64,
    /// Where the records of this decision will begin in the log.
    pub next_offset: i64,
}

pub(super) fn decide(
    view: &View<'_>,
    heartbeats: &mut Heartbeats,
    heartbeat: &Heartbeat,
    request: &BrokerHeartbeatRequest,
) -> Result<Decision<BrokerHeartbeatResponse>, ApiError> {
    let broker = check_broker_epoch(view, request.broker_id, request.broker_epoch)?;
    let is_caught_up = request.current_metadata_offset >= heartbeat.registration_offset;
    let current = heartbeats.state(broker);
    let next = heartbeats.next_state(view, broker, request, is_caught_up);
    let mut records = match next {
        _ if next == current => Vec::new(),
        ControlState::Fenced | ControlState::ShutdownNow => fencing::fence(view, broker),
        ControlState::Unfenced => fencing::unfence(view, broker),
        ControlState::ControlledShutdown => fencing::enter_controlled_shutdown(view, broker),
    };
    let metadata_version = view.metadata_version();
    if metadata_version.is_directory_assignment_supported() {
        records.extend(fencing::directories_offline(view, broker, &request.offline_log_dirs));
    }
    if metadata_version.is_cordoned_log_dirs_supported() {
        records.extend(fencing::directories_cordoned(broker, request.cordoned_log_dirs.as_deref()));
    }
    heartbeats.touch(broker.id, broker.epoch, request.current_metadata_offset, heartbeat.now);
    heartbeats.note_shutdown(broker.id, next, heartbeat.next_offset + records.len() as i64 - 1);
    let response = BrokerHeartbeatResponse {
        is_caught_up,
        is_fenced: matches!(next, ControlState::Fenced | ControlState::ShutdownNow),
        should_shut_down: next == ControlState::ShutdownNow,
        ..BrokerHeartbeatResponse::default()
    };
    Ok(Decision::sequence(records, response))
}

impl Heartbeats {
    /// Remembers where a controlled shutdown's records end, and forgets it when the broker is fenced.
    fn note_shutdown(&mut self, broker: i32, next: ControlState, last_offset: i64) {
        let heard = self.brokers.get_mut(&broker).expect("the heartbeat has just been noted");
        match next {
            ControlState::ControlledShutdown => {
                heard.controlled_shutdown_offset.get_or_insert(last_offset);
            }
            ControlState::Fenced | ControlState::ShutdownNow => heard.controlled_shutdown_offset = None,
            ControlState::Unfenced => {}
        }
    }
}

/// STALE_BROKER_EPOCH unless the broker is registered with this very epoch.
pub(super) fn check_broker_epoch<'a>(
    view: &View<'a>,
    id: i32,
    epoch: i64,
) -> Result<&'a BrokerRegistration, ApiError> {
    let stale = |message| Err(ApiError::new(ErrorCode::StaleBrokerEpoch, message));
    match view.image.cluster.broker(id) {
        None => stale(format!("No broker registration found for broker id {id}")),
        Some(broker) if broker.epoch != epoch => {
            stale(format!("Expected broker epoch {}, but got broker epoch {epoch}", broker.epoch))
        }
        Some(broker) => Ok(broker),
    }
}

fn has_leaderships(view: &View<'_>, broker: i32) -> bool {
    view.image.topics.iter().any(|topic| topic.partitions().any(|(_, partition)| partition.leader == broker))
}
