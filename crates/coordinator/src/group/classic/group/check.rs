//! What must always hold of a group.

use super::{ClassicGroup, ClassicGroupState};

impl ClassicGroup {
    /// Checks what must always hold (called by tests and by the simulator after each step).
    pub fn validate(&self) {
        let group = &self.group_id;
        for (id, member) in &self.members {
            assert_eq!(id, &member.member_id, "group {group}");
            assert!(!self.pending_join.contains(id), "group {group}: {id} is pending and a member");
        }
        if let Some(leader) = &self.leader {
            assert!(self.members.contains_key(leader), "group {group}: leader {leader} is no member");
        }
        assert_eq!(self.leader.is_none(), self.members.is_empty(), "group {group} has a leader or nobody");
        for (instance_id, id) in &self.static_members {
            let member = self.members.get(id);
            let theirs = member.and_then(|member| member.group_instance_id.as_deref());
            assert_eq!(theirs, Some(instance_id.as_str()), "group {group}: {id}");
        }
        let waiting = self.members.values().filter(|member| member.awaiting_join.is_some()).count();
        assert_eq!(self.awaiting_join, waiting, "group {group}: who waits for the next generation");
        let state = self.state.name();
        for member in self.members.values() {
            let waits = (member.awaiting_join.is_some(), member.awaiting_sync.is_some());
            match self.state {
                ClassicGroupState::Empty => panic!("group {group} is Empty with {}", member.member_id),
                ClassicGroupState::PreparingRebalance => {
                    assert!(!waits.1, "group {group}: a sync waits in {state}");
                }
                ClassicGroupState::CompletingRebalance => {
                    assert!(!waits.0, "group {group}: a join waits in {state}");
                }
                ClassicGroupState::Stable => assert!(!waits.1, "group {group}: a sync waits in {state}"),
            }
        }
    }
}
