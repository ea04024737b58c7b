//! Levels of this node's loggers: changed here, gone with the next start (Kafka: `RuntimeLoggerManager`).

use klamm_base::ErrorCode;
use klamm_metadata::ApiError;
use klamm_wire::incremental_alter_configs::{AlterConfigsResource, AlterableConfig};

use super::invalid_request;
use crate::broker::Broker;
use crate::loggers::{LogLevel, ROOT};

/// Operations of the request (Kafka: `AlterConfigOp.OpType`).
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

/// All changes, or none.
pub(super) fn alter(
    broker: &Broker,
    resource: &AlterConfigsResource,
    validate_only: bool,
) -> Result<(), ApiError> {
    check_node(broker, &resource.resource_name)?;
    let mut changes = Vec::new();
    for config in &resource.configs {
        changes.push((config.name.as_str(), check(broker, config)?));
    }
    if !validate_only {
        changes.into_iter().for_each(|(name, level)| broker.loggers.set(name, level));
    }
    Ok(())
}

fn check_node(broker: &Broker, name: &str) -> Result<(), ApiError> {
    let id: i32 = name
        .parse()
        .map_err(|_| invalid_request(format!("Node id must be an integer, but it is: {name}")))?;
    if id == broker.node_id {
        return Ok(());
    }
    let expected = broker.node_id;
    Err(invalid_request(format!("Unexpected node id. Expected {expected}, but received {id}")))
}

/// The logger's new level, `None` = that of the logger above it.
fn check(broker: &Broker, config: &AlterableConfig) -> Result<Option<LogLevel>, ApiError> {
    let name = &config.name;
    let invalid_config = |message: String| Err(ApiError::new(ErrorCode::InvalidConfig, message));
    let not_allowed = |what: &str| {
        Err(invalid_request(format!("{what} operation is not allowed for the BROKER_LOGGER resource")))
    };
    let operation = config.config_operation;
    match operation {
        SET | DELETE if !broker.loggers.exists(name) => {
            invalid_config(format!("Logger {name} does not exist!"))
        }
        SET => {
            // Kafka's controller fails here, and says so.
            const UNEXPECTED: &str =
                "The server experienced an unexpected error when processing the request.";
            let unexpected = || ApiError::new(ErrorCode::UnknownServerError, UNEXPECTED);
            let text = config.value.as_deref().ok_or_else(unexpected)?;
            match LogLevel::from_name(text) {
                Some(level) => Ok(Some(level)),
                None => invalid_config(format!(
                    "Cannot set the log level of {name} to {text} as it is not a supported log level. Valid log levels \
                     are {}",
                    LogLevel::SETTABLE.map(LogLevel::name).join(", ")
                )),
            }
        }
        DELETE if name == ROOT => {
            Err(invalid_request("Removing the log level of the root logger is not allowed"))
        }
        DELETE => Ok(None),
        APPEND => not_allowed("APPEND"),
        SUBTRACT => not_allowed("SUBTRACT"),
        _ => Err(invalid_request(format!(
            "Unknown operation type {operation} is not allowed for the BROKER_LOGGER resource"
        ))),
    }
}
