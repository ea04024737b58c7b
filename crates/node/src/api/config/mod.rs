//! Settings of topics, brokers, loggers, client-metrics subscriptions and groups: told by this broker, changed by the
//! controller.
//!
//! * [`describe_configs`] – values with where they come from
//! * [`incremental_alter_configs`], [`alter_configs`] – single settings, or all of them
//! * [`list_config_resources`] – what has settings
//! * `preprocess` – what a broker looks at before the controller does; `broker_loggers` – what never gets to it

pub mod alter_configs;
mod broker_loggers;
pub mod describe_configs;
pub mod incremental_alter_configs;
pub mod list_config_resources;
mod preprocess;

use klamm_base::ErrorCode;
use klamm_config::{Properties, table};
use klamm_metadata::ApiError;
use klamm_metadata::image::{ConfigResource, ConfigResourceType};

use crate::image::ImageView;

fn invalid_request(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest, message)
}

fn resource(type_id: i8, name: &str) -> ConfigResource {
    ConfigResource { resource_type: ConfigResourceType::from_id(type_id), name: name.to_owned() }
}

/// What is set for a resource and has a meaning there; the rest was written by another version.
fn own_configs(image: &ImageView, resource: &ConfigResource) -> Properties {
    let table = match resource.resource_type {
        ConfigResourceType::Topic => table::topic(),
        ConfigResourceType::Group => table::group(),
        ConfigResourceType::ClientMetrics => table::client_metrics(),
        _ => return image.configs.get(resource).clone(),
    };
    let set = image.configs.get(resource).iter();
    let known = set.filter(|(name, _)| table.contains_key(name.as_str()));
    known.map(|(name, value)| (name.clone(), value.clone())).collect()
}
