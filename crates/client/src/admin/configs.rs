//! Settings (Kafka: `Admin.describeConfigs`, `incrementalAlterConfigs`, `listConfigResources`).

use std::collections::BTreeMap;

use klamm_base::ErrorCode;
use klamm_wire::describe_configs::{DescribeConfigsResource, DescribeConfigsResourceResult};
use klamm_wire::incremental_alter_configs::{AlterConfigsResource, AlterableConfig};
use klamm_wire::{
    ApiKey, DescribeConfigsRequest, IncrementalAlterConfigsRequest, ListConfigResourcesRequest,
};

use crate::{ClientFault, Cluster};

/// What a setting belongs to (Kafka: `ConfigResource.Type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i8)]
pub enum ResourceType {
    Topic = 2,
    Broker = 4,
    BrokerLogger = 8,
    ClientMetrics = 16,
    Group = 32,
}

/// One resource; a broker's name is its id, that of all brokers is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    pub kind: ResourceType,
    pub name: String,
}

/// Each resource's own result.
pub type ByResource<T> = BTreeMap<Resource, Result<T, ClientFault>>;

/// What happens to a setting (Kafka: `AlterConfigOp.OpType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum Operation {
    Set = 0,
    Delete = 1,
    Append = 2,
    Subtract = 3,
}

/// One change; no value for [`Operation::Delete`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub name: String,
    pub operation: Operation,
    pub value: Option<String>,
}

impl Resource {
    /// The broker that alone knows about it: its own settings and loggers.
    fn only_at(&self) -> Option<i32> {
        match self.kind {
            ResourceType::Broker | ResourceType::BrokerLogger => self.name.parse().ok(),
            _ => None,
        }
    }
}

/// The settings of some resources, each asked where it is known; with their synonyms.
///
/// # Errors
/// [`ClientFault`]: nobody has answered.
pub async fn describe_configs(
    cluster: &Cluster,
    resources: &[Resource],
) -> Result<ByResource<Vec<DescribeConfigsResourceResult>>, ClientFault> {
    let mut found = BTreeMap::new();
    for (node_id, resources) in by_node(resources.iter().cloned(), Resource::only_at) {
        let asked = resources.iter().map(|resource| DescribeConfigsResource {
            resource_type: resource.kind as i8,
            resource_name: resource.name.clone(),
            configuration_keys: None,
        });
        let request = DescribeConfigsRequest {
            resources: asked.collect(),
            include_synonyms: true,
            include_documentation: false,
        };
        let answer = match node_id {
            Some(node_id) => cluster.ask_node(node_id, &request).await?,
            None => cluster.ask_any(&request).await?,
        };
        for (resource, told) in resources.into_iter().zip(answer.results) {
            let checked = ClientFault::check(told.error_code, told.error_message);
            found.insert(resource, checked.map(|()| told.configs));
        }
    }
    Ok(found)
}

/// Changes settings, each resource whole or not at all.
///
/// # Errors
/// [`ClientFault`]: nobody has answered.
pub async fn alter_configs(
    cluster: &Cluster,
    changes: BTreeMap<Resource, Vec<Change>>,
    validate_only: bool,
) -> Result<ByResource<()>, ClientFault> {
    let mut altered = BTreeMap::new();
    for (node_id, changes) in by_node(changes, |(resource, _)| resource.only_at()) {
        let (resources, changes): (Vec<Resource>, Vec<Vec<Change>>) = changes.into_iter().unzip();
        let request = IncrementalAlterConfigsRequest {
            resources: resources
                .iter()
                .zip(changes)
                .map(|(resource, changes)| wire(resource, changes))
                .collect(),
            validate_only,
        };
        let error_of = |code: Option<i16>| code.unwrap_or(ErrorCode::None.code());
        let answer = match node_id {
            Some(node_id) => cluster.ask_node(node_id, &request).await?,
            None => {
                let ask = cluster.ask_controller(&request, |answer| {
                    error_of(answer.responses.first().map(|told| told.error_code))
                });
                ask.await?
            }
        };
        for told in answer.responses {
            let is_meant = |resource: &&Resource| {
                resource.kind as i8 == told.resource_type && resource.name == told.resource_name
            };
            if let Some(resource) = resources.iter().find(is_meant) {
                altered.insert(resource.clone(), ClientFault::check(told.error_code, told.error_message));
            }
        }
    }
    Ok(altered)
}

fn wire(resource: &Resource, changes: Vec<Change>) -> AlterConfigsResource {
    let configs = changes.into_iter().map(|change| AlterableConfig {
        name: change.name,
        config_operation: change.operation as i8,
        value: change.value,
    });
    AlterConfigsResource {
        resource_type: resource.kind as i8,
        resource_name: resource.name.clone(),
        configs: configs.collect(),
    }
}

/// Names of the resources of some kinds.
///
/// # Errors
/// [`ClientFault`]: UNSUPPORTED_VERSION from brokers that list client metrics alone.
pub async fn list_config_resources(
    cluster: &Cluster,
    kinds: &[ResourceType],
) -> Result<Vec<Resource>, ClientFault> {
    const FIRST_VERSION_WITH_TYPES: i16 = 1;
    let any = cluster.retry(|| cluster.any()).await?;
    let has_types = any.ranges().serves(ApiKey::ListConfigResources, FIRST_VERSION_WITH_TYPES);
    let is_old_question = kinds == [ResourceType::ClientMetrics];
    let request = ListConfigResourcesRequest {
        resource_types: match is_old_question && !has_types {
            true => Vec::new(),
            false => kinds.iter().map(|kind| *kind as i8).collect(),
        },
    };
    let answer = cluster.ask_any(&request).await?;
    ClientFault::check(answer.error_code, None)?;
    let known = |code: i8| kinds.iter().copied().find(|kind| *kind as i8 == code);
    let resources = answer
        .config_resources
        .into_iter()
        .filter_map(|told| Some(Resource { kind: known(told.resource_type)?, name: told.resource_name }));
    Ok(resources.collect())
}

fn by_node<T>(
    items: impl IntoIterator<Item = T>,
    node_of: impl Fn(&T) -> Option<i32>,
) -> BTreeMap<Option<i32>, Vec<T>> {
    let mut by_node = BTreeMap::<Option<i32>, Vec<T>>::new();
    for item in items {
        by_node.entry(node_of(&item)).or_default().push(item);
    }
    by_node
}
