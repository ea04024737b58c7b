//! Heartbeat (key 12), versions 0-4: a member of a classic group is alive, and learns whether the group rebalances.
//!
//! | version | adds |
//! |---|---|
//! | 1 | throttling |
//! | 3 | static members (KIP-345) |
//! | 4 | flexible |

use klamm_base::ErrorCode;
use klamm_coordinator::group::contract::GroupAnswer;
use klamm_wire::{ApiKey, HeartbeatRequest, HeartbeatResponse};

use super::ask;
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::Heartbeat,
    versions: 0..=4,
    owner: Owner::GroupCoordinator,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::Read, ResourceType::Group)],
    quota: QuotaClass::Request,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: HeartbeatRequest,
) -> HeartbeatResponse {
    heartbeat(broker, context, &request).await.unwrap_or_else(|error| {
        // Sessions begin when the group is loaded: until then the member is believed.
        let is_loading = error == ErrorCode::CoordinatorLoadInProgress;
        let error_code = if is_loading { ErrorCode::None.code() } else { error.code() };
        HeartbeatResponse { error_code, ..HeartbeatResponse::default() }
    })
}

async fn heartbeat(
    broker: &Broker,
    context: &RequestContext,
    request: &HeartbeatRequest,
) -> Result<HeartbeatResponse, ErrorCode> {
    if request.group_id.is_empty() {
        return Err(ErrorCode::InvalidGroupId);
    }
    let take = |answer| match answer {
        GroupAnswer::Heartbeat(answer) => Some(answer),
        _ => None,
    };
    ask(broker, context, &request.group_id, take, |shard, id, limits, now| {
        shard.heartbeat(id, request, limits, now)
    })
    .await
}
