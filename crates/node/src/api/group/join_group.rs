//! JoinGroup (key 11), versions 0-9: enters a classic group, or its next generation.
//!
//! | version | adds |
//! |---|---|
//! | 1 | rebalance timeout; before, the session's counts for both |
//! | 2 | throttling |
//! | 4 | a new member gets its id first, and joins with it (KIP-394) |
//! | 5 | static members (KIP-345) |
//! | 6 | flexible |
//! | 7 | protocol type in the answer; no protocol is null and not empty |
//! | 8 | reason |
//! | 9 | leaders that keep their assignment (KIP-814) |
//!
//! The answer comes when the group has found together, which may take as long as its members' rebalance timeouts.

use klamm_base::ErrorCode;
use klamm_coordinator::group::contract::GroupAnswer;
use klamm_wire::{ApiKey, JoinGroupRequest, JoinGroupResponse};

use super::{ask, caller};
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::JoinGroup,
    versions: 0..=9,
    owner: Owner::GroupCoordinator,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::Read, ResourceType::Group)],
    quota: QuotaClass::Request,
};

/// From this version on the answer can say that there is no protocol.
const FIRST_WITHOUT_PROTOCOL: i16 = 7;

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    mut request: JoinGroupRequest,
) -> JoinGroupResponse {
    if context.api_version == 0 {
        request.rebalance_timeout_ms = request.session_timeout_ms;
    }
    let answer = join(broker, context, &request).await.unwrap_or_else(|error| JoinGroupResponse {
        error_code: error.code(),
        member_id: request.member_id,
        ..JoinGroupResponse::default()
    });
    for_version(answer, context.api_version)
}

async fn join(
    broker: &Broker,
    context: &RequestContext,
    request: &JoinGroupRequest,
) -> Result<JoinGroupResponse, ErrorCode> {
    let settings = broker.settings();
    let session_timeouts = settings.groups.session_timeout_ms_min..=settings.groups.session_timeout_ms_max;
    if request.group_id.is_empty() {
        return Err(ErrorCode::InvalidGroupId);
    }
    if !session_timeouts.contains(&request.session_timeout_ms) {
        return Err(ErrorCode::InvalidSessionTimeout);
    }
    let take = |answer| match answer {
        GroupAnswer::Join(answer) => Some(answer),
        _ => None,
    };
    let mut rng = broker.rng.clone();
    ask(broker, context, &request.group_id, take, |shard, id, limits, now| {
        shard.join(id, &caller(context), request, limits, &mut rng, now)
    })
    .await
}

/// Kafka: `JoinGroupResponse`.
fn for_version(mut answer: JoinGroupResponse, version: i16) -> JoinGroupResponse {
    let name = answer.protocol_name.take().filter(|name| !name.is_empty());
    answer.protocol_name =
        if version < FIRST_WITHOUT_PROTOCOL { Some(name.unwrap_or_default()) } else { name };
    answer
}
