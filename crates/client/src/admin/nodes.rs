//! The nodes of a cluster, and taking one off its list (Kafka: `KafkaAdminClient.describeCluster`,
//! `unregisterBroker`, `unregisterController`).

use klamm_base::ErrorCode;
use klamm_wire::{
    ApiKey, DescribeClusterRequest, MetadataRequest, UnregisterBrokerRequest, UnregisterControllerRequest,
};

use crate::{Address, ClientFault, Cluster, Node, Role};

/// A cluster: its nodes are brokers or controllers, as one began with one or the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterDescription {
    /// `None` when the broker is too old to say.
    pub cluster_id: Option<String>,
    pub controller_id: Option<i32>,
    /// By id.
    pub nodes: Vec<Node>,
}

/// First version that shows fenced brokers (KIP-1073).
const FIRST_VERSION_WITH_FENCED: i16 = 2;

/// Describes brokers or controllers; with `include_fenced` brokers too that are registered and not there.
///
/// # Errors
/// [`ClientFault`]; with `include_fenced` UNSUPPORTED_VERSION from clusters that cannot tell.
pub async fn describe_cluster(
    cluster: &Cluster,
    include_fenced: bool,
) -> Result<ClusterDescription, ClientFault> {
    const BROKERS: i8 = 1;
    const CONTROLLERS: i8 = 2;
    let any = cluster.retry(|| cluster.any()).await?;
    if include_fenced {
        any.ranges().at_least(ApiKey::DescribeCluster, FIRST_VERSION_WITH_FENCED)?;
    }
    let is_served = any.ranges().version_of(ApiKey::DescribeCluster, i16::MAX).is_ok();
    let role = cluster.options().role;
    if role == Role::Brokers && !is_served {
        return describe_by_metadata(cluster).await;
    }
    let request = DescribeClusterRequest {
        endpoint_type: if role == Role::Brokers { BROKERS } else { CONTROLLERS },
        include_fenced_brokers: include_fenced,
        ..DescribeClusterRequest::default()
    };
    let answer = cluster.ask_any(&request).await?;
    ClientFault::check(answer.error_code, answer.error_message)?;
    let nodes = answer.brokers.into_iter().filter_map(|node| {
        let address = Address { host: node.host, port: u16::try_from(node.port).ok()? };
        Some(Node { id: node.broker_id, address, rack: node.rack, is_fenced: node.is_fenced })
    });
    let mut nodes: Vec<Node> = nodes.collect();
    nodes.sort_by_key(|node| node.id);
    let controller_id = (answer.controller_id >= 0).then_some(answer.controller_id);
    Ok(ClusterDescription { cluster_id: Some(answer.cluster_id), controller_id, nodes })
}

/// For brokers older than DescribeCluster.
async fn describe_by_metadata(cluster: &Cluster) -> Result<ClusterDescription, ClientFault> {
    let nothing = MetadataRequest { topics: Some(Vec::new()), ..MetadataRequest::default() };
    let answer = cluster.retry(|| cluster.metadata(&nothing)).await?;
    Ok(ClusterDescription {
        cluster_id: answer.cluster_id,
        controller_id: (answer.controller_id >= 0).then_some(answer.controller_id),
        nodes: cluster.nodes().await?,
    })
}

/// Forgets a broker that will not come back.
///
/// # Errors
/// [`ClientFault`]
pub async fn unregister_broker(cluster: &Cluster, broker_id: i32) -> Result<(), ClientFault> {
    let request = UnregisterBrokerRequest { broker_id };
    let ask = || async {
        let answer = cluster.any().await?.call(&request).await?;
        ClientFault::check(answer.error_code, answer.error_message)
    };
    retry_timeouts(cluster, ask).await
}

/// Forgets a controller that is no voter any more.
///
/// # Errors
/// [`ClientFault`]
pub async fn unregister_controller(cluster: &Cluster, controller_id: i32) -> Result<(), ClientFault> {
    let request = UnregisterControllerRequest { controller_id };
    let ask = || async {
        let answer = cluster.any().await?.call(&request).await?;
        ClientFault::check(answer.error_code, answer.error_message)
    };
    retry_timeouts(cluster, ask).await
}

/// Of the codes of an answer only REQUEST_TIMED_OUT is worth another try.
async fn retry_timeouts<F: Future<Output = Result<(), ClientFault>>>(
    cluster: &Cluster,
    mut ask: impl FnMut() -> F,
) -> Result<(), ClientFault> {
    let attempt = || {
        let asked = ask();
        async move {
            match asked.await {
                Err(ClientFault::Refused { error, message }) if error != ErrorCode::RequestTimedOut => {
                    Ok(Err(ClientFault::Refused { error, message }))
                }
                outcome => outcome.map(Ok),
            }
        }
    };
    cluster.retry(attempt).await?
}
