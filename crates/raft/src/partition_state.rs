//! Voter set and kraft.version as the control records of the metadata log say them.
//! Kafka: `KRaftControlRecordStateMachine`.

use crate::records::KRaftVersionRecord;
use crate::{ControlRecord, VoterSet};

/// The latest values. A voter set is in force as soon as it is appended, committed or not (KIP-853).
#[derive(Clone, Debug)]
pub struct PartitionState {
    static_voters: VoterSet,
    logged_voters: Option<(i64, VoterSet)>,
    kraft_version: i16,
}

impl PartitionState {
    pub fn new(static_voters: VoterSet) -> PartitionState {
        PartitionState { static_voters, logged_voters: None, kraft_version: crate::KRAFT_VERSION_0 }
    }

    /// Takes in one control record; kinds without a say here are passed over.
    pub fn replay(&mut self, offset: i64, record: &ControlRecord) {
        match record {
            ControlRecord::KRaftVersion(KRaftVersionRecord { k_raft_version, .. }) => {
                self.kraft_version = *k_raft_version;
            }
            ControlRecord::KRaftVoters(voters) => {
                self.logged_voters = Some((offset, VoterSet::from_record(voters)));
            }
            ControlRecord::LeaderChange(_)
            | ControlRecord::SnapshotHeader(_)
            | ControlRecord::SnapshotFooter(_) => {}
        }
    }

    /// The voters of the log or snapshot, else those of `controller.quorum.voters`.
    pub fn voters(&self) -> &VoterSet {
        self.logged_voters.as_ref().map_or(&self.static_voters, |(_, voters)| voters)
    }

    /// Where the voter set was read: -1 when only the bootstrap snapshot has it.
    pub fn voters_offset(&self) -> Option<i64> {
        self.logged_voters.as_ref().map(|&(offset, _)| offset)
    }

    pub fn kraft_version(&self) -> i16 {
        self.kraft_version
    }
}
