//! AllocateProducerIds (key 67), version 0: a block of producer ids for a broker. This node's own broker takes its
//! blocks by the same decision, without a request.

use klamm_wire::{AllocateProducerIdsRequest, AllocateProducerIdsResponse, ApiKey};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::AllocateProducerIds,
    versions: 0..=0,
    owner: Owner::Controller,
    listeners: Listeners::CONTROLLER,
    authorisation: &[Authorisation::All(Operation::ClusterAction, ResourceType::Cluster)],
    quota: QuotaClass::Request,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: AllocateProducerIdsRequest,
) -> AllocateProducerIdsResponse {
    let decided =
        broker.controller.decide(context.now, |controller, _| controller.allocate_producer_ids(&request));
    match decided {
        Ok(decided) => decided.committed(&broker.controller).await,
        Err(error) => AllocateProducerIdsResponse {
            error_code: error.error.code(),
            ..AllocateProducerIdsResponse::default()
        },
    }
}
