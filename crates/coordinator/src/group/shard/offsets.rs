//! Offsets: commit, fetch, delete, expire. Whether a topic is there is the caller's question.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::{ErrorCode, Now, Uuid};
use klamm_wire::delete_groups::DeletableGroupResult;
use klamm_wire::offset_commit::{
    OffsetCommitRequestPartition, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use klamm_wire::offset_delete::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic};
use klamm_wire::offset_fetch::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics, OffsetFetchResponseGroup,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use klamm_wire::{
    DeleteGroupsResponse, OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest,
    OffsetDeleteResponse,
};

use super::{Group, GroupShard};
use crate::group::classic::{ClassicGroup, ClassicGroupState};
use crate::group::contract::{Caller, GroupAfter, GroupAnswer, GroupLimits, GroupStep};
use crate::group::offsets::{OffsetKey, StoredOffset, tombstone};
use crate::group::record::GroupRecord;
use crate::group::records::classic::GroupMetadataKey;
use crate::group::records::offsets::{OffsetCommitKey, OffsetCommitValue};
use crate::step::{RequestId, Step};

/// From this version on a group that is not there is called that.
const FIRST_COMMIT_WITH_GROUP_ID_NOT_FOUND: i16 = 9;

/// What OffsetFetch looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    /// What is committed to the log.
    Committed,
    /// Everything there is, without what transactions may change.
    Stable,
}

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
        let answer = OffsetCommitResponse { topics, ..OffsetCommitResponse::default() };
        finish(step, request, GroupAnswer::OffsetCommit(answer))
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
            None if is_outside => return Ok(()),
            None if caller.version >= FIRST_COMMIT_WITH_GROUP_ID_NOT_FOUND => {
                return Err(ErrorCode::GroupIdNotFound);
            }
            None => return Err(ErrorCode::IllegalGeneration),
            Some(Group::Foreign(foreign)) if is_outside && foreign.members.is_empty() => return Ok(()),
            Some(Group::Foreign(_)) => return Err(ErrorCode::UnknownMemberId),
            Some(Group::Classic(group)) => check_committer(group, commit)?,
        }
        if let Some(mut turn) = self.turn(&commit.group_id, limits, now, &mut step) {
            turn.committed_as(&commit.member_id);
        }
        Ok(())
    }

    /// OffsetFetch of one group, of the committed state.
    pub fn fetch_offsets(&self, fetch: &OffsetFetchRequestGroup) -> OffsetFetchResponseGroup {
        self.fetch(fetch, View::Committed)
    }

    /// OffsetFetch of one group, of everything there is: answered when all of that is committed, and without offsets
    /// that an open transaction may change (KIP-447).
    pub fn fetch_stable_offsets(&self, request: RequestId, fetch: &OffsetFetchRequestGroup) -> GroupStep {
        let answer = GroupAnswer::OffsetFetch(self.fetch(fetch, View::Stable));
        GroupStep { after: vec![GroupAfter::Answer(request, answer)], ..GroupStep::default() }
    }

    fn fetch(&self, fetch: &OffsetFetchRequestGroup, view: View) -> OffsetFetchResponseGroup {
        let group_id = fetch.group_id.clone();
        let topics = match &fetch.topics {
            Some(asked) => asked.iter().map(|topic| self.fetch_topic(&group_id, topic, view)).collect(),
            None => self.fetch_all(&group_id, view),
        };
        OffsetFetchResponseGroup { group_id, topics, ..OffsetFetchResponseGroup::default() }
    }

    fn fetch_topic(
        &self,
        group_id: &str,
        topic: &OffsetFetchRequestTopics,
        view: View,
    ) -> OffsetFetchResponseTopics {
        let (name, topic_id) = (&topic.name, topic.topic_id);
        let partitions = topic.partition_indexes.iter();
        let partitions = partitions.map(|index| self.fetch_offset(group_id, name, *index, topic_id, view));
        OffsetFetchResponseTopics { name: name.clone(), topic_id, partitions: partitions.collect() }
    }

    fn fetch_all(&self, group_id: &str, view: View) -> Vec<OffsetFetchResponseTopics> {
        let mut topics: Vec<OffsetFetchResponseTopics> = Vec::new();
        let keys = match view {
            View::Committed => self.offsets.committed_keys(group_id),
            View::Stable => self.offsets.of_group(group_id).map(|(key, _)| key.clone()).collect(),
        };
        for key in keys {
            let partition = self.fetch_offset(group_id, &key.topic, key.partition, Uuid::ZERO, view);
            match topics.last_mut().filter(|last| last.name == key.topic) {
                Some(last) => last.partitions.push(partition),
                None => topics.push(OffsetFetchResponseTopics {
                    name: key.topic,
                    partitions: vec![partition],
                    ..OffsetFetchResponseTopics::default()
                }),
            }
        }
        topics
    }

    /// An offset of a topic that has come into being anew under its name is not the one that is asked for.
    fn fetch_offset(
        &self,
        group_id: &str,
        topic: &str,
        partition: i32,
        topic_id: Uuid,
        view: View,
    ) -> OffsetFetchResponsePartitions {
        let key = OffsetKey { group_id: group_id.to_owned(), topic: topic.to_owned(), partition };
        let none = OffsetFetchResponsePartitions {
            partition_index: partition,
            committed_offset: -1,
            committed_leader_epoch: -1,
            metadata: Some(String::new()),
            error_code: ErrorCode::None.code(),
        };
        let is_same = |stored: &&StoredOffset| {
            stored.topic_id == topic_id || stored.topic_id == Uuid::ZERO || topic_id == Uuid::ZERO
        };
        let stored = match view {
            View::Committed => self.offsets.get(&key),
            View::Stable if self.offsets.is_pending(&key) => {
                let error_code = ErrorCode::UnstableOffsetCommit.code();
                return OffsetFetchResponsePartitions { error_code, ..none };
            }
            View::Stable => self.offsets.newest(&key),
        };
        match stored.filter(is_same) {
            Some(stored) => OffsetFetchResponsePartitions {
                committed_offset: stored.offset,
                committed_leader_epoch: stored.leader_epoch,
                metadata: Some(stored.metadata.clone()),
                ..none
            },
            None => none,
        }
    }

    /// OffsetDelete. Answered when the tombstones are committed.
    pub fn delete_offsets(&mut self, request: RequestId, delete: &OffsetDeleteRequest) -> GroupStep {
        let group = match self.may_delete_offsets(&delete.group_id) {
            Ok(group) => group,
            Err(error) => {
                let answer = OffsetDeleteResponse { error_code: error.code(), ..Default::default() };
                return Step::answer(request, GroupAnswer::OffsetDelete(answer));
            }
        };
        let mut step = GroupStep { is_replayed: true, ..GroupStep::default() };
        let mut topics = Vec::with_capacity(delete.topics.len());
        for topic in &delete.topics {
            let is_subscribed = group.is_some_and(|group| group.is_subscribed_to(&topic.name));
            let error = if is_subscribed { ErrorCode::GroupSubscribedToTopic } else { ErrorCode::None };
            let mut partitions = Vec::with_capacity(topic.partitions.len());
            for partition in &topic.partitions {
                let key = OffsetKey {
                    group_id: delete.group_id.clone(),
                    topic: topic.name.clone(),
                    partition: partition.partition_index,
                };
                if !is_subscribed && (self.offsets.newest(&key).is_some() || self.offsets.is_pending(&key)) {
                    step.records.push(tombstone(&key));
                }
                partitions.push(OffsetDeleteResponsePartition {
                    partition_index: partition.partition_index,
                    error_code: error.code(),
                });
            }
            topics.push(OffsetDeleteResponseTopic { name: topic.name.clone(), partitions });
        }
        let answer = OffsetDeleteResponse { topics, ..OffsetDeleteResponse::default() };
        finish(step, request, GroupAnswer::OffsetDelete(answer))
    }

    fn may_delete_offsets(&self, group_id: &str) -> Result<Option<&ClassicGroup>, ErrorCode> {
        match self.groups.get(group_id) {
            _ if group_id.is_empty() => Err(ErrorCode::InvalidGroupId),
            None => Err(ErrorCode::GroupIdNotFound),
            Some(Group::Foreign(foreign)) if foreign.members.is_empty() => Ok(None),
            Some(Group::Foreign(_)) => Err(ErrorCode::NonEmptyGroup),
            Some(Group::Classic(group)) => {
                let is_empty = group.is_in(ClassicGroupState::Empty);
                if is_empty || group.uses_consumer_protocol() {
                    Ok(Some(group))
                } else {
                    Err(ErrorCode::NonEmptyGroup)
                }
            }
        }
    }

    /// DeleteGroups, of those that this shard has. Answered when the tombstones are committed.
    pub fn delete_groups(&mut self, request: RequestId, group_ids: &[String]) -> GroupStep {
        let mut step = GroupStep { is_replayed: true, ..GroupStep::default() };
        let mut results = Vec::with_capacity(group_ids.len());
        for group_id in group_ids {
            let error = match self.groups.get(group_id) {
                None => ErrorCode::GroupIdNotFound,
                Some(Group::Classic(group)) if group.is_in(ClassicGroupState::Empty) => ErrorCode::None,
                // What Kafka has left is kept.
                Some(Group::Classic(_) | Group::Foreign(_)) => ErrorCode::NonEmptyGroup,
            };
            if error == ErrorCode::None {
                step.records.extend(self.offsets.tombstones(group_id));
                step.records
                    .push(GroupRecord::GroupMetadata(GroupMetadataKey { group: group_id.clone() }, None));
            }
            results.push(DeletableGroupResult {
                group_id: group_id.clone(),
                error_code: error.code(),
                ..DeletableGroupResult::default()
            });
        }
        let answer = DeleteGroupsResponse { results, ..DeleteGroupsResponse::default() };
        finish(step, request, GroupAnswer::Delete(answer))
    }

    /// Tombstones for offsets whose time is over, and for empty groups that have none left.
    pub fn expire_offsets(&self, limits: &GroupLimits, now: Now) -> GroupStep {
        let mut step = GroupStep { is_replayed: true, ..GroupStep::default() };
        for (group_id, group) in &self.groups {
            let Group::Classic(group) = group else { continue };
            let mut all_expired = true;
            for (key, stored) in self.offsets.of_group(group_id) {
                let since_ms = retention_begins(group, stored);
                let is_over = since_ms.is_some_and(|since_ms| {
                    stored.is_expired(since_ms, now.wall_ms, limits.offsets_retention_ms)
                });
                if is_over && !group.is_subscribed_to(&key.topic) && !self.offsets.is_pending(key) {
                    step.records.push(tombstone(key));
                } else {
                    all_expired = false;
                }
            }
            if all_expired && group.is_in(ClassicGroupState::Empty) && !self.offsets.has_pending(group_id) {
                let key = GroupMetadataKey { group: group_id.clone() };
                step.records.push(GroupRecord::GroupMetadata(key, None));
            }
        }
        step
    }

    /// Tombstones for the offsets of topics that are gone.
    pub fn topics_deleted(&self, topics: &BTreeMap<String, Uuid>) -> GroupStep {
        let records = self.offsets.tombstones_of_topics(topics);
        GroupStep { records, is_replayed: true, ..GroupStep::default() }
    }

    /// Ids of all groups.
    pub fn group_ids(&self) -> BTreeSet<&str> {
        self.groups.keys().map(String::as_str).collect()
    }
}

/// Leaves at once when there is nothing to store.
fn finish(mut step: GroupStep, request: RequestId, answer: GroupAnswer) -> GroupStep {
    match step.records.is_empty() {
        true => step.answers.push((request, answer)),
        false => step.after.push(GroupAfter::Answer(request, answer)),
    }
    step
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

/// From when on an offset ages; `None` while it does not (Kafka: `ClassicGroup.offsetExpirationCondition`).
fn retention_begins(group: &ClassicGroup, stored: &StoredOffset) -> Option<i64> {
    match (group.protocol_type(), group.state()) {
        (None, _) => Some(stored.commit_timestamp_ms),
        (Some(_), ClassicGroupState::Empty) => {
            Some(group.state_since_ms().unwrap_or(stored.commit_timestamp_ms))
        }
        (Some(_), ClassicGroupState::Stable)
            if group.uses_consumer_protocol() && group.subscribed_topics().is_some() =>
        {
            Some(stored.commit_timestamp_ms)
        }
        _ => None,
    }
}
