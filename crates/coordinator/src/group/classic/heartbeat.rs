//! Heartbeat to a classic group.

use klamm_base::ErrorCode;
use klamm_wire::HeartbeatRequest;

use super::ClassicGroupState::{CompletingRebalance, Empty, PreparingRebalance, Stable};
use super::turn::Turn;

impl Turn<'_> {
    /// A member lives; tells it whether it must join again.
    ///
    /// # Errors
    /// UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS, in this order.
    pub fn heartbeat(&mut self, heartbeat: &HeartbeatRequest) -> Result<(), ErrorCode> {
        self.group.validate_member(&heartbeat.member_id, heartbeat.group_instance_id.as_deref())?;
        if heartbeat.generation_id != self.group.generation_id() {
            return Err(ErrorCode::IllegalGeneration);
        }
        match self.group.state() {
            Empty => return Err(ErrorCode::UnknownMemberId),
            PreparingRebalance | CompletingRebalance | Stable => self.heard_of(&heartbeat.member_id),
        }
        if self.group.is_in(PreparingRebalance) { Err(ErrorCode::RebalanceInProgress) } else { Ok(()) }
    }
}
