//! DescribeCluster (key 60), versions 0-2.
//!
//! | version | adds |
//! |---|---|
//! | 1 | whether brokers or controllers are meant (KIP-919) |
//! | 2 | fenced brokers on demand (KIP-1073) |

use klamm_base::ErrorCode;
use klamm_wire::describe_cluster::DescribeClusterBroker;
use klamm_wire::{ApiKey, DescribeClusterRequest, DescribeClusterResponse};

use crate::api::{Api, Listeners, Owner, QuotaClass, authorized_operations};
use crate::broker::Broker;
use crate::request::{ListenerRole, RequestContext};

pub const API: Api = Api {
    key: ApiKey::DescribeCluster,
    versions: 0..=2,
    owner: Owner::Node,
    listeners: Listeners::BOTH,
    // The controller's listener wants Alter on the cluster, a broker's nothing.
    authorisation: &[],
    quota: QuotaClass::Request,
};

/// Endpoint types of the request (Kafka: `EndpointType`).
const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

pub fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: DescribeClusterRequest,
) -> DescribeClusterResponse {
    let served = match context.connection.role {
        ListenerRole::Broker => BROKERS,
        ListenerRole::Controller => CONTROLLERS,
    };
    if request.endpoint_type != served {
        return refuse(context.api_version, request.endpoint_type, served);
    }
    let listener = &*context.connection.listener;
    let (nodes, controller_id) = match context.connection.role {
        ListenerRole::Broker => brokers(broker, listener, request.include_fenced_brokers),
        ListenerRole::Controller => controllers(broker, listener),
    };
    let is_listed = nodes.iter().any(|node| node.broker_id == controller_id);
    let mut response = DescribeClusterResponse {
        endpoint_type: served,
        cluster_id: broker.cluster_id.clone(),
        controller_id: if is_listed { controller_id } else { -1 },
        brokers: nodes,
        ..DescribeClusterResponse::default()
    };
    if request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = authorized_operations::CLUSTER;
    }
    response
}

fn brokers(broker: &Broker, listener: &str, with_fenced: bool) -> (Vec<DescribeClusterBroker>, i32) {
    let image = broker.image.get();
    let shown = image.brokers(listener).filter(|(broker, ..)| with_fenced || !broker.fenced);
    let nodes = shown.map(|(broker, host, port)| DescribeClusterBroker {
        broker_id: broker.id,
        host: host.to_owned(),
        port,
        rack: broker.rack.clone(),
        is_fenced: broker.fenced,
    });
    (nodes.collect(), image.any_alive_broker())
}

/// Controllers as they have registered, on the listener asked.
fn controllers(broker: &Broker, listener: &str) -> (Vec<DescribeClusterBroker>, i32) {
    let image = broker.image.get();
    let nodes = image.cluster.controllers().filter_map(|controller| {
        let endpoint = controller.listeners.get(listener)?;
        Some(DescribeClusterBroker {
            broker_id: controller.id,
            host: endpoint.host.clone(),
            port: endpoint.port.into(),
            rack: None,
            is_fenced: false,
        })
    });
    (nodes.collect(), broker.active_controller_id())
}

fn refuse(version: i16, asked: i8, served: i8) -> DescribeClusterResponse {
    let is_known = asked == BROKERS || asked == CONTROLLERS;
    let (error, message) = match (version, is_known) {
        (0, _) => (ErrorCode::InvalidRequest, format!("endpoint type {asked} is not served here")),
        (_, true) => (
            ErrorCode::MismatchedEndpointType,
            format!("this listener is of endpoint type {served}, not {asked}"),
        ),
        (_, false) => (ErrorCode::UnsupportedEndpointType, format!("there is no endpoint type {asked}")),
    };
    DescribeClusterResponse {
        error_code: error.code(),
        error_message: Some(message),
        ..DescribeClusterResponse::default()
    }
}
