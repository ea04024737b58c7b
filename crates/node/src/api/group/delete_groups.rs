//! DeleteGroups (key 42), versions 0-3: removes groups that have no members, with their offsets.
//!
//! | version | adds |
//! |---|---|
//! | 2 | flexible |
//! | 3 | GROUP_DELETION_FAILED with a message (KIP-1331) |

use std::collections::BTreeSet;

use klamm_base::ErrorCode;
use klamm_coordinator::group::contract::GroupAnswer;
use klamm_wire::delete_groups::DeletableGroupResult;
use klamm_wire::{ApiKey, DeleteGroupsRequest, DeleteGroupsResponse};

use super::ask;
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::DeleteGroups,
    versions: 0..=3,
    owner: Owner::GroupCoordinator,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::Delete, ResourceType::Group)],
    quota: QuotaClass::Request,
};

/// From this version on GROUP_DELETION_FAILED is understood.
const FIRST_WITH_DELETION_FAILED: i16 = 3;

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: DeleteGroupsRequest,
) -> DeleteGroupsResponse {
    let mut seen = BTreeSet::new();
    let mut results = Vec::with_capacity(request.groups_names.len());
    for group_id in request.groups_names.iter().filter(|group_id| seen.insert(group_id.as_str())) {
        results.push(for_version(delete(broker, context, group_id).await, context.api_version));
    }
    DeleteGroupsResponse { results, ..DeleteGroupsResponse::default() }
}

/// Older clients do not know what a deletion that failed is.
fn for_version(mut result: DeletableGroupResult, version: i16) -> DeletableGroupResult {
    let has_failed = result.error_code == ErrorCode::GroupDeletionFailed.code();
    if has_failed && version < FIRST_WITH_DELETION_FAILED {
        result.error_code = ErrorCode::UnknownServerError.code();
    }
    result
}

async fn delete(broker: &Broker, context: &RequestContext, group_id: &str) -> DeletableGroupResult {
    let take = |answer| match answer {
        GroupAnswer::Delete(mut answer) => answer.results.pop(),
        _ => None,
    };
    let group_ids = [group_id.to_owned()];
    let deleted = ask(broker, context, group_id, take, |shard, id, _, _| shard.delete_groups(id, &group_ids));
    deleted.await.unwrap_or_else(|error: ErrorCode| DeletableGroupResult {
        group_id: group_id.to_owned(),
        error_code: error.code(),
        ..DeletableGroupResult::default()
    })
}
