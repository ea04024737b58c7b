//! ListPartitionReassignments (key 46), version 0: which replicas are on their way.

use klamm_wire::{ApiKey, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::ListPartitionReassignments,
    versions: 0..=0,
    owner: Owner::Controller,
    listeners: Listeners::BOTH,
    authorisation: &[Authorisation::All(Operation::Describe, ResourceType::Cluster)],
    quota: QuotaClass::Request,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: ListPartitionReassignmentsRequest,
) -> ListPartitionReassignmentsResponse {
    let decided = broker
        .controller
        .decide(context.now, |controller, _| controller.list_partition_reassignments(&request));
    match decided {
        Ok(decided) => decided.committed(&broker.controller).await,
        Err(error) => ListPartitionReassignmentsResponse {
            error_code: error.error.code(),
            error_message: error.message,
            ..ListPartitionReassignmentsResponse::default()
        },
    }
}
