//! What goes: offsets that are deleted or whose time is over, and groups with nobody left.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::{ErrorCode, Now, Uuid};
use klamm_wire::delete_groups::DeletableGroupResult;
use klamm_wire::offset_delete::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic};
use klamm_wire::{DeleteGroupsResponse, OffsetDeleteRequest, OffsetDeleteResponse};

use super::figures::Counts;
use super::{Group, GroupShard, finish};
use crate::group::classic::ClassicGroupState;
use crate::group::contract::{GroupAnswer, GroupLimits, GroupStep};
use crate::group::offsets::{OffsetKey, StoredOffset, tombstone};
use crate::group::record::{ForeignKind, GroupRecord};
use crate::group::records::classic::GroupMetadataKey;
use crate::step::{RequestId, Step};

impl GroupShard {
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
        let names = delete.topics.iter().map(|topic| topic.name.as_str());
        let subscribed = group.subscribed_among(names.collect());
        let mut topics = Vec::with_capacity(delete.topics.len());
        for topic in &delete.topics {
            let is_subscribed = subscribed.contains(topic.name.as_str());
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
        Counts::add(&self.counts.offset_deletions, step.records.len());
        let answer = OffsetDeleteResponse { topics, ..OffsetDeleteResponse::default() };
        finish(step, request, GroupAnswer::OffsetDelete(answer))
    }

    fn may_delete_offsets(&self, group_id: &str) -> Result<&Group, ErrorCode> {
        match self.groups.get(group_id) {
            _ if group_id.is_empty() => Err(ErrorCode::InvalidGroupId),
            None => Err(ErrorCode::GroupIdNotFound),
            Some(Group::Foreign(foreign)) if foreign.kind == ForeignKind::Share => {
                Err(ErrorCode::GroupIdNotFound)
            }
            Some(Group::Classic(group))
                if !group.is_in(ClassicGroupState::Empty) && !group.uses_consumer_protocol() =>
            {
                Err(ErrorCode::NonEmptyGroup)
            }
            Some(group) => Ok(group),
        }
    }

    /// DeleteGroups, of those that this shard has. Answered when the tombstones are committed.
    pub fn delete_groups(&mut self, request: RequestId, group_ids: &[String]) -> GroupStep {
        let mut step = GroupStep { is_replayed: true, ..GroupStep::default() };
        let mut results = Vec::with_capacity(group_ids.len());
        for group_id in group_ids {
            let gone = self.may_delete(group_id).map(|group| group.tombstones(group_id));
            let (error, records) = match gone {
                Ok(Some(records)) => (ErrorCode::None, records),
                Ok(None) => (ErrorCode::GroupDeletionFailed, Vec::new()),
                Err(error) => (error, Vec::new()),
            };
            if error == ErrorCode::None {
                step.records.extend(self.offsets.tombstones(group_id));
                step.records.extend(records);
            }
            let error_message = (error == ErrorCode::GroupDeletionFailed)
                .then(|| "The state of a share group cannot be deleted by this broker.".to_owned());
            results.push(DeletableGroupResult {
                group_id: group_id.clone(),
                error_code: error.code(),
                error_message,
            });
        }
        let answer = DeleteGroupsResponse { results, ..DeleteGroupsResponse::default() };
        finish(step, request, GroupAnswer::Delete(answer))
    }

    fn may_delete(&self, group_id: &str) -> Result<&Group, ErrorCode> {
        match self.groups.get(group_id) {
            None => Err(ErrorCode::GroupIdNotFound),
            Some(group) if group.is_empty() => Ok(group),
            Some(_) => Err(ErrorCode::NonEmptyGroup),
        }
    }

    /// Tombstones for offsets whose time is over, and for empty groups that have none left.
    pub fn expire_offsets(&self, limits: &GroupLimits, now: Now) -> GroupStep {
        let mut step = GroupStep { is_replayed: true, ..GroupStep::default() };
        for (group_id, group) in self.groups.iter() {
            if matches!(group, Group::Foreign(foreign) if foreign.kind == ForeignKind::Share) {
                continue;
            }
            let ages = group.ages();
            let is_over = |stored: &StoredOffset| {
                let since_ms = group.retention_begins(stored).filter(|_| ages);
                since_ms.is_some_and(|since_ms| {
                    stored.is_expired(since_ms, now.wall_ms, limits.offsets_retention_ms)
                })
            };
            let over = self.offsets.of_group(group_id).filter(|(_, stored)| is_over(stored));
            let subscribed = group.subscribed_among(over.map(|(key, _)| key.topic.as_str()).collect());
            let mut all_expired = true;
            for (key, stored) in self.offsets.of_group(group_id) {
                let is_subscribed = subscribed.contains(key.topic.as_str());
                if is_over(stored) && !is_subscribed && !self.offsets.is_pending(key) {
                    Counts::add(&self.counts.offset_expirations, 1);
                    step.records.push(tombstone(key));
                } else {
                    all_expired = false;
                }
            }
            if all_expired && group.is_empty() && !self.offsets.has_pending(group_id) {
                step.records.extend(group.tombstones(group_id).unwrap_or_default());
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
        self.groups.iter().map(|(group_id, _)| group_id.as_str()).collect()
    }
}

impl Group {
    fn is_empty(&self) -> bool {
        match self {
            Group::Classic(group) => group.is_in(ClassicGroupState::Empty),
            Group::Foreign(foreign) => foreign.members().is_empty(),
        }
    }

    /// What members of other protocols read is not known here: it may be every topic.
    fn subscribed_among<'a>(&self, topics: BTreeSet<&'a str>) -> BTreeSet<&'a str> {
        match self {
            _ if topics.is_empty() => topics,
            Group::Classic(group) => group.subscribed_among(topics),
            Group::Foreign(foreign) if foreign.members().is_empty() => BTreeSet::new(),
            Group::Foreign(_) => topics,
        }
    }

    /// Offsets of consumers in a group age where it is known what they read.
    fn ages(&self) -> bool {
        match self {
            Group::Classic(group) if group.is_in(ClassicGroupState::Stable) => group.knows_subscriptions(),
            _ => true,
        }
    }

    /// What ends an empty group; `None` where records are not enough.
    fn tombstones(&self, group_id: &str) -> Option<Vec<GroupRecord>> {
        match self {
            Group::Classic(_) => {
                let key = GroupMetadataKey { group: group_id.to_owned() };
                Some(vec![GroupRecord::GroupMetadata(key, None)])
            }
            Group::Foreign(foreign) => foreign.kind.tombstones(group_id),
        }
    }

    /// From when on an offset ages; `None` while it does not (Kafka: `ClassicGroup.offsetExpirationCondition`).
    fn retention_begins(&self, stored: &StoredOffset) -> Option<i64> {
        let Group::Classic(group) = self else { return Some(stored.commit_timestamp_ms) };
        match (group.protocol_type(), group.state()) {
            (None, _) => Some(stored.commit_timestamp_ms),
            (Some(_), ClassicGroupState::Empty) => {
                Some(group.state_since_ms().unwrap_or(stored.commit_timestamp_ms))
            }
            (Some(_), ClassicGroupState::Stable) => Some(stored.commit_timestamp_ms),
            _ => None,
        }
    }
}
