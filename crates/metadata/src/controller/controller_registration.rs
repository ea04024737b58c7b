//! A controller registers. Kafka: `ClusterControlManager.registerController`, KIP-919.

use klamm_base::ErrorCode;
use klamm_wire::{ControllerRegistrationRequest, ControllerRegistrationResponse};

use super::decision::{ApiError, Decision};
use super::view::View;
use crate::record::VersionedRecord;
use crate::records::{ControllerEndpoint, ControllerFeature, RegisterControllerRecord};

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
