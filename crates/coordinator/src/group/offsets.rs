//! Offsets that groups have committed, and those of transactions that are still open
//! (Kafka: `OffsetMetadataManager`).

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::Uuid;

use super::memory::{self, GroupMemory};
use super::record::GroupRecord;
use super::records::offsets::{OffsetCommitKey, OffsetCommitValue};
use crate::timeline::{Held, OVERWRITTEN, Timeline};

/// Whose offset of which partition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OffsetKey {
    pub group_id: String,
    pub topic: String,
    pub partition: i32,
}

/// A committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOffset {
    pub offset: i64,
    /// -1 when the committer did not know.
    pub leader_epoch: i32,
    pub metadata: String,
    pub commit_timestamp_ms: i64,
    /// Set by committers of old versions; otherwise the broker's retention decides.
    pub expire_timestamp_ms: Option<i64>,
    /// Zero when the committer did not know.
    pub topic_id: Uuid,
    /// Where the record lies: among commits inside and outside of transactions the later one counts.
    record_offset: i64,
}

impl StoredOffset {
    fn new(record_offset: i64, value: OffsetCommitValue) -> StoredOffset {
        StoredOffset {
            offset: value.offset,
            leader_epoch: value.leader_epoch,
            metadata: value.metadata,
            commit_timestamp_ms: value.commit_timestamp,
            expire_timestamp_ms: (value.expire_timestamp != -1).then_some(value.expire_timestamp),
            topic_id: value.topic_id,
            record_offset,
        }
    }

    /// Whether its time is over. `since_ms` is the begin of the retention.
    pub fn is_expired(&self, since_ms: i64, now_ms: i64, retention_ms: i64) -> bool {
        match self.expire_timestamp_ms {
            Some(expires) => now_ms >= expires,
            None => now_ms.saturating_sub(since_ms) >= retention_ms,
        }
    }
}

impl Held for OffsetKey {
    fn held_bytes(&self) -> usize {
        self.group_id.len() + self.topic.len()
    }
}

impl Held for StoredOffset {
    fn held_bytes(&self) -> usize {
        memory::OFFSET + self.metadata.len()
    }
}

/// All offsets of a shard.
#[derive(Debug, Default)]
pub struct Offsets {
    stored: Timeline<OffsetKey, StoredOffset>,
    /// By producer id: stored when the transaction commits.
    pending: BTreeMap<i64, BTreeMap<OffsetKey, StoredOffset>>,
    /// Of the pending ones, with their keys.
    pending_bytes: usize,
}

impl Offsets {
    /// Applies a record; `producer_id` is that of its batch when it is transactional.
    pub fn replay(
        &mut self,
        record_offset: i64,
        producer_id: Option<i64>,
        key: OffsetKey,
        value: Option<OffsetCommitValue>,
    ) {
        match (value, producer_id) {
            (Some(value), Some(producer_id)) => {
                let stored = StoredOffset::new(record_offset, value);
                let (key_bytes, bytes) = (key.held_bytes(), stored.held_bytes());
                let before = self.pending.entry(producer_id).or_default().insert(key, stored);
                self.pending_bytes += key_bytes + bytes;
                self.pending_bytes -= before.map_or(0, |before| key_bytes + before.held_bytes());
            }
            (Some(value), None) => {
                self.stored.put(record_offset, key, Some(StoredOffset::new(record_offset, value)));
            }
            (None, _) => {
                let gone = self.pending.values_mut().filter_map(|offsets| offsets.remove(&key));
                self.pending_bytes -= gone.map(|gone| key.held_bytes() + gone.held_bytes()).sum::<usize>();
                self.pending.retain(|_, offsets| !offsets.is_empty());
                self.stored.put(record_offset, key, None);
            }
        }
    }

