//! The state machine of one voter. Kafka: `QuorumState`, `LeaderState`, `KafkaRaftClient`.
//!
//! ```text
//! from        on                                             to
//! Loading     Start: quorum-state is older than the log      Unattached, epoch of the log
//! Loading     Start: this voter led the epoch                Resigned, so that it cannot lead it twice
//! Loading     Start: this voter voted for itself             Candidate, same epoch
//! Loading     Start: otherwise                               Unattached
//! Unattached  at once: nobody else could win                 Candidate, epoch + 1
//! Resigned    at once after Start: nobody else could win     Candidate, epoch + 1
//! Candidate   own vote is durable and a majority             Leader
//! Leader      Shutdown                                       Resigned
//! ```
//!
//! The leader's first batch is a LeaderChange; nothing counts as committed before a record of the
//! own epoch is durable, then everything below the durable end does (a majority of one).

use std::fmt;

use crate::partition_state::PartitionState;
use crate::records::{KRaftVersionRecord, LeaderChangeMessage, leader_change_message};
use crate::{
    Action, ControlRecord, ElectionState, Event, KRAFT_VERSION_1, OffsetAndEpoch, VoterNode, VoterSet,
};

/// What this voter is right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Snapshot and log are still being read.
    Loading,
    Unattached {
        epoch: i32,
    },
    Candidate {
        epoch: i32,
    },
    /// `high_watermark` is `None` until a record of `epoch` is durable.
    Leader {
        epoch: i32,
        epoch_start_offset: i64,
        high_watermark: Option<i64>,
    },
    Resigned {
        epoch: i32,
    },
}

/// Why this node cannot take part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuorumFault {
    /// There are other voters, or none; Klamm serves the quorum of one.
    NotTheOnlyVoter { voters: Vec<i32>, local: i32 },
    /// The set has this node's id with another directory id: the disk was replaced.
    UnknownDirectory { local: crate::ReplicaKey, voters: VoterSet },
    /// The finalized kraft.version is newer than this build.
    UnsupportedKRaftVersion { version: i16 },
}

impl fmt::Display for QuorumFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QuorumFault::NotTheOnlyVoter { voters, local } => {
                write!(
                    f,
                    "the controller quorum is {voters:?}, but only a quorum of the one node {local} is served"
                )
            }
            QuorumFault::UnknownDirectory { local, .. } => write!(
                f,
                "node {} is a voter of the controller quorum, but with another directory id than {}",
                local.id,
                local.directory_id_or_zero()
            ),
            QuorumFault::UnsupportedKRaftVersion { version } => {
                write!(
                    f,
                    "the metadata log is at kraft.version {version}, the newest served is {KRAFT_VERSION_1}"
                )
            }
        }
    }
}

impl std::error::Error for QuorumFault {}

/// The quorum as this voter sees it.
#[derive(Clone, Debug)]
pub struct Quorum {
    local: VoterNode,
    partition: PartitionState,
    role: Role,
    /// End of what the log was given, durable or not.
    log_end: i64,
}

impl Quorum {
    /// `local` is this node as it would register as voter; `static_voters` is the meaning of
    /// `controller.quorum.voters`, empty when unset.
    pub fn new(local: VoterNode, static_voters: VoterSet) -> Quorum {
        assert!(
            local.key.directory_id.is_some(),
            "a voter knows its own directory id, node {}",
            local.key.id
        );
        Quorum { local, partition: PartitionState::new(static_voters), role: Role::Loading, log_end: 0 }
    }

    /// Takes one event and returns what has to be done, in order.
    pub fn step(&mut self, event: Event) -> Result<Vec<Action>, QuorumFault> {
        let actions = match event {
            Event::Loaded { offset, record } => {
                assert!(
                    self.role == Role::Loading,
                    "control records are loaded before the start, not as {:?}",
                    self.role
                );
                self.partition.replay(offset, &record);
                Vec::new()
            }
            Event::Start { election, log_end } => self.start(election.unwrap_or_default(), log_end)?,
            Event::Appended { end_offset } => {
                self.appended(end_offset);
                Vec::new()
            }
            Event::Durable { end_offset } => self.durable(end_offset),
            Event::RaiseKRaftVersion { version } => self.raise_kraft_version(version),
            Event::Shutdown => self.shutdown(),
        };
        self.validate();
        Ok(actions)
    }

