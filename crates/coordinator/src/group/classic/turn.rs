//! A decision about one group: the group, its timers, and what comes of it.

use std::collections::BTreeMap;

use bytes::Bytes;
use klamm_base::{ErrorCode, Now};
use klamm_wire::{JoinGroupResponse, SyncGroupResponse};

use super::group::Changing;
use crate::group::contract::{GroupAfter, GroupAnswer, GroupLimits, GroupStep};
use crate::group::memory;
use crate::group::record::{ForeignKind, GroupRecord};
use crate::step::RequestId;
use crate::timers::Timers;

/// What can become due in a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimerKey {
    /// A member has not been heard of; also of one that has its id and has not joined.
    Heartbeat { group_id: String, member_id: String },
    /// The time for joining is over.
    Join { group_id: String },
    /// The time for asking for one's assignment is over.
    Sync { group_id: String },
}

impl TimerKey {
    pub fn group_id(&self) -> &str {
        match self {
            TimerKey::Heartbeat { group_id, .. }
            | TimerKey::Join { group_id }
            | TimerKey::Sync { group_id } => group_id,
        }
    }
}

/// What follows when a group's record is committed, or refused.
#[derive(Clone, Debug, PartialEq)]
pub enum After {
    /// A group that has just come into being: refused, it is gone again, or what it was.
    Created { group_id: String, was: Option<ForeignKind> },
    /// The leader's assignment: committed, everybody gets it.
    AssignmentStored { group_id: String, generation_id: i32, assignments: BTreeMap<String, Bytes> },
    /// A static member is back under another id, and nothing else changes.
    StaticMemberStored(Box<StaticMember>),
}

/// A static member that has come back; with all that is needed to take it back.
#[derive(Clone, Debug, PartialEq)]
pub struct StaticMember {
    pub group_id: String,
    pub instance_id: String,
    pub old_member_id: String,
    pub new_member_id: String,
    /// The leader before, under its id before.
    pub old_leader: Option<String>,
    pub old_protocols: Vec<(String, Bytes)>,
    pub old_rebalance_timeout_ms: i32,
    pub old_session_timeout_ms: i32,
    /// How many bytes more are kept when it is taken back.
    pub grows_back: usize,
    /// From JoinGroup v9 on a leader is told to keep the assignment (KIP-814).
    pub may_skip_assignment: bool,
}

impl After {
    /// What is remembered until then: as what will be kept, or only until then.
    pub fn memory(&self) -> memory::GroupMemory {
        match self {
            After::Created { group_id, .. } => {
                memory::GroupMemory { kept: 0, uncommitted: memory::AFTER + group_id.len() }
            }
            After::AssignmentStored { group_id, assignments, .. } => memory::GroupMemory {
                kept: memory::AFTER + group_id.len() + assignments_bytes(assignments),
                uncommitted: 0,
            },
            After::StaticMemberStored(stored) => {
                let StaticMember { group_id, instance_id, old_member_id, new_member_id, .. } = &**stored;
                let names = [group_id, instance_id, old_member_id, new_member_id];
                let names = names.into_iter().chain(&stored.old_leader).map(String::len).sum::<usize>();
                let said = stored.old_protocols.iter().map(|(name, said)| (name, said));
                let uncommitted = memory::AFTER + names + memory::protocols_bytes(said);
                memory::GroupMemory { kept: stored.grows_back, uncommitted }
            }
        }
    }
}

fn assignments_bytes(assignments: &BTreeMap<String, Bytes>) -> usize {
    let bytes = |(id, given): (&String, &Bytes)| memory::ASSIGNED + id.len() + given.len();
    assignments.iter().map(bytes).sum()
}

/// One group under decision.
pub struct Turn<'a> {
    pub group: Changing<'a>,
    pub timers: &'a mut Timers<TimerKey>,
    pub limits: &'a GroupLimits,
    pub now: Now,
    pub step: &'a mut GroupStep,
}

impl Turn<'_> {
    pub(super) fn group_id(&self) -> String {
        self.group.group_id().to_owned()
    }

    pub(super) fn set_heartbeat(&mut self, member_id: &str, timeout_ms: i32) {
        let key = TimerKey::Heartbeat { group_id: self.group_id(), member_id: member_id.to_owned() };
        self.timers.set(key, self.now.mono.plus_ms(timeout_ms.into()));
    }

    /// The member was heard of.
    pub(super) fn heard_of(&mut self, member_id: &str) {
        if let Some(timeout_ms) = self.group.member(member_id).map(|member| member.session_timeout_ms) {
            self.set_heartbeat(member_id, timeout_ms);
        }
    }

    pub(super) fn cancel_heartbeat(&mut self, member_id: &str) {
        let key = TimerKey::Heartbeat { group_id: self.group_id(), member_id: member_id.to_owned() };
        self.timers.cancel(&key);
    }

    pub(super) fn set_join_timer(&mut self, timeout_ms: i32) {
        self.timers
            .set(TimerKey::Join { group_id: self.group_id() }, self.now.mono.plus_ms(timeout_ms.into()));
    }

    pub(super) fn set_sync_timer(&mut self) {
        let timeout_ms = self.group.rebalance_timeout_ms();
        self.timers
            .set(TimerKey::Sync { group_id: self.group_id() }, self.now.mono.plus_ms(timeout_ms.into()));
    }

    pub(super) fn cancel_sync_timer(&mut self) {
        self.timers.cancel(&TimerKey::Sync { group_id: self.group_id() });
    }

    pub(super) fn answer_join(&mut self, request: RequestId, answer: JoinGroupResponse) {
        self.step.answers.push((request, GroupAnswer::Join(answer)));
    }

    pub(super) fn refuse_join(&mut self, request: RequestId, member_id: &str, error: ErrorCode) {
        self.answer_join(request, refused_join(member_id, error));
    }

    pub(super) fn answer_sync(&mut self, request: RequestId, answer: SyncGroupResponse) {
        self.step.answers.push((request, GroupAnswer::Sync(answer)));
    }

    pub(super) fn refuse_sync(&mut self, request: RequestId, error: ErrorCode) {
        self.answer_sync(request, SyncGroupResponse { error_code: error.code(), ..Default::default() });
    }

    /// Appends the group as it stands, with these assignments.
    pub(super) fn store(&mut self, assignments: &BTreeMap<String, Bytes>) {
        let (key, value) = self.group.to_record(assignments);
        self.step.records.push(GroupRecord::GroupMetadata(key, Some(value)));
    }

    pub(super) fn after(&mut self, after: After) {
        self.step.after.push(GroupAfter::Classic(after));
    }

    /// A member goes: what it waits for is refused, so that it can come back.
    pub(super) fn drop_member(&mut self, member_id: &str) {
        self.cancel_heartbeat(member_id);
        if let Some(member) = self.group.remove(member_id) {
            if let Some(request) = member.awaiting_join {
                self.refuse_join(request, "", ErrorCode::UnknownMemberId);
            }
            if let Some(request) = member.awaiting_sync {
                self.refuse_sync(request, ErrorCode::UnknownMemberId);
            }
        }
    }
}

/// A join that comes to nothing.
pub fn refused_join(member_id: &str, error: ErrorCode) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: error.code(),
        member_id: member_id.to_owned(),
        protocol_type: None,
        protocol_name: None,
        ..JoinGroupResponse::default()
    }
}
