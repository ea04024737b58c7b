//! AlterConfigs: everything a resource has is replaced.

use std::cell::Cell;
use std::collections::BTreeMap;

use klamm_base::ErrorCode;
use klamm_wire::alter_configs::{AlterConfigsResourceResponse, AlterableConfig};
use klamm_wire::{AlterConfigsRequest, AlterConfigsResponse};

use super::super::decision::{ApiError, Decision};
use super::super::view::View;
use super::{Change, Sorted, existing, is_news};
use crate::image::ConfigResource;
use crate::record::VersionedRecord;

/// `forwarded`: a broker has looked at it before. `Err` is the answer for every resource.
pub(super) fn decide(
    view: &View<'_>,
    request: &AlterConfigsRequest,
    forwarded: bool,
) -> Result<Decision<AlterConfigsResponse>, ApiError> {
    let resources = request.resources.iter();
    let sorted = Sorted::of(resources.map(|r| (r.resource_type, r.resource_name.clone(), &r.configs)));
    let added = Cell::new(0);
    let decided = super::decide(sorted, request.validate_only, |resource, configs| {
        records_of(view, resource, configs, forwarded, &added)
    })?;
    Ok(decided.map(|answers| AlterConfigsResponse {
        throttle_time_ms: 0,
        responses: answers.into_iter().map(|(resource, error)| answer(resource, error)).collect(),
    }))
}

fn answer(resource: ConfigResource, error: Option<ApiError>) -> AlterConfigsResourceResponse {
    let (error_code, error_message) = match error {
        Some(error) => (error.error, error.message),
        None => (ErrorCode::None, None),
    };
    AlterConfigsResourceResponse {
        error_code: error_code.code(),
        error_message,
        resource_type: resource.resource_type.id(),
        resource_name: resource.name,
    }
}

fn records_of(
    view: &View<'_>,
    resource: &ConfigResource,
    configs: &[AlterableConfig],
    forwarded: bool,
    added: &Cell<usize>,
) -> Result<Vec<VersionedRecord>, ApiError> {
    // Of two values for one name the later counts.
    let then: BTreeMap<&str, &Option<String>> =
        configs.iter().map(|config| (config.name.as_str(), &config.value)).collect();
    let now = existing(view, resource);
    let news = then.iter().filter(|(name, value)| is_news(resource, now.get(**name), value.as_ref()));
    let change = Change {
        resource: resource.clone(),
        altered: news.map(|(name, value)| ((*name).to_owned(), (*value).clone())).collect(),
        dropped: now.keys().filter(|name| !then.contains_key(name.as_str())).cloned().collect(),
    };
    change.records(view, forwarded, added)
}