    /// A transaction has ended: its offsets count now, or never did.
    pub fn replay_end_of_transaction(&mut self, record_offset: i64, producer_id: i64, is_commit: bool) {
        let Some(offsets) = self.pending.remove(&producer_id) else { return };
        self.pending_bytes -= pending_bytes(&offsets);
        for (key, pending) in offsets.into_iter().filter(|_| is_commit) {
            let older =
                self.stored.get(&key).is_none_or(|stored| stored.record_offset < pending.record_offset);
            if older {
                self.stored.put(record_offset, key, Some(pending));
            }
        }
    }

    pub fn memory(&self) -> GroupMemory {
        let (newest, uncommitted) = self.stored.held_bytes();
        GroupMemory { kept: newest + self.pending_bytes, uncommitted }
    }

    /// The same, counted anew.
    pub fn recount(&self) -> GroupMemory {
        let (newest, uncommitted) = self.stored.recount();
        GroupMemory { kept: newest + self.pending.values().map(pending_bytes).sum::<usize>(), uncommitted }
    }

    /// What it will take to store this one: how much more is kept then, and how much is overwritten.
    pub fn growth(&self, key: &OffsetKey, metadata_len: usize) -> GroupMemory {
        let (key_bytes, after) = (key.held_bytes(), memory::OFFSET + metadata_len);
        let before = self.newest(key).map(Held::held_bytes);
        GroupMemory {
            kept: before.map_or(key_bytes + after, |before| after.saturating_sub(before)),
            uncommitted: OVERWRITTEN + key_bytes + before.unwrap_or(0),
        }
    }

    /// How many offsets there are.
    pub fn count(&self) -> usize {
        self.stored.count()
    }

    /// All newest offsets, by group, topic and partition.
    pub fn iter(&self) -> impl Iterator<Item = (&OffsetKey, i64)> {
        self.stored.iter().map(|(key, stored)| (key, stored.offset))
    }

    /// Everything below `end` is committed.
    pub fn commit(&mut self, end: i64) {
        self.stored.commit(end);
    }

    /// Checks that the newest values are the same in both (called by tests and by the simulator).
    pub fn assert_same(&self, other: &Offsets) {
        assert!(self.stored.iter().eq(other.stored.iter()), "{:?} are not {:?}", self.stored, other.stored);
        assert_eq!(self.pending, other.pending, "offsets of open transactions");
    }

    /// The committed value.
    pub fn get(&self, key: &OffsetKey) -> Option<&StoredOffset> {
        self.stored.committed(key)
    }

    /// The newest value, which may not be committed yet.
    pub fn newest(&self, key: &OffsetKey) -> Option<&StoredOffset> {
        self.stored.get(key)
    }

    /// A transaction may still change it.
    pub fn is_pending(&self, key: &OffsetKey) -> bool {
        self.pending.values().any(|offsets| offsets.contains_key(key))
    }

    /// The group takes part in an open transaction.
    pub fn has_pending(&self, group_id: &str) -> bool {
        self.pending.values().flat_map(BTreeMap::keys).any(|key| key.group_id == group_id)
    }

    /// The group's newest offsets.
    pub fn of_group<'a>(
        &'a self,
        group_id: &'a str,
    ) -> impl Iterator<Item = (&'a OffsetKey, &'a StoredOffset)> {
        let from = OffsetKey { group_id: group_id.to_owned(), topic: String::new(), partition: i32::MIN };
        self.stored.range(from..).take_while(move |(key, _)| key.group_id == group_id)
    }

    /// The group's keys of which something is committed.
    pub fn committed_keys(&self, group_id: &str) -> BTreeSet<OffsetKey> {
        let newest = self.of_group(group_id).map(|(key, _)| key);
        let overwritten = self.stored.uncommitted_keys().filter(|key| key.group_id == group_id);
        newest.chain(overwritten).filter(|key| self.get(key).is_some()).cloned().collect()
    }

    /// Tombstones for all that the group has, pending ones too.
    pub fn tombstones(&self, group_id: &str) -> Vec<GroupRecord> {
        let mut keys: BTreeSet<&OffsetKey> = self.of_group(group_id).map(|(key, _)| key).collect();
        let pending = self.pending.values().flat_map(BTreeMap::keys);
        keys.extend(pending.filter(|key| key.group_id == group_id));
        keys.into_iter().map(tombstone).collect()
    }

    /// Tombstones for all that any group has of these topics, whose ids are over.
    pub fn tombstones_of_topics(&self, topics: &BTreeMap<String, Uuid>) -> Vec<GroupRecord> {
        let stored = self.stored.iter().chain(self.pending.values().flatten());
        let gone = stored.filter(|(key, stored)| {
            topics.get(&key.topic).is_some_and(|id| stored.topic_id == Uuid::ZERO || stored.topic_id == *id)
        });
        let keys: BTreeSet<&OffsetKey> = gone.map(|(key, _)| key).collect();
        keys.into_iter().map(tombstone).collect()
    }
}

