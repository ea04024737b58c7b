//! What a shard has and what it has done, in numbers (Kafka: `GroupCoordinatorMetricsShard`).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Group, GroupShard};
use crate::group::offsets::OffsetKey;

/// What was done since the shard is here.
#[derive(Debug, Default)]
pub struct Counts {
    pub rebalances: AtomicU64,
    pub offset_commits: AtomicU64,
    pub offset_expirations: AtomicU64,
    pub offset_deletions: AtomicU64,
}

impl Counts {
    pub fn add(counter: &AtomicU64, count: usize) {
        counter.fetch_add(count as u64, Ordering::Relaxed);
    }
}

/// The groups of one shard, or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupFigures {
    /// By type (`classic`, `consumer`, `share`, `streams`) and state as ListGroups says it.
    pub groups: BTreeMap<(&'static str, &'static str), u64>,
    pub offsets: u64,
    /// Since the start: generations whose assignment came to be; offsets that were committed, gave up their time, or were
    /// deleted.
    pub rebalances: u64,
    pub offset_commits: u64,
    pub offset_expirations: u64,
    pub offset_deletions: u64,
}

impl GroupFigures {
    pub fn add(&mut self, other: GroupFigures) {
        for (key, count) in other.groups {
            *self.groups.entry(key).or_default() += count;
        }
        self.offsets += other.offsets;
        self.rebalances += other.rebalances;
        self.offset_commits += other.offset_commits;
        self.offset_expirations += other.offset_expirations;
        self.offset_deletions += other.offset_deletions;
    }
}

/// How far a group has come in a partition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupOffset {
    pub group_id: String,
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
}

impl GroupShard {
    pub fn figures(&self) -> GroupFigures {
        let mut groups: BTreeMap<_, u64> = BTreeMap::new();
        for group in self.groups.values() {
            *groups.entry(group.type_and_state()).or_default() += 1;
        }
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        GroupFigures {
            groups,
            offsets: self.offsets.count() as u64,
            rebalances: read(&self.counts.rebalances),
            offset_commits: read(&self.counts.offset_commits),
            offset_expirations: read(&self.counts.offset_expirations),
            offset_deletions: read(&self.counts.offset_deletions),
        }
    }

    /// The newest offsets of all groups, at most so many.
    pub fn group_offsets(&self, max: usize) -> Vec<GroupOffset> {
        let offset = |(key, offset): (&OffsetKey, i64)| GroupOffset {
            group_id: key.group_id.clone(),
            topic: key.topic.clone(),
            partition: key.partition,
            offset,
        };
        self.offsets.iter().take(max).map(offset).collect()
    }

    /// Members of each group, at most so many groups.
    pub fn group_members(&self, max: usize) -> Vec<(String, usize)> {
        let members = |(id, group): (&String, &Group)| match group {
            Group::Classic(classic) => (id.clone(), classic.members().len()),
            Group::Foreign(foreign) => (id.clone(), foreign.members().len()),
        };
        self.groups.iter().take(max).map(members).collect()
    }
}

impl Group {
    fn type_and_state(&self) -> (&'static str, &'static str) {
        match self {
            Group::Classic(group) => ("classic", group.state().name()),
            Group::Foreign(foreign) => (foreign.kind.name(), foreign.state().name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::record::{ForeignKind, GroupRecord};
    use crate::group::records::offsets::{OffsetCommitKey, OffsetCommitValue};

    #[test]
    fn groups_are_counted_by_type_and_state() {
        let mut shard = GroupShard::default();
        let (group_id, kind) = ("s".to_owned(), ForeignKind::Share);
        shard.replay(0, None, GroupRecord::ForeignGroup { group_id, kind, is_there: true }, 0);
        for (record, partition) in [(1, 3), (2, 4)] {
            let key = OffsetCommitKey { group: "g".to_owned(), topic: "t".to_owned(), partition };
            let value = OffsetCommitValue { offset: 7, ..OffsetCommitValue::default() };
            shard.replay(record, None, GroupRecord::OffsetCommit(key, Some(value)), 0);
        }
        let mut figures = shard.figures();
        assert_eq!(figures.groups, BTreeMap::from([(("classic", "Empty"), 1), (("share", "Empty"), 1)]));
        assert_eq!(figures.offsets, 2);
        figures.add(shard.figures());
        assert_eq!((figures.groups[&("classic", "Empty")], figures.offsets), (2, 4));
        let first = GroupOffset { group_id: "g".to_owned(), topic: "t".to_owned(), partition: 3, offset: 7 };
        assert_eq!(shard.group_offsets(1), [first]);
        assert_eq!(shard.group_offsets(10).len(), 2);
        assert_eq!(shard.group_members(1), [("g".to_owned(), 0)]);
    }
}
