//! OffsetCommit. Whether a topic is there is the caller's question.

use klamm_base::{ErrorCode, Now, Uuid};
use klamm_wire::offset_commit::{
    OffsetCommitRequestPartition, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use klamm_wire::{OffsetCommitRequest, OffsetCommitResponse};

use super::figures::Counts;
use super::{Group, GroupShard, finish};
use crate::group::classic::{ClassicGroup, ClassicGroupState};
use crate::group::contract::{Caller, GroupAnswer, GroupLimits, GroupStep};
use crate::group::record::{ForeignKind, GroupRecord};
use crate::group::records::offsets::{OffsetCommitKey, OffsetCommitValue};
use crate::step::RequestId;

/// From this version on a group that is not there is called that.
const FIRST_COMMIT_WITH_GROUP_ID_NOT_FOUND: i16 = 9;

impl GroupShard {
    /// OffsetCommit. Answered when the offsets are committed to the log.
    pub fn commit_offsets(
        &mut self,
        request: RequestId,
        caller: &Caller,
        commit: &OffsetCommitRequest,
        limits: &GroupLimits,
        now: Now,
    ) -> GroupStep {
        let mut step = GroupStep { is_replayed: true, ..GroupStep::default() };
        let refused = self.validate_commit(caller, commit, limits, now).err();
        let refused = refused.or_else(|| self.has_room_to_commit(commit, limits).err());
        let mut topics = Vec::with_capacity(commit.topics.len());
        for topic in &commit.topics {
            let mut partitions = Vec::with_capacity(topic.partitions.len());
            for partition in &topic.partitions {
                let key = OffsetCommitKey {
                    group: commit.group_id.clone(),
                    topic: topic.name.clone(),
                    partition: partition.partition_index,
                };
                let error = refused.or_else(|| check_metadata(partition, limits).err());
                if error.is_none() {
                    let value = value_of(partition, topic.topic_id, commit.retention_time_ms, now);
                    step.records.push(GroupRecord::OffsetCommit(key, Some(value)));
                }
                partitions.push(OffsetCommitResponsePartition {
                    partition_index: partition.partition_index,
                    error_code: error.unwrap_or(ErrorCode::None).code(),
                });
            }
            topics.push(OffsetCommitResponseTopic {
                name: topic.name.clone(),
                topic_id: topic.topic_id,
                partitions,
            });
        }
        Counts::add(&self.counts.offset_commits, step.records.len());
        let answer = OffsetCommitResponse { topics, ..OffsetCommitResponse::default() };
        finish(step, request, GroupAnswer::OffsetCommit(answer))
    }

    /// An application is told that its offsets are too much, and goes on.
    fn has_room_to_commit(
        &self,
        commit: &OffsetCommitRequest,
        limits: &GroupLimits,
    ) -> Result<(), ErrorCode> {
        let room = self.room_for(self.growth_of_commit(commit), limits);
        room.map_err(|no_room| no_room.error(ErrorCode::InvalidCommitOffsetSize))
    }

    /// Whether the committer may commit; a member that does is alive.
    fn validate_commit(
        &mut self,
        caller: &Caller,
        commit: &OffsetCommitRequest,
        limits: &GroupLimits,
        now: Now,
    ) -> Result<(), ErrorCode> {
        let is_outside = commit.generation_id_or_member_epoch < 0;
        let mut step = GroupStep::default();
        match self.groups.get(&commit.group_id) {
            // Kafka has no bound on groups; this is what it says to offsets that its log does not take.
            None if is_outside && self.groups.len() >= limits.groups_max => {
                return Err(ErrorCode::InvalidCommitOffsetSize);
            }
            None if is_outside => return Ok(()),
            None if caller.version >= FIRST_COMMIT_WITH_GROUP_ID_NOT_FOUND => {
                return Err(ErrorCode::GroupIdNotFound);
            }
            None => return Err(ErrorCode::IllegalGeneration),
            Some(Group::Foreign(foreign)) if foreign.kind == ForeignKind::Share => {
                return Err(ErrorCode::GroupIdNotFound);
            }
            Some(Group::Foreign(foreign)) if is_outside && foreign.members().is_empty() => return Ok(()),
            Some(Group::Foreign(_)) => return Err(ErrorCode::UnknownMemberId),
            Some(Group::Classic(group)) => check_committer(group, commit)?,
        }
        if let Some(mut turn) = self.turn(&commit.group_id, limits, now, &mut step) {
            turn.committed_as(&commit.member_id);
        }
        Ok(())
    }
}

/// Kafka: `ClassicGroup.validateOffsetCommit`.
fn check_committer(group: &ClassicGroup, commit: &OffsetCommitRequest) -> Result<(), ErrorCode> {
    let generation_id = commit.generation_id_or_member_epoch;
    let instance_id = commit.group_instance_id.as_deref();
    let is_empty = group.is_in(ClassicGroupState::Empty);
    if generation_id < 0 && is_empty {
        return Ok(());
    }
    if generation_id < 0 && commit.member_id.is_empty() && instance_id.is_none() {
        return Err(ErrorCode::UnknownMemberId);
    }
    group.validate_member(&commit.member_id, instance_id)?;
    if generation_id != group.generation_id() {
        return Err(ErrorCode::IllegalGeneration);
    }
    if group.is_in(ClassicGroupState::CompletingRebalance) {
        return Err(ErrorCode::RebalanceInProgress);
    }
    Ok(())
}

/// The limit counts UTF-16 units, as Java's strings do.
fn check_metadata(partition: &OffsetCommitRequestPartition, limits: &GroupLimits) -> Result<(), ErrorCode> {
    let units = partition.committed_metadata.as_deref().map_or(0, |metadata| metadata.encode_utf16().count());
    match i64::try_from(units).unwrap_or(i64::MAX) > limits.offset_metadata_bytes_max.into() {
        true => Err(ErrorCode::OffsetMetadataTooLarge),
        false => Ok(()),
    }
}

fn value_of(
    partition: &OffsetCommitRequestPartition,
    topic_id: Uuid,
    retention_time_ms: i64,
    now: Now,
) -> OffsetCommitValue {
    // Only versions 2 to 4 have a retention of their own.
    let has_expiry = retention_time_ms != -1;
    OffsetCommitValue {
        offset: partition.committed_offset,
        leader_epoch: partition.committed_leader_epoch,
        metadata: partition.committed_metadata.clone().unwrap_or_default(),
        commit_timestamp: now.wall_ms,
        expire_timestamp: if has_expiry { now.wall_ms.saturating_add(retention_time_ms) } else { -1 },
        topic_id,
    }
}
