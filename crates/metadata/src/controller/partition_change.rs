//! The next state of one partition: who leads, who is in sync, who is eligible. A pure builder.
//! Kafka: `PartitionChangeBuilder`, KIP-966.
//!
//! ```text
//! election     elects, in this order
//! Preferred    the first replica; the current leader; else as below
//! Online       the current leader if it may stay; the first replica in the ISR (in the ELR, when the
//!              ISR is empty); the last known leader, when ISR and ELR are empty
//! Unclean      the same; else the first replica that is alive, which may lose records
//! ```

use std::collections::BTreeSet;

use klamm_base::Uuid;

use super::reassignment;
use crate::RecordOptions;
use crate::image::{LeaderRecoveryState, NO_LEADER, NO_LEADER_CHANGE, PartitionRegistration};
use crate::record::VersionedRecord;
use crate::records::PartitionChangeRecord;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Election {
    Preferred,
    Online,
    /// unclean.leader.election.enable holds for the topic.
    Unclean,
}

/// Which replicas a partition shall have: all for now, and which of them come and go.
pub(crate) struct Target {
    pub replicas: Vec<i32>,
    pub adding: Vec<i32>,
    pub removing: Vec<i32>,
}

/// Everything the next state depends on.
pub(crate) struct PartitionChange<'a> {
    pub partition: &'a PartitionRegistration,
    pub topic_id: Uuid,
    pub partition_id: i32,
    pub options: RecordOptions,
    pub min_isr: usize,
    pub election: Election,
    pub target_isr: Vec<i32>,
    /// A broker that lost what it had not synced: neither in sync nor eligible.
    pub unclean_shutdown: Option<i32>,
    /// A broker that has told in which directory its replica lies.
    pub assigned: Option<(i32, Uuid)>,
    /// `None`: the replicas stay.
    pub target: Option<Target>,
    pub is_acceptable_leader: &'a dyn Fn(i32) -> bool,
    pub default_directory: &'a dyn Fn(i32) -> Uuid,
}

/// The state being built; the lists begin as they are in the partition.
struct Builder<'a> {
    input: PartitionChange<'a>,
    isr: Vec<i32>,
    replicas: Vec<i32>,
    removing: Vec<i32>,
    adding: Vec<i32>,
    elr: Vec<i32>,
    record: PartitionChangeRecord,
}

impl<'a> PartitionChange<'a> {
    /// The record that makes the change; `None` if nothing changes.
    pub(crate) fn build(mut self) -> Option<VersionedRecord> {
        let partition = self.partition;
        let version = self.options.metadata_version.partition_record_version();
        let target = self.target.take().unwrap_or_else(|| Target {
            replicas: partition.replicas.clone(),
            removing: partition.removing_replicas.clone(),
            adding: partition.adding_replicas.clone(),
        });
        let mut builder = Builder {
            isr: self.target_isr.clone(),
            replicas: target.replicas,
            removing: target.removing,
            adding: target.adding,
            elr: partition.elr.clone(),
            record: PartitionChangeRecord {
                topic_id: self.topic_id,
                partition_id: self.partition_id,
                ..Default::default()
            },
            input: self,
        };
        builder.complete_reassignment();
        builder.populate_elr();
        builder.elect();
        builder.bump_leader_epoch_for_removed_replicas();
        builder.set_elr();
        builder.set_isr();
        builder.bump_leader_epoch_for_isr_shrink();
        builder.set_last_known_leader();
        builder.set_assignment();
        let (topic_id, partition_id) = (builder.record.topic_id, builder.record.partition_id);
        let unchanged = PartitionChangeRecord { topic_id, partition_id, ..Default::default() };
        (builder.record != unchanged).then(|| VersionedRecord::new(builder.record, version))
    }
}

