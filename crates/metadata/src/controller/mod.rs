//! The active controller: requests in, records and answers out.
//!
//! ```text
//! request ─► decide(view, request, now, rng) ─► Decision { records, response }
//!                                                  │
//!             replay (the same as at start) ◄──────┤ the owner appends the records
//!             commit ─► the stable image moves, parked answers go out
//! ```
//! Decisions rest on the latest image, whether it is committed or not; everybody else sees the stable
//! one. The owner calls [`Controller::replay`] for every batch of the metadata log, control batches
//! too, in order: so the controller knows where its next record will lie.
//!
//! What is not in the log (sessions, when the next NoOp is due) begins anew with each activation.
//!
//! - [`decision`]: records and answer; [`rights`]: what the requester may do
//! - `requests`: what may be asked, one method each
//! - `activation`, `broker_registration`, `controller_registration`, `heartbeat`, `create_topics`,
//!   `create_partitions`, `delete_topics`, `directory_assignment`, `features`, `leader_election`,
//!   `producer_ids`, `reassignments`, `configs`: one concern each
//! - `fencing`, `leadership`, `partition_change`, `reassignment`, `assignment`: what they share
//!
//! Kafka: `QuorumController` and its control managers.

mod activation;
mod assignment;
mod broker_registration;
mod configs;
mod controller_registration;
mod create_partitions;
mod create_topics;
pub mod decision;
mod delete_topics;
mod directory_assignment;
mod features;
mod fencing;
mod heartbeat;
mod leader_election;
mod leadership;
mod partition_change;
mod producer_ids;
mod reassignment;
mod reassignments;
mod requests;
pub mod rights;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use klamm_base::{ErrorCode, Mono};
use klamm_config::Settings;

pub use activation::ActivationFault;
pub use decision::{ApiError, Decision, MAX_RECORDS_PER_BATCH};
pub use features::FeaturesUpdated;
pub use producer_ids::BLOCK_SIZE as PRODUCER_ID_BLOCK_SIZE;
pub use rights::TopicRights;

use crate::bootstrap::BootstrapMetadata;
use crate::delta::{ImageHistory, LogBatch, Published};
use crate::image::{ConfigMap, MetadataImage, Provenance};
use crate::record::{MetadataRecord, VersionedRecord};
use crate::records::NoOpRecord;
use crate::replay_fault::ReplayFault;
use heartbeat::Heartbeats;
use view::View;

/// What a controller is told once.
#[derive(Clone, Debug)]
pub struct ControllerOptions {
    pub cluster_id: String,
    /// The static settings of this node.
    pub settings: Arc<Settings>,
    /// What an empty log begins with.
    pub bootstrap: BootstrapMetadata,
    /// Finalized by the quorum's control records.
    pub kraft_version: i16,
}

/// The controller of one node, active or not.
#[derive(Clone, Debug)]
pub struct Controller {
    options: ControllerOptions,
    /// The settings with the dynamic layers of the latest image on top.
    settings: Arc<Settings>,
    /// Those layers: of the cluster, and of this broker.
    dynamic: (ConfigMap, ConfigMap),
    images: ImageHistory,
    /// Until the first activation: nobody waits for single batches of what is only read.
    is_loading: bool,
    /// Where each broker's registration lies in the log: it may work once it has read that far.
    registration_offsets: BTreeMap<i32, i64>,
    active: Option<Active>,
}

/// What only the active controller has.
#[derive(Clone, Debug)]
struct Active {
    epoch: i32,
    heartbeats: Heartbeats,
    next_no_op: Mono,
}

impl Controller {
    pub fn new(options: ControllerOptions) -> Controller {
        Controller {
            settings: options.settings.clone(),
            options,
            dynamic: Default::default(),
            images: ImageHistory::default(),
            is_loading: true,
            registration_offsets: BTreeMap::new(),
            active: None,
        }
    }

    /// The images by offset: the stable one is for everybody.
    pub fn images(&self) -> &ImageHistory {
        &self.images
    }

    /// The settings with the dynamic layers of the latest image on top.
    pub fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// Notes what the quorum's control records have finalized, which a node knows only after reading its log.
    pub fn set_kraft_version(&mut self, version: i16) {
        self.options.kraft_version = version;
    }

    /// Ends the session of a broker whose process is known to be gone, so that its next incarnation need not wait
    /// for the timeout.
    pub fn end_session(&mut self, broker_id: i32) {
        if let Some(active) = &mut self.active {
            active.heartbeats.end(broker_id);
        }
    }

    /// The epoch this controller decides in; `None` when it is not the active one.
    pub fn active_epoch(&self) -> Option<i32> {
        self.active.as_ref().map(|active| active.epoch)
    }

