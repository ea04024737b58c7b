//! What a broker looks at before a change of settings goes to the controller: the shape of the request, and its own
//! settings, which only it can judge (Kafka: `ConfigAdminManager.preprocess`).

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::ErrorCode;
use klamm_config::definition::{Definition, Kind};
use klamm_config::{DynamicLevel, Properties, lists, table};
use klamm_metadata::ApiError;
use klamm_metadata::image::{ConfigResource, ConfigResourceType};
use klamm_wire::{alter_configs, incremental_alter_configs};

use super::{invalid_request, resource};
use crate::broker::Broker;

/// Operations of the request (Kafka: `AlterConfigOp.OpType`).
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

type Check = Result<(), ApiError>;

/// Which resources are named more than once, by type and name.
pub(super) fn twice<'a>(resources: impl Iterator<Item = (i8, &'a str)>) -> BTreeSet<(i8, &'a str)> {
    let mut seen = BTreeSet::new();
    resources.filter(|resource| !seen.insert(*resource)).collect()
}

pub(super) fn named_twice() -> ApiError {
    invalid_request("Each resource must appear at most once.")
}

/// Names are there once each and those in `without_value` are not there at all.
fn check_shape<'a>(names: impl Iterator<Item = &'a str>, without_value: &[&str]) -> Check {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(invalid_request("Error due to duplicate config keys"));
        }
    }
    match without_value.is_empty() {
        true => Ok(()),
        false => Err(invalid_request(format!("Null value not supported for : {}", without_value.join(", ")))),
    }
}

/// A resource of IncrementalAlterConfigs, but for loggers.
pub(super) fn incremental(broker: &Broker, asked: &incremental_alter_configs::AlterConfigsResource) -> Check {
    let configs = asked.configs.iter();
    let nulls = configs.clone().filter(|config| config.config_operation != DELETE && config.value.is_none());
    let nulls: Vec<&str> = nulls.map(|config| config.name.as_str()).collect();
    check_shape(configs.map(|config| config.name.as_str()), &nulls)?;
    let resource = resource(asked.resource_type, &asked.resource_name);
    match resource.resource_type {
        ConfigResourceType::Broker => {
            let level = level_of(broker, &resource)?;
            let mut proposed =
                broker.settings().dynamic_layer(broker.image.get().configs.get(&resource), level);
            for config in &asked.configs {
                let value = config.value.as_deref().unwrap_or_default();
                apply(&mut proposed, config.config_operation, &config.name, value)?;
            }
            check_broker(broker, &proposed, level)
        }
        // Handled before it gets here.
        ConfigResourceType::BrokerLogger => Ok(()),
        _ => check_type(&resource),
    }
}

/// A resource of AlterConfigs.
pub(super) fn legacy(broker: &Broker, asked: &alter_configs::AlterConfigsResource) -> Check {
    let nulls = asked.configs.iter().filter(|config| config.value.is_none());
    let nulls: Vec<&str> = nulls.map(|config| config.name.as_str()).collect();
    check_shape(asked.configs.iter().map(|config| config.name.as_str()), &nulls)?;
    let resource = resource(asked.resource_type, &asked.resource_name);
    if resource.resource_type != ConfigResourceType::Broker {
        return check_type(&resource);
    }
    let level = level_of(broker, &resource)?;
    let values = asked.configs.iter().filter_map(|config| Some((config.name.clone(), config.value.clone()?)));
    check_broker(broker, &values.collect(), level)
}

fn check_type(resource: &ConfigResource) -> Check {
    match resource.resource_type {
        ConfigResourceType::Topic | ConfigResourceType::ClientMetrics | ConfigResourceType::Group => Ok(()),
        other => Err(invalid_request(format!("Unknown resource type {}", other.id()))),
    }
}

/// All brokers, or this one: others are told themselves.
fn level_of(broker: &Broker, resource: &ConfigResource) -> Result<DynamicLevel, ApiError> {
    let name = &resource.name;
    if name.is_empty() {
        return Ok(DynamicLevel::Cluster);
    }
    let id: i32 = name
        .parse()
        .map_err(|_| invalid_request(format!("Node id must be an integer, but it is: {name}")))?;
    if id == broker.node_id {
        return Ok(DynamicLevel::Broker);
    }
    let expected = broker.node_id;
    Err(invalid_request(format!("Unexpected broker id, expected {expected}, but received {name}")))
}

fn check_broker(broker: &Broker, proposed: &Properties, level: DynamicLevel) -> Check {
    broker.settings().check_dynamic(proposed, level).map_err(|fault| invalid_request(fault.java_message()))
}

/// Kafka: `ConfigAdminManager.prepareIncrementalConfigs`.
fn apply(proposed: &mut Properties, operation: i8, name: &str, value: &str) -> Check {
    let row = match operation {
        SET => {
            proposed.insert(name.to_owned(), value.to_owned());
            return Ok(());
        }
        DELETE => {
            proposed.remove(name);
            return Ok(());
        }
        APPEND => list_row(name, "append")?,
        SUBTRACT => list_row(name, "subtract")?,
        _ => return Err(invalid_request(format!("Unknown operations type {operation}"))),
    };
    let now = proposed.get(name).cloned().or_else(|| row.default_text()).unwrap_or_default();
    let elements: Vec<&str> = now.split(',').filter(|_| !now.is_empty()).collect();
    let then = match operation {
        APPEND => lists::appended(elements, value.split(',')),
        _ => lists::subtracted(elements, value.split(',')),
    };
    proposed.insert(name.to_owned(), then);
    Ok(())
}

fn list_row(name: &str, verb: &str) -> Result<&'static Definition, ApiError> {
    let Some(row) = table::broker().get(name) else {
        return Err(ApiError::new(ErrorCode::InvalidConfig, format!("Unknown config name: {name}")));
    };
    if row.kind == Kind::List {
        return Ok(row);
    }
    let message = format!("Config value {verb} is not allowed for config key: {name}");
    Err(ApiError::new(ErrorCode::InvalidConfig, message))
}

/// What came of the resources that went on to the controller, by type and name.
pub(super) type Decided = BTreeMap<(i8, String), ApiError>;

/// The outcome of one resource: the broker's word, else the controller's.
pub(super) fn outcome(judged: Option<Check>, decided: &Decided, type_id: i8, name: &str) -> ApiError {
    match judged {
        Some(Ok(())) => ApiError::bare(ErrorCode::None),
        Some(Err(error)) => error,
        None => decided
            .get(&(type_id, name.to_owned()))
            .cloned()
            .unwrap_or_else(|| ApiError::bare(ErrorCode::UnknownServerError)),
    }
}
