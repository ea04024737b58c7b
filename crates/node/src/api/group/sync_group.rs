//! SyncGroup (key 14), versions 0-5: the leader hands in the assignment, every member takes its part out.
//!
//! | version | adds |
//! |---|---|
//! | 1 | throttling |
//! | 3 | static members (KIP-345) |
//! | 4 | flexible |
//! | 5 | protocol type and name, which must be there and be the group's |
//!
//! The answer comes when the leader's assignment is in the log.

use klamm_base::ErrorCode;
use klamm_coordinator::group::contract::GroupAnswer;
use klamm_wire::{ApiKey, SyncGroupRequest, SyncGroupResponse};

use super::ask;
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::SyncGroup,
    versions: 0..=5,
    owner: Owner::GroupCoordinator,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::Read, ResourceType::Group)],
    quota: QuotaClass::Request,
};

/// From this version on the member says which protocol it speaks.
const FIRST_WITH_PROTOCOL: i16 = 5;

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: SyncGroupRequest,
) -> SyncGroupResponse {
    sync(broker, context, &request).await.unwrap_or_else(|error| SyncGroupResponse {
        error_code: error.code(),
        ..SyncGroupResponse::default()
    })
}

async fn sync(
    broker: &Broker,
    context: &RequestContext,
    request: &SyncGroupRequest,
) -> Result<SyncGroupResponse, ErrorCode> {
    let has_protocol = request.protocol_type.is_some() && request.protocol_name.is_some();
    if context.api_version >= FIRST_WITH_PROTOCOL && !has_protocol {
        return Err(ErrorCode::InconsistentGroupProtocol);
    }
    if request.group_id.is_empty() {
        return Err(ErrorCode::InvalidGroupId);
    }
    let take = |answer| match answer {
        GroupAnswer::Sync(answer) => Some(answer),
        _ => None,
    };
    ask(broker, context, &request.group_id, take, |shard, id, limits, now| {
        shard.sync(id, request, limits, now)
    })
    .await
}
