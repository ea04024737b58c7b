//! DeleteTopics (key 20), versions 1-6.
//!
//! | version | adds |
//! |---|---|
//! | 3 | TOPIC_DELETION_DISABLED |
//! | 4 | flexible |
//! | 5 | error messages |
//! | 6 | topics by id (KIP-516) |

use klamm_metadata::{ApiError, TopicRights};
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
    let decided = broker.controller.decide(context.now, |controller, rng| {
        controller.delete_topics(&TopicRights::ALL, &request, context.api_version, rng)
    });
    match decided {
        Ok(decided) => decided.committed(&broker.controller).await,
        Err(error) => refuse(&request, &error),
    }
}

/// The same error for every topic (Kafka: `DeleteTopicsRequest.getErrorResponse`).
fn refuse(request: &DeleteTopicsRequest, error: &ApiError) -> DeleteTopicsResponse {
    let by_state = request.topics.iter().map(|topic| (topic.name.clone(), topic.topic_id));
    let by_name = request.topic_names.iter().map(|name| (Some(name.clone()), klamm_base::Uuid::ZERO));
    let responses = by_state.chain(by_name).map(|(name, topic_id)| DeletableTopicResult {
        name,
        topic_id,
        error_code: error.error.code(),
        error_message: error.message.clone(),
    });
    DeleteTopicsResponse { responses: responses.collect(), ..DeleteTopicsResponse::default() }
}
