//! Changes of dynamic configuration. Kafka: `ConfigurationControlManager`, `ControllerConfigurationValidator`.
//!
//! - `incremental`: set, delete, append, subtract; `legacy`: replace everything
//! - `validate`: whether a resource may have what it would have then
//!
//! A resource is changed as a whole or not at all; the resources of a request stand each for itself.

mod incremental;
mod legacy;
mod validate;

use std::cell::Cell;
use std::collections::BTreeMap;

use klamm_base::ErrorCode;
use klamm_config::table;
use klamm_wire::{
    AlterConfigsRequest, AlterConfigsResponse, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
};

use super::Controller;
use super::decision::{ApiError, Decision, check_fits_one_batch};
use super::view::View;
use crate::image::{ConfigMap, ConfigResource, ConfigResourceType};
use crate::record::VersionedRecord;
use crate::records::{ClearElrRecord, ConfigRecord};

const MIN_INSYNC_REPLICAS: &str = "min.insync.replicas";

/// Longest value in UTF-16 units, as Java counts.
const MAX_VALUE_LENGTH: usize = i16::MAX as usize;

impl Controller {
    /// IncrementalAlterConfigs; `forwarded` if a broker has looked at it before. `Err` is the answer for all
    /// resources of the request.
    pub fn incremental_alter_configs(
        &self,
        request: &IncrementalAlterConfigsRequest,
        forwarded: bool,
    ) -> Result<Decision<IncrementalAlterConfigsResponse>, ApiError> {
        self.check_active()?;
        incremental::decide(&self.view(), request, forwarded)
    }

    /// AlterConfigs; `forwarded` if a broker has looked at it before. `Err` is the answer for all resources of
    /// the request.
    pub fn alter_configs(
        &self,
        request: &AlterConfigsRequest,
        forwarded: bool,
    ) -> Result<Decision<AlterConfigsResponse>, ApiError> {
        self.check_active()?;
        legacy::decide(&self.view(), request, forwarded)
    }
}

/// The records that give a new topic its configuration, checked as a whole.
pub(super) fn of_new_topic(
    view: &View<'_>,
    topic: &str,
    configs: &BTreeMap<String, String>,
) -> Result<Vec<VersionedRecord>, ApiError> {
    configs.values().try_for_each(|value| check_length(value))?;
    view.settings
        .check_topic_configs(configs)
        .map_err(|fault| ApiError::new(ErrorCode::InvalidConfig, fault.to_string()))?;
    let resource = ConfigResource::topic(topic);
    let mut records: Vec<VersionedRecord> =
        configs.iter().map(|(name, value)| record(&resource, name, Some(value.clone()))).collect();
    add_clear_elr(view, &resource, &mut records, |name| configs.contains_key(name));
    Ok(records)
}

fn check_length(value: &str) -> Result<(), ApiError> {
    if value.encode_utf16().count() <= MAX_VALUE_LENGTH {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::InvalidConfig,
        format!(
            "The configuration value cannot be added because it exceeds the maximum value size of {MAX_VALUE_LENGTH} bytes."
        ),
    ))
}

fn record(resource: &ConfigResource, name: &str, value: Option<String>) -> VersionedRecord {
    let record = ConfigRecord {
        resource_type: resource.resource_type.id(),
        resource_name: resource.name.clone(),
        name: name.to_owned(),
        value,
    };
    VersionedRecord::new(record, 0)
}

/// Who is eligible to lead depends on the minimum: a new one makes the old answer worthless.
fn add_clear_elr(
    view: &View<'_>,
    resource: &ConfigResource,
    records: &mut Vec<VersionedRecord>,
    is_changed: impl Fn(&str) -> bool,
) {
    if view.options().elr_enabled && is_changed(MIN_INSYNC_REPLICAS) {
        let is_topic = resource.resource_type == ConfigResourceType::Topic;
        let topic_name = if is_topic { resource.name.clone() } else { String::new() };
        records.push(VersionedRecord::new(ClearElrRecord { topic_name }, 0));
    }
}

/// What a resource would have in place of what it has.
struct Change {
    resource: ConfigResource,
    /// New value by name; `None` = to be deleted because it was asked for.
    altered: BTreeMap<String, Option<String>>,
    /// Deleted because they were not mentioned.
    dropped: Vec<String>,
}

impl Change {
    /// Groups and subscriptions may have any name, so that only a bound keeps them few. (Kafka has none.)
    /// `added` are those of the same request.
    fn check_count(&self, view: &View<'_>, added: &Cell<usize>) -> Result<(), ApiError> {
        let configs = &view.image.configs;
        let is_free =
            !matches!(self.resource.resource_type, ConfigResourceType::Topic | ConfigResourceType::Broker);
        let is_new = self.altered.values().any(Option::is_some) && configs.get(&self.resource).is_empty();
        let max = view.settings.limits.config_resources;
        // Topics are bounded by themselves.
        if is_free && is_new && configs.len() + added.get() >= max.saturating_add(view.image.topics.len()) {
            let message = format!(
                "More than {max} resources would have settings, as klamm.max.config.resources allows."
            );
            return Err(ApiError::new(ErrorCode::PolicyViolation, message));
        }
        added.set(added.get() + usize::from(is_free && is_new));
        Ok(())
    }

