//! DescribeConfigs (key 32), versions 1-4: settings with where each value comes from.
//!
//! | version | adds |
//! |---|---|
//! | 2 | throttling |
//! | 3 | types, and documentation on demand (KIP-569) |
//! | 4 | flexible |
//!
//! Each resource is answered for itself; one of a type nobody knows spoils the request. Entries are sorted by name, those
//! of topics as Kafka defines them.
//! Sensitive values are null. Kafka: `ConfigHelper`.

use std::collections::BTreeSet;

use klamm_base::ErrorCode;
use klamm_config::settings::{ConfigEntry, ConfigSource, ConfigSynonym};
use klamm_config::{ConfigFault, table};
use klamm_metadata::image::{ConfigResource, ConfigResourceType};
use klamm_metadata::{ApiError, topic_name};
use klamm_wire::describe_configs::{
    DescribeConfigsResource, DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use klamm_wire::{ApiKey, DescribeConfigsRequest, DescribeConfigsResponse};

use super::{invalid_request, own_configs, resource};
use crate::answer::Room;
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::gather::pause;
use crate::loggers::LogLevel;

pub const API: Api = Api {
    key: ApiKey::DescribeConfigs,
    versions: 1..=4,
    owner: Owner::Node,
    listeners: Listeners::BOTH,
    // Topics and groups each for themselves; brokers, loggers and subscriptions belong to the cluster.
    authorisation: &[
        Authorisation::All(Operation::DescribeConfigs, ResourceType::Cluster),
        Authorisation::All(Operation::DescribeConfigs, ResourceType::Topic),
        Authorisation::All(Operation::DescribeConfigs, ResourceType::Group),
    ],
    quota: QuotaClass::Request,
};

const TOO_LARGE: &str =
    "The answer would be larger than klamm.max.response.bytes: ask for fewer resources at once.";
/// Kafka's own text for INVALID_REQUEST.
const MALFORMED: &str = "This most likely occurs because of a request being malformed by the client library or the \
                         message was sent to an incompatible broker. See the broker logs for more details.";

/// What an entry that is looked at counts for, shown or not.
const BYTES_PER_ENTRY: usize = 100;
/// After so much others have their turn.
const BYTES_PER_TURN: usize = 512 * 1024;

/// A resource may be named often, and what is told of it is far larger than its name: what does not fit into one
/// answer is refused.
pub async fn handle(broker: &Broker, request: DescribeConfigsRequest) -> DescribeConfigsResponse {
    let is_unknown = |asked: &DescribeConfigsResource| {
        matches!(ConfigResourceType::from_id(asked.resource_type), ConfigResourceType::Other(_))
    };
    let spoilt = request.resources.iter().any(is_unknown);
    let mut room = Room::new(broker.response_max);
    let mut this_turn = 0;
    let mut results = Vec::with_capacity(request.resources.len());
    for asked in &request.resources {
        let described = if spoilt {
            Err(ApiError::new(ErrorCode::InvalidRequest, MALFORMED))
        } else if room.is_full() {
            Err(ApiError::new(ErrorCode::PolicyViolation, TOO_LARGE))
        } else {
            describe(broker, asked, &request)
        };
        let (result, looked_at) = described.unwrap_or_else(|error| (failed(asked, error), 1));
        let size = size_of(&result) + looked_at * BYTES_PER_ENTRY;
        room.take(size);
        results.push(result);
        this_turn += size;
        if this_turn > BYTES_PER_TURN {
            this_turn = 0;
            pause().await;
        }
    }
    DescribeConfigsResponse { throttle_time_ms: 0, results }
}

/// About as many bytes as a result has in the answer.
fn size_of(result: &DescribeConfigsResult) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let synonym = |synonym: &DescribeConfigsSynonym| synonym.name.len() + text(&synonym.value);
    let configs = result.configs.iter().map(|config| {
        let synonyms: usize = config.synonyms.iter().map(synonym).sum();
        config.name.len() + text(&config.value) + text(&config.documentation) + synonyms
    });
    configs.sum::<usize>() + result.resource_name.len() + text(&result.error_message)
}

fn failed(asked: &DescribeConfigsResource, error: ApiError) -> DescribeConfigsResult {
    DescribeConfigsResult {
        error_code: error.error.code(),
        error_message: error.message,
        resource_type: asked.resource_type,
        resource_name: asked.resource_name.clone(),
        configs: Vec::new(),
    }
}

