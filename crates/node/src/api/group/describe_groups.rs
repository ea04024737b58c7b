//! DescribeGroups (key 15), versions 0-6: state and members of classic groups.
//!
//! | version | adds |
//! |---|---|
//! | 1 | throttling |
//! | 3 | what the client may do with the group (KIP-430) |
//! | 4 | instance ids (KIP-345) |
//! | 5 | flexible |
//! | 6 | GROUP_ID_NOT_FOUND with a message, where before the group was Dead without an error |

use klamm_base::ErrorCode;
use klamm_wire::describe_groups::{DescribedGroup, DescribedGroupMember};
use klamm_wire::{ApiKey, DescribeGroupsRequest, DescribeGroupsResponse};

use crate::answer::Room;
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

/// What a member takes besides its texts.
const MEMBER_BYTES: usize = 200;

pub fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: DescribeGroupsRequest,
) -> DescribeGroupsResponse {
    let mut room = Room::new(broker.response_max);
    let groups = request.groups.into_iter().map(|group_id| {
        if room.is_full() {
            // A group may be named often.
            return refused(group_id, ErrorCode::PolicyViolation);
        }
        let mut group = describe(broker, context, group_id);
        room.take(size_of(&group));
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
    described.unwrap_or_else(|error| refused(group_id.clone(), error))
}

fn refused(group_id: String, error: ErrorCode) -> DescribedGroup {
    DescribedGroup { error_code: error.code(), group_id, ..DescribedGroup::default() }
}

/// About as many bytes as a group takes in the answer, and in memory before that.
fn size_of(group: &DescribedGroup) -> usize {
    let member = |member: &DescribedGroupMember| {
        let texts = member.member_id.len() + member.client_id.len() + member.client_host.len();
        let instance_id = member.group_instance_id.as_ref().map_or(0, String::len);
        texts + instance_id + member.member_metadata.len() + member.member_assignment.len() + MEMBER_BYTES
    };
    group.members.iter().map(member).sum::<usize>() + group.group_id.len() + MEMBER_BYTES
}
