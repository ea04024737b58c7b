//! One partition as the controller decided it. Kafka: `PartitionRegistration`, `LeaderRecoveryState`.

use klamm_base::Uuid;

use crate::RecordOptions;
use crate::directory_id;
use crate::record::VersionedRecord;
use crate::records::{PartitionChangeRecord, PartitionRecord};
use crate::replay_fault::ReplayFault;

/// The leader field of a partition without a leader.
pub const NO_LEADER: i32 = -1;
/// The leader field of a PartitionChangeRecord that does not touch the leader.
pub const NO_LEADER_CHANGE: i32 = -2;

/// Whether the leader still has to find out what an unclean election lost (KIP-704).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeaderRecoveryState {
    #[default]
    Recovered,
    Recovering,
}

impl LeaderRecoveryState {
    /// The value of a PartitionChangeRecord that does not touch the state.
    pub const NO_CHANGE: i8 = -1;

    pub fn value(self) -> i8 {
        match self {
            LeaderRecoveryState::Recovered => 0,
            LeaderRecoveryState::Recovering => 1,
        }
    }

    pub fn from_value(value: i8) -> Option<LeaderRecoveryState> {
        match value {
            0 => Some(LeaderRecoveryState::Recovered),
            1 => Some(LeaderRecoveryState::Recovering),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionRegistration {
    /// In order of preference; the first is the preferred leader.
    pub replicas: Vec<i32>,
    /// The log directory of each replica, in the order of `replicas`.
    pub directories: Vec<Uuid>,
    pub isr: Vec<i32>,
    pub removing_replicas: Vec<i32>,
    pub adding_replicas: Vec<i32>,
    /// Out of sync, but complete up to the high watermark (KIP-966).
    pub elr: Vec<i32>,
    /// With an empty ISR and ELR: the last leader, to be elected first when it comes back.
    pub last_known_elr: Vec<i32>,
    /// [`NO_LEADER`] when there is none.
    pub leader: i32,
    pub leader_recovery_state: LeaderRecoveryState,
    pub leader_epoch: i32,
    pub partition_epoch: i32,
}

impl PartitionRegistration {
    pub fn from_record(record: &PartitionRecord) -> Result<PartitionRegistration, ReplayFault> {
        let state = record.leader_recovery_state;
        Ok(PartitionRegistration {
            directories: checked_directories(&record.directories, record.replicas.len())?,
            replicas: record.replicas.clone(),
            isr: record.isr.clone(),
            removing_replicas: record.removing_replicas.clone(),
            adding_replicas: record.adding_replicas.clone(),
            elr: record.eligible_leader_replicas.clone().unwrap_or_default(),
            last_known_elr: record.last_known_elr.clone().unwrap_or_default(),
            leader: record.leader,
            leader_recovery_state: recovery_state(state)?,
            leader_epoch: record.leader_epoch,
            partition_epoch: record.partition_epoch,
        })
    }

    /// The partition after `change`. Every change adds one to the partition epoch; a present leader
    /// adds one to the leader epoch even when it stays the same. Epochs begin anew after the last, as Java's numbers do.
    pub fn merge(&self, change: &PartitionChangeRecord) -> Result<PartitionRegistration, ReplayFault> {
        let replicas = change.replicas.as_ref().unwrap_or(&self.replicas).clone();
        let directories = change.directories.as_ref().unwrap_or(&self.directories);
        let leader_changes = change.leader != NO_LEADER_CHANGE;
        let next = |new: &Option<Vec<i32>>, old: &Vec<i32>| new.as_ref().unwrap_or(old).clone();
        Ok(PartitionRegistration {
            directories: checked_directories(directories, replicas.len())?,
            replicas,
            isr: next(&change.isr, &self.isr),
            removing_replicas: next(&change.removing_replicas, &self.removing_replicas),
            adding_replicas: next(&change.adding_replicas, &self.adding_replicas),
            elr: next(&change.eligible_leader_replicas, &self.elr),
            last_known_elr: next(&change.last_known_elr, &self.last_known_elr),
            leader: if leader_changes { change.leader } else { self.leader },
            leader_recovery_state: match change.leader_recovery_state {
                LeaderRecoveryState::NO_CHANGE => self.leader_recovery_state,
                state => recovery_state(state)?,
            },
            leader_epoch: self.leader_epoch.wrapping_add(i32::from(leader_changes)),
            partition_epoch: self.partition_epoch.wrapping_add(1),
        })
    }

    /// The record that creates this state. What `options.metadata_version` cannot say is left out.
    ///
    /// Who is eligible is said also when ELR was switched off in the meantime. Kafka leaves it out, and a
    /// partition whose ISR was empty at that moment is without a leader for good after the next start.
    pub fn to_record(&self, topic_id: Uuid, partition_id: i32, options: &RecordOptions) -> VersionedRecord {
        let with_elr = options.metadata_version.is_elr_supported();
        let elr = |list: &Vec<i32>| (with_elr && !list.is_empty()).then(|| list.clone());
        let with_directories = options.metadata_version.is_directory_assignment_supported();
        let record = PartitionRecord {
            partition_id,
            topic_id,
            replicas: self.replicas.clone(),
            isr: self.isr.clone(),
            removing_replicas: self.removing_replicas.clone(),
            adding_replicas: self.adding_replicas.clone(),
            leader: self.leader,
            leader_recovery_state: self.leader_recovery_state.value(),
            leader_epoch: self.leader_epoch,
            partition_epoch: self.partition_epoch,
            directories: if with_directories { self.directories.clone() } else { Vec::new() },
            eligible_leader_replicas: elr(&self.elr),
            last_known_elr: elr(&self.last_known_elr),
        };
        VersionedRecord::new(record, options.metadata_version.partition_record_version())
    }

    pub fn has_leader(&self) -> bool {
        self.leader != NO_LEADER
    }

    /// The first replica, [`NO_LEADER`] if there is none.
    pub fn preferred_replica(&self) -> i32 {
        self.replicas.first().copied().unwrap_or(NO_LEADER)
    }

    pub fn has_preferred_leader(&self) -> bool {
        self.leader == self.preferred_replica()
    }

    /// The directory of `replica`, `None` if it is no replica of this partition.
    pub fn directory(&self, replica: i32) -> Option<Uuid> {
        self.replicas.iter().position(|&id| id == replica).map(|at| self.directories[at])
    }
}

/// One directory for each replica; a list of only "migrating" ids counts as none.
fn checked_directories(directories: &[Uuid], replicas: usize) -> Result<Vec<Uuid>, ReplayFault> {
    if directories.iter().all(|&id| id == directory_id::MIGRATING) {
        return Ok(vec![directory_id::MIGRATING; replicas]);
    }
    if directories.len() != replicas {
        return Err(ReplayFault::DirectoryCount { replicas, directories: directories.len() });
    }
    Ok(directories.to_vec())
}

fn recovery_state(value: i8) -> Result<LeaderRecoveryState, ReplayFault> {
    LeaderRecoveryState::from_value(value)
        .ok_or(ReplayFault::FieldValue { field: "leaderRecoveryState", value: i64::from(value) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MetadataVersion;

    fn partition() -> PartitionRegistration {
        PartitionRegistration {
            replicas: vec![1, 2, 3],
            directories: vec![Uuid([1; 16]), Uuid([2; 16]), Uuid([3; 16])],
            isr: vec![1, 2, 3],
            removing_replicas: vec![],
            adding_replicas: vec![],
            elr: vec![],
            last_known_elr: vec![],
            leader: 1,
            leader_recovery_state: LeaderRecoveryState::Recovered,
            leader_epoch: 5,
            partition_epoch: 9,
        }
    }

    #[test]
    fn every_change_moves_the_partition_epoch_and_a_present_leader_the_leader_epoch() {
        let change = PartitionChangeRecord { isr: Some(vec![1]), ..Default::default() };
        let shrunk = partition().merge(&change).expect("valid");
        assert_eq!(
            (shrunk.isr, shrunk.leader, shrunk.leader_epoch, shrunk.partition_epoch),
            (vec![1], 1, 5, 10)
        );

        let change = PartitionChangeRecord { leader: 1, ..Default::default() };
        let same_leader = partition().merge(&change).expect("valid");
        assert_eq!((same_leader.leader, same_leader.leader_epoch, same_leader.partition_epoch), (1, 6, 10));

        let change = PartitionChangeRecord { leader: -1, isr: Some(vec![]), ..Default::default() };
        let leaderless = partition().merge(&change).expect("valid");
        assert!(!leaderless.has_leader() && leaderless.leader_epoch == 6);
    }

    #[test]
    fn a_changed_replica_list_needs_its_directories() {
        let replicas = Some(vec![1, 2]);
        let change = PartitionChangeRecord { replicas: replicas.clone(), ..Default::default() };
        let fault = partition().merge(&change).expect_err("three directories are left");
        assert!(matches!(fault, ReplayFault::DirectoryCount { replicas: 2, directories: 3 }));

        let directories = Some(vec![Uuid([1; 16]), Uuid([2; 16])]);
        let change = PartitionChangeRecord { replicas, directories, ..Default::default() };
        assert_eq!(partition().merge(&change).expect("valid").directory(2), Some(Uuid([2; 16])));
    }

    #[test]
    fn records_without_directories_mean_migrating_ones() {
        let record = PartitionRecord { replicas: vec![1, 2], isr: vec![1], leader: 1, ..Default::default() };
        let partition = PartitionRegistration::from_record(&record).expect("valid");
        assert_eq!(partition.directories, [directory_id::MIGRATING; 2]);
    }

    #[test]
    fn records_say_what_the_metadata_version_allows() {
        let mut partition = partition();
        partition.elr = vec![3];
        let record = |level, elr_enabled| {
            let metadata_version = MetadataVersion::from_level(level).expect("known");
            let options = RecordOptions { metadata_version, elr_enabled };
            let versioned = partition.to_record(Uuid([9; 16]), 4, &options);
            let crate::MetadataRecord::Partition(record) = versioned.record else { panic!("{versioned:?}") };
            (versioned.version, record.directories.len(), record.eligible_leader_replicas)
        };
        assert_eq!(record(33, true), (2, 3, Some(vec![3])));
        assert_eq!(record(33, false), (2, 3, Some(vec![3])), "switched off, and not forgotten");
        assert_eq!(record(17, false), (1, 3, None));
        assert_eq!(record(16, false), (0, 0, None));
    }

    #[test]
    fn epochs_begin_anew_after_the_last() {
        let last = PartitionRegistration { leader_epoch: i32::MAX, partition_epoch: i32::MAX, ..partition() };
        let next = last.merge(&PartitionChangeRecord { leader: 1, ..Default::default() }).expect("valid");
        assert_eq!((next.leader_epoch, next.partition_epoch), (i32::MIN, i32::MIN));
    }

    #[test]
    fn an_unknown_recovery_state_is_a_fault() {
        let change = PartitionChangeRecord { leader_recovery_state: 2, ..Default::default() };
        let fault = partition().merge(&change).expect_err("there are two states");
        assert!(matches!(fault, ReplayFault::FieldValue { field: "leaderRecoveryState", value: 2 }));
    }
}
