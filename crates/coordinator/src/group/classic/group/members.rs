//! Who is in a group, who is to come, and who waits for what.

use std::collections::BTreeSet;

use bytes::Bytes;
use klamm_base::ErrorCode;

use super::ClassicGroup;
use crate::group::classic::member::Member;
use crate::group::classic::turn::TimerKey;
use crate::group::memory;
use crate::step::RequestId;

impl ClassicGroup {
    pub fn members(&self) -> impl ExactSizeIterator<Item = &Member> {
        self.members.values()
    }

    pub fn member(&self, member_id: &str) -> Option<&Member> {
        self.members.get(member_id)
    }

    pub fn member_ids(&self) -> Vec<String> {
        self.members.keys().cloned().collect()
    }

    pub fn static_member(&self, instance_id: &str) -> Option<&str> {
        self.static_members.get(instance_id).map(String::as_str)
    }

    pub fn awaiting_join_count(&self) -> usize {
        self.awaiting_join
    }

    pub fn has_all_joined(&self) -> bool {
        self.pending_join.is_empty() && self.awaiting_join == self.members.len()
    }

    pub fn is_pending(&self, member_id: &str) -> bool {
        self.pending_join.contains(member_id)
    }

    /// Member ids that were given out and have not joined yet.
    pub fn pending_join(&self) -> &BTreeSet<String> {
        &self.pending_join
    }

    pub fn add_pending(&mut self, member_id: String) {
        assert!(!self.members.contains_key(&member_id), "{member_id} is a member already");
        self.members_bytes += memory::pending_bytes(self.group_id.len(), member_id.len());
        let is_new = self.pending_join.insert(member_id);
        assert!(is_new, "group {} gives out an id twice", self.group_id);
    }

    fn remove_pending(&mut self, member_id: &str) {
        if self.pending_join.remove(member_id) {
            self.members_bytes -= memory::pending_bytes(self.group_id.len(), member_id.len());
        }
    }

    pub fn pending_sync(&self) -> &BTreeSet<String> {
        &self.pending_sync
    }

    pub fn add_pending_sync(&mut self, member_id: String) {
        self.pending_sync.insert(member_id);
    }

    pub fn remove_pending_sync(&mut self, member_id: &str) {
        self.pending_sync.remove(member_id);
    }

    pub fn clear_pending_sync(&mut self) {
        self.pending_sync.clear();
    }

    /// Adds a member that waits for its answer.
    pub fn add(&mut self, member: Member) {
        if self.members.is_empty() {
            self.protocol_type = Some(member.protocol_type.clone());
        }
        self.insert(member);
    }

    pub(super) fn insert(&mut self, member: Member) {
        if let Some(instance_id) = &member.group_instance_id {
            let before = self.static_members.insert(instance_id.clone(), member.member_id.clone());
            assert!(before.is_none(), "{instance_id} of group {} is {before:?} already", self.group_id);
        }
        self.leader.get_or_insert_with(|| member.member_id.clone());
        self.count_protocols(&member, true);
        self.awaiting_join += usize::from(member.awaiting_join.is_some());
        self.remove_pending(&member.member_id);
        self.members_bytes += member.held_bytes(&self.group_id);
        self.members.insert(member.member_id.clone(), member);
    }

    /// All that can become due in the group.
    pub fn timer_keys(&self) -> impl Iterator<Item = TimerKey> {
        let group_id = || self.group_id.clone();
        let heartbeat = move |member_id: &String| TimerKey::Heartbeat {
            group_id: group_id(),
            member_id: member_id.clone(),
        };
        let heartbeats = self.members.keys().chain(&self.pending_join).map(heartbeat);
        let (join, sync) = (self.group_id.clone(), self.group_id.clone());
        heartbeats.chain([TimerKey::Join { group_id: join }, TimerKey::Sync { group_id: sync }])
    }

