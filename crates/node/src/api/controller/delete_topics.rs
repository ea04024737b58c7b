//! DeleteTopics (key 20), versions 1-6.
//!
//! | version | adds |
//! |---|---|
//! | 3 | TOPIC_DELETION_DISABLED |
//! | 4 | flexible |
//! | 5 | error messages |
//! | 6 | topics by id (KIP-516) |
//!
//! A timeout of 0 or less has run out before the controller gets to it: REQUEST_TIMED_OUT, and nothing is deleted.

use klamm_base::{ErrorCode, Uuid};
use klamm_metadata::TopicRights;
use klamm_wire::delete_topics::DeletableTopicResult;
use klamm_wire::{ApiKey, DeleteTopicsRequest, DeleteTopicsResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::DeleteTopics,
    versions: 1..=6,
    owner: Owner::Controller,
    listeners: Listeners::BOTH,
    authorisation: &[Authorisation::Either(
        (Operation::Delete, ResourceType::Cluster),
        (Operation::Delete, ResourceType::Topic),
    )],
    quota: QuotaClass::ControllerMutation,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: DeleteTopicsRequest,
) -> DeleteTopicsResponse {
    if request.timeout_ms <= 0 && broker.settings().topics.delete_enable {
        return refuse(&request, ErrorCode::RequestTimedOut);
    }
    let decided = broker.controller.decide(context.now, |controller, rng| {
        controller.delete_topics(&TopicRights::ALL, &request, context.api_version, rng)
    });
    match decided {
        Ok(decided) => decided.committed(&broker.controller).await,
        Err(error) => refuse(&request, error.error),
    }
}

/// The same error for every topic, without a message (Kafka: `DeleteTopicsRequest.getErrorResponse`).
fn refuse(request: &DeleteTopicsRequest, error: ErrorCode) -> DeleteTopicsResponse {
    let by_state = request.topics.iter().map(|topic| (topic.name.clone(), topic.topic_id));
    let by_name = request.topic_names.iter().map(|name| (Some(name.clone()), Uuid::ZERO));
    let responses = by_state.chain(by_name).map(|(name, topic_id)| DeletableTopicResult {
        name,
        topic_id,
        error_code: error.code(),
        ..DeletableTopicResult::default()
    });
    DeleteTopicsResponse { responses: responses.collect(), ..DeleteTopicsResponse::default() }
}
