//! What a voter must never forget: epoch, leader and own vote. Kafka: `ElectionState`, KIP-595.

use crate::ReplicaKey;
use crate::records::{QuorumStateData, quorum_state_data};

/// The value behind the file `quorum-state`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ElectionState {
    pub epoch: i32,
    pub leader_id: Option<i32>,
    pub voted: Option<ReplicaKey>,
    /// Written only in layout 0, where older tools look for it.
    pub voter_ids: Vec<i32>,
}

impl ElectionState {
    pub fn is_voted_candidate(&self, replica: &ReplicaKey) -> bool {
        // Layout 0 has no directory id; then the id alone is the vote.
        self.voted.is_some_and(|voted| {
            voted.id == replica.id
                && (voted.directory_id.is_none() || voted.directory_id == replica.directory_id)
        })
    }

    /// The file's content in layout `version`: 0 below kraft.version 1, else 1.
    pub fn to_data(&self, version: i16) -> QuorumStateData {
        assert!((0..=1).contains(&version), "quorum-state layout {version} does not exist");
        let voters = self.voter_ids.iter().map(|&voter_id| quorum_state_data::Voter { voter_id });
        QuorumStateData {
            leader_id: self.leader_id.unwrap_or(-1),
            leader_epoch: self.epoch,
            voted_id: self.voted.map_or(-1, |voted| voted.id),
            voted_directory_id: match version {
                0 => klamm_base::Uuid::ZERO,
                _ => self.voted.map_or(klamm_base::Uuid::ZERO, |voted| voted.directory_id_or_zero()),
            },
            current_voters: (version == 0).then(|| voters.collect()),
            ..QuorumStateData::default()
        }
    }

    pub fn from_data(data: &QuorumStateData) -> ElectionState {
        ElectionState {
            epoch: data.leader_epoch,
            leader_id: (data.leader_id >= 0).then_some(data.leader_id),
            voted: (data.voted_id >= 0).then(|| ReplicaKey::new(data.voted_id, data.voted_directory_id)),
            voter_ids: data.current_voters.iter().flatten().map(|voter| voter.voter_id).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use klamm_base::Uuid;

    use super::*;

    #[test]
    fn both_layouts_say_the_same_as_far_as_they_can() {
        let state = ElectionState {
            epoch: 6,
            leader_id: None,
            voted: Some(ReplicaKey::new(2, Uuid([9; 16]))),
            voter_ids: vec![1, 2],
        };
        let without_directory = Some(ReplicaKey { id: 2, directory_id: None });
        let layout_0 = ElectionState { voted: without_directory, ..state.clone() };
        assert_eq!(ElectionState::from_data(&state.to_data(0)), layout_0);
        let layout_1 = ElectionState { voter_ids: vec![], ..state.clone() };
        assert_eq!(ElectionState::from_data(&state.to_data(1)), layout_1);

        let led = ElectionState { epoch: 7, leader_id: Some(1), voted: None, voter_ids: vec![] };
        assert_eq!(ElectionState::from_data(&led.to_data(1)), led);
        assert_eq!((led.to_data(1).leader_id, led.to_data(1).voted_id), (1, -1));
    }

    #[test]
    fn a_vote_without_directory_counts_for_the_id() {
        let voted = |directory_id| ElectionState {
            voted: Some(ReplicaKey { id: 1, directory_id }),
            ..ElectionState::default()
        };
        let local = ReplicaKey::new(1, Uuid([7; 16]));
        assert!(voted(None).is_voted_candidate(&local));
        assert!(voted(Some(Uuid([7; 16]))).is_voted_candidate(&local));
        assert!(!voted(Some(Uuid([8; 16]))).is_voted_candidate(&local));
        assert!(!ElectionState::default().is_voted_candidate(&local));
    }
}
