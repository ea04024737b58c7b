//! A group as its record, and as its leader is told it.

use std::collections::BTreeMap;

use bytes::Bytes;
use klamm_wire::join_group::JoinGroupResponseMember;

use super::{ClassicGroup, ClassicGroupState};
use crate::group::classic::member::Member;
use crate::group::records::classic::{GroupMetadataKey, GroupMetadataValue, MemberMetadata};

impl ClassicGroup {
    /// A group as the log has it. Anybody with the right may have written it: of members that claim the same name the
    /// first one is believed, and a leader who is no member is none.
    pub fn from_record(group_id: &str, record: GroupMetadataValue) -> ClassicGroup {
        let GroupMetadataValue {
            protocol_type,
            generation,
            protocol,
            leader,
            current_state_timestamp,
            members,
        } = record;
        let state = if members.is_empty() { ClassicGroupState::Empty } else { ClassicGroupState::Stable };
        let mut group = ClassicGroup {
            state,
            state_since_ms: (current_state_timestamp != -1).then_some(current_state_timestamp),
            protocol_type: Some(protocol_type.clone()).filter(|name| !name.is_empty()),
            generation_id: generation,
            ..ClassicGroup::new(group_id, 0)
        };
        let name = protocol.as_deref().unwrap_or_default();
        for member in members {
            let member = Member::from_record(member, &protocol_type, name);
            if !group.has_name_of(&member) {
                group.insert(member);
            }
        }
        if let Some(leader) = leader.filter(|leader| group.members.contains_key(leader)) {
            group.leader = Some(leader);
        }
        group.protocol_name = protocol;
        group
    }

    fn has_name_of(&self, member: &Member) -> bool {
        let instance = member.group_instance_id.as_deref();
        self.members.contains_key(&member.member_id)
            || instance.is_some_and(|instance| self.static_members.contains_key(instance))
    }

    /// The members as their leader needs them.
    pub fn as_join_members(&self) -> Vec<JoinGroupResponseMember> {
        let protocol = self.protocol_name.as_deref().unwrap_or_default();
        let member = |member: &Member| JoinGroupResponseMember {
            member_id: member.member_id.clone(),
            group_instance_id: member.group_instance_id.clone(),
            metadata: member.metadata(protocol).cloned().unwrap_or_default(),
        };
        self.members.values().map(member).collect()
    }

    /// The assignments that the members have now.
    pub fn assignments(&self) -> BTreeMap<String, Bytes> {
        self.members.values().map(|member| (member.member_id.clone(), member.assignment.clone())).collect()
    }

    /// The group as its record, with these assignments; members that are not named get nothing.
    pub fn to_record(&self, assignments: &BTreeMap<String, Bytes>) -> (GroupMetadataKey, GroupMetadataValue) {
        let protocol = self.protocol_name.as_deref().unwrap_or_default();
        let member = |member: &Member| MemberMetadata {
            member_id: member.member_id.clone(),
            group_instance_id: member.group_instance_id.clone(),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            rebalance_timeout: member.rebalance_timeout_ms,
            session_timeout: member.session_timeout_ms,
            subscription: member.metadata(protocol).cloned().unwrap_or_default(),
            assignment: assignments.get(&member.member_id).cloned().unwrap_or_default(),
        };
        let value = GroupMetadataValue {
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            generation: self.generation_id,
            protocol: self.protocol_name.clone(),
            leader: self.leader.clone(),
            current_state_timestamp: self.state_since_ms.unwrap_or(-1),
            members: self.members.values().map(member).collect(),
        };
        (GroupMetadataKey { group: self.group_id.clone() }, value)
    }
}
