//! SyncGroup to a classic group.

use std::collections::BTreeMap;

use bytes::Bytes;
use klamm_base::ErrorCode;
use klamm_wire::SyncGroupRequest;
use klamm_wire::sync_group::SyncGroupRequestAssignment;

use super::ClassicGroupState::{CompletingRebalance, Empty, PreparingRebalance, Stable};
use super::group::ClassicGroup;
use super::member::kept;
use super::turn::{After, Turn};
use crate::group::memory::{AFTER, ASSIGNED, GroupMemory};
use crate::step::RequestId;

impl ClassicGroup {
    /// What a leader's assignments can make larger, at most.
    pub fn growth_of_sync(&self, sync: &SyncGroupRequest) -> GroupMemory {
        if !(self.is_in(CompletingRebalance) && self.is_leader(&sync.member_id)) {
            return GroupMemory::default();
        }
        let given: usize = sync.assignments.iter().map(|given| given.assignment.len()).sum();
        let members: usize = self.members().map(|member| ASSIGNED + member.member_id.len()).sum();
        GroupMemory { kept: AFTER + self.group_id().len() + members + given, uncommitted: 0 }
    }
}

impl Turn<'_> {
    /// Tells a member its part, as soon as the leader has said what everybody's is.
    /// Without room the leader is told what every client takes as passing, and comes again with the next generation.
    pub fn sync(&mut self, request: RequestId, sync: &SyncGroupRequest, has_room: bool) {
        if let Err(error) = self.validate_sync(sync) {
            return self.refuse_sync(request, error);
        }
        match self.group.state() {
            Empty => self.refuse_sync(request, ErrorCode::UnknownMemberId),
            PreparingRebalance => self.refuse_sync(request, ErrorCode::RebalanceInProgress),
            CompletingRebalance if !has_room && self.group.is_leader(&sync.member_id) => {
                self.refuse_sync(request, ErrorCode::CoordinatorNotAvailable);
            }
            CompletingRebalance => self.await_assignment(request, sync),
            Stable => {
                self.has_synced(&sync.member_id);
                let answer = self.synced(&sync.member_id);
                self.answer_sync(request, answer);
            }
        }
    }

    fn validate_sync(&self, sync: &SyncGroupRequest) -> Result<(), ErrorCode> {
        if self.group.is_in(Empty) {
            return Err(ErrorCode::UnknownMemberId);
        }
        self.group.validate_member(&sync.member_id, sync.group_instance_id.as_deref())?;
        let differs = |asked: &Option<String>, ours: Option<&str>| matches!((asked, ours), (Some(asked), Some(ours)) if asked != ours);
        if sync.generation_id != self.group.generation_id() {
            Err(ErrorCode::IllegalGeneration)
        } else if differs(&sync.protocol_type, self.group.protocol_type())
            || differs(&sync.protocol_name, self.group.protocol_name())
        {
            Err(ErrorCode::InconsistentGroupProtocol)
        } else {
            Ok(())
        }
    }

    fn await_assignment(&mut self, request: RequestId, sync: &SyncGroupRequest) {
        if let Some(older) = self.group.await_sync(&sync.member_id, request) {
            // Nobody waits for it any more: a client has one sync at a time.
            self.refuse_sync(older, ErrorCode::RebalanceInProgress);
        }
        self.has_synced(&sync.member_id);
        if !self.group.is_leader(&sync.member_id) {
            return;
        }
        // Whoever is no member is given nothing.
        let is_kept = |given: &&SyncGroupRequestAssignment| self.group.member(&given.member_id).is_some();
        let given = sync.assignments.iter().filter(is_kept);
        let mut assignments: BTreeMap<String, Bytes> =
            given.map(|given| (given.member_id.clone(), kept(&given.assignment))).collect();
        for member_id in self.group.member_ids() {
            // Who is not named gets nothing.
            assignments.entry(member_id).or_default();
        }
        self.store(&assignments);
        self.after(After::AssignmentStored {
            group_id: self.group_id(),
            generation_id: self.group.generation_id(),
            assignments,
        });
    }

    fn has_synced(&mut self, member_id: &str) {
        self.group.remove_pending_sync(member_id);
        if self.group.pending_sync().is_empty() {
            self.cancel_sync_timer();
        }
    }
}