    pub fn role(&self) -> Role {
        self.role
    }

    /// The epoch this voter is in; 0 before the start.
    pub fn epoch(&self) -> i32 {
        match self.role {
            Role::Loading => 0,
            Role::Unattached { epoch }
            | Role::Candidate { epoch }
            | Role::Resigned { epoch }
            | Role::Leader { epoch, .. } => epoch,
        }
    }

    pub fn leader_id(&self) -> Option<i32> {
        matches!(self.role, Role::Leader { .. }).then_some(self.local.key.id)
    }

    pub fn high_watermark(&self) -> Option<i64> {
        match self.role {
            Role::Leader { high_watermark, .. } => high_watermark,
            _ => None,
        }
    }

    /// End of what the log was given, durable or not; exclusive.
    pub fn log_end(&self) -> i64 {
        self.log_end
    }

    pub fn voters(&self) -> &VoterSet {
        self.partition.voters()
    }

    pub fn kraft_version(&self) -> i16 {
        self.partition.kraft_version()
    }

    /// What a snapshot with the records below `end_offset` has to say: kraft.version and voters.
    pub fn at_snapshot(&self, end_offset: i64) -> (i16, &VoterSet) {
        (self.partition.kraft_version_before(end_offset), self.partition.voters_before(end_offset))
    }

    /// This voter.
    pub fn local(&self) -> &VoterNode {
        &self.local
    }

    /// Order of the positions; called after every step.
    pub fn validate(&self) {
        if let Role::Leader { epoch, epoch_start_offset, high_watermark } = self.role {
            assert!(epoch > 0, "leader of epoch {epoch}");
            assert!(
                epoch_start_offset <= self.log_end,
                "epoch {epoch} starts at {epoch_start_offset}, the log ends at {}",
                self.log_end
            );
            if let Some(hw) = high_watermark {
                assert!(
                    epoch_start_offset < hw && hw <= self.log_end,
                    "high watermark {hw} outside ({epoch_start_offset}, {}]",
                    self.log_end
                );
            }
            assert!(self.voters().is_only_voter(&self.local.key), "leader without a majority");
        }
    }

    fn start(
        &mut self,
        election: ElectionState,
        log_end: OffsetAndEpoch,
    ) -> Result<Vec<Action>, QuorumFault> {
        assert!(self.role == Role::Loading, "started twice, now {:?}", self.role);
        self.check_served()?;
        self.log_end = log_end.offset;
        self.role = self.initial_role(&election, log_end.epoch);
        let mut actions = Vec::new();
        if let Role::Unattached { epoch } | Role::Resigned { epoch } = self.role {
            actions.push(self.become_candidate(epoch + 1));
        }
        actions.extend(self.become_leader());
        Ok(actions)
    }

    fn check_served(&self) -> Result<(), QuorumFault> {
        let version = self.partition.kraft_version();
        if !(0..=KRAFT_VERSION_1).contains(&version) {
            return Err(QuorumFault::UnsupportedKRaftVersion { version });
        }
        let (voters, local) = (self.voters(), self.local.key);
        if voters.is_only_voter(&local) {
            Ok(())
        } else if voters.voter_ids().eq([local.id]) {
            Err(QuorumFault::UnknownDirectory { local, voters: voters.clone() })
        } else {
            Err(QuorumFault::NotTheOnlyVoter { voters: voters.voter_ids().collect(), local: local.id })
        }
    }

    fn initial_role(&self, election: &ElectionState, log_epoch: i32) -> Role {
        if election.epoch < log_epoch {
            Role::Unattached { epoch: log_epoch }
        } else if election.leader_id == Some(self.local.key.id) {
            Role::Resigned { epoch: election.epoch }
        } else if election.is_voted_candidate(&self.local.key) {
            Role::Candidate { epoch: election.epoch }
        } else {
            Role::Unattached { epoch: election.epoch }
        }
    }

    fn become_candidate(&mut self, epoch: i32) -> Action {
        assert!(
            matches!(self.role, Role::Unattached { .. } | Role::Resigned { .. }),
            "candidate from {:?}",
            self.role
        );
        self.role = Role::Candidate { epoch };
        self.persist(ElectionState {
            epoch,
            leader_id: None,
            voted: Some(self.local.key),
            voter_ids: self.voters().voter_ids().collect(),
        })
    }

