//! The controller of this node with its log: decide, append, sync, commit, publish, answer
//! (Kafka: `QuorumController`, `KafkaRaftClient`, `MetadataLoader`).
//!
//! ```text
//! decide ─► records ─► metadata log ─► writer (sync) ─► quorum's high watermark ─► image ─► published ─► answer
//! └──────── under the controller's lock ───────┘        └── under it again ──────────┘   └── in order ──────┘
//! ```
//!
//! * [`metadata_log`] – records on their way into the log
//! * [`quorum`] – what clients are told of the quorum
//! * [`load`] – snapshot and log at start; [`quorum_state_file`] – epoch and vote beside them
//! * [`snapshots`] – when one is due, which may go; [`upkeep`] – the slow work on their files

pub mod load;
pub mod metadata_log;
pub mod quorum;
mod quorum_state_file;
mod snapshots;
mod upkeep;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use klamm_base::owned::Mutex;
use klamm_base::{ErrorCode, Mono, Now};
use klamm_log::Progress;
use klamm_metadata::{ApiError, Controller, Decision, Published};
use klamm_raft::{Action, Event};

use crate::fault::{LoadFault, NodeFault};
use crate::gather::{Gather, Wakes};
use crate::partitions::Directory;
use crate::random::SharedRng;
use metadata_log::{Appended, MetadataLog, Offline};
use snapshots::Snapshots;

/// The controller and its log under one lock.
pub struct ActiveController {
    state: Mutex<State>,
    /// Held while a step of the image is made visible: steps are published one after the other.
    publishing: Mutex<()>,
    /// Slow work on the files is due.
    has_upkeep: AtomicBool,
    rng: SharedRng,
}

struct State {
    quorum: klamm_raft::Quorum,
    log: MetadataLog,
    controller: Controller,
    snapshots: Snapshots,
    /// Committed, but not visible yet.
    unpublished: VecDeque<Published>,
    /// Last offset of the newest visible image.
    published_offset: i64,
    /// Answers that wait until the image contains their offset; sorted.
    parked: VecDeque<(i64, Arc<Gather>)>,
    fault: Option<NodeFault>,
}

/// An answer, and the offset whose commit it waits for.
#[derive(Debug)]
pub struct Decided<R> {
    response: R,
    offset: i64,
}

impl<R> Decided<R> {
    /// The answer, once everything it rests on is visible to everybody.
    pub async fn committed(self, controller: &ActiveController) -> R {
        controller.wait_for(self.offset).await;
        self.response
    }

    /// The answer now; what it rests on is committed later, or never.
    pub fn uncommitted(self) -> R {
        self.response
    }

    /// The answer, and the offset for which whoever tells it has to [wait](ActiveController::wait_for).
    pub fn with_offset(self) -> (R, i64) {
        (self.response, self.offset)
    }
}

impl ActiveController {
    /// Takes over what loading has found.
    pub fn new(loaded: load::Loaded, rng: SharedRng, now: Now) -> ActiveController {
        let load::Loaded { quorum, log, controller, mut snapshots, .. } = loaded;
        snapshots.start(now.mono);
        let published_offset = controller.images().stable().provenance.last_contained_offset;
        let state = State {
            quorum,
            log,
            controller,
            snapshots,
            unpublished: VecDeque::new(),
            published_offset,
            parked: VecDeque::new(),
            fault: None,
        };
        ActiveController {
            state: Mutex::new(state),
            publishing: Mutex::new(()),
            has_upkeep: AtomicBool::new(false),
            rng,
        }
    }

    /// Decides a request and appends what it leads to.
    ///
    /// # Errors
    /// The controller's refusal; nothing has changed then.
    pub fn decide<R>(
        &self,
        now: Now,
        decide: impl FnOnce(&mut Controller, &mut SharedRng) -> Result<Decision<R>, ApiError>,
    ) -> Result<Decided<R>, ApiError> {
        let mut rng = self.rng.clone();
        let mut state = self.state.lock();
        let decision = decide(&mut state.controller, &mut rng)?;
        let offset =
            state.append(&decision, now).map_err(|Offline| ApiError::bare(ErrorCode::NotController))?;
        Ok(Decided { response: decision.response, offset })
    }

    /// Starts the quorum after loading: votes, leads, opens its epoch.
    ///
    /// # Errors
    /// The disk refused to keep the vote.
    pub fn start(&self, event: Event, now: Now) -> Result<(), LoadFault> {
        let mut state = self.state.lock();
        let actions = state.quorum.step(event).map_err(LoadFault::Quorum)?;
        state.perform(actions, now)
    }

    /// The metadata log has come further on the disk.
    pub fn on_progress(&self, progress: &Progress, now: Now) {
        let mut state = self.state.lock();
        state.log.advance(progress);
        if let Some(fault) = &progress.fault {
            state.fault = Some(NodeFault::MetadataLog(fault.clone()));
            return;
        }
        let event = Event::Durable { end_offset: state.log.durable_end() };
        let actions = state.quorum.step(event);
        let performed = actions.map_err(LoadFault::Quorum).and_then(|actions| state.perform(actions, now));
        if let Err(fault) = performed {
            state.fault = Some(NodeFault::Metadata(Arc::new(fault)));
        }
    }

