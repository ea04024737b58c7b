//! CreatePartitions (key 37), versions 0-3.
//!
//! | version | adds |
//! |---|---|
//! | 1 | throttling |
//! | 2 | flexible |
//! | 3 | THROTTLING_QUOTA_EXCEEDED |
//!
//! A timeout of 0 or less has run out before the controller gets to it: REQUEST_TIMED_OUT, and nothing is created. A
//! request without topics does not get that far.

use klamm_base::ErrorCode;
use klamm_metadata::{ApiError, TopicRights};
use klamm_wire::create_partitions::CreatePartitionsTopicResult;
use klamm_wire::{ApiKey, CreatePartitionsRequest, CreatePartitionsResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::CreatePartitions,
    versions: 0..=3,
    owner: Owner::Controller,
    listeners: Listeners::BOTH,
    authorisation: &[Authorisation::All(Operation::Alter, ResourceType::Topic)],
    quota: QuotaClass::ControllerMutation,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    if request.timeout_ms <= 0 {
        return refuse(&request, &ApiError::bare(ErrorCode::RequestTimedOut));
    }
    let decided = broker.controller.decide(context.now, |controller, rng| {
        controller.create_partitions(&TopicRights::ALL, &request, rng)
    });
    match decided {
        Ok(decided) => decided.committed(&broker.controller).await,
        Err(error) => refuse(&request, &error),
    }
}

/// The same error for every topic (Kafka: `CreatePartitionsRequest.getErrorResponse`).
fn refuse(request: &CreatePartitionsRequest, error: &ApiError) -> CreatePartitionsResponse {
    let results = request.topics.iter().map(|topic| CreatePartitionsTopicResult {
        name: topic.name.clone(),
        error_code: error.error.code(),
        error_message: error.message.clone(),
    });
    CreatePartitionsResponse { results: results.collect(), ..CreatePartitionsResponse::default() }
}
