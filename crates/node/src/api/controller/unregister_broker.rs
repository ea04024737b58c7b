//! UnregisterBroker (key 64), version 0: forgets a broker. Its replicas stay assigned to it.

use klamm_wire::{ApiKey, UnregisterBrokerRequest, UnregisterBrokerResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::UnregisterBroker,
    versions: 0..=0,
    owner: Owner::Controller,
    listeners: Listeners::BOTH,
    authorisation: &[Authorisation::All(Operation::Alter, ResourceType::Cluster)],
    quota: QuotaClass::Request,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: UnregisterBrokerRequest,
) -> UnregisterBrokerResponse {
    let decided =
        broker.controller.decide(context.now, |controller, _| controller.unregister_broker(&request));
    match decided {
        Ok(decided) => decided.committed(&broker.controller).await,
        Err(error) => UnregisterBrokerResponse {
            error_code: error.error.code(),
            error_message: error.message,
            ..UnregisterBrokerResponse::default()
        },
    }
}
