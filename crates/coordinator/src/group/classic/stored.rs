//! What follows when a group's records are in the log, or when the log has refused them.

use std::collections::BTreeMap;

use bytes::Bytes;
use klamm_base::ErrorCode;
use klamm_wire::JoinGroupResponse;

use super::ClassicGroupState::{CompletingRebalance, Stable};
use super::turn::{StaticMember, Turn};
use crate::group::contract::answer_of_append_error;

impl Turn<'_> {
    /// The leader's assignment was stored, or not. Whoever came or went meanwhile has made it void.
    pub fn assignment_stored(
        &mut self,
        generation_id: i32,
        assignments: &BTreeMap<String, Bytes>,
        outcome: Result<(), ErrorCode>,
    ) {
        if !self.group.is_in(CompletingRebalance) || self.group.generation_id() != generation_id {
            return;
        }
        if let Err(error) = outcome {
            self.end_syncs(answer_of_append_error(error));
            self.prepare_or_complete();
            return;
        }
        for member_id in self.group.member_ids() {
            let assignment = assignments.get(&member_id).cloned().unwrap_or_default();
            if let Some(request) = self.group.assign(&member_id, assignment) {
                let answer = self.synced(&member_id);
                self.answer_sync(request, answer);
                // Its session may have run out unnoticed while it waited.
                self.heard_of(&member_id);
            }
        }
        self.group.transition_to(Stable, self.now.wall_ms);
    }

    /// A static member's new id was stored, or the old one counts again.
    pub fn static_member_stored(&mut self, stored: &StaticMember, outcome: Result<(), ErrorCode>) {
        let StaticMember { instance_id, new_member_id, old_member_id, .. } = stored;
        if self.group.static_member(instance_id) != Some(new_member_id.as_str()) {
            return;
        }
        let request = self.group.take_join(new_member_id);
        match outcome {
            Ok(()) => {
                let is_leader = self.group.is_leader(new_member_id);
                let mut answer = self.joined(new_member_id, stored.may_skip_assignment && is_leader);
                answer.skip_assignment = stored.may_skip_assignment && is_leader;
                if !stored.may_skip_assignment {
                    // Under its old name the leader is somebody else to the member, so that it shares nothing out.
                    answer.leader = stored.old_leader.clone().unwrap_or_default();
                }
                if let Some(request) = request {
                    self.answer_join(request, answer);
                }
            }
            Err(error) => {
                self.cancel_heartbeat(new_member_id);
                self.group.replace_static(instance_id, new_member_id, old_member_id);
                self.group.update_member(
                    old_member_id,
                    stored.old_protocols.clone(),
                    stored.old_rebalance_timeout_ms,
                    stored.old_session_timeout_ms,
                    None,
                );
                self.heard_of(old_member_id);
                if let Some(request) = request {
                    let error_code = answer_of_append_error(error).code();
                    let leader = stored.old_leader.clone().unwrap_or_default();
                    let answer = self.joined("", false);
                    self.answer_join(request, JoinGroupResponse { error_code, leader, ..answer });
                }
            }
        }
    }
}
