//! What is there: DescribeGroups, ListGroups.

use std::collections::BTreeSet;

use klamm_base::ErrorCode;
use klamm_wire::describe_groups::{DescribedGroup, DescribedGroupMember};
use klamm_wire::list_groups::ListedGroup;

use super::{Group, GroupShard};
use crate::group::classic::{ClassicGroup, ClassicGroupState, Member};

/// From this version on a group that is not there is an error.
const FIRST_DESCRIBE_WITH_ERROR: i16 = 6;
/// The state of a group that is not there.
const DEAD: &str = "Dead";

/// Which groups are listed; empty lists mean all. Names are compared without case, those of states without blanks
/// around them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
    states: BTreeSet<String>,
    types: BTreeSet<String>,
}

impl ListFilter {
    pub fn new(states: &[String], types: &[String]) -> ListFilter {
        ListFilter {
            states: states.iter().map(|state| state.trim().to_ascii_lowercase()).collect(),
            types: types.iter().map(|group_type| group_type.to_ascii_lowercase()).collect(),
        }
    }
}

impl GroupShard {
    /// A group as DescribeGroups has it.
    pub fn describe(&self, group_id: &str, version: i16) -> DescribedGroup {
        match self.groups.get(group_id) {
            Some(Group::Classic(group)) => describe(group),
            found => {
                let why = if found.is_some() { "is not a classic group." } else { "not found." };
                missing(group_id, version, &format!("Group {group_id} {why}"))
            }
        }
    }

    /// The groups of this shard.
    pub fn list(&self, filter: &ListFilter) -> Vec<ListedGroup> {
        let is_wanted = |wanted: &BTreeSet<String>, name: &str| {
            wanted.is_empty() || wanted.contains(&name.to_ascii_lowercase())
        };
        let listed = self.groups.iter().map(|(group_id, group)| listed(group_id, group));
        listed
            .filter(|group| {
                is_wanted(&filter.states, &group.group_state) && is_wanted(&filter.types, &group.group_type)
            })
            .collect()
    }
}

fn listed(group_id: &str, group: &Group) -> ListedGroup {
    let group_id = group_id.to_owned();
    match group {
        Group::Classic(group) => ListedGroup {
            group_id,
            protocol_type: group.protocol_type().unwrap_or_default().to_owned(),
            group_state: group.state().name().to_owned(),
            group_type: "classic".to_owned(),
        },
        Group::Foreign(foreign) => {
            let (kind, state) = (foreign.kind.name(), foreign.state().name());
            ListedGroup {
                group_id,
                protocol_type: kind.to_owned(),
                group_state: state.to_owned(),
                group_type: kind.to_owned(),
            }
        }
    }
}

fn missing(group_id: &str, version: i16, message: &str) -> DescribedGroup {
    let has_error = version >= FIRST_DESCRIBE_WITH_ERROR;
    DescribedGroup {
        error_code: if has_error { ErrorCode::GroupIdNotFound.code() } else { 0 },
        error_message: has_error.then(|| message.to_owned()),
        group_id: group_id.to_owned(),
        group_state: DEAD.to_owned(),
        ..DescribedGroup::default()
    }
}

fn describe(group: &ClassicGroup) -> DescribedGroup {
    // While a rebalance runs, what members say is on its way to be something else.
    let protocol = group.protocol_name().filter(|_| group.is_in(ClassicGroupState::Stable));
    let member = |member: &Member| DescribedGroupMember {
        member_id: member.member_id.clone(),
        group_instance_id: member.group_instance_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        member_metadata: protocol.and_then(|name| member.metadata(name)).cloned().unwrap_or_default(),
        member_assignment: member.assignment.clone(),
    };
    DescribedGroup {
        group_id: group.group_id().to_owned(),
        group_state: group.state().name().to_owned(),
        protocol_type: group.protocol_type().unwrap_or_default().to_owned(),
        protocol_data: protocol.unwrap_or_default().to_owned(),
        members: group.members().map(member).collect(),
        ..DescribedGroup::default()
    }
}