impl Builder<'_> {
    fn elr_enabled(&self) -> bool {
        self.input.options.elr_enabled
    }

    fn complete_reassignment(&mut self) {
        let completed = reassignment::complete(&self.replicas, &self.adding, &self.removing, &self.isr);
        if let Some(completed) = completed {
            self.isr = completed.isr;
            self.replicas = completed.replicas;
            self.removing = Vec::new();
            self.adding = Vec::new();
        }
    }

    /// With an ISR below the minimum, who leaves the ISR stays eligible.
    fn populate_elr(&mut self) {
        if !self.elr_enabled() {
            return;
        }
        if self.isr.len() >= self.input.min_isr {
            self.elr = Vec::new();
            return;
        }
        let candidates: BTreeSet<i32> = self.elr.iter().chain(&self.input.partition.isr).copied().collect();
        let lost = self.input.unclean_shutdown;
        let eligible = |id: &i32| !self.isr.contains(id) && Some(*id) != lost;
        self.elr = candidates.into_iter().filter(eligible).collect();
    }

    fn elect(&mut self) {
        let (leader, unclean) = self.elected();
        if leader == self.input.partition.leader {
            return;
        }
        if self.elr.contains(&leader) {
            self.isr = vec![leader];
            self.elr.retain(|&id| id != leader);
        }
        self.record.leader = leader;
        if unclean {
            self.record.isr = Some(vec![leader]);
            if self.input.partition.leader_recovery_state != LeaderRecoveryState::Recovering {
                self.record.leader_recovery_state = LeaderRecoveryState::Recovering.value();
            }
        }
    }

    /// The leader to be, and whether it may lack committed records.
    fn elected(&self) -> (i32, bool) {
        let current = self.input.partition.leader;
        if self.input.election == Election::Preferred && self.may_lead(self.replicas[0]) {
            return (self.replicas[0], false);
        }
        if self.may_lead(current) {
            return (current, false);
        }
        if let Some(&replica) = self.replicas.iter().find(|&&id| self.may_lead(id)) {
            return (replica, false);
        }
        if let Some(last_known) = self.last_known_leader() {
            return (last_known, true);
        }
        if self.input.election == Election::Unclean {
            let alive = |id: &&i32| (self.input.is_acceptable_leader)(**id);
            if let Some(&replica) = self.replicas.iter().find(alive) {
                return (replica, true);
            }
        }
        (NO_LEADER, false)
    }

    fn may_lead(&self, replica: i32) -> bool {
        let complete = self.isr.contains(&replica) || (self.isr.is_empty() && self.elr.contains(&replica));
        complete && (self.input.is_acceptable_leader)(replica)
    }

    fn last_known_leader(&self) -> Option<i32> {
        if !self.elr_enabled() || !self.elr.is_empty() || !self.isr.is_empty() {
            return None;
        }
        match self.input.partition.last_known_elr[..] {
            [last] if (self.input.is_acceptable_leader)(last) => Some(last),
            _ => None,
        }
    }

    /// A replica that is taken away must not go on believing in this epoch.
    fn bump_leader_epoch_for_removed_replicas(&mut self) {
        let all_stay = self.input.partition.replicas.iter().all(|id| self.replicas.contains(id));
        if self.record.leader == NO_LEADER_CHANGE && !all_stay {
            self.record.leader = self.input.partition.leader;
        }
    }

    fn set_elr(&mut self) {
        // An unclean election has set the ISR: what was eligible before is of another history.
        if self.record.isr.is_some() || !self.elr_enabled() {
            self.elr = Vec::new();
        }
        if self.elr != self.input.partition.elr {
            self.record.eligible_leader_replicas = Some(self.elr.clone());
        }
    }

    fn set_isr(&mut self) {
        let may_be_set = !self.isr.is_empty() || self.elr_enabled();
        if self.record.isr.is_none() && may_be_set && self.isr != self.input.partition.isr {
            self.record.isr = Some(self.isr.clone());
        }
    }

    /// Brokers below 3.6 miss a shrinking ISR without a new epoch (KAFKA-15021).
    fn bump_leader_epoch_for_isr_shrink(&mut self) {
        if !self.input.options.metadata_version.is_leader_epoch_bump_required_on_isr_shrink()
            || self.record.leader != NO_LEADER_CHANGE
        {
            return;
        }
        let Some(isr) = &self.record.isr else { return };
        if !self.input.partition.isr.iter().all(|id| isr.contains(id)) {
            self.record.leader = self.input.partition.leader;
        }
    }

    fn set_last_known_leader(&mut self) {
        if !self.elr_enabled() {
            return;
        }
        let partition = self.input.partition;
        if self.record.leader == NO_LEADER && partition.last_known_elr.is_empty() {
            self.record.last_known_elr = Some(vec![partition.leader]);
        } else if self.record.leader >= 0 && !partition.last_known_elr.is_empty() {
            self.record.last_known_elr = Some(Vec::new());
        }
    }

    fn set_assignment(&mut self) {
        let partition = self.input.partition;
        if self.input.options.metadata_version.is_directory_assignment_supported() {
            let directory = |&id: &i32| match self.input.assigned {
                Some((broker, directory)) if broker == id => directory,
                _ => partition.directory(id).unwrap_or_else(|| (self.input.default_directory)(id)),
            };
            let directories: Vec<Uuid> = self.replicas.iter().map(directory).collect();
            if directories != partition.directories {
                self.record.directories = Some(directories);
            }
        }
        if self.replicas != partition.replicas {
            self.record.replicas = Some(self.replicas.clone());
        }
        if self.removing != partition.removing_replicas {
            self.record.removing_replicas = Some(self.removing.clone());
        }
        if self.adding != partition.adding_replicas {
            self.record.adding_replicas = Some(self.adding.clone());
        }
    }
}

#[cfg(test)]
mod tests;
