//! Join, sync, heartbeat, leave: to the right group, or to none.

use klamm_base::rng::Rng;
use klamm_base::{ErrorCode, Now};
use klamm_wire::leave_group::MemberIdentity;
use klamm_wire::{
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, LeaveGroupRequest, LeaveGroupResponse,
    SyncGroupRequest, SyncGroupResponse,
};

use super::{Group, GroupShard, finish};
use crate::group::classic::turn::refused_join;
use crate::group::classic::{After, ClassicGroup};
use crate::group::contract::{Caller, GroupAfter, GroupAnswer, GroupLimits, GroupStep};
use crate::group::record::{ForeignKind, GroupRecord};
use crate::step::{RequestId, Step};

/// The first version that lists the members.
const FIRST_BATCHED_LEAVE: i16 = 3;

impl GroupShard {
    /// JoinGroup. The answer may come with a much later step.
    pub fn join(
        &mut self,
        request: RequestId,
        caller: &Caller,
        join: &JoinGroupRequest,
        limits: &GroupLimits,
        rng: &mut dyn Rng,
        now: Now,
    ) -> GroupStep {
        let refuse = |error| Step::answer(request, GroupAnswer::Join(refused_join(&join.member_id, error)));
        if join.group_id.is_empty() {
            return refuse(ErrorCode::InvalidGroupId);
        }
        let timeouts = limits.session_timeout_ms_min..=limits.session_timeout_ms_max;
        if !timeouts.contains(&join.session_timeout_ms) {
            return refuse(ErrorCode::InvalidSessionTimeout);
        }
        let said = join.protocols.iter().map(|protocol| protocol.name.len() + protocol.metadata.len());
        let is_full = !self.groups.contains(&join.group_id) && self.groups.len() >= limits.groups_max;
        if is_full || said.sum::<usize>() > limits.member_bytes_max {
            return refuse(ErrorCode::GroupMaxSizeReached);
        }
        if let Err(no_room) = self.room_for(self.growth_of_join(caller, join), limits) {
            return refuse(no_room.error(ErrorCode::GroupMaxSizeReached));
        }
        let was = match self.groups.get(&join.group_id) {
            Some(Group::Classic(_)) => None,
            Some(Group::Foreign(foreign)) if !foreign.may_become_classic() => {
                let refused = refused_join("", ErrorCode::InconsistentGroupProtocol);
                return Step::answer(request, GroupAnswer::Join(refused));
            }
            _ if !join.member_id.is_empty() => return refuse(ErrorCode::UnknownMemberId),
            Some(Group::Foreign(foreign)) => Some(Some(foreign.kind)),
            None => Some(None),
        };
        if was.is_some() {
            self.groups.insert_classic(ClassicGroup::new(&join.group_id, now.wall_ms));
        }
        let mut step = GroupStep::default();
        match self.turn(&join.group_id, limits, now, &mut step) {
            Some(mut turn) => turn.join(request, caller, join, rng),
            None => unreachable!("the group is there and classic"),
        }
        if let Some(was) = was {
            self.store_new(&join.group_id, was, now, &mut step);
        }
        self.noted(step)
    }

    /// A group that nobody knows of is written down empty, so that it is there from now on; one of another kind that has
    /// nobody left is no more.
    fn store_new(&self, group_id: &str, was: Option<ForeignKind>, now: Now, step: &mut GroupStep) {
        let empty = ClassicGroup::new(group_id, now.wall_ms);
        let Some(group) = self.classic(group_id) else { return };
        let (key, mut value) = empty.to_record(&Default::default());
        value.current_state_timestamp = group.state_since_ms().unwrap_or(-1);
        step.records.extend(was.and_then(|kind| kind.tombstones(group_id)).unwrap_or_default());
        step.records.push(GroupRecord::GroupMetadata(key, Some(value)));
        step.after.push(GroupAfter::Classic(After::Created { group_id: group_id.to_owned(), was }));
    }

    /// SyncGroup. The answer may come with a later step.
    pub fn sync(
        &mut self,
        request: RequestId,
        sync: &SyncGroupRequest,
        limits: &GroupLimits,
        now: Now,
    ) -> GroupStep {
        let refuse = |error: ErrorCode| {
            let answer = SyncGroupResponse { error_code: error.code(), ..Default::default() };
            Step::answer(request, GroupAnswer::Sync(answer))
        };
        if sync.group_id.is_empty() {
            return refuse(ErrorCode::InvalidGroupId);
        }
        let growth = self.classic(&sync.group_id).map(|group| group.growth_of_sync(sync));
        let no_room = growth.and_then(|growth| self.room_for(growth, limits).err());
        let mut step = GroupStep::default();
        match self.turn(&sync.group_id, limits, now, &mut step) {
            Some(mut turn) => turn.sync(request, sync, no_room.is_none()),
            None => return refuse(ErrorCode::UnknownMemberId),
        }
        self.noted(step)
    }

    /// Heartbeat. Answered at once.
    pub fn heartbeat(
        &mut self,
        request: RequestId,
        heartbeat: &HeartbeatRequest,
        limits: &GroupLimits,
        now: Now,
    ) -> GroupStep {
        let mut step = GroupStep::default();
        let outcome = match self.turn(&heartbeat.group_id, limits, now, &mut step) {
            _ if heartbeat.group_id.is_empty() => Err(ErrorCode::InvalidGroupId),
            Some(mut turn) => turn.heartbeat(heartbeat),
            None => Err(ErrorCode::UnknownMemberId),
        };
        let error_code = outcome.err().unwrap_or(ErrorCode::None).code();
        let answer = HeartbeatResponse { error_code, ..HeartbeatResponse::default() };
        step.answers.push((request, GroupAnswer::Heartbeat(answer)));
        step
    }

    /// LeaveGroup, of one member or of several. Answered when the group's record is committed, if there is one.
    pub fn leave(
        &mut self,
        request: RequestId,
        caller: &Caller,
        leave: &LeaveGroupRequest,
        limits: &GroupLimits,
        now: Now,
    ) -> GroupStep {
        let is_batched = caller.version >= FIRST_BATCHED_LEAVE;
        let refuse = |error: ErrorCode| {
            let answer = LeaveGroupResponse { error_code: error.code(), ..Default::default() };
            Step::answer(request, GroupAnswer::Leave(answer))
        };
        if leave.group_id.is_empty() {
            return refuse(ErrorCode::InvalidGroupId);
        }
        let alone = [MemberIdentity { member_id: leave.member_id.clone(), ..MemberIdentity::default() }];
        let members = if is_batched { &leave.members[..] } else { &alone };
        let mut step = GroupStep::default();
        let left = match self.turn(&leave.group_id, limits, now, &mut step) {
            Some(mut turn) => turn.leave(members),
            None => members.iter().map(unknown).collect(),
        };
        let answer = match is_batched {
            true => LeaveGroupResponse { members: left, ..LeaveGroupResponse::default() },
            false => LeaveGroupResponse {
                error_code: left.first().map_or(0, |member| member.error_code),
                ..LeaveGroupResponse::default()
            },
        };
        let answer = GroupAnswer::Leave(answer);
        self.noted(finish(step, request, answer))
    }
}

fn unknown(member: &MemberIdentity) -> klamm_wire::leave_group::MemberResponse {
    klamm_wire::leave_group::MemberResponse {
        member_id: member.member_id.clone(),
        group_instance_id: member.group_instance_id.clone(),
        error_code: ErrorCode::UnknownMemberId.code(),
    }
}
