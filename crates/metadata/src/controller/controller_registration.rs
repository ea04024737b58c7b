//! Controllers register and are forgotten. Kafka: `ClusterControlManager.registerController`,
//! `unregisterController`, KIP-919, KIP-1312.

use klamm_base::ErrorCode;
use klamm_wire::{
    ControllerRegistrationRequest, ControllerRegistrationResponse, UnregisterControllerRequest,
    UnregisterControllerResponse,
};

use super::decision::{ApiError, Decision};
use super::view::View;
use crate::record::VersionedRecord;
use crate::records::{
    ControllerEndpoint, ControllerFeature, RegisterControllerRecord, UnregisterControllerRecord,
};

pub(super) fn decide(
    view: &View<'_>,
    request: &ControllerRegistrationRequest,
) -> Result<Decision<ControllerRegistrationResponse>, ApiError> {
    if !view.metadata_version().is_controller_registration_supported() {
        return Err(ApiError::new(
            ErrorCode::UnsupportedVersion,
            "The current MetadataVersion is too old to support controller registrations.",
        ));
    }
    let end_points = request.listeners.iter().map(|listener| ControllerEndpoint {
        name: listener.name.clone(),
        host: listener.host.clone(),
        port: listener.port,
        security_protocol: listener.security_protocol,
    });
    let features = request.features.iter().map(|feature| ControllerFeature {
        name: feature.name.clone(),
        min_supported_version: feature.min_supported_version,
        max_supported_version: feature.max_supported_version,
    });
    let record = RegisterControllerRecord {
        controller_id: request.controller_id,
        incarnation_id: request.incarnation_id,
        zk_migration_ready: false,
        end_points: end_points.collect(),
        features: features.collect(),
    };
    let records = vec![VersionedRecord::new(record, 0)];
    Ok(Decision::atomic(records, ControllerRegistrationResponse::default()))
}

/// `active` is this very controller, which nobody can do without.
pub(super) fn unregister(
    view: &View<'_>,
    active: i32,
    request: &UnregisterControllerRequest,
) -> Result<Decision<UnregisterControllerResponse>, ApiError> {
    let controller_id = request.controller_id;
    let refused = |error, message: &str| Err(ApiError::new(error, message));
    if controller_id == active {
        let message = "Controller cannot unregister itself while it is active.";
        return refused(ErrorCode::InvalidRequest, message);
    }
    if !view.metadata_version().is_controller_unregistration_supported() {
        let message = "The current MetadataVersion is too old to support controller unregistration.";
        return refused(ErrorCode::UnsupportedVersion, message);
    }
    if view.image.cluster.controller(controller_id).is_none() {
        let message = format!("Controller ID {controller_id} is not currently registered.");
        return refused(ErrorCode::ControllerIdNotRegistered, &message);
    }
    let record = VersionedRecord::new(UnregisterControllerRecord { controller_id }, 0);
    Ok(Decision::atomic(vec![record], UnregisterControllerResponse::default()))
}
