//! JoinGroup to a classic group.

use klamm_base::ErrorCode;
use klamm_base::rng::Rng;
use klamm_wire::JoinGroupRequest;

use super::ClassicGroupState::{CompletingRebalance, Empty, PreparingRebalance, Stable};
use super::member::{Member, protocols_of};
use super::turn::{After, StaticMember, Turn};
use crate::group::contract::Caller;
use crate::step::RequestId;

/// From this version on a dynamic member first gets its id, and joins with it (KIP-394).
const FIRST_VERSION_WITH_REQUIRED_ID: i16 = 4;
/// From this version on a leader can be told to keep its assignment (KIP-814).
const FIRST_VERSION_THAT_SKIPS: i16 = 9;

impl Turn<'_> {
    /// Takes a member in, or takes it in again.
    pub fn join(&mut self, request: RequestId, caller: &Caller, join: &JoinGroupRequest, rng: &mut dyn Rng) {
        let member_id = &join.member_id;
        if !self.accepts(member_id) {
            self.drop_member(member_id);
            self.refuse_join(request, "", ErrorCode::GroupMaxSizeReached);
        } else if !self.group.supports(&join.protocol_type, &join.protocols) {
            self.refuse_join(request, member_id, ErrorCode::InconsistentGroupProtocol);
        } else if member_id.is_empty() {
            self.join_new(request, caller, join, rng);
        } else if self.group.is_pending(member_id) {
            self.join_pending(request, caller, join);
        } else {
            match self.group.validate_member(member_id, join.group_instance_id.as_deref()) {
                Ok(()) => self.join_again(request, join),
                Err(error) => self.refuse_join(request, member_id, error),
            }
        }
    }

    /// Whether the group has room (`group.max.size`).
    fn accepts(&self, member_id: &str) -> bool {
        let members_max = usize::try_from(self.limits.members_max).unwrap_or(0);
        let member = self.group.member(member_id);
        match self.group.state() {
            Empty => true,
            // Those who wait count, so that a group over its size loses the last to come back.
            PreparingRebalance => {
                member.is_some_and(|member| member.awaiting_join.is_some())
                    || self.group.awaiting_join_count() < members_max
            }
            CompletingRebalance | Stable => member.is_some() || self.group.members().len() < members_max,
        }
    }

    /// Ids that were given out and not used yet are bounded as members are.
    fn has_too_many_pending(&self) -> bool {
        self.group.pending_join().len() >= usize::try_from(self.limits.members_max).unwrap_or(0)
    }

    fn join_new(&mut self, request: RequestId, caller: &Caller, join: &JoinGroupRequest, rng: &mut dyn Rng) {
        let prefix = join.group_instance_id.as_deref().unwrap_or(&caller.client_id);
        let new_id = format!("{prefix}-{}", random_uuid_text(rng));
        if let Some(instance_id) = &join.group_instance_id {
            match self.group.static_member(instance_id).map(str::to_owned) {
                Some(old_id) => self.replace(request, caller, join, &old_id, &new_id),
                None => self.add(request, caller, join, new_id),
            }
        } else if caller.version >= FIRST_VERSION_WITH_REQUIRED_ID && self.has_too_many_pending() {
            self.refuse_join(request, "", ErrorCode::GroupMaxSizeReached);
        } else if caller.version >= FIRST_VERSION_WITH_REQUIRED_ID {
            self.group.add_pending(new_id.clone());
            self.set_heartbeat(&new_id, join.session_timeout_ms);
            self.refuse_join(request, &new_id, ErrorCode::MemberIdRequired);
        } else {
            self.add(request, caller, join, new_id);
        }
    }

    /// A member that was given its id comes with it.
    fn join_pending(&mut self, request: RequestId, caller: &Caller, join: &JoinGroupRequest) {
        if join.group_instance_id.is_some() {
            // Static members are never pending: whoever this is, it has somebody else's id.
            self.refuse_join(request, &join.member_id, ErrorCode::UnknownMemberId);
        } else {
            self.add(request, caller, join, join.member_id.clone());
        }
    }

    fn add(&mut self, request: RequestId, caller: &Caller, join: &JoinGroupRequest, member_id: String) {
        self.group.new_member_added |= self.group.is_initial_rebalance();
        self.group.add(Member {
            member_id: member_id.clone(),
            group_instance_id: join.group_instance_id.clone(),
            client_id: caller.client_id.clone(),
            client_host: caller.client_host.clone(),
            rebalance_timeout_ms: join.rebalance_timeout_ms,
            session_timeout_ms: join.session_timeout_ms,
            protocol_type: join.protocol_type.clone(),
            protocols: protocols_of(&join.protocols),
            assignment: Default::default(),
            awaiting_join: Some(request),
            awaiting_sync: None,
            is_new: true,
        });
        // It does not know that it is a member, so it sends no heartbeats; but it may have gone away.
        self.set_heartbeat(&member_id, self.limits.new_member_join_timeout_ms);
        self.prepare_or_complete();
    }

    fn join_again(&mut self, request: RequestId, join: &JoinGroupRequest) {
        let member_id = &join.member_id;
        let says_the_same =
            self.group.member(member_id).is_some_and(|member| member.matches(&join.protocols));
        let is_leader = self.group.is_leader(member_id);
        match self.group.state() {
            PreparingRebalance => self.update(request, join),
            // The answer was lost on its way.
            CompletingRebalance if says_the_same => {
                let answer = self.joined(member_id, is_leader);
                self.answer_join(request, answer);
            }
            // A leader joins again when the topics have changed, which only it looks at.
            Stable if says_the_same && !is_leader => {
                let answer = self.joined(member_id, false);
                self.answer_join(request, answer);
            }
            CompletingRebalance | Stable => self.update(request, join),
            Empty => self.refuse_join(request, member_id, ErrorCode::UnknownMemberId),
        }
    }

    fn update(&mut self, request: RequestId, join: &JoinGroupRequest) {
        let waited = self.group.member(&join.member_id).and_then(|member| member.awaiting_join);
        if let Some(older) = waited {
            // Nobody waits for it any more: a client has one join at a time.
            self.refuse_join(older, &join.member_id, ErrorCode::RebalanceInProgress);
        }
        self.group.update_member(
            &join.member_id,
            protocols_of(&join.protocols),
            join.rebalance_timeout_ms,
            join.session_timeout_ms,
            Some(request),
        );
        self.prepare_or_complete();
    }

    /// A static member is back and does not know its id. Its predecessor is fenced.
    fn replace(
        &mut self,
        request: RequestId,
        caller: &Caller,
        join: &JoinGroupRequest,
        old_id: &str,
        new_id: &str,
    ) {
        let instance_id = join.group_instance_id.clone().unwrap_or_default();
        let old_leader = self.group.leader().map(str::to_owned);
        let old = self.group.member(old_id).cloned().unwrap_or_else(|| panic!("{old_id} is no member"));
        self.cancel_heartbeat(old_id);
        let (joined, synced) = self.group.replace_static(&instance_id, old_id, new_id);
        if let Some(request) = joined {
            self.refuse_join(request, old_id, ErrorCode::FencedInstanceId);
        }
        if let Some(request) = synced {
            self.refuse_sync(request, ErrorCode::FencedInstanceId);
        }
        self.heard_of(new_id);
        self.group.update_member(
            new_id,
            protocols_of(&join.protocols),
            join.rebalance_timeout_ms,
            join.session_timeout_ms,
            Some(request),
        );
        let group_id = self.group_id();
        let new_bytes = self.group.member(new_id).map_or(0, |member| member.held_bytes(&group_id));
        match self.group.state() {
            Stable if self.group.select_protocol().as_deref() == self.group.protocol_name() => {
                let assignments = self.group.assignments();
                self.store(&assignments);
                self.after(After::StaticMemberStored(Box::new(StaticMember {
                    grows_back: old.held_bytes(&group_id).saturating_sub(new_bytes),
                    group_id,
                    instance_id,
                    old_member_id: old_id.to_owned(),
                    new_member_id: new_id.to_owned(),
                    old_leader,
                    old_protocols: old.protocols,
                    old_rebalance_timeout_ms: old.rebalance_timeout_ms,
                    old_session_timeout_ms: old.session_timeout_ms,
                    may_skip_assignment: caller.version >= FIRST_VERSION_THAT_SKIPS,
                })));
            }
            Stable => self.prepare_or_complete(),
            // The leader may be sharing out under the old id just now.
            CompletingRebalance => self.prepare(),
            PreparingRebalance | Empty => self.complete_if_all_joined(),
        }
    }
}

/// A random UUID as Java writes it: version 4, `8-4-4-4-12`.
fn random_uuid_text(rng: &mut dyn Rng) -> String {
    let high = (rng.next_u64() & !0xf000) | 0x4000;
    let low = (rng.next_u64() & !(0b11 << 62)) | (0b10 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}
