//! The broker's life in the eyes of the controller: registration, heartbeats, the way out
//! (Kafka: `BrokerLifecycleManager`).
//!
//! ```text
//! registered, fenced ── heartbeat, caught up ──► unfenced ── wants to stop ──► controlled shutdown ──► may stop
//! ```
//! Controller and broker are one process here, so a heartbeat is a call. It is decided and its records appended like
//! any other request's.

use klamm_base::{Mono, Now, Uuid};
use klamm_config::Settings;
use klamm_metadata::feature::supported_features;
use klamm_metadata::{ApiError, Decision};
use klamm_wire::broker_registration::{Feature, Listener};
use klamm_wire::{
    BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerRegistrationRequest,
    ControllerRegistrationRequest, controller_registration,
};

use crate::controller::ActiveController;

/// Who this incarnation of the broker is.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    pub node_id: i32,
    pub incarnation_id: Uuid,
    /// Offset of the registration; -1 before it.
    pub broker_epoch: i64,
    pub next_heartbeat: Mono,
    heartbeat_interval_ms: i64,
}

impl Lifecycle {
    pub fn new(settings: &Settings, incarnation_id: Uuid) -> Lifecycle {
        Lifecycle {
            node_id: settings.identity.node_id,
            incarnation_id,
            broker_epoch: -1,
            next_heartbeat: Mono::NEVER,
            heartbeat_interval_ms: settings.lifecycle.heartbeat_interval_ms.into(),
        }
    }

    /// Registers the controller of this node, where the metadata version has a record for that.
    pub fn register_controller(
        &self,
        controller: &ActiveController,
        settings: &Settings,
        now: Now,
    ) -> Result<(), ApiError> {
        let listeners = settings.listeners.advertised_controller.iter();
        let features = supported_features();
        let request = ControllerRegistrationRequest {
            controller_id: self.node_id,
            incarnation_id: self.incarnation_id,
            zk_migration_ready: false,
            listeners: listeners
                .map(|endpoint| controller_registration::Listener {
                    name: endpoint.name.clone(),
                    host: endpoint.host.clone(),
                    port: endpoint.port,
                    security_protocol: endpoint.protocol as i16,
                })
                .collect(),
            features: features
                .iter()
                .map(|(name, (min, max))| controller_registration::Feature {
                    name: (*name).to_owned(),
                    min_supported_version: *min,
                    max_supported_version: *max,
                })
                .collect(),
        };
        let decided = controller.decide(now, |controller, _| {
            match controller
                .images()
                .latest()
                .record_options()
                .metadata_version
                .is_controller_registration_supported()
            {
                true => controller.register_controller(&request).map(|decision| decision.map(|_| ())),
                false => Ok(Decision::answer(())),
            }
        });
        decided.map(|_| ())
    }

    /// Registers the broker. `previous_epoch` is what the clean-shutdown markers say, -1 without them: then the
    /// controller knows that unsynced records may be lost (KIP-966).
    pub fn register(
        &mut self,
        controller: &ActiveController,
        settings: &Settings,
        cluster_id: &str,
        directories: Vec<Uuid>,
        previous_epoch: i64,
        now: Now,
    ) -> Result<(), ApiError> {
        let features = supported_features();
        let request = BrokerRegistrationRequest {
            broker_id: self.node_id,
            cluster_id: cluster_id.to_owned(),
            incarnation_id: self.incarnation_id,
            listeners: settings
                .listeners
                .advertised
                .iter()
                .map(|endpoint| Listener {
                    name: endpoint.name.clone(),
                    host: endpoint.host.clone(),
                    port: endpoint.port,
                    security_protocol: endpoint.protocol as i16,
                })
                .collect(),
            features: features
                .iter()
                .map(|(name, (min, max))| Feature {
                    name: (*name).to_owned(),
                    min_supported_version: *min,
                    max_supported_version: *max,
                })
                .collect(),
            rack: settings.identity.rack.clone(),
            is_migrating_zk_broker: false,
            log_dirs: directories,
            previous_broker_epoch: previous_epoch,
        };
        let decided = controller.decide(now, |controller, _| {
            // This process holds the directories' locks, so the incarnation before it is gone.
            controller.end_session(request.broker_id);
            controller.register_broker(&request, now.mono)
        });
        self.broker_epoch = decided?.uncommitted().broker_epoch;
        Ok(())
    }

    /// Tells the controller that this broker lives, and what it wants.
    pub fn heartbeat(
        &mut self,
        controller: &ActiveController,
        want_shut_down: bool,
        now: Now,
    ) -> Result<BrokerHeartbeatResponse, ApiError> {
        let request = BrokerHeartbeatRequest {
            broker_id: self.node_id,
            broker_epoch: self.broker_epoch,
            current_metadata_offset: controller.published_offset(),
            want_fence: false,
            want_shut_down,
            // This broker takes new replicas in all its directories (KIP-1066).
            cordoned_log_dirs: Some(Vec::new()),
            ..BrokerHeartbeatRequest::default()
        };
        self.next_heartbeat = now.mono.plus_ms(self.heartbeat_interval_ms);
        let decided = controller.decide(now, |controller, _| controller.heartbeat(&request, now.mono));
        decided.map(|decided| decided.uncommitted())
    }
}
