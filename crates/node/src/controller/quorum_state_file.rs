//! The file `quorum-state`: what a voter must never forget, between the quorum's words and the log room's
//! (Kafka: `FileQuorumStateStore`).

use klamm_base::Uuid;
use klamm_log::{LogFault, MetadataDir, QuorumState, QuorumStateVersion};
use klamm_raft::{ElectionState, ReplicaKey};

/// Reads the file; `None` when this voter has never taken part in an election.
pub fn read(dir: &MetadataDir) -> Result<Option<ElectionState>, LogFault> {
    Ok(dir.quorum_state()?.map(|state| from_file(&state)))
}

/// Replaces the file; durable when it returns.
pub fn write(dir: &MetadataDir, election: &ElectionState, version: i16) -> Result<(), LogFault> {
    dir.write_quorum_state(&to_file(election, version))
}

fn from_file(state: &QuorumState) -> ElectionState {
    let (voted_directory, voter_ids) = match &state.version {
        QuorumStateVersion::V0 { current_voters, .. } => {
            (Uuid::ZERO, current_voters.clone().unwrap_or_default())
        }
        QuorumStateVersion::V1 { voted_directory_id } => (*voted_directory_id, Vec::new()),
    };
    ElectionState {
        epoch: state.leader_epoch,
        leader_id: (state.leader_id >= 0).then_some(state.leader_id),
        voted: (state.voted_id >= 0).then(|| ReplicaKey::new(state.voted_id, voted_directory)),
        voter_ids,
    }
}

fn to_file(election: &ElectionState, version: i16) -> QuorumState {
    let data = election.to_data(version);
    QuorumState {
        leader_id: data.leader_id,
        leader_epoch: data.leader_epoch,
        voted_id: data.voted_id,
        version: match version {
            0 => {
                QuorumStateVersion::V0 { applied_offset: 0, current_voters: Some(election.voter_ids.clone()) }
            }
            _ => QuorumStateVersion::V1 { voted_directory_id: data.voted_directory_id },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_layouts_come_back() {
        let me = ReplicaKey::new(1, Uuid([7; 16]));
        let candidate = ElectionState { epoch: 4, leader_id: None, voted: Some(me), voter_ids: Vec::new() };
        assert_eq!(from_file(&to_file(&candidate, 1)), candidate);
        let leader = ElectionState { epoch: 4, leader_id: Some(1), voted: None, voter_ids: vec![1] };
        assert_eq!(from_file(&to_file(&leader, 0)), leader);
    }
}
