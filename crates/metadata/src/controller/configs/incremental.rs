//! IncrementalAlterConfigs: single settings are set, deleted, extended and shortened.

use std::cell::Cell;
use std::collections::BTreeMap;

use klamm_base::ErrorCode;
use klamm_config::definition::{Definition, Kind};
use klamm_config::{lists, table};
use klamm_wire::incremental_alter_configs::{AlterConfigsResourceResponse, AlterableConfig};
use klamm_wire::{IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};

use super::super::decision::{ApiError, Decision};
use super::super::view::View;
use super::{Change, Sorted, existing, is_news};
use crate::image::{ConfigMap, ConfigResource, ConfigResourceType};
use crate::record::VersionedRecord;

/// Operations of the request (Kafka: `AlterConfigOp.OpType`).
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

/// `forwarded`: a broker has looked at it before. `Err` is the answer for every resource.
pub(super) fn decide(
    view: &View<'_>,
    request: &IncrementalAlterConfigsRequest,
    forwarded: bool,
) -> Result<Decision<IncrementalAlterConfigsResponse>, ApiError> {
    let resources = request.resources.iter();
    let sorted = Sorted::of(resources.map(|r| (r.resource_type, r.resource_name.clone(), &r.configs)));
    let added = Cell::new(0);
    let decided = super::decide(sorted, request.validate_only, |resource, configs| {
        records_of(view, resource, configs, forwarded, &added)
    })?;
    Ok(decided.map(|answers| IncrementalAlterConfigsResponse {
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
    // Of two operations on one name the later counts.
    let by_name: BTreeMap<&str, &AlterableConfig> =
        configs.iter().map(|config| (config.name.as_str(), config)).collect();
    let now = existing(view, resource);
    let mut altered = BTreeMap::new();
    for (name, config) in by_name {
        let then = value_of(resource, &now, config)?;
        if is_news(resource, now.get(name), then.as_ref()) {
            altered.insert(name.to_owned(), then);
        }
    }
    Change { resource: resource.clone(), altered, dropped: Vec::new() }.records(view, forwarded, added)
}

/// The value that an operation leads to, `None` = no longer set.
fn value_of(
    resource: &ConfigResource,
    now: &ConfigMap,
    config: &AlterableConfig,
) -> Result<Option<String>, ApiError> {
    let name = config.name.as_str();
    let verb = match config.config_operation {
        // Without a value it is a deletion, and no error.
        SET => return Ok(config.value.clone()),
        DELETE => return Ok(None),
        APPEND => "APPEND",
        SUBTRACT => "SUBTRACT",
        // The JVM's controller fails here, and answers so.
        _ => return Err(ApiError::bare(ErrorCode::UnknownServerError)),
    };
    let Some(row) = list_row(resource, name) else {
        let message = format!("Can't {verb} to key {name} because its type is not LIST.");
        return Err(ApiError::new(ErrorCode::InvalidConfig, message));
    };
    let Some(operand) = &config.value else { return Err(ApiError::bare(ErrorCode::UnknownServerError)) };
    let text = now.get(name).cloned().or_else(|| row.default_text()).unwrap_or_default();
    let elements: Vec<&str> = text.split(',').filter(|element| !element.is_empty()).collect();
    Ok(Some(match config.config_operation {
        APPEND => lists::appended(elements, java_split(operand)),
        _ => lists::subtracted(elements, java_split(operand)),
    }))
}

/// The row of a list that can be extended: only brokers' and topics' are known as such.
fn list_row(resource: &ConfigResource, name: &str) -> Option<&'static Definition> {
    let table = match resource.resource_type {
        ConfigResourceType::Topic => table::topic(),
        ConfigResourceType::Broker => table::broker(),
        _ => return None,
    };
    table.get(name).copied().filter(|row| row.kind == Kind::List)
}

/// Java's `String.split(",")`: empty texts at the end are dropped, unless there is nothing else.
fn java_split(text: &str) -> Vec<&str> {
    match text.trim_end_matches(',') {
        "" if text.is_empty() => vec![""],
        "" => Vec::new(),
        rest => rest.split(',').collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_split_as_java_splits_them() {
        assert_eq!(java_split(""), [""]);
        assert_eq!(java_split("a"), ["a"]);
        assert_eq!(java_split("a,,b,"), ["a", "", "b"]);
        assert_eq!(java_split(",,"), [""; 0]);
        assert_eq!(java_split(",a"), ["", "a"]);
    }
}
