//! DescribeGroups (key 15), versions 0-6: state and members of classic groups.
//!
//! | version | adds |
//! |---|---|
//! | 1 | throttling |
//! | 3 | what the client may do with the group (KIP-430) |
//! | 4 | instance ids (KIP-345) |
//! | 5 | flexible |
//! | 6 | GROUP_ID_NOT_FOUND with a message, where before the group was Dead without an error |

use klamm_wire::describe_groups::DescribedGroup;
use klamm_wire::{ApiKey, DescribeGroupsRequest, DescribeGroupsResponse};

use crate::api::{
    Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType, authorized_operations,
};
use crate::broker::Broker;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::DescribeGroups,
    versions: 0..=6,
    owner: Owner::GroupCoordinator,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::Describe, ResourceType::Group)],
    quota: QuotaClass::Request,
};

pub fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: DescribeGroupsRequest,
) -> DescribeGroupsResponse {
    let groups = request.groups.into_iter().map(|group_id| {
        let mut group = describe(broker, context, group_id);
        if request.include_authorized_operations && group.error_code == 0 {
            group.authorized_operations = authorized_operations::GROUP;
        }
        group
    });
    DescribeGroupsResponse { groups: groups.collect(), ..DescribeGroupsResponse::default() }
}

fn describe(broker: &Broker, context: &RequestContext, group_id: String) -> DescribedGroup {
    let coordinators = &broker.group_coordinators;
    let described = coordinators
        .read(&broker.settings(), &group_id, |shard| shard.describe(&group_id, context.api_version));
    described.unwrap_or_else(|error| DescribedGroup {
        error_code: error.code(),
        group_id: group_id.clone(),
        ..DescribedGroup::default()
    })
}