    /// The records, or why not.
    fn records(
        self,
        view: &View<'_>,
        forwarded: bool,
        added: &Cell<usize>,
    ) -> Result<Vec<VersionedRecord>, ApiError> {
        validate::check(view, &self, forwarded)?;
        self.check_count(view, added)?;
        let Change { resource, altered, dropped } = self;
        let mut records: Vec<VersionedRecord> =
            altered.iter().map(|(name, value)| record(&resource, name, value.clone())).collect();
        records.extend(dropped.iter().map(|name| record(&resource, name, None)));
        let is_changed = |name: &str| altered.contains_key(name) || dropped.iter().any(|other| other == name);
        add_clear_elr(view, &resource, &mut records, is_changed);
        Ok(records)
    }
}

/// What is set for a resource and has a meaning there. Kafka forgets the rest when it reads the log; here it
/// is kept as it is, and left out of all that is decided (`DefaultSupportedConfigChecker`).
fn existing(view: &View<'_>, resource: &ConfigResource) -> ConfigMap {
    let table = match resource.resource_type {
        ConfigResourceType::Topic => table::topic(),
        ConfigResourceType::Group => table::group(),
        ConfigResourceType::ClientMetrics => table::client_metrics(),
        _ => return view.image.configs.get(resource).clone(),
    };
    let set = view.image.configs.get(resource).iter();
    let known = set.filter(|(name, _)| table.contains_key(name.as_str()));
    known.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// True if records are needed for this value: brokers read their files again when told the same.
fn is_news(resource: &ConfigResource, now: Option<&String>, then: Option<&String>) -> bool {
    now != then || resource.resource_type == ConfigResourceType::Broker
}

/// The resources of a request that can be decided on, in order: one of unknown type, and the second of two
/// with one name, are answered at once. The first of the two is not changed either, and not answered.
struct Sorted<T> {
    decidable: Vec<(ConfigResource, T)>,
    answers: Vec<(ConfigResource, ApiError)>,
}

impl<T> Default for Sorted<T> {
    fn default() -> Sorted<T> {
        Sorted { decidable: Vec::new(), answers: Vec::new() }
    }
}

impl<T> Sorted<T> {
    /// Kafka: `ControllerApis.handleIncrementalAlterConfigs`, `handleLegacyAlterConfigs`.
    fn of(resources: impl Iterator<Item = (i8, String, T)>) -> Sorted<T> {
        let mut sorted = Sorted::default();
        // Where each resource stands among the decidable ones, `None` once it has come twice.
        let mut places: BTreeMap<ConfigResource, Option<usize>> = BTreeMap::new();
        let mut decidable: Vec<Option<(ConfigResource, T)>> = Vec::new();
        for (type_id, name, what) in resources {
            let resource = ConfigResource { resource_type: ConfigResourceType::from_id(type_id), name };
            if let ConfigResourceType::Other(id) = resource.resource_type {
                let message = format!("Unknown resource type {id}.");
                sorted.answers.push((resource, ApiError::new(ErrorCode::UnsupportedVersion, message)));
                continue;
            }
            match places.get_mut(&resource).map(Option::take) {
                None => {
                    places.insert(resource.clone(), Some(decidable.len()));
                    decidable.push(Some((resource, what)));
                }
                Some(Some(at)) => {
                    decidable[at] = None;
                    let error = ApiError::new(ErrorCode::InvalidRequest, "Duplicate resource.");
                    sorted.answers.push((resource, error));
                }
                Some(None) => {}
            }
        }
        sorted.decidable = decidable.into_iter().flatten().collect();
        sorted
    }
}

/// What came of each resource; `None` = as it was asked.
type Outcomes = Vec<(ConfigResource, Option<ApiError>)>;

/// The outcome of each resource, and the records of those that are changed.
fn decide<T>(
    sorted: Sorted<T>,
    validate_only: bool,
    mut records_of: impl FnMut(&ConfigResource, T) -> Result<Vec<VersionedRecord>, ApiError>,
) -> Result<Decision<Outcomes>, ApiError> {
    let mut records = Vec::new();
    let mut answers: Outcomes =
        sorted.answers.into_iter().map(|(resource, error)| (resource, Some(error))).collect();
    for (resource, what) in sorted.decidable {
        match records_of(&resource, what) {
            Ok(of_resource) => {
                records.extend(of_resource);
                answers.push((resource, None));
            }
            // A fault of the request as a whole.
            Err(error) if error.error == ErrorCode::UnknownServerError => return Err(error),
            Err(error) => answers.push((resource, Some(error))),
        }
    }
    check_fits_one_batch(&records)?;
    if validate_only {
        records.clear();
    }
    Ok(Decision::atomic(records, answers))
}
