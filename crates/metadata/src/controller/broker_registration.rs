//! A broker registers. Kafka: `ClusterControlManager.registerBroker`, KIP-631, KIP-966.

use std::collections::BTreeMap;

use klamm_base::{ErrorCode, Uuid};
use klamm_wire::{BrokerRegistrationRequest, BrokerRegistrationResponse, broker_registration as wire};

use super::decision::{ApiError, Decision};
use super::fencing;
use super::view::View;
use crate::MetadataVersion;
use crate::feature;
use crate::image::BrokerRegistration;
use crate::record::VersionedRecord;
use crate::records::{BrokerEndpoint, BrokerFeature, RegisterBrokerRecord};

/// What the decision needs besides the image.
pub(super) struct Registration<'a> {
    pub cluster_id: &'a str,
    /// The epoch a new incarnation gets: where its records begin in the log.
    pub new_epoch: i64,
    /// The registered incarnation was heard of within the session timeout.
    pub has_valid_session: bool,
    /// A feature too, but its level is in the quorum's control records.
    pub kraft_version: i16,
}

pub(super) fn decide(
    view: &View<'_>,
    registration: &Registration<'_>,
    request: &BrokerRegistrationRequest,
) -> Result<Decision<BrokerRegistrationResponse>, ApiError> {
    if request.cluster_id != registration.cluster_id {
        return Err(ApiError::new(
            ErrorCode::InconsistentClusterId,
            format!(
                "Expected cluster ID {}, but got cluster ID {}",
                registration.cluster_id, request.cluster_id
            ),
        ));
    }
    let existing = view.image.cluster.broker(request.broker_id).map(|broker| &**broker);
    let same_incarnation = existing.filter(|broker| broker.incarnation_id == request.incarnation_id);
    if existing.is_some() && registration.has_valid_session && same_incarnation.is_none() {
        return Err(ApiError::new(
            ErrorCode::DuplicateBrokerRegistration,
            "Another broker is registered with that broker id. If the broker was recently restarted this should self-resolve once the heartbeat manager expires the broker's session.",
        ));
    }
    if request.is_migrating_zk_broker {
        return Err(ApiError::new(
            ErrorCode::BrokerIdNotRegistered,
            "Controller does not support registering ZK brokers.",
        ));
    }
    if view.metadata_version().is_directory_assignment_supported() {
        check_directories(view, request)?;
    }
    check_features(view, registration.kraft_version, request)?;
    let mut record = record(view, request);
    let mut records = Vec::new();
    match same_incarnation {
        Some(broker) => amend(&mut record, broker),
        None => {
            // A broker without an epoch of before sends -1, which no stored epoch equals.
            let clean = existing.is_some_and(|broker| broker.epoch == request.previous_broker_epoch);
            records = fencing::clean_up_incarnation(view, request.broker_id, clean);
            record.broker_epoch = registration.new_epoch;
        }
    }
    let broker_epoch = record.broker_epoch;
    records.push(VersionedRecord::new(record, view.metadata_version().register_broker_record_version()));
    // The registration comes last: if only the clean-up survives, the broker registers again and the
    // next controller goes on from there.
    Ok(Decision::sequence(records, BrokerRegistrationResponse { broker_epoch, ..Default::default() }))
}

/// The same process tells more about itself: it stays as fenced and as epoched as it was.
fn amend(record: &mut RegisterBrokerRecord, broker: &BrokerRegistration) {
    record.fenced = broker.fenced;
    record.in_controlled_shutdown = broker.in_controlled_shutdown;
    record.broker_epoch = broker.epoch;
}

fn record(view: &View<'_>, request: &BrokerRegistrationRequest) -> RegisterBrokerRecord {
    let with_directories = view.metadata_version().is_directory_assignment_supported();
    RegisterBrokerRecord {
        broker_id: request.broker_id,
        incarnation_id: request.incarnation_id,
        rack: request.rack.clone(),
        end_points: request.listeners.iter().map(endpoint).collect(),
        features: request.features.iter().map(broker_feature).collect(),
        log_dirs: if with_directories { request.log_dirs.clone() } else { Vec::new() },
        ..RegisterBrokerRecord::default()
    }
}

fn endpoint(listener: &wire::Listener) -> BrokerEndpoint {
    BrokerEndpoint {
        name: listener.name.clone(),
        host: listener.host.clone(),
        port: listener.port,
        security_protocol: listener.security_protocol,
    }
}

fn broker_feature(feature: &wire::Feature) -> BrokerFeature {
    BrokerFeature {
        name: feature.name.clone(),
        min_supported_version: feature.min_supported_version,
        max_supported_version: feature.max_supported_version,
    }
}

fn check_directories(view: &View<'_>, request: &BrokerRegistrationRequest) -> Result<(), ApiError> {
    let invalid = |message: String| Err(ApiError::new(ErrorCode::InvalidRegistration, message));
    let directories = &request.log_dirs;
    if directories.is_empty() {
        return invalid("No directories specified in request".to_owned());
    }
    if directories.iter().any(Uuid::is_reserved) {
        return invalid("Reserved directory ID in request".to_owned());
    }
    let twice = |(at, id): (usize, &Uuid)| directories[..at].contains(id);
    if directories.iter().enumerate().any(twice) {
        return invalid("Duplicate directory ID in request".to_owned());
    }
    for broker in view.image.cluster.brokers().filter(|broker| broker.id != request.broker_id) {
        if let Some(directory) = directories.iter().find(|directory| broker.directories.contains(directory)) {
            let id = broker.id;
            return invalid(format!("Broker {id} is already registered with directory {directory}"));
        }
    }
    Ok(())
}

/// Every finalized feature must lie in the range the broker supports; one it does not name is
/// supported at level 0 only.
fn check_features(
    view: &View<'_>,
    kraft_version: i16,
    request: &BrokerRegistrationRequest,
) -> Result<(), ApiError> {
    let mut unverified: BTreeMap<&str, i16> = view.image.features.finalized();
    unverified.insert(feature::KRAFT_VERSION.name, kraft_version);
    for feature in &request.features {
        let finalized = unverified.remove(feature.name.as_str()).unwrap_or(0);
        check_feature(
            &feature.name,
            finalized,
            (feature.min_supported_version, feature.max_supported_version),
        )?;
    }
    if unverified.contains_key(MetadataVersion::FEATURE_NAME) {
        return Err(ApiError::new(
            ErrorCode::InvalidRegistration,
            "Request features do not contain 'metadata.version'",
        ));
    }
    unverified.iter().try_for_each(|(name, &finalized)| check_feature(name, finalized, (0, 0)))
}

fn check_feature(name: &str, finalized: i16, (min, max): (i16, i16)) -> Result<(), ApiError> {
    if (min..=max).contains(&finalized) {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::UnsupportedVersion,
        format!(
            "Unable to register because the broker does not support finalized version {finalized} of {name}. The broker wants a version between {min} and {max}, inclusive."
        ),
    ))
}