    /// Makes committed steps of the image visible, one after the other, and lets their answers go.
    pub fn publish(&self, now: Now, wakes: &mut Wakes, mut publish: impl FnMut(&Published, &mut Wakes)) {
        let _in_order = self.publishing.lock();
        loop {
            let Some(step) = self.state.lock().unpublished.pop_front() else { return };
            publish(&step, wakes);
            let mut state = self.state.lock();
            state.published_offset = step.image.provenance.last_contained_offset;
            if state.snapshots.published(&step.image, now.mono) {
                self.has_upkeep.store(true, Ordering::Release);
            }
            while state.parked.front().is_some_and(|(offset, _)| *offset <= state.published_offset) {
                if let Some((_, gather)) = state.parked.pop_front() {
                    gather.arrived(1, wakes);
                }
            }
        }
    }

    /// Does something while no step of the image is being made visible.
    pub fn between_steps<R>(&self, act: impl FnOnce() -> R) -> R {
        let _in_order = self.publishing.lock();
        act()
    }

    /// What is due by itself: NoOp records, brokers that have gone silent.
    pub fn advance(&self, now: Now) {
        let mut state = self.state.lock();
        if state.snapshots.advance(now.mono) {
            self.has_upkeep.store(true, Ordering::Release);
        }
        while let Some(decision) = state.controller.advance(now.mono) {
            if state.append(&decision, now).is_err() {
                return;
            }
        }
    }

    pub fn next_deadline(&self) -> Mono {
        let state = self.state.lock();
        let decisions = state.controller.next_deadline().unwrap_or(Mono::NEVER);
        decisions.min(state.snapshots.next_deadline())
    }

    pub fn is_active(&self) -> bool {
        self.state.lock().controller.active_epoch().is_some()
    }

    pub fn fault(&self) -> Option<NodeFault> {
        self.state.lock().fault.clone()
    }

    /// The directory that holds the metadata log.
    pub fn directory(&self) -> Arc<Directory> {
        self.state.lock().log.directory().clone()
    }

    /// Last offset of the newest visible image.
    pub fn published_offset(&self) -> i64 {
        self.state.lock().published_offset
    }

    pub fn kraft_version(&self) -> i16 {
        self.state.lock().quorum.kraft_version()
    }

    /// Stops deciding and closes the log.
    pub fn stop(&self, now: Now) -> Result<(), NodeFault> {
        let mut state = self.state.lock();
        let actions = state.quorum.step(Event::Shutdown);
        let stopped = actions.map_err(LoadFault::Quorum).and_then(|actions| state.perform(actions, now));
        stopped.map_err(|fault| NodeFault::Metadata(Arc::new(fault)))?;
        state.log.close().map_err(NodeFault::MetadataLog)
    }

    /// Waits until the visible image contains `offset`.
    pub async fn wait_for(&self, offset: i64) {
        let gather = {
            let mut state = self.state.lock();
            if offset <= state.published_offset {
                return;
            }
            let gather = Gather::new(1);
            let at = state.parked.partition_point(|(other, _)| *other <= offset);
            state.parked.insert(at, (offset, gather.clone()));
            gather
        };
        gather.wait().await;
    }
}

impl State {
    /// Appends a decision's records; returns the offset whose commit its answer waits for. Also an answer without
    /// records waits: it may rest on what is not committed yet.
    fn append<R>(&mut self, decision: &Decision<R>, now: Now) -> Result<i64, Offline> {
        for records in decision.batches() {
            let epoch = self.controller.active_epoch().expect("only the active controller decides");
            let appended = self.log.append_data(epoch, records, now.wall_ms)?;
            self.appended(&appended);
        }
        let images = self.controller.images();
        Ok(images.pending_offset().unwrap_or(images.stable().provenance.last_contained_offset))
    }

    /// The quorum and the controller learn of a batch at the end of the log.
    fn appended(&mut self, appended: &Appended) {
        let event = Event::Appended { end_offset: appended.last_offset + 1 };
        let actions =
            self.quorum.step(event).unwrap_or_else(|fault| panic!("an own append is refused: {fault}"));
        assert!(actions.is_empty(), "an append led to {} actions", actions.len());
        self.snapshots.appended(appended.bytes);
        let replayed = self.controller.replay(&appended.as_log_batch());
        replayed.unwrap_or_else(|fault| {
            panic!("a decision does not replay at {}: {fault}", appended.base_offset)
        });
    }

    fn perform(&mut self, actions: Vec<Action>, now: Now) -> Result<(), LoadFault> {
        for action in actions {
            match action {
                Action::PersistElection { election, version } => {
                    self.log.persist_election(&election, version)?
                }
                Action::AppendControl { epoch, records } => {
                    let appended = self.log.append_control(epoch, &records, now.wall_ms);
                    self.appended(&appended.map_err(|Offline| LoadFault::Offline)?);
                }
                Action::HighWatermark { offset } => self.unpublished.extend(self.controller.commit(offset)),
                Action::BecomeLeader { epoch } => {
                    let first = self.controller.activate(epoch, now.mono).map_err(LoadFault::Activation)?;
                    self.append(&first, now).map_err(|Offline| LoadFault::Offline)?;
                }
                Action::Resign { .. } => self.controller.resign(),
            }
        }
        Ok(())
    }
}
