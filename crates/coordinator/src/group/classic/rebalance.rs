//! How a generation comes about, and what happens when somebody is late.

use klamm_base::ErrorCode;
use klamm_wire::{JoinGroupResponse, SyncGroupResponse};

use super::ClassicGroupState::{CompletingRebalance, Empty, PreparingRebalance, Stable};
use super::turn::Turn;

/// A rebalance for which nobody has come is not tried again sooner, whatever its members ask for: one that takes no time
/// would be tried over and over at the same moment.
const RETRY_MS_MIN: i32 = 1_000;

impl Turn<'_> {
    /// Somebody has come, gone or changed.
    pub(super) fn prepare_or_complete(&mut self) {
        if self.group.is_in(PreparingRebalance) { self.complete_if_all_joined() } else { self.prepare() }
    }

    /// Begins a rebalance: everybody must join again.
    pub(super) fn prepare(&mut self) {
        if self.group.is_in(CompletingRebalance) {
            self.end_syncs(ErrorCode::RebalanceInProgress);
        }
        self.group.clear_pending_sync();
        self.cancel_sync_timer();
        let is_initial = self.group.is_in(Empty);
        self.group.transition_to(PreparingRebalance, self.now.wall_ms);
        if is_initial {
            // Others of a new group will come soon, and should find their place in its first generation.
            let delay_ms = self.limits.initial_rebalance_delay_ms;
            self.group.initial_delay_left_ms =
                self.group.rebalance_timeout_ms().saturating_sub(delay_ms).max(0);
            self.group.initial_delay_ms = delay_ms;
            self.set_join_timer(delay_ms);
        } else if self.group.has_all_joined() {
            self.complete();
        } else {
            self.set_join_timer(self.group.rebalance_timeout_ms());
        }
    }

    /// Ends the joining when nobody is missing. The first rebalance takes its time anyway.
    pub(super) fn complete_if_all_joined(&mut self) {
        if self.group.is_in(PreparingRebalance)
            && !self.group.is_initial_rebalance()
            && self.group.has_all_joined()
        {
            self.complete();
        }
    }

    /// The time for joining is over; a first rebalance goes on waiting while new members come.
    pub fn join_time_over(&mut self) {
        if !self.group.is_in(PreparingRebalance) {
            return;
        }
        let (delay_ms, left_ms) = (self.group.initial_delay_ms, self.group.initial_delay_left_ms);
        if self.group.is_initial_rebalance() && self.group.new_member_added && left_ms != 0 {
            self.group.new_member_added = false;
            self.group.initial_delay_ms = self.limits.initial_rebalance_delay_ms.min(left_ms);
            self.group.initial_delay_left_ms = left_ms.saturating_sub(delay_ms).max(0);
            self.set_join_timer(self.group.initial_delay_ms);
        } else {
            self.complete();
        }
    }

    /// Ends the joining: those who have not come are out, all others learn their generation.
    pub(super) fn complete(&mut self) {
        self.timers.cancel(&super::TimerKey::Join { group_id: self.group_id() });
        let late =
            self.group.members().filter(|member| member.awaiting_join.is_none() && !member.is_static());
        let late: Vec<String> = late.map(|member| member.member_id.clone()).collect();
        late.iter().for_each(|member_id| self.drop_member(member_id));
        if !self.group.elect_joined_leader() && self.group.members().len() > 0 {
            // Only static members are left, and none has come: their sessions decide.
            self.set_join_timer(self.group.rebalance_timeout_ms().max(RETRY_MS_MIN));
            return;
        }
        self.group.begin_generation(self.now.wall_ms);
        if self.group.is_in(Empty) {
            self.store(&Default::default());
            return;
        }
        for member_id in self.group.member_ids() {
            let answer = self.joined(&member_id, self.group.is_leader(&member_id));
            self.group.set_old(&member_id);
            if let Some(request) = self.group.take_join(&member_id) {
                self.answer_join(request, answer);
            }
            self.heard_of(&member_id);
            self.group.add_pending_sync(member_id);
        }
        self.set_sync_timer();
    }

    /// The answer to a join of a member of the present generation.
    pub(super) fn joined(&self, member_id: &str, with_members: bool) -> JoinGroupResponse {
        let group = &self.group;
        JoinGroupResponse {
            generation_id: group.generation_id(),
            protocol_type: group.protocol_type().map(str::to_owned),
            protocol_name: group.protocol_name().map(str::to_owned),
            leader: group.leader().unwrap_or_default().to_owned(),
            member_id: member_id.to_owned(),
            members: if with_members { group.as_join_members() } else { Vec::new() },
            ..JoinGroupResponse::default()
        }
    }

    /// Refuses every sync that waits, and forgets what was assigned.
    pub(super) fn end_syncs(&mut self, error: ErrorCode) {
        for member_id in self.group.member_ids() {
            if let Some(request) = self.group.assign(&member_id, Default::default()) {
                self.refuse_sync(request, error);
                self.heard_of(&member_id);
            }
        }
    }

    /// The answer to a sync of a member, once the assignment is there.
    pub(super) fn synced(&self, member_id: &str) -> SyncGroupResponse {
        let assignment = self.group.member(member_id).map(|member| member.assignment.clone());
        SyncGroupResponse {
            protocol_type: self.group.protocol_type().map(str::to_owned),
            protocol_name: self.group.protocol_name().map(str::to_owned),
            assignment: assignment.unwrap_or_default(),
            ..SyncGroupResponse::default()
        }
    }

    /// The time for asking for assignments is over: who has not asked is out.
    pub fn sync_time_over(&mut self) {
        if !(self.group.is_in(CompletingRebalance) || self.group.is_in(Stable)) {
            return;
        }
        let late: Vec<String> = self.group.pending_sync().iter().cloned().collect();
        if !late.is_empty() {
            late.iter().for_each(|member_id| self.drop_member(member_id));
            self.prepare();
        }
    }

    /// A member was not heard of for too long.
    pub fn heartbeat_time_over(&mut self, member_id: &str) {
        if self.group.is_pending(member_id) {
            self.group.remove(member_id);
            if self.group.is_in(PreparingRebalance) && self.group.has_all_joined() {
                self.complete();
            }
            return;
        }
        if self.group.member(member_id).is_some_and(|member| !member.satisfies_heartbeat()) {
            self.drop_member(member_id);
            self.member_gone();
        }
    }

    /// The group was read from the log: every session begins now. A group that has grown beyond its size must find
    /// together anew (Kafka: `GroupMetadataManager.onLoaded`).
    pub fn loaded(&mut self) {
        for member_id in self.group.member_ids() {
            self.heard_of(&member_id);
        }
        let members_max = usize::try_from(self.limits.members_max).unwrap_or(0);
        if self.group.members().len() > members_max {
            self.prepare();
        }
    }

    /// A member has committed: it is alive, unless it should be sharing out just now.
    pub fn committed_as(&mut self, member_id: &str) {
        if self.group.is_in(Stable) || self.group.is_in(PreparingRebalance) {
            self.heard_of(member_id);
        }
    }

    /// A member is out: the others share what it had.
    fn member_gone(&mut self) {
        match self.group.state() {
            Stable | CompletingRebalance => self.prepare_or_complete(),
            // A first rebalance ends early here too, as Kafka's does.
            PreparingRebalance if self.group.has_all_joined() => self.complete(),
            PreparingRebalance | Empty => {}
        }
    }
}
