//! LeaveGroup (key 13), versions 0-5: members of a classic group go, or are made to.
//!
//! | version | adds |
//! |---|---|
//! | 1 | throttling |
//! | 3 | several members with an error each, static ones by their name (KIP-345) |
//! | 4 | flexible |
//! | 5 | reason |

use klamm_base::ErrorCode;
use klamm_coordinator::group::contract::GroupAnswer;
use klamm_wire::{ApiKey, LeaveGroupRequest, LeaveGroupResponse};

use super::{ask, caller};
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::LeaveGroup,
    versions: 0..=5,
    owner: Owner::GroupCoordinator,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::Read, ResourceType::Group)],
    quota: QuotaClass::Request,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: LeaveGroupRequest,
) -> LeaveGroupResponse {
    leave(broker, context, &request).await.unwrap_or_else(|error| LeaveGroupResponse {
        error_code: error.code(),
        ..LeaveGroupResponse::default()
    })
}

async fn leave(
    broker: &Broker,
    context: &RequestContext,
    request: &LeaveGroupRequest,
) -> Result<LeaveGroupResponse, ErrorCode> {
    if request.group_id.is_empty() {
        return Err(ErrorCode::InvalidGroupId);
    }
    let take = |answer| match answer {
        GroupAnswer::Leave(answer) => Some(answer),
        _ => None,
    };
    ask(broker, context, &request.group_id, take, |shard, id, limits, now| {
        shard.leave(id, &caller(context), request, limits, now)
    })
    .await
}
