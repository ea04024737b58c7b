//! Changes of dynamic configuration. Kafka: `ConfigurationControlManager`.

use std::collections::BTreeMap;

use klamm_base::ErrorCode;

use super::decision::ApiError;
use super::view::View;
use crate::image::ConfigResource;
use crate::record::VersionedRecord;
use crate::records::{ClearElrRecord, ConfigRecord};

/// Longest value in UTF-16 units, as Java counts.
const MAX_VALUE_LENGTH: usize = i16::MAX as usize;

/// The records that give a new topic its configuration, checked as a whole.
pub(super) fn of_new_topic(
    view: &View<'_>,
    topic: &str,
    configs: &BTreeMap<String, String>,
) -> Result<Vec<VersionedRecord>, ApiError> {
    if configs.values().any(|value| value.encode_utf16().count() > MAX_VALUE_LENGTH) {
        return Err(ApiError::new(
            ErrorCode::InvalidConfig,
            format!(
                "The configuration value cannot be added because it exceeds the maximum value size of {MAX_VALUE_LENGTH} bytes."
            ),
        ));
    }
    view.settings
        .check_topic_configs(configs)
        .map_err(|fault| ApiError::new(ErrorCode::InvalidConfig, fault.to_string()))?;
    let resource = ConfigResource::topic(topic);
    let mut records: Vec<VersionedRecord> =
        configs.iter().map(|(name, value)| set(&resource, name, value)).collect();
    if view.options().elr_enabled && configs.contains_key("min.insync.replicas") {
        // Who is eligible depends on the minimum: a new one makes the old answer worthless.
        records.push(VersionedRecord::new(ClearElrRecord { topic_name: topic.to_owned() }, 0));
    }
    Ok(records)
}

fn set(resource: &ConfigResource, name: &str, value: &str) -> VersionedRecord {
    let record = ConfigRecord {
        resource_type: resource.resource_type.id(),
        resource_name: resource.name.clone(),
        name: name.to_owned(),
        value: Some(value.to_owned()),
    };
    VersionedRecord::new(record, 0)
}
