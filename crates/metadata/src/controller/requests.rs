//! What may be asked of the active controller, one method for each request.

use klamm_base::rng::Rng;
use klamm_base::{ErrorCode, Mono};
use klamm_wire::{
    AllocateProducerIdsRequest, AllocateProducerIdsResponse, AssignReplicasToDirsRequest,
    AssignReplicasToDirsResponse, BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerRegistrationRequest,
    BrokerRegistrationResponse, ControllerRegistrationRequest, ControllerRegistrationResponse,
    CreatePartitionsRequest, CreatePartitionsResponse, CreateTopicsRequest, CreateTopicsResponse,
    DeleteTopicsRequest, DeleteTopicsResponse, UnregisterBrokerRequest, UnregisterBrokerResponse,
    UnregisterControllerRequest, UnregisterControllerResponse, UpdateFeaturesRequest,
};

use super::decision::{ApiError, Decision};
use super::features::{Features, FeaturesUpdated};
use super::heartbeat::{self, Heartbeat};
use super::rights::TopicRights;
use super::{
    Controller, broker_registration, controller_registration, create_partitions, create_topics,
    delete_topics, directory_assignment, features, fencing, not_controller, producer_ids, view_of,
};

impl Controller {
    /// CreateTopics. `Err` is the answer for all topics of the request.
    pub fn create_topics(
        &self,
        rights: &TopicRights<'_>,
        request: &CreateTopicsRequest,
        rng: &mut dyn Rng,
    ) -> Result<Decision<CreateTopicsResponse>, ApiError> {
        self.check_active()?;
        create_topics::decide(&self.view(), rights, request, rng)
    }

    /// DeleteTopics in `version`. `Err` is the answer for all topics of the request.
    pub fn delete_topics(
        &self,
        rights: &TopicRights<'_>,
        request: &DeleteTopicsRequest,
        version: i16,
        rng: &mut dyn Rng,
    ) -> Result<Decision<DeleteTopicsResponse>, ApiError> {
        self.check_active()?;
        let committed = &self.images.stable().topics;
        delete_topics::decide(&self.view(), committed, rights, request, version, rng)
    }

    /// ControllerRegistration.
    pub fn register_controller(
        &self,
        request: &ControllerRegistrationRequest,
    ) -> Result<Decision<ControllerRegistrationResponse>, ApiError> {
        self.check_active()?;
        controller_registration::decide(&self.view(), request)
    }

    /// BrokerRegistration.
    pub fn register_broker(
        &mut self,
        request: &BrokerRegistrationRequest,
        now: Mono,
    ) -> Result<Decision<BrokerRegistrationResponse>, ApiError> {
        let view = view_of(&self.images, &self.settings);
        let active = self.active.as_mut().ok_or_else(not_controller)?;
        let existing = view.image.cluster.broker(request.broker_id);
        let registration = broker_registration::Registration {
            cluster_id: &self.options.cluster_id,
            new_epoch: self.images.next_offset(),
            has_valid_session: existing
                .is_some_and(|broker| active.heartbeats.has_valid_session(broker, now)),
            kraft_version: self.options.kraft_version,
        };
        let decision = broker_registration::decide(&view, &registration, request)?;
        if existing.is_none_or(|broker| broker.incarnation_id != request.incarnation_id) {
            active.heartbeats.end(request.broker_id);
        }
        Ok(decision)
    }

    /// BrokerHeartbeat.
    pub fn heartbeat(
        &mut self,
        request: &BrokerHeartbeatRequest,
        now: Mono,
    ) -> Result<Decision<BrokerHeartbeatResponse>, ApiError> {
        let view = view_of(&self.images, &self.settings);
        let active = self.active.as_mut().ok_or_else(not_controller)?;
        let heartbeat = Heartbeat {
            now,
            // Without a registration the epoch check fails before the offset is looked at.
            registration_offset: self
                .registration_offsets
                .get(&request.broker_id)
                .copied()
                .unwrap_or(i64::MAX),
            next_offset: self.images.next_offset(),
        };
        heartbeat::decide(&view, &mut active.heartbeats, &heartbeat, request)
    }

    /// AllocateProducerIds.
    pub fn allocate_producer_ids(
        &self,
        request: &AllocateProducerIdsRequest,
    ) -> Result<Decision<AllocateProducerIdsResponse>, ApiError> {
        self.check_active()?;
        producer_ids::decide(&self.view(), request)
    }

    /// CreatePartitions. `Err` is the answer for all topics of the request.
    pub fn create_partitions(
        &self,
        rights: &TopicRights<'_>,
        request: &CreatePartitionsRequest,
        rng: &mut dyn Rng,
    ) -> Result<Decision<CreatePartitionsResponse>, ApiError> {
        self.check_active()?;
        create_partitions::decide(&self.view(), rights, request, rng)
    }

    /// AssignReplicasToDirs.
    pub fn assign_replicas_to_dirs(
        &self,
        request: &AssignReplicasToDirsRequest,
    ) -> Result<Decision<AssignReplicasToDirsResponse>, ApiError> {
        self.check_active()?;
        directory_assignment::decide(&self.view(), request)
    }

    /// UnregisterBroker. The broker may be at work: it is forgotten all the same, and its heartbeats
    /// are refused from then on.
    pub fn unregister_broker(
        &mut self,
        request: &UnregisterBrokerRequest,
    ) -> Result<Decision<UnregisterBrokerResponse>, ApiError> {
        let view = view_of(&self.images, &self.settings);
        let active = self.active.as_mut().ok_or_else(not_controller)?;
        let id = request.broker_id;
        let broker = view.image.cluster.broker(id).ok_or_else(|| {
            let message = format!("Broker ID {id} is not currently registered");
            ApiError::new(ErrorCode::BrokerIdNotRegistered, message)
        })?;
        active.heartbeats.end(id);
        Ok(Decision::sequence(fencing::unregister(&view, broker), UnregisterBrokerResponse::default()))
    }

    /// UnregisterController.
    pub fn unregister_controller(
        &self,
        request: &UnregisterControllerRequest,
    ) -> Result<Decision<UnregisterControllerResponse>, ApiError> {
        self.check_active()?;
        let own = self.options.settings.identity.node_id;
        controller_registration::unregister(&self.view(), own, request)
    }

    /// UpdateFeatures. The owner makes the quorum write a new kraft.version before it appends the
    /// records, and tells [`Controller::set_kraft_version`].
    pub fn update_features(
        &self,
        request: &UpdateFeaturesRequest,
    ) -> Result<Decision<FeaturesUpdated>, ApiError> {
        self.check_active()?;
        let options = &self.options;
        let features = Features {
            node_id: options.settings.identity.node_id,
            kraft_version: options.kraft_version,
            min_insync_replicas: options.settings.topic_defaults.min_insync_replicas,
        };
        features::decide(&self.view(), &features, request)
    }
}
