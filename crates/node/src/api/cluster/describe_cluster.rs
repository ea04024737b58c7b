//! DescribeCluster (key 60), versions 0-2: the nodes behind the listener that is asked.
//!
//! | version | adds |
//! |---|---|
//! | 1 | whether brokers or controllers are meant (KIP-919) |
//! | 2 | fenced brokers on demand (KIP-1073) |
//!
//! A listener describes its own kind only. In version 0, which cannot say what it means, a controller's listener
//! answers INVALID_REQUEST.

use klamm_base::ErrorCode;
use klamm_metadata::MetadataVersion;
use klamm_wire::describe_cluster::DescribeClusterBroker;
use klamm_wire::{ApiKey, DescribeClusterRequest, DescribeClusterResponse};

use crate::api::{Api, Listeners, Owner, QuotaClass, authorized_operations};
use crate::broker::Broker;
use crate::image::ImageView;
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
    let image = broker.image.get();
    let controller_id = match context.connection.role {
        ListenerRole::Broker => image.random_alive_broker(&mut broker.rng.clone()),
        ListenerRole::Controller => broker.active_controller_id(),
    };
    let asking = Asking {
        image: &image,
        cluster_id: &broker.cluster_id,
        controller_id,
        listener: &context.connection.listener,
        role: context.connection.role,
        version: context.api_version,
    };
    asking.answer(&request).unwrap_or_else(|(error, message)| DescribeClusterResponse {
        error_code: error.code(),
        error_message: Some(message),
        ..DescribeClusterResponse::default()
    })
}

/// What an answer is made from.
struct Asking<'a> {
    image: &'a ImageView,
    cluster_id: &'a str,
    /// Told if it is among the nodes.
    controller_id: i32,
    listener: &'a str,
    role: ListenerRole,
    version: i16,
}

impl Asking<'_> {
    fn answer(
        &self,
        request: &DescribeClusterRequest,
    ) -> Result<DescribeClusterResponse, (ErrorCode, String)> {
        let (served, nodes) = match self.role {
            ListenerRole::Broker => {
                self.check(request.endpoint_type, BROKERS)?;
                (BROKERS, self.brokers(request.include_fenced_brokers))
            }
            ListenerRole::Controller => {
                self.check_metadata_version()?;
                self.check(request.endpoint_type, CONTROLLERS)?;
                (CONTROLLERS, self.controllers())
            }
        };
        let is_listed = nodes.iter().any(|node| node.broker_id == self.controller_id);
        let mut response = DescribeClusterResponse {
            endpoint_type: served,
            cluster_id: self.cluster_id.to_owned(),
            controller_id: if is_listed { self.controller_id } else { -1 },
            brokers: nodes,
            ..DescribeClusterResponse::default()
        };
        if request.include_cluster_authorized_operations {
            response.cluster_authorized_operations = authorized_operations::CLUSTER;
        }
        Ok(response)
    }

    fn check(&self, asked: i8, served: i8) -> Result<(), (ErrorCode, String)> {
        let (error, message) = match asked {
            _ if asked == served => return Ok(()),
            BROKERS | CONTROLLERS => (
                ErrorCode::MismatchedEndpointType,
                format!("this listener has endpoints of type {served}, not {asked}"),
            ),
            _ => (ErrorCode::UnsupportedEndpointType, format!("there is no endpoint type {asked}")),
        };
        Err((if self.version == 0 { ErrorCode::InvalidRequest } else { error }, message))
    }

    /// Before 3.7 controllers did not register, so nobody knows where they are.
    fn check_metadata_version(&self) -> Result<(), (ErrorCode, String)> {
        let finalized = self.image.features.metadata_version();
        if finalized.is_some_and(MetadataVersion::is_controller_registration_supported) {
            return Ok(());
        }
        Err((ErrorCode::UnsupportedVersion, "metadata.version is too low to ask controllers".to_owned()))
    }

    fn brokers(&self, with_fenced: bool) -> Vec<DescribeClusterBroker> {
        let shown = self.image.brokers(self.listener).filter(|(broker, ..)| with_fenced || !broker.fenced);
        let nodes = shown.map(|(broker, host, port)| DescribeClusterBroker {
            broker_id: broker.id,
            host: host.to_owned(),
            port,
            rack: broker.rack.clone(),
            is_fenced: broker.fenced,
        });
        nodes.collect()
    }

    /// Controllers as they have registered.
    fn controllers(&self) -> Vec<DescribeClusterBroker> {
        let nodes = self.image.cluster.controllers().filter_map(|controller| {
            let endpoint = controller.listeners.get(self.listener)?;
            Some(DescribeClusterBroker {
                broker_id: controller.id,
                host: endpoint.host.clone(),
                port: endpoint.port.into(),
                ..DescribeClusterBroker::default()
            })
        });
        nodes.collect()
    }
}

#[cfg(test)]
mod tests;
