//! AlterPartitionReassignments (key 45), versions 0-1: replicas move to other brokers, or no longer do.
//!
//! | version | adds |
//! |---|---|
//! | 1 | whether the replication factor may change (KIP-860) |
//!
//! A timeout of 0 or less has run out before the controller gets to it, unless no topic is named at all.

use klamm_base::ErrorCode;
use klamm_metadata::ApiError;
use klamm_wire::alter_partition_reassignments::{
    ReassignablePartition, ReassignablePartitionResponse, ReassignableTopicResponse,
};
use klamm_wire::{AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, ApiKey};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::AlterPartitionReassignments,
    versions: 0..=1,
    owner: Owner::Controller,
    listeners: Listeners::BOTH,
    authorisation: &[Authorisation::All(Operation::Alter, ResourceType::Cluster)],
    quota: QuotaClass::Request,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: AlterPartitionReassignmentsRequest,
) -> AlterPartitionReassignmentsResponse {
    if request.topics.is_empty() {
        return AlterPartitionReassignmentsResponse::default();
    }
    if request.timeout_ms <= 0 {
        return refuse(&request, ApiError::bare(ErrorCode::RequestTimedOut));
    }
    let decided = broker
        .controller
        .decide(context.now, |controller, _| controller.alter_partition_reassignments(&request));
    match decided {
        Ok(decided) => decided.committed(&broker.controller).await,
        Err(error) => refuse(&request, error),
    }
}

/// The same error for every partition (Kafka: `AlterPartitionReassignmentsRequest.getErrorResponse`).
fn refuse(
    request: &AlterPartitionReassignmentsRequest,
    error: ApiError,
) -> AlterPartitionReassignmentsResponse {
    let partition = |partition: &ReassignablePartition| ReassignablePartitionResponse {
        partition_index: partition.partition_index,
        error_code: error.error.code(),
        error_message: error.message.clone(),
    };
    let responses = request.topics.iter().map(|topic| ReassignableTopicResponse {
        name: topic.name.clone(),
        partitions: topic.partitions.iter().map(partition).collect(),
    });
    AlterPartitionReassignmentsResponse {
        responses: responses.collect(),
        error_code: error.error.code(),
        error_message: error.message.clone(),
        ..AlterPartitionReassignmentsResponse::default()
    }
}
