//! ElectLeaders (key 43), versions 0-2.
//!
//! | version | adds |
//! |---|---|
//! | 1 | the kind of election (preferred before), an error for the whole request (KIP-460) |
//! | 2 | flexible |
//!
//! A timeout of 0 or less has run out before the controller gets to it, unless no topic is named at all.

use klamm_base::ErrorCode;
use klamm_metadata::ApiError;
use klamm_wire::elect_leaders::{PartitionResult, ReplicaElectionResult, TopicPartitions};
use klamm_wire::{ApiKey, ElectLeadersRequest, ElectLeadersResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::ElectLeaders,
    versions: 0..=2,
    owner: Owner::Controller,
    listeners: Listeners::BOTH,
    authorisation: &[Authorisation::All(Operation::Alter, ResourceType::Cluster)],
    quota: QuotaClass::Request,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: ElectLeadersRequest,
) -> ElectLeadersResponse {
    if request.topic_partitions.as_ref().is_some_and(Vec::is_empty) {
        return ElectLeadersResponse::default();
    }
    if request.timeout_ms <= 0 {
        return refuse(&request, ApiError::bare(ErrorCode::RequestTimedOut), context.api_version);
    }
    let decided = broker.controller.decide(context.now, |controller, _| controller.elect_leaders(&request));
    match decided {
        Ok(decided) => decided.committed(&broker.controller).await,
        Err(error) => refuse(&request, error, context.api_version),
    }
}

/// The same error for every partition (Kafka: `ElectLeadersRequest.getErrorResponse`).
fn refuse(request: &ElectLeadersRequest, error: ApiError, version: i16) -> ElectLeadersResponse {
    let partition = |&partition_id: &i32| PartitionResult {
        partition_id,
        error_code: error.error.code(),
        error_message: error.message.clone(),
    };
    let topic = |topic: &TopicPartitions| ReplicaElectionResult {
        topic: topic.topic.clone(),
        partition_result: topic.partitions.iter().map(partition).collect(),
    };
    ElectLeadersResponse {
        // Version 0 has no room for it.
        error_code: if version >= 1 { error.error.code() } else { 0 },
        replica_election_results: request.topic_partitions.iter().flatten().map(topic).collect(),
        ..ElectLeadersResponse::default()
    }
}
