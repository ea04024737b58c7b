//! AlterConfigs (key 33), versions 0-2: replaces everything that is set for a resource; the older way.
//!
//! | version | adds |
//! |---|---|
//! | 1 | throttling |
//! | 2 | flexible |
//!
//! Goes the way of IncrementalAlterConfigs, and knows no loggers.

use klamm_base::ErrorCode;
use klamm_metadata::ApiError;
use klamm_wire::alter_configs::{AlterConfigsResource, AlterConfigsResourceResponse};
use klamm_wire::{AlterConfigsRequest, AlterConfigsResponse, ApiKey};

use super::preprocess::{self, Decided};
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::{ListenerRole, RequestContext};

pub const API: Api = Api {
    key: ApiKey::AlterConfigs,
    versions: 0..=2,
    owner: Owner::Controller,
    listeners: Listeners::BOTH,
    authorisation: &[
        Authorisation::All(Operation::AlterConfigs, ResourceType::Cluster),
        Authorisation::All(Operation::AlterConfigs, ResourceType::Topic),
        Authorisation::All(Operation::AlterConfigs, ResourceType::Group),
    ],
    quota: QuotaClass::Request,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: AlterConfigsRequest,
) -> AlterConfigsResponse {
    let responses = match context.connection.role {
        ListenerRole::Broker => as_broker(broker, context, request).await,
        ListenerRole::Controller => decide(broker, context, &request, false).await,
    };
    AlterConfigsResponse { throttle_time_ms: 0, responses }
}

async fn as_broker(
    broker: &Broker,
    context: &RequestContext,
    request: AlterConfigsRequest,
) -> Vec<AlterConfigsResourceResponse> {
    let validate_only = request.validate_only;
    let mut remaining = AlterConfigsRequest { resources: Vec::new(), validate_only };
    let twice =
        preprocess::twice(request.resources.iter().map(|r| (r.resource_type, r.resource_name.as_str())));
    let mut judged = Vec::with_capacity(request.resources.len());
    for resource in &request.resources {
        let outcome = if twice.contains(&(resource.resource_type, resource.resource_name.as_str())) {
            Err(preprocess::named_twice())
        } else {
            preprocess::legacy(broker, resource)
        };
        if outcome.is_ok() {
            remaining.resources.push(resource.clone());
        }
        judged.push(outcome.err().map(Err));
    }
    let decided = decide(broker, context, &remaining, true).await;
    let decided: Decided = decided
        .into_iter()
        .map(|r| {
            (
                (r.resource_type, r.resource_name),
                ApiError { error: ErrorCode::from_code(r.error_code), message: r.error_message },
            )
        })
        .collect();
    let answered = request.resources.into_iter().zip(judged).map(|(resource, judged)| {
        let outcome = preprocess::outcome(judged, &decided, resource.resource_type, &resource.resource_name);
        answer(resource, outcome)
    });
    answered.collect()
}

/// What the controller says to each resource.
async fn decide(
    broker: &Broker,
    context: &RequestContext,
    request: &AlterConfigsRequest,
    forwarded: bool,
) -> Vec<AlterConfigsResourceResponse> {
    if request.resources.is_empty() {
        return Vec::new();
    }
    let decided =
        broker.controller.decide(context.now, |controller, _| controller.alter_configs(request, forwarded));
    match decided {
        Ok(decided) => decided.committed(&broker.controller).await.responses,
        Err(error) => {
            request.resources.iter().map(|resource| answer(resource.clone(), error.clone())).collect()
        }
    }
}

fn answer(resource: AlterConfigsResource, outcome: ApiError) -> AlterConfigsResourceResponse {
    AlterConfigsResourceResponse {
        error_code: outcome.error.code(),
        error_message: outcome.message,
        resource_type: resource.resource_type,
        resource_name: resource.resource_name,
    }
}
