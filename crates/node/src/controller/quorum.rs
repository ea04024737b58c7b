//! The quorum in the eyes of clients: what DescribeQuorum tells, and the one feature that the quorum itself keeps.

use klamm_base::{ErrorCode, Now};
use klamm_metadata::{ApiError, FeaturesUpdated};
use klamm_raft::{Event, VoterNode};
use klamm_wire::UpdateFeaturesRequest;

use super::{ActiveController, Decided, State};

/// The quorum at one moment, as its leader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumView {
    pub leader_id: i32,
    pub epoch: i32,
    /// `None` until a record of the epoch is on the disk.
    pub high_watermark: Option<i64>,
    /// Exclusive.
    pub log_end: i64,
    pub voters: Vec<VoterNode>,
}

impl ActiveController {
    /// `None` while this node does not lead.
    pub fn quorum(&self) -> Option<QuorumView> {
        let state = self.state.lock();
        let quorum = &state.quorum;
        Some(QuorumView {
            leader_id: quorum.leader_id()?,
            epoch: quorum.epoch(),
            high_watermark: quorum.high_watermark(),
            log_end: quorum.log_end(),
            voters: quorum.voters().voters().cloned().collect(),
        })
    }

    /// Decides UpdateFeatures. A new kraft.version goes into the log before everything else.
    ///
    /// # Errors
    /// The controller's refusal; nothing has changed then.
    pub fn update_features(
        &self,
        request: &UpdateFeaturesRequest,
        now: Now,
    ) -> Result<Decided<FeaturesUpdated>, ApiError> {
        let offline = || ApiError::bare(ErrorCode::NotController);
        let mut state = self.state.lock();
        let decision = state.controller.update_features(request)?;
        if let Some(version) = decision.response.kraft_version {
            state.raise_kraft_version(version, now).map_err(|_| offline())?;
        }
        let offset = state.append(&decision, now).map_err(|_| offline())?;
        Ok(Decided { response: decision.response, offset })
    }
}

impl State {
    fn raise_kraft_version(&mut self, version: i16, now: Now) -> Result<(), crate::fault::LoadFault> {
        let actions = self.quorum.step(Event::RaiseKRaftVersion { version });
        self.perform(actions.map_err(crate::fault::LoadFault::Quorum)?, now)?;
        self.controller.set_kraft_version(version);
        Ok(())
    }
}
