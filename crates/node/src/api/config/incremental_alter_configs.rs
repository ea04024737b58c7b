//! IncrementalAlterConfigs (key 44), versions 0-1: sets, deletes, extends and shortens single settings (KIP-339).
//!
//! | version | adds |
//! |---|---|
//! | 1 | flexible |
//!
//! On a broker's listener each resource is looked at here before the controller decides on the rest. A controller's
//! listener decides at once, and words some refusals otherwise. Loggers are this node's own business on both.

use klamm_base::ErrorCode;
use klamm_metadata::ApiError;
use klamm_metadata::image::ConfigResourceType;
use klamm_wire::incremental_alter_configs::{AlterConfigsResource, AlterConfigsResourceResponse};
use klamm_wire::{ApiKey, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};

use super::broker_loggers;
use super::preprocess::{self, Decided};
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::{ListenerRole, RequestContext};

pub const API: Api = Api {
    key: ApiKey::IncrementalAlterConfigs,
    versions: 0..=1,
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
    request: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let responses = match context.connection.role {
        ListenerRole::Broker => as_broker(broker, context, request).await,
        ListenerRole::Controller => as_controller(broker, context, request).await,
    };
    IncrementalAlterConfigsResponse { throttle_time_ms: 0, responses }
}

fn is_logger(resource: &AlterConfigsResource) -> bool {
    ConfigResourceType::from_id(resource.resource_type) == ConfigResourceType::BrokerLogger
}

async fn as_broker(
    broker: &Broker,
    context: &RequestContext,
    request: IncrementalAlterConfigsRequest,
) -> Vec<AlterConfigsResourceResponse> {
    let validate_only = request.validate_only;
    let mut remaining = IncrementalAlterConfigsRequest { resources: Vec::new(), validate_only };
    let twice =
        preprocess::twice(request.resources.iter().map(|r| (r.resource_type, r.resource_name.as_str())));
    let mut judged = Vec::with_capacity(request.resources.len());
    for resource in &request.resources {
        let outcome = if twice.contains(&(resource.resource_type, resource.resource_name.as_str())) {
            Err(preprocess::named_twice())
        } else {
            preprocess::incremental(broker, resource)
        };
        judged.push(match outcome {
            Err(error) => Some(Err(error)),
            Ok(()) if is_logger(resource) => Some(broker_loggers::alter(broker, resource, validate_only)),
            Ok(()) => {
                remaining.resources.push(resource.clone());
                None
            }
        });
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

async fn as_controller(
    broker: &Broker,
    context: &RequestContext,
    request: IncrementalAlterConfigsRequest,
) -> Vec<AlterConfigsResourceResponse> {
    let validate_only = request.validate_only;
    let (loggers, resources): (Vec<_>, Vec<_>) = request.resources.into_iter().partition(is_logger);
    let of_loggers: Vec<AlterConfigsResourceResponse> = loggers
        .into_iter()
        .map(|resource| {
            let altered = broker_loggers::alter(broker, &resource, validate_only);
            answer(resource, altered.err().unwrap_or(ApiError::bare(ErrorCode::None)))
        })
        .collect();
    let request = IncrementalAlterConfigsRequest { resources, validate_only };
    let mut responses = decide(broker, context, &request, false).await;
    responses.extend(of_loggers);
    responses
}

/// What the controller says to each resource.
async fn decide(
    broker: &Broker,
    context: &RequestContext,
    request: &IncrementalAlterConfigsRequest,
    forwarded: bool,
) -> Vec<AlterConfigsResourceResponse> {
    if request.resources.is_empty() {
        return Vec::new();
    }
    let decided = broker
        .controller
        .decide(context.now, |controller, _| controller.incremental_alter_configs(request, forwarded));
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
