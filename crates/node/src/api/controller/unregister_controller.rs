//! UnregisterController (key 94), version 0: forgets a controller that will not come back (KIP-1312).

use klamm_wire::{ApiKey, UnregisterControllerRequest, UnregisterControllerResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::UnregisterController,
    versions: 0..=0,
    owner: Owner::Controller,
    listeners: Listeners::BOTH,
    authorisation: &[Authorisation::All(Operation::Alter, ResourceType::Cluster)],
    quota: QuotaClass::Request,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: UnregisterControllerRequest,
) -> UnregisterControllerResponse {
    let decided =
        broker.controller.decide(context.now, |controller, _| controller.unregister_controller(&request));
    match decided {
        Ok(decided) => decided.committed(&broker.controller).await,
        Err(error) => UnregisterControllerResponse {
            error_code: error.error.code(),
            error_message: error.message,
            ..UnregisterControllerResponse::default()
        },
    }
}