    /// Takes a member out, pending or not; another one becomes the leader when it was that.
    pub fn remove(&mut self, member_id: &str) -> Option<Member> {
        let removed = self.members.remove(member_id);
        if let Some(member) = &removed {
            self.members_bytes -= member.held_bytes(&self.group_id);
            self.count_protocols(member, false);
            self.awaiting_join -= usize::from(member.awaiting_join.is_some());
            if let Some(instance_id) = &member.group_instance_id {
                self.static_members.remove(instance_id);
            }
        }
        if self.is_leader(member_id) {
            self.leader = self.members.keys().next().cloned();
        }
        self.remove_pending(member_id);
        self.pending_sync.remove(member_id);
        removed
    }

    /// Gives a static member another id; returns the requests of the old one, which is fenced now.
    pub fn replace_static(
        &mut self,
        instance_id: &str,
        old: &str,
        new: &str,
    ) -> (Option<RequestId>, Option<RequestId>) {
        let mut member =
            self.members.remove(old).unwrap_or_else(|| panic!("{old} is no member to be replaced"));
        self.members_bytes -= member.held_bytes(&self.group_id);
        let waiting = (member.awaiting_join.take(), member.awaiting_sync.take());
        self.awaiting_join -= usize::from(waiting.0.is_some());
        // It is known by its name, and has been before.
        member.is_new = false;
        member.member_id = new.to_owned();
        self.members_bytes += member.held_bytes(&self.group_id);
        self.members.insert(new.to_owned(), member);
        if self.is_leader(old) {
            self.leader = Some(new.to_owned());
        }
        self.static_members.insert(instance_id.to_owned(), new.to_owned());
        if self.pending_sync.remove(old) {
            self.pending_sync.insert(new.to_owned());
        }
        waiting
    }

    /// What a member says anew when it joins again.
    pub fn update_member(
        &mut self,
        member_id: &str,
        protocols: Vec<(String, Bytes)>,
        rebalance_timeout_ms: i32,
        session_timeout_ms: i32,
        awaiting_join: Option<RequestId>,
    ) {
        let mut member = self.members.remove(member_id).unwrap_or_else(|| panic!("{member_id} is no member"));
        self.members_bytes -= member.held_bytes(&self.group_id);
        self.count_protocols(&member, false);
        self.awaiting_join -= usize::from(member.awaiting_join.is_some());
        self.awaiting_join += usize::from(awaiting_join.is_some());
        member.protocols = protocols;
        member.rebalance_timeout_ms = rebalance_timeout_ms;
        member.session_timeout_ms = session_timeout_ms;
        member.awaiting_join = awaiting_join;
        self.count_protocols(&member, true);
        self.members_bytes += member.held_bytes(&self.group_id);
        self.members.insert(member_id.to_owned(), member);
    }

    /// Takes the join that waits; the member is told its generation now.
    pub fn take_join(&mut self, member_id: &str) -> Option<RequestId> {
        let member = self.members.get_mut(member_id)?;
        let request = member.awaiting_join.take();
        self.awaiting_join -= usize::from(request.is_some());
        request
    }

    /// The member knows its generation.
    pub fn set_old(&mut self, member_id: &str) {
        if let Some(member) = self.members.get_mut(member_id) {
            member.is_new = false;
        }
    }

    /// The member waits for its assignment; returns the request that did before.
    pub fn await_sync(&mut self, member_id: &str, request: RequestId) -> Option<RequestId> {
        self.members.get_mut(member_id)?.awaiting_sync.replace(request)
    }

    /// Gives the member an assignment; returns the sync that waits for it.
    pub fn assign(&mut self, member_id: &str, assignment: Bytes) -> Option<RequestId> {
        let member = self.members.get_mut(member_id)?;
        self.members_bytes = self.members_bytes + assignment.len() - member.assignment.len();
        member.assignment = assignment;
        member.awaiting_sync.take()
    }

    /// Whether a request comes from who it says it does.
    ///
    /// # Errors
    /// UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID.
    pub fn validate_member(&self, member_id: &str, instance_id: Option<&str>) -> Result<(), ErrorCode> {
        if let Some(instance_id) = instance_id {
            match self.static_members.get(instance_id) {
                None => return Err(ErrorCode::UnknownMemberId),
                Some(current) if current != member_id => return Err(ErrorCode::FencedInstanceId),
                Some(_) => {}
            }
        }
        if self.members.contains_key(member_id) { Ok(()) } else { Err(ErrorCode::UnknownMemberId) }
    }
}