fn describe(
    broker: &Broker,
    asked: &DescribeConfigsResource,
    request: &DescribeConfigsRequest,
) -> Result<(DescribeConfigsResult, usize), ApiError> {
    let resource = resource(asked.resource_type, &asked.resource_name);
    let keys: BTreeSet<&str> = asked.configuration_keys.iter().flatten().map(String::as_str).collect();
    let is_wanted = |name: &str| keys.is_empty() || keys.contains(name);
    let looked_at;
    let configs = if resource.resource_type == ConfigResourceType::BrokerLogger {
        check_node(broker, &resource, "")?;
        let levels = broker.loggers.levels();
        looked_at = levels.len();
        levels.into_iter().filter(|(name, _)| is_wanted(name)).map(logger).collect()
    } else {
        let entries = entries(broker, &resource)?;
        looked_at = entries.len();
        entries.into_iter().filter(|entry| is_wanted(&entry.name)).map(|e| shown(e, request)).collect()
    };
    let result = DescribeConfigsResult {
        error_code: ErrorCode::None.code(),
        // Kafka leaves the field at its default, which is an empty text.
        error_message: Some(String::new()),
        resource_type: asked.resource_type,
        resource_name: asked.resource_name.clone(),
        configs,
    };
    Ok((result, looked_at))
}

fn entries(broker: &Broker, resource: &ConfigResource) -> Result<Vec<ConfigEntry>, ApiError> {
    let (image, settings, name) = (broker.image.get(), broker.settings(), resource.name.as_str());
    // A stored value that does not hold is a fault of ours, and told to nobody.
    let told = |_: ConfigFault| ApiError::bare(ErrorCode::UnknownServerError);
    match resource.resource_type {
        ConfigResourceType::Topic => {
            topic_name::validate(name)
                .map_err(|fault| ApiError::new(ErrorCode::InvalidTopicException, fault.to_string()))?;
            match image.topic(name) {
                Some(_) => {
                    let mut entries = settings.describe_topic_with_synonyms(&own_configs(&image, resource));
                    entries.sort_by_key(|entry| table::topic_position(&entry.name));
                    Ok(entries)
                }
                None => Err(ApiError::new(ErrorCode::UnknownTopicOrPartition, "")),
            }
        }
        ConfigResourceType::Broker if name.is_empty() => Ok(settings.describe_cluster_default()),
        ConfigResourceType::Broker => {
            check_node(broker, resource, " or empty string,")?;
            Ok(settings.describe_broker())
        }
        ConfigResourceType::ClientMetrics if name.is_empty() => {
            Err(invalid_request("Client metrics subscription name must not be empty"))
        }
        ConfigResourceType::ClientMetrics => {
            settings.describe_client_metrics(&own_configs(&image, resource)).map_err(told)
        }
        ConfigResourceType::Group if name.is_empty() => Err(invalid_request("Group name must not be empty")),
        ConfigResourceType::Group => settings.describe_group(&own_configs(&image, resource)).map_err(told),
        ConfigResourceType::BrokerLogger | ConfigResourceType::Other(_) => {
            unreachable!("loggers have no entries in the table, and unknown types are refused first")
        }
    }
}

/// A broker tells about itself only; `or` is what else might have been named.
fn check_node(broker: &Broker, resource: &ConfigResource, or: &str) -> Result<(), ApiError> {
    let name = &resource.name;
    if name.is_empty() {
        return Err(invalid_request("Broker id must not be empty"));
    }
    let id: i32 = name
        .parse()
        .map_err(|_| invalid_request(format!("Broker id must be an integer, but it is: {name}")))?;
    if id == broker.node_id {
        return Ok(());
    }
    let expected = broker.node_id;
    Err(invalid_request(format!("Unexpected broker id, expected {expected}{or} but received {name}")))
}

fn logger((name, level): (&str, LogLevel)) -> DescribeConfigsResourceResult {
    DescribeConfigsResourceResult {
        name: name.to_owned(),
        value: Some(level.name().to_owned()),
        read_only: false,
        config_source: ConfigSource::DynamicBrokerLogger as i8,
        is_sensitive: false,
        synonyms: Vec::new(),
        config_type: 0,
        // Kafka leaves the field at its default.
        documentation: Some(String::new()),
    }
}

fn shown(entry: ConfigEntry, request: &DescribeConfigsRequest) -> DescribeConfigsResourceResult {
    let synonyms = if request.include_synonyms { entry.synonyms } else { Vec::new() };
    DescribeConfigsResourceResult {
        name: entry.name,
        value: entry.value,
        read_only: entry.read_only,
        config_source: entry.source as i8,
        is_sensitive: entry.sensitive,
        synonyms: synonyms.into_iter().map(synonym).collect(),
        config_type: entry.kind.map_or(0, |kind| kind as i8),
        documentation: entry.doc.filter(|_| request.include_documentation).map(str::to_owned),
    }
}

fn synonym(synonym: ConfigSynonym) -> DescribeConfigsSynonym {
    DescribeConfigsSynonym { name: synonym.name, value: synonym.value, source: synonym.source as i8 }
}
