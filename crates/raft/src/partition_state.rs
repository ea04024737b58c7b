//! Voter set and kraft.version as the control records of the metadata log say them.
//! Kafka: `KRaftControlRecordStateMachine`.

use crate::records::KRaftVersionRecord;
use crate::{ControlRecord, VoterSet};

/// The values by the offset of their records. A voter set is in force as soon as it is appended,
/// committed or not (KIP-853); a snapshot says what was in force at its end. Both change a few times
/// in the life of a cluster.
#[derive(Clone, Debug)]
pub struct PartitionState {
    static_voters: VoterSet,
    voters: Vec<(i64, VoterSet)>,
    kraft_versions: Vec<(i64, i16)>,
}

impl PartitionState {
    pub fn new(static_voters: VoterSet) -> PartitionState {
        PartitionState { static_voters, voters: Vec::new(), kraft_versions: Vec::new() }
    }

    /// Takes in one control record; kinds without a say here are passed over.
    pub fn replay(&mut self, offset: i64, record: &ControlRecord) {
        match record {
            ControlRecord::KRaftVersion(KRaftVersionRecord { k_raft_version, .. }) => {
                self.kraft_versions.push((offset, *k_raft_version));
            }
            ControlRecord::KRaftVoters(voters) => {
                self.voters.push((offset, VoterSet::from_record(voters)));
            }
            ControlRecord::LeaderChange(_)
            | ControlRecord::SnapshotHeader(_)
            | ControlRecord::SnapshotFooter(_) => {}
        }
    }

    /// The voters of the log or snapshot, else those of `controller.quorum.voters`.
    pub fn voters(&self) -> &VoterSet {
        self.voters_before(i64::MAX)
    }

    /// The voters that the records below `end_offset` leave in force.
    pub fn voters_before(&self, end_offset: i64) -> &VoterSet {
        before(&self.voters, end_offset).unwrap_or(&self.static_voters)
    }

    /// Where the voter set was read: -1 when only the bootstrap snapshot has it.
    pub fn voters_offset(&self) -> Option<i64> {
        self.voters.last().map(|&(offset, _)| offset)
    }

    pub fn kraft_version(&self) -> i16 {
        self.kraft_version_before(i64::MAX)
    }

    /// The level that the records below `end_offset` finalize.
    pub fn kraft_version_before(&self, end_offset: i64) -> i16 {
        before(&self.kraft_versions, end_offset).copied().unwrap_or(crate::KRAFT_VERSION_0)
    }
}

/// The last value whose record lies below `end_offset`.
fn before<T>(values: &[(i64, T)], end_offset: i64) -> Option<&T> {
    values.iter().rev().find(|(offset, _)| *offset < end_offset).map(|(_, value)| value)
}
