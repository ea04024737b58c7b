//! LeaveGroup of a classic group.

use klamm_base::ErrorCode;
use klamm_wire::leave_group::{MemberIdentity, MemberResponse};

use super::ClassicGroupState::{CompletingRebalance, Empty, PreparingRebalance, Stable};
use super::turn::Turn;

impl Turn<'_> {
    /// Members leave, or are made to; each has its own answer.
    pub fn leave(&mut self, members: &[MemberIdentity]) -> Vec<MemberResponse> {
        let mut answers = Vec::with_capacity(members.len());
        for member in members {
            let left = self.leave_one(member);
            answers.push(MemberResponse {
                member_id: member.member_id.clone(),
                group_instance_id: member.group_instance_id.clone(),
                error_code: left.err().unwrap_or(ErrorCode::None).code(),
            });
        }
        if answers.iter().any(|answer| answer.error_code == ErrorCode::None.code()) {
            match self.group.state() {
                Stable | CompletingRebalance => self.prepare_or_complete(),
                PreparingRebalance => self.complete_if_all_joined(),
                Empty => {}
            }
        }
        answers
    }

    fn leave_one(&mut self, member: &MemberIdentity) -> Result<(), ErrorCode> {
        let MemberIdentity { member_id, group_instance_id, .. } = member;
        if member_id.is_empty() {
            // An administrator removes a static member by its name.
            let current = group_instance_id.as_deref().and_then(|id| self.group.static_member(id));
            let current = current.ok_or(ErrorCode::UnknownMemberId)?.to_owned();
            self.drop_member(&current);
        } else if self.group.is_pending(member_id) {
            self.drop_member(member_id);
        } else {
            self.group.validate_member(member_id, group_instance_id.as_deref())?;
            self.drop_member(member_id);
        }
        Ok(())
    }
}
