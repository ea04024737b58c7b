//! The broker's life in the eyes of the controller: registration, heartbeats, the way out
//! (Kafka: `BrokerLifecycleManager`).
//!
//! ```text
//! registered, fenced ── heartbeat, caught up ──► unfenced ── wants to stop ──► controlled shutdown ──► may stop
//! ```
//! Controller and broker are one process here, so a heartbeat is a call. It is decided and its records appended like
//! any other request's.

use std::collections::BTreeMap;
use std::sync::Arc;

use klamm_base::{Mono, Now, Uuid};
use klamm_config::Settings;
use klamm_metadata::feature::supported_features;
use klamm_metadata::{ApiError, Controller, Decision};
use klamm_wire::assign_replicas_to_dirs::request::{DirectoryData, PartitionData, TopicData};
use klamm_wire::broker_registration::{Feature, Listener};
use klamm_wire::{
    AssignReplicasToDirsRequest, BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerRegistrationRequest,
    ControllerRegistrationRequest, controller_registration,
};

use crate::broker::Broker;
use crate::controller::ActiveController;
use crate::partitions::Directory;
use crate::random::SharedRng;
use crate::replicas::Misplaced;

/// What the broker asks for with a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// It is not ready yet.
    StayFenced,
    Work,
    ShutDown,
}

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

    /// Registers the broker with the directories that it has. `previous_epoch` is what the clean-shutdown markers say, -1 without them: then the
    /// controller knows that unsynced records may be lost (KIP-966).
    pub fn register(
        &mut self,
        controller: &ActiveController,
        settings: &Settings,
        cluster_id: &str,
        directories: &[Arc<Directory>],
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
            log_dirs: sorted_ids(directories.iter()),
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

    /// Says again who this is where the metadata version has risen to one with room for more: for a controller's
    /// registration, for directories (Kafka: `BrokerRegistrationTracker`, `ControllerRegistrationManager`). The epoch
    /// stays.
    ///
    /// # Errors
    /// The controller's refusal.
    pub fn refresh(&mut self, broker: &Broker, settings: &Settings, now: Now) -> Result<(), ApiError> {
        let image = broker.image.get();
        let metadata_version = image.record_options().metadata_version;
        if metadata_version.is_controller_registration_supported()
            && image.cluster.controller(self.node_id).is_none()
        {
            self.register_controller(&broker.controller, settings, now)?;
        }
        let own = image.cluster.broker(self.node_id);
        let own = own.filter(|registered| registered.incarnation_id == self.incarnation_id);
        if metadata_version.is_directory_assignment_supported()
            && own.is_some_and(|registered| registered.directories.is_empty())
        {
            let directories = &broker.directories;
            self.register(&broker.controller, settings, &broker.cluster_id, directories, -1, now)?;
        }
        Ok(())
    }

    /// Tells the controller that this broker lives, and what it wants.
    pub fn heartbeat(
        &mut self,
        broker: &Broker,
        wish: Wish,
        now: Now,
    ) -> Result<BrokerHeartbeatResponse, ApiError> {
        let settings = broker.settings();
        let offline = broker.directories.iter().filter(|directory| directory.is_offline());
        let cordoned = broker.directories.iter().filter(|directory| is_cordoned(directory, &settings));
        let request = BrokerHeartbeatRequest {
            broker_id: self.node_id,
            broker_epoch: self.broker_epoch,
            current_metadata_offset: broker.controller.published_offset(),
            want_fence: wish == Wish::StayFenced,
            want_shut_down: wish == Wish::ShutDown,
            // All that have failed in this life, each time anew (KIP-858).
            offline_log_dirs: sorted_ids(offline),
            // Where no new replicas shall lie (KIP-1066).
            cordoned_log_dirs: Some(sorted_ids(cordoned)),
        };
        self.next_heartbeat = now.mono.plus_ms(self.heartbeat_interval_ms);
        let decided = broker.controller.decide(now, |controller, _| controller.heartbeat(&request, now.mono));
        decided.map(|decided| decided.uncommitted())
    }
}

fn is_cordoned(directory: &Directory, settings: &Settings) -> bool {
    settings.log.cordoned_dirs.iter().any(|dir| dir == directory.path())
}

/// Tells the controller where replicas lie that it believes elsewhere, or nowhere. A refusal changes nothing: the next
/// start tells it again.
pub fn report_places(broker: &Broker, misplaced: &[Misplaced], now: Now) {
    for misplaced in misplaced.chunks(ASSIGNMENTS_PER_REQUEST) {
        let request = AssignReplicasToDirsRequest {
            broker_id: broker.node_id,
            broker_epoch: broker.producer_ids.broker_epoch(),
            directories: places(misplaced),
        };
        let assign =
            |controller: &mut Controller, _: &mut SharedRng| controller.assign_replicas_to_dirs(&request);
        let _ = broker.controller.decide(now, assign);
    }
}

/// Most replicas in one request (Kafka: `AssignReplicasToDirsRequest.MAX_ASSIGNMENTS_PER_REQUEST`).
const ASSIGNMENTS_PER_REQUEST: usize = 2_250;

/// By directory, then by topic.
fn places(misplaced: &[Misplaced]) -> Vec<DirectoryData> {
    let mut directories: BTreeMap<Uuid, BTreeMap<Uuid, Vec<PartitionData>>> = BTreeMap::new();
    for Misplaced { partition, directory } in misplaced {
        let topics = directories.entry(*directory).or_default();
        let partition_index = partition.partition;
        topics.entry(partition.topic_id).or_default().push(PartitionData { partition_index });
    }
    let topic = |(topic_id, partitions)| TopicData { topic_id, partitions };
    let directory = |(id, topics): (Uuid, BTreeMap<Uuid, Vec<PartitionData>>)| DirectoryData {
        id,
        topics: topics.into_iter().map(topic).collect(),
    };
    directories.into_iter().map(directory).collect()
}

/// In Kafka's order of ids, which compares their halves as signed numbers.
fn sorted_ids<'a>(directories: impl Iterator<Item = &'a Arc<Directory>>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = directories.map(|directory| directory.id).collect();
    ids.sort_by_key(|id| {
        let (most, least) = id.halves();
        (most.cast_signed(), least.cast_signed())
    });
    ids
}
