//! UpdateFeatures (key 57), versions 0-2: finalizes other levels of features, all of them or none.
//!
//! | version | adds |
//! |---|---|
//! | 1 | the kind of a downgrade (in version 0 nothing goes down), validate_only |
//! | 2 | no result per feature any more |

use klamm_metadata::ApiError;
use klamm_wire::update_features::UpdatableFeatureResult;
use klamm_wire::{ApiKey, UpdateFeaturesRequest, UpdateFeaturesResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::UpdateFeatures,
    versions: 0..=2,
    owner: Owner::Controller,
    listeners: Listeners::BOTH,
    authorisation: &[Authorisation::All(Operation::Alter, ResourceType::Cluster)],
    quota: QuotaClass::Request,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: UpdateFeaturesRequest,
) -> UpdateFeaturesResponse {
    match broker.controller.update_features(&request, context.now) {
        Ok(decided) => {
            decided.committed(&broker.controller).await;
            accept(&request, context.api_version)
        }
        Err(error) => refuse(error),
    }
}

fn accept(request: &UpdateFeaturesRequest, version: i16) -> UpdateFeaturesResponse {
    let mut response = UpdateFeaturesResponse { error_message: None, ..UpdateFeaturesResponse::default() };
    if version <= 1 {
        let result = |feature: &String| UpdatableFeatureResult {
            feature: feature.clone(),
            error_code: 0,
            error_message: Some("NONE".to_owned()),
        };
        response.results = request.feature_updates.iter().map(|update| result(&update.feature)).collect();
    }
    response
}

fn refuse(error: ApiError) -> UpdateFeaturesResponse {
    UpdateFeaturesResponse {
        error_code: error.error.code(),
        error_message: error.message,
        ..UpdateFeaturesResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use klamm_base::ErrorCode;
    use klamm_wire::update_features::FeatureUpdateKey;

    use super::*;

    #[test]
    fn old_versions_have_a_result_for_each_feature() {
        let update = FeatureUpdateKey { feature: "f".to_owned(), ..FeatureUpdateKey::default() };
        let request = UpdateFeaturesRequest { feature_updates: vec![update], ..Default::default() };
        for (version, results) in [(0, 1), (1, 1), (2, 0)] {
            let response = accept(&request, version);
            assert_eq!((response.results.len(), response.error_message), (results, None));
        }
        let refused = refuse(ApiError::new(ErrorCode::InvalidUpdateVersion, "why"));
        assert_eq!((refused.error_code, refused.results.len()), (95, 0));
    }
}
