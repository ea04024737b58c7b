//! ApiVersions (key 18), versions 0-5.
//!
//! | version | adds |
//! |---|---|
//! | 3 | client software, features; flexible, but the answer's header stays at version 0 |
//! | 4 | features with minimum 0 are listed (KAFKA-17492) |
//! | 5 | the cluster and node that the client believes to talk to (KIP-1242) |
//!
//! An unknown version is answered in version 0 with UNSUPPORTED_VERSION and this API's own range; the pipeline does
//! that, since such a body cannot be read.

use klamm_base::ErrorCode;
use klamm_metadata::feature::KRAFT_VERSION;
use klamm_wire::api_versions::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey};
use klamm_wire::{ApiKey, ApiVersionsRequest, ApiVersionsResponse};

use crate::api::{Api, Listeners, Owner, QuotaClass, TABLE};
use crate::broker::Broker;
use crate::image::ImageView;
use crate::request::{ClientSoftware, ListenerRole, RequestContext};

pub const API: Api = Api {
    key: ApiKey::ApiVersions,
    versions: 0..=5,
    owner: Owner::Node,
    listeners: Listeners::BOTH,
    authorisation: &[],
    quota: QuotaClass::Request,
};

/// First version with the client's software and with features.
const FEATURES: i16 = 3;

pub fn handle(broker: &Broker, context: &RequestContext, request: ApiVersionsRequest) -> ApiVersionsResponse {
    if let Err(error) = check(broker, context, &request) {
        return ApiVersionsResponse { error_code: error.code(), ..ApiVersionsResponse::default() };
    }
    if context.api_version >= FEATURES {
        let software =
            ClientSoftware { name: request.client_software_name, version: request.client_software_version };
        // A client may ask again; the first answer counts.
        let _ = context.connection.software.set(software);
    }
    let api_keys = advertised(context.connection.role);
    if context.api_version < FEATURES {
        return ApiVersionsResponse { api_keys, ..ApiVersionsResponse::default() };
    }
    let image = broker.image.get();
    ApiVersionsResponse {
        api_keys,
        supported_features: supported_features(context.api_version),
        finalized_features_epoch: image.provenance.last_contained_offset,
        finalized_features: finalized_features(broker, &image),
        ..ApiVersionsResponse::default()
    }
}

/// The answer to a version that nobody knows, to be written in version 0.
pub fn unsupported() -> ApiVersionsResponse {
    ApiVersionsResponse {
        error_code: ErrorCode::UnsupportedVersion.code(),
        api_keys: vec![row(&API, ListenerRole::Broker)],
        ..ApiVersionsResponse::default()
    }
}

fn check(broker: &Broker, context: &RequestContext, request: &ApiVersionsRequest) -> Result<(), ErrorCode> {
    if context.api_version >= FEATURES {
        let valid =
            is_software(&request.client_software_name) && is_software(&request.client_software_version);
        if !valid {
            return Err(ErrorCode::InvalidRequest);
        }
    }
    match (&request.cluster_id, request.node_id) {
        (None, -1) => Ok(()),
        (None, _) | (Some(_), -1) => Err(ErrorCode::InvalidRequest),
        // Only who looks for a broker can have found the wrong one.
        _ if context.connection.role == ListenerRole::Controller => Ok(()),
        (Some(cluster_id), node_id) if *cluster_id == broker.cluster_id && node_id == broker.node_id => {
            Ok(())
        }
        (Some(_), _) => Err(ErrorCode::RebootstrapRequired),
    }
}

/// Letters, digits, dashes and dots, beginning and ending with a letter or digit (KIP-511).
fn is_software(text: &str) -> bool {
    let is_edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    is_edge(bytes.first())
        && is_edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

fn advertised(role: ListenerRole) -> Vec<ApiVersion> {
    TABLE.iter().filter(|api| api.listeners.serve(role)).map(|api| row(api, role)).collect()
}

fn row(api: &Api, role: ListenerRole) -> ApiVersion {
    // librdkafka takes a Produce without version 0 for a broker without compression (KAFKA-18659).
    let from_zero = api.key == ApiKey::Produce && role == ListenerRole::Broker;
    ApiVersion {
        api_key: api.key.key(),
        min_version: if from_zero { 0 } else { *api.versions.start() },
        max_version: *api.versions.end(),
    }
}

/// What the image says, and the quorum's own feature. Level 0 is not told.
fn finalized_features(broker: &Broker, image: &ImageView) -> Vec<FinalizedFeatureKey> {
    let mut levels = image.features.finalized();
    levels.insert(KRAFT_VERSION.name, broker.controller.kraft_version());
    let told = levels.into_iter().filter(|(_, level)| *level != 0);
    told.map(|(name, level)| FinalizedFeatureKey {
        name: name.to_owned(),
        max_version_level: level,
        min_version_level: level,
    })
    .collect()
}

fn supported_features(api_version: i16) -> Vec<SupportedFeatureKey> {
    klamm_metadata::feature::supported_features()
        .into_iter()
        .filter(|(_, (min, _))| api_version >= 4 || *min > 0)
        .map(|(name, (min_version, max_version))| SupportedFeatureKey {
            name: name.to_owned(),
            min_version,
            max_version,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn software_names_are_plain() {
        for good in ["apache-kafka-java", "4.4.0", "a", "librdkafka", "2.15.0-dev"] {
            assert!(is_software(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a b", "a/b", "ä"] {
            assert!(!is_software(bad), "{bad}");
        }
    }

    #[test]
    fn produce_begins_at_zero_for_brokers_only() {
        let produce = |role| advertised(role).into_iter().find(|row| row.api_key == 0);
        assert_eq!(
            produce(ListenerRole::Broker).map(|row| (row.min_version, row.max_version)),
            Some((0, 13))
        );
        assert_eq!(produce(ListenerRole::Controller), None);
    }
}
