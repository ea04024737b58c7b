//! Whether a resource may have the configuration it would have. Kafka: `ControllerConfigurationValidator`,
//! `ConfigurationControlManager.validateAlterConfig`, `ConfigResourceExistenceChecker`.

use klamm_base::ErrorCode;
use klamm_config::ConfigFault;
use klamm_config::check_client_metrics;
use klamm_config::fault::ClientMetricsFault;

use super::super::decision::ApiError;
use super::super::view::View;
use super::{Change, MIN_INSYNC_REPLICAS, check_length, existing};
use crate::image::{ConfigMap, ConfigResource, ConfigResourceType};
use crate::topic_name;

const CORDONED_LOG_DIRS: &str = "cordoned.log.dirs";

type Check = Result<(), ApiError>;

/// Record by record what the cluster forbids, then the whole, then whether the resource is there.
pub(super) fn check(view: &View<'_>, change: &Change, forwarded: bool) -> Check {
    let resource = &change.resource;
    let now = existing(view, resource);
    let mut then = now.clone();
    for (name, value) in &change.altered {
        check_record(view, resource, &now, (name, value.as_deref()), forwarded)?;
        match value {
            None => drop(then.remove(name)),
            Some(value) => {
                check_length(value)?;
                then.insert(name.clone(), value.clone());
            }
        }
    }
    for name in &change.dropped {
        check_record(view, resource, &now, (name, None), forwarded)?;
        then.remove(name);
    }
    check_whole(view, resource, &now, &then)?;
    check_exists(view, resource)
}

fn invalid_config(message: &str) -> Check {
    Err(ApiError::new(ErrorCode::InvalidConfig, message))
}

fn invalid_request(message: impl Into<String>) -> Check {
    Err(ApiError::new(ErrorCode::InvalidRequest, message))
}

/// What concerns brokers' records one by one: the minimum in sync while there is an ELR (KIP-966), cordoned
/// directories (KIP-1066), of which a controller knows no paths.
fn check_record(
    view: &View<'_>,
    resource: &ConfigResource,
    now: &ConfigMap,
    (name, value): (&str, Option<&str>),
    forwarded: bool,
) -> Check {
    if resource.resource_type != ConfigResourceType::Broker {
        return Ok(());
    }
    if name == MIN_INSYNC_REPLICAS && view.options().elr_enabled {
        if !resource.name.is_empty() {
            return invalid_config(
                "Broker-level min.insync.replicas cannot be altered while ELR is enabled.",
            );
        }
        if value.is_none() {
            return invalid_config(
                "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
            );
        }
    }
    if name == CORDONED_LOG_DIRS {
        if !view.metadata_version().is_cordoned_log_dirs_supported() {
            return invalid_config(
                "The cordoned.log.dirs configuration value cannot be set because it requires metadata.version \
                 >= 4.3-IV0",
            );
        }
        if !forwarded && !is_fewer_dirs(now.get(name).map(String::as_str), value) {
            return invalid_config(
                "When updating cordoned.log.dirs via controllers,  the new value must be a subset of the \
                 current configuration value.",
            );
        }
    }
    Ok(())
}

fn is_fewer_dirs(now: Option<&str>, then: Option<&str>) -> bool {
    let dirs =
        |text: &str| -> Vec<String> { text.trim().split(',').map(|dir| dir.trim().to_owned()).collect() };
    match then.filter(|then| !then.trim().is_empty()) {
        None => true,
        Some(then) => {
            let now = now.map(dirs).unwrap_or_default();
            dirs(then).iter().all(|dir| now.contains(dir))
        }
    }
}

fn check_whole(view: &View<'_>, resource: &ConfigResource, now: &ConfigMap, then: &ConfigMap) -> Check {
    let told = |fault: ConfigFault| ApiError::new(error_code_of(&fault), fault.to_string());
    match resource.resource_type {
        ConfigResourceType::Topic => {
            check_topic_name(&resource.name)?;
            view.settings.check_topic_change(now, then).map_err(told)
        }
        // A broker's values are the broker's to judge: it has done so, or will leave out what does not hold.
        ConfigResourceType::Broker => check_broker_name(&resource.name),
        ConfigResourceType::ClientMetrics => check_client_metrics(&resource.name, then).map_err(told),
        ConfigResourceType::Group if resource.name.is_empty() => {
            invalid_request("Default group resources are not allowed.")
        }
        ConfigResourceType::Group => view.settings.check_group_configs(then).map_err(told),
        // Loggers have no records; unknown types are answered before.
        ConfigResourceType::BrokerLogger => invalid_request("Unexpected resource type BROKER_LOGGER."),
        ConfigResourceType::Other(_) => invalid_request("Unexpected resource type UNKNOWN."),
    }
}

fn error_code_of(fault: &ConfigFault) -> ErrorCode {
    use ClientMetricsFault::{Interval, NoName, Unknown};
    match fault {
        ConfigFault::ClientMetrics(NoName | Unknown { .. } | Interval { .. }) => ErrorCode::InvalidRequest,
        _ => ErrorCode::InvalidConfig,
    }
}

fn check_topic_name(name: &str) -> Check {
    if name.is_empty() {
        return invalid_request("Default topic resources are not allowed.");
    }
    topic_name::validate(name)
        .map_err(|fault| ApiError::new(ErrorCode::InvalidTopicException, fault.to_string()))
}

fn check_broker_name(name: &str) -> Check {
    match name.parse::<i32>() {
        _ if name.is_empty() => Ok(()),
        Err(_) => invalid_request("Unable to parse broker name as a base 10 number."),
        Ok(id) if id < 0 => invalid_request("Invalid negative broker ID."),
        Ok(_) => Ok(()),
    }
}

fn check_exists(view: &View<'_>, resource: &ConfigResource) -> Check {
    let name = resource.name.as_str();
    match resource.resource_type {
        ConfigResourceType::Topic if view.image.topics.id(name).is_none() => Err(ApiError::new(
            ErrorCode::UnknownTopicOrPartition,
            format!("The topic '{name}' does not exist."),
        )),
        ConfigResourceType::Broker => match name.parse::<i32>() {
            Ok(id) if !is_registered(view, id) => {
                Err(ApiError::new(ErrorCode::BrokerIdNotRegistered, format!("No node with id {id} found.")))
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// As a broker, or as a controller.
fn is_registered(view: &View<'_>, id: i32) -> bool {
    let cluster = &view.image.cluster;
    let voters = &view.settings.quorum.voters;
    cluster.broker(id).is_some()
        || cluster.controller(id).is_some()
        || voters.iter().any(|voter| voter.id == id)
}
