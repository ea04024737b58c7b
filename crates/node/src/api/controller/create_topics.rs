//! CreateTopics (key 19), versions 2-7.
//!
//! | version | adds |
//! |---|---|
//! | 3, 4 | throttling; -1 for default counts (accepted in every version) |
//! | 5 | flexible; the new topic's counts and configs (KIP-525) |
//! | 6 | THROTTLING_QUOTA_EXCEEDED |
//! | 7 | topic id |
//!
//! A timeout of 0 or less has run out before the controller gets to it: REQUEST_TIMED_OUT, and nothing is created. Other
//! timeouts are not watched: the answer comes with the commit.

use klamm_base::ErrorCode;
use klamm_metadata::{ApiError, TopicRights};
use klamm_wire::create_topics::CreatableTopicResult;
use klamm_wire::{ApiKey, CreateTopicsRequest, CreateTopicsResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::CreateTopics,
    versions: 2..=7,
    owner: Owner::Controller,
    listeners: Listeners::BOTH,
    authorisation: &[Authorisation::Either(
        (Operation::Create, ResourceType::Cluster),
        (Operation::Create, ResourceType::Topic),
    )],
    quota: QuotaClass::ControllerMutation,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: CreateTopicsRequest,
) -> CreateTopicsResponse {
    if request.timeout_ms <= 0 {
        return refuse(&request, &ApiError::bare(ErrorCode::RequestTimedOut));
    }
    let decided = broker
        .controller
        .decide(context.now, |controller, rng| controller.create_topics(&TopicRights::ALL, &request, rng));
    match decided {
        Ok(decided) => decided.committed(&broker.controller).await,
        Err(error) => refuse(&request, &error),
    }
}

/// The same error for every topic (Kafka: `CreateTopicsRequest.getErrorResponse`).
fn refuse(request: &CreateTopicsRequest, error: &ApiError) -> CreateTopicsResponse {
    let topics = request.topics.iter().map(|topic| CreatableTopicResult {
        name: topic.name.clone(),
        error_code: error.error.code(),
        error_message: error.message.clone(),
        ..CreatableTopicResult::default()
    });
    CreateTopicsResponse { topics: topics.collect(), ..CreateTopicsResponse::default() }
}
