//! What must always hold of a shard, for tests and for the simulator.

use std::collections::BTreeSet;

use super::{Group, GroupShard};
use crate::group::classic::{ClassicGroup, ClassicGroupState};
use crate::group::memory::GroupMemory;
use crate::group::offsets::{OffsetKey, StoredOffset};
use crate::group::records::classic::GroupMetadataValue;

impl GroupShard {
    /// A classic group, to be looked at.
    pub fn classic(&self, group_id: &str) -> Option<&ClassicGroup> {
        match self.groups.get(group_id) {
            Some(Group::Classic(group)) => Some(group),
            _ => None,
        }
    }

    /// The newest offset, which may not be committed yet.
    pub fn newest_offset(&self, key: &OffsetKey) -> Option<&StoredOffset> {
        self.offsets.newest(key)
    }

    /// What is remembered until records are committed, or refused; its owner knows them.
    pub fn awaited(&self) -> GroupMemory {
        self.awaited
    }

    /// Checks each group on its own, and that nothing is due in a group that is not there.
    pub fn validate(&self) {
        for group in self.groups.values() {
            if let Group::Classic(group) = group {
                group.validate();
            }
        }
        assert_eq!(self.memory(), self.recount(), "bytes counted along, and anew");
        let known: BTreeSet<_> = self.groups.values().flat_map(timer_keys).collect();
        for key in self.timers.keys() {
            assert!(known.contains(key), "{key:?} will be due, and nobody knows it");
        }
    }

    /// Checks that a shard that has read the same log knows the same as this one. Groups whose last record the log has
    /// refused, or may have, are left out.
    pub fn assert_read_as(&self, read: &GroupShard, left_out: &BTreeSet<String>) {
        let ids = self.group_ids().into_iter().chain(read.group_ids());
        for group_id in ids.filter(|group_id| !left_out.contains(*group_id)) {
            match (self.groups.get(group_id), read.groups.get(group_id)) {
                (Some(Group::Classic(live)), Some(Group::Classic(read))) => assert_group(live, read),
                (Some(Group::Foreign(live)), Some(Group::Foreign(read))) => {
                    assert_eq!(live, read, "group {group_id}");
                }
                (live, read) => panic!("group {group_id} is {live:?}, and is read as {read:?}"),
            }
        }
        self.offsets.assert_same(&read.offsets);
    }
}

fn timer_keys(group: &Group) -> Vec<crate::group::classic::TimerKey> {
    match group {
        Group::Classic(group) => group.timer_keys().collect(),
        Group::Foreign(_) => Vec::new(),
    }
}

/// What is read is the last generation that was settled.
fn assert_group(live: &ClassicGroup, read: &ClassicGroup) {
    let settled = [ClassicGroupState::Empty, ClassicGroupState::Stable];
    if settled.contains(&live.state()) {
        assert_eq!((live.state(), stored(live)), (read.state(), stored(read)), "group {}", live.group_id());
    } else {
        assert!(settled.contains(&read.state()), "group {} is read as {:?}", live.group_id(), read.state());
        assert!(live.generation_id() >= read.generation_id(), "the generation of {}", live.group_id());
    }
}

/// The group as its record. A stable one was written before it knew that it would be, and one that only keeps offsets
/// need not be written at all.
fn stored(group: &ClassicGroup) -> GroupMetadataValue {
    let (_, mut value) = group.to_record(&group.assignments());
    if group.is_in(ClassicGroupState::Stable) || group.protocol_type().is_none() {
        value.current_state_timestamp = -1;
    }
    value
}