    fn become_leader(&mut self) -> [Action; 2] {
        let Role::Candidate { epoch } = self.role else { panic!("leader from {:?}", self.role) };
        self.role = Role::Leader { epoch, epoch_start_offset: self.log_end, high_watermark: None };
        let voter_ids: Vec<i32> = self.voters().voter_ids().collect();
        let leader_id = Some(self.local.key.id);
        let records = self.start_of_epoch_records(&voter_ids);
        for (offset, record) in (self.log_end..).zip(&records) {
            self.partition.replay(offset, record);
        }
        [
            self.persist(ElectionState { epoch, leader_id, voted: None, voter_ids }),
            Action::AppendControl { epoch, records },
        ]
    }

    /// LeaderChange; at kraft.version 1 also version and voters, when the log never had them or
    /// this voter moved.
    fn start_of_epoch_records(&self, voter_ids: &[i32]) -> Vec<ControlRecord> {
        let voter = |&voter_id: &i32| leader_change_message::Voter { voter_id, ..Default::default() };
        let mut records = vec![ControlRecord::LeaderChange(LeaderChangeMessage {
            version: 0,
            leader_id: self.local.key.id,
            voters: voter_ids.iter().map(voter).collect(),
            granting_voters: vec![voter(&self.local.key.id)],
        })];
        let never_logged = self.partition.voters_offset() == Some(-1);
        if self.kraft_version() == KRAFT_VERSION_1
            && (never_logged || self.voters().needs_update(&self.local))
        {
            records.extend(self.version_and_voters(KRAFT_VERSION_1));
        }
        records
    }

    fn version_and_voters(&self, version: i16) -> [ControlRecord; 2] {
        let voters = self.voters().updated(&self.local).expect("the local node is a voter: checked at start");
        let version = KRaftVersionRecord { version: 0, k_raft_version: version };
        [ControlRecord::KRaftVersion(version), ControlRecord::KRaftVoters(voters.to_record())]
    }

    /// The voters move into the log with the version that allows it (KIP-853): from then on the
    /// configuration has no say.
    fn raise_kraft_version(&mut self, version: i16) -> Vec<Action> {
        let Role::Leader { epoch, .. } = self.role else { panic!("kraft.version raised by {:?}", self.role) };
        let (lowest, highest) = self.local.supported_kraft_versions;
        assert!(
            self.kraft_version() < version && (lowest..=highest).contains(&version),
            "kraft.version {} raised to {version}, the voters support {lowest} to {highest}",
            self.kraft_version()
        );
        let records = self.version_and_voters(version).to_vec();
        for (offset, record) in (self.log_end..).zip(&records) {
            self.partition.replay(offset, record);
        }
        vec![Action::AppendControl { epoch, records }]
    }

    fn persist(&self, election: ElectionState) -> Action {
        Action::PersistElection { election, version: self.kraft_version() }
    }

    fn appended(&mut self, end_offset: i64) {
        assert!(end_offset >= self.log_end, "log end went back from {} to {end_offset}", self.log_end);
        self.log_end = end_offset;
    }

    fn durable(&mut self, end_offset: i64) -> Vec<Action> {
        assert!(end_offset <= self.log_end, "durable end {end_offset} beyond log end {}", self.log_end);
        let Role::Leader { epoch, epoch_start_offset, high_watermark } = &mut self.role else {
            return Vec::new();
        };
        if end_offset <= *epoch_start_offset || high_watermark.is_some_and(|hw| end_offset <= hw) {
            return Vec::new();
        }
        let mut actions = vec![Action::HighWatermark { offset: end_offset }];
        if high_watermark.replace(end_offset).is_none() {
            actions.push(Action::BecomeLeader { epoch: *epoch });
        }
        actions
    }

    fn shutdown(&mut self) -> Vec<Action> {
        let Role::Leader { epoch, .. } = self.role else { return Vec::new() };
        self.role = Role::Resigned { epoch };
        vec![Action::Resign { epoch }]
    }
}

#[cfg(test)]
mod tests;