fn pending_bytes(offsets: &BTreeMap<OffsetKey, StoredOffset>) -> usize {
    offsets.iter().map(|(key, stored)| key.held_bytes() + stored.held_bytes()).sum()
}

/// The record that removes an offset.
pub fn tombstone(key: &OffsetKey) -> GroupRecord {
    let OffsetKey { group_id, topic, partition } = key.clone();
    GroupRecord::OffsetCommit(OffsetCommitKey { group: group_id, topic, partition }, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(topic: &str) -> OffsetKey {
        OffsetKey { group_id: "g".to_owned(), topic: topic.to_owned(), partition: 0 }
    }

    fn value(offset: i64) -> OffsetCommitValue {
        OffsetCommitValue { offset, ..OffsetCommitValue::default() }
    }

    fn seen(offsets: &Offsets) -> (Option<i64>, Option<i64>) {
        let of = |stored: Option<&StoredOffset>| stored.map(|stored| stored.offset);
        (of(offsets.newest(&key("t"))), of(offsets.get(&key("t"))))
    }

    #[test]
    fn transactions_count_when_they_commit_and_later_commits_win() {
        let mut offsets = Offsets::default();
        offsets.replay(0, Some(7), key("t"), Some(value(5)));
        assert_eq!(seen(&offsets), (None, None));
        assert!(offsets.is_pending(&key("t")) && offsets.has_pending("g"));
        offsets.replay_end_of_transaction(1, 7, true);
        offsets.commit(2);
        assert_eq!(seen(&offsets), (Some(5), Some(5)));
        offsets.replay(2, Some(8), key("t"), Some(value(6)));
        offsets.replay(3, None, key("t"), Some(value(9)));
        offsets.replay_end_of_transaction(4, 8, true);
        assert_eq!(seen(&offsets), (Some(9), Some(5)), "the plain commit came after that of the transaction");
        offsets.replay(5, Some(9), key("t"), Some(value(1)));
        offsets.replay_end_of_transaction(6, 9, false);
        offsets.commit(7);
        assert_eq!(seen(&offsets), (Some(9), Some(9)));
    }

    #[test]
    fn a_tombstone_takes_pending_offsets_too() {
        let mut offsets = Offsets::default();
        offsets.replay(0, None, key("t"), Some(value(1)));
        offsets.replay(1, Some(7), key("u"), Some(value(2)));
        offsets.commit(2);
        assert_eq!(offsets.tombstones("g").len(), 2);
        assert_eq!(offsets.tombstones_of_topics(&BTreeMap::from([("u".to_owned(), Uuid::ONE)])).len(), 1);
        for (record_offset, topic) in [(2, "t"), (3, "u")] {
            offsets.replay(record_offset, None, key(topic), None);
        }
        assert!(!offsets.has_pending("g"));
        assert_eq!(offsets.committed_keys("g"), BTreeSet::from([key("t")]), "not committed yet");
        offsets.commit(4);
        assert!(offsets.committed_keys("g").is_empty());
    }
}
