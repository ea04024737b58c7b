//! AssignReplicasToDirs (key 73), version 0: a broker tells in which log directories its replicas lie. This node's own
//! broker tells it by the same decision, without a request.

use klamm_wire::{ApiKey, AssignReplicasToDirsRequest, AssignReplicasToDirsResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::AssignReplicasToDirs,
    versions: 0..=0,
    owner: Owner::Controller,
    listeners: Listeners::CONTROLLER,
    authorisation: &[Authorisation::All(Operation::ClusterAction, ResourceType::Cluster)],
    quota: QuotaClass::Request,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: AssignReplicasToDirsRequest,
) -> AssignReplicasToDirsResponse {
    let decided =
        broker.controller.decide(context.now, |controller, _| controller.assign_replicas_to_dirs(&request));
    match decided {
        Ok(decided) => decided.committed(&broker.controller).await,
        Err(error) => AssignReplicasToDirsResponse {
            error_code: error.error.code(),
            ..AssignReplicasToDirsResponse::default()
        },
    }
}
