//! ListConfigResources (key 74), versions 0-1: which resources may have settings of their own.
//!
//! | version | adds |
//! |---|---|
//! | 1 | any type (KIP-1142); version 0 lists client-metrics subscriptions |
//!
//! Groups and subscriptions are listed if something is set for them; topics, brokers and their loggers all are.

use klamm_base::ErrorCode;
use klamm_metadata::image::ConfigResourceType;
use klamm_wire::list_config_resources::ConfigResource;
use klamm_wire::{ApiKey, ListConfigResourcesRequest, ListConfigResourcesResponse};

use super::own_configs;
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::image::ImageView;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::ListConfigResources,
    versions: 0..=1,
    owner: Owner::Node,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::DescribeConfigs, ResourceType::Cluster)],
    quota: QuotaClass::Request,
};

const OF_VERSION_0: &[ConfigResourceType] = &[ConfigResourceType::ClientMetrics];
/// In the order in which they are listed.
const ALL: &[ConfigResourceType] = &[
    ConfigResourceType::Group,
    ConfigResourceType::ClientMetrics,
    ConfigResourceType::BrokerLogger,
    ConfigResourceType::Broker,
    ConfigResourceType::Topic,
];

pub fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: ListConfigResourcesRequest,
) -> ListConfigResourcesResponse {
    let supported = if context.api_version == 0 { OF_VERSION_0 } else { ALL };
    let asked = &request.resource_types;
    if !asked.iter().all(|id| supported.contains(&ConfigResourceType::from_id(*id))) {
        return ListConfigResourcesResponse {
            error_code: ErrorCode::UnsupportedVersion.code(),
            ..ListConfigResourcesResponse::default()
        };
    }
    let image = broker.image.get();
    let wanted = supported.iter().filter(|wanted| asked.is_empty() || asked.contains(&wanted.id()));
    let resources = wanted.flat_map(|wanted| {
        let names = names(&image, *wanted, &context.connection.listener);
        names.into_iter().map(|name| ConfigResource { resource_name: name, resource_type: wanted.id() })
    });
    ListConfigResourcesResponse {
        config_resources: resources.collect(),
        ..ListConfigResourcesResponse::default()
    }
}

fn names(image: &ImageView, wanted: ConfigResourceType, listener: &str) -> Vec<String> {
    match wanted {
        ConfigResourceType::Broker | ConfigResourceType::BrokerLogger => {
            image.alive_brokers(listener).map(|(broker, ..)| broker.id.to_string()).collect()
        }
        ConfigResourceType::Topic => image.topics.iter().map(|topic| topic.name.to_string()).collect(),
        _ => {
            let set = image.configs.iter().map(|(resource, _)| resource);
            let set = set.filter(|resource| resource.resource_type == wanted);
            set.filter(|resource| !own_configs(image, resource).is_empty()).map(|r| r.name.clone()).collect()
        }
    }
}
