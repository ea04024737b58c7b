//! ListGroups (key 16), versions 0-5: the groups whose coordinator this broker is.
//!
//! | version | adds |
//! |---|---|
//! | 1 | throttling |
//! | 3 | flexible |
//! | 4 | states, and a filter for them (KIP-518) |
//! | 5 | types, and a filter for them (KIP-848) |

use klamm_coordinator::group::shard::ListFilter;
use klamm_wire::{ApiKey, ListGroupsRequest, ListGroupsResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;

pub const API: Api = Api {
    key: ApiKey::ListGroups,
    versions: 0..=5,
    owner: Owner::GroupCoordinator,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::Either(
        (Operation::Describe, ResourceType::Cluster),
        (Operation::Describe, ResourceType::Group),
    )],
    quota: QuotaClass::Request,
};

pub fn handle(broker: &Broker, request: ListGroupsRequest) -> ListGroupsResponse {
    let filter = ListFilter::new(&request.states_filter, &request.types_filter);
    match broker.group_coordinators.read_all(|shard| shard.list(&filter)) {
        Ok(groups) => ListGroupsResponse { groups, ..ListGroupsResponse::default() },
        Err(error) => ListGroupsResponse { error_code: error.code(), ..ListGroupsResponse::default() },
    }
}
