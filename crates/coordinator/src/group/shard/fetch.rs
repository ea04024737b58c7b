//! OffsetFetch: what groups have committed. Whether a topic is there is the caller's question.

use klamm_base::{ErrorCode, Uuid};
use klamm_wire::offset_fetch::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics, OffsetFetchResponseGroup,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};

use super::{Group, GroupShard};
use crate::group::contract::{GroupAfter, GroupAnswer, GroupStep};
use crate::group::offsets::{OffsetKey, StoredOffset};
use crate::group::record::ForeignKind;
use crate::step::RequestId;

/// What OffsetFetch looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    /// What is committed to the log.
    Committed,
    /// Everything there is, without what transactions may change.
    Stable,
}

impl GroupShard {
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
        if let Some(Group::Foreign(foreign)) = self.groups.get(&group_id)
            && foreign.kind != ForeignKind::Share
            && (fetch.member_id.is_some() || fetch.member_epoch >= 0)
        {
            // Members of these protocols are not served here.
            let error_code = ErrorCode::UnknownMemberId.code();
            return OffsetFetchResponseGroup { group_id, error_code, ..OffsetFetchResponseGroup::default() };
        }
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
}