    /// Starts from a snapshot instead of the beginning of the log.
    pub fn load_snapshot(
        &mut self,
        provenance: Provenance,
        records: impl IntoIterator<Item = MetadataRecord>,
    ) -> Result<(), ReplayFault> {
        self.images.load_snapshot(provenance, records)?;
        let offset = provenance.last_contained_offset;
        self.registration_offsets =
            self.latest().cluster.brokers().map(|broker| (broker.id, offset)).collect();
        self.refresh_settings();
        Ok(())
    }

    /// Applies one batch of the log, read at start or made by a decision.
    pub fn replay(&mut self, batch: &LogBatch<'_>) -> Result<(), ReplayFault> {
        if self.is_loading {
            self.images.load(batch)?;
        } else {
            self.images.append(batch)?;
        }
        for (offset, record) in (batch.base_offset..).zip(batch.records) {
            match record {
                MetadataRecord::RegisterBroker(record) => {
                    self.registration_offsets.insert(record.broker_id, offset);
                }
                MetadataRecord::UnregisterBroker(record) => {
                    self.registration_offsets.remove(&record.broker_id);
                }
                _ => {}
            }
        }
        self.refresh_settings();
        Ok(())
    }

    /// Everything below `high_watermark` is committed; returns the step of the stable image, if any.
    pub fn commit(&mut self, high_watermark: i64) -> Option<Published> {
        self.images.commit(high_watermark)
    }

    /// This node leads the quorum in `epoch`, and everything before it is replayed. Returns the
    /// records that come before any other.
    pub fn activate(&mut self, epoch: i32, now: Mono) -> Result<Decision<()>, ActivationFault> {
        let decision = activation::decide(&activation::Activation {
            metadata_version: self.images.settled().features.metadata_version(),
            transaction_start_offset: self.images.transaction_start_offset(),
            bootstrap: &self.options.bootstrap,
            min_insync_replicas: self.options.settings.topic_defaults.min_insync_replicas,
        })?;
        let session_timeout_ms = i64::from(self.options.settings.lifecycle.session_timeout_ms);
        let heartbeats = Heartbeats::new(session_timeout_ms, &self.view(), now);
        self.is_loading = false;
        self.active = Some(Active { epoch, heartbeats, next_no_op: self.no_op_after(now) });
        Ok(decision)
    }

    /// This node no longer leads: nothing is decided any more, and what is not committed is forgotten.
    pub fn resign(&mut self) {
        self.active = None;
        self.images.drop_uncommitted();
        self.refresh_settings();
    }

    /// When [`Controller::advance`] has something to do.
    pub fn next_deadline(&self) -> Option<Mono> {
        let active = self.active.as_ref()?;
        Some(active.heartbeats.next_expiry().unwrap_or(Mono::NEVER).min(active.next_no_op))
    }

    /// What is due by itself, one decision at a time: append and replay it, then ask again.
    pub fn advance(&mut self, now: Mono) -> Option<Decision<()>> {
        let no_op_after = self.no_op_after(now);
        let view = view_of(&self.images, &self.settings);
        let active = self.active.as_mut()?;
        while let Some((broker, epoch)) = active.heartbeats.take_expired(now) {
            let registered = view.image.cluster.broker(broker).filter(|broker| broker.epoch == epoch);
            if let Some(broker) = registered {
                return Some(Decision::sequence(fencing::fence(&view, broker), ()));
            }
        }
        if now < active.next_no_op {
            return None;
        }
        active.next_no_op = no_op_after;
        Some(Decision::sequence(vec![VersionedRecord::new(NoOpRecord {}, 0)], ()))
    }

    fn latest(&self) -> &MetadataImage {
        self.images.latest()
    }

    fn view(&self) -> View<'_> {
        view_of(&self.images, &self.settings)
    }

    fn check_active(&self) -> Result<(), ApiError> {
        self.active.as_ref().map(|_| ()).ok_or_else(not_controller)
    }

    fn no_op_after(&self, now: Mono) -> Mono {
        match self.settings.metadata.max_idle_interval_ms {
            0 => Mono::NEVER,
            interval => now.plus_ms(i64::from(interval)),
        }
    }

    /// Puts the dynamic layers of the latest image on top of the static settings, if they changed.
    fn refresh_settings(&mut self) {
        let configs = &self.images.latest().configs;
        let (cluster, own) = (configs.cluster(), configs.broker(self.options.settings.identity.node_id));
        if *cluster != self.dynamic.0 || *own != self.dynamic.1 {
            // Values that do not hold are left out, as every broker does; whoever publishes says so.
            let (settings, _rejected) = self.settings.with_dynamic(cluster, own);
            self.dynamic = (cluster.clone(), own.clone());
            self.settings = Arc::new(settings);
        }
    }
}

fn view_of<'a>(images: &'a ImageHistory, settings: &'a Settings) -> View<'a> {
    View { image: images.latest(), settings }
}

fn not_controller() -> ApiError {
    ApiError::new(ErrorCode::NotController, "No controller appears to be active.")
}
