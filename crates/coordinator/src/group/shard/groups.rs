//! All groups of a shard, with what they take in memory.

use std::collections::{BTreeMap, BTreeSet, btree_map};

use crate::group::classic::ClassicGroup;
use crate::group::classic::ClassicGroupState;
use crate::group::classic::group::Changing;
use crate::group::memory::{FOREIGN_GROUP, FOREIGN_MEMBER};
use crate::group::record::ForeignKind;

/// A group of some kind.
#[derive(Debug)]
pub enum Group {
    Classic(Box<ClassicGroup>),
    /// One that Kafka has left here: it is named as what it is, and keeps its records.
    Foreign(ForeignGroup),
}

#[derive(Debug, PartialEq)]
pub struct ForeignGroup {
    pub kind: ForeignKind,
    members: BTreeSet<String>,
    members_bytes: usize,
}

impl ForeignGroup {
    pub fn members(&self) -> &BTreeSet<String> {
        &self.members
    }

    /// Nobody is left in it, and its records are all there is of it.
    pub fn may_become_classic(&self) -> bool {
        self.members.is_empty() && self.kind != ForeignKind::Share
    }

    /// Its members can do nothing here, so nothing moves.
    pub fn state(&self) -> ClassicGroupState {
        if self.members.is_empty() { ClassicGroupState::Empty } else { ClassicGroupState::Stable }
    }
}

fn member_bytes(member_id: &str) -> usize {
    FOREIGN_MEMBER + member_id.len()
}

fn bytes_of(group_id: &str, group: &Group) -> usize {
    match group {
        Group::Classic(group) => group.held_bytes(),
        Group::Foreign(group) => FOREIGN_GROUP + group_id.len() + group.members_bytes,
    }
}

/// Groups by id.
#[derive(Debug, Default)]
pub struct Groups {
    by_id: BTreeMap<String, Group>,
    bytes: usize,
}

impl Groups {
    pub fn get(&self, group_id: &str) -> Option<&Group> {
        self.by_id.get(group_id)
    }

    pub fn contains(&self, group_id: &str) -> bool {
        self.by_id.contains_key(group_id)
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn iter(&self) -> btree_map::Iter<'_, String, Group> {
        self.by_id.iter()
    }

    pub fn values(&self) -> impl Iterator<Item = &Group> {
        self.by_id.values()
    }

    pub fn into_values(self) -> impl Iterator<Item = Group> {
        self.by_id.into_values()
    }

    pub fn insert_classic(&mut self, group: ClassicGroup) {
        self.insert(group.group_id().to_owned(), Group::Classic(Box::new(group)));
    }

    fn insert(&mut self, group_id: String, group: Group) {
        self.bytes += bytes_of(&group_id, &group);
        let key_bytes = |before: Group| bytes_of(&group_id, &before);
        self.bytes -= self.by_id.insert(group_id.clone(), group).map_or(0, key_bytes);
    }

    pub fn remove(&mut self, group_id: &str) -> Option<Group> {
        let removed = self.by_id.remove(group_id)?;
        self.bytes -= bytes_of(group_id, &removed);
        Some(removed)
    }

    /// A classic group, to be changed.
    pub fn classic_mut(&mut self, group_id: &str) -> Option<Changing<'_>> {
        match self.by_id.get_mut(group_id) {
            Some(Group::Classic(group)) => Some(Changing::new(group, &mut self.bytes)),
            _ => None,
        }
    }

    /// Changes all classic groups, one after the other.
    pub fn each_classic(&mut self, mut change: impl FnMut(Changing<'_>)) {
        for group in self.by_id.values_mut() {
            if let Group::Classic(group) = group {
                change(Changing::new(group, &mut self.bytes));
            }
        }
    }

    /// A group of this kind is there. The records of one that has become one of another kind follow each other.
    pub fn found_foreign(&mut self, group_id: &str, kind: ForeignKind) {
        if !matches!(self.by_id.get(group_id), Some(Group::Foreign(foreign)) if foreign.kind == kind) {
            let foreign = ForeignGroup { kind, members: BTreeSet::new(), members_bytes: 0 };
            self.insert(group_id.to_owned(), Group::Foreign(foreign));
        }
    }

    pub fn foreign_member(&mut self, group_id: &str, member_id: String, is_there: bool) {
        let Some(Group::Foreign(foreign)) = self.by_id.get_mut(group_id) else { return };
        let bytes = member_bytes(&member_id);
        if is_there && foreign.members.insert(member_id.clone()) {
            foreign.members_bytes += bytes;
            self.bytes += bytes;
        } else if !is_there && foreign.members.remove(&member_id) {
            foreign.members_bytes -= bytes;
            self.bytes -= bytes;
        }
    }

    /// What all of them take in memory.
    pub fn held_bytes(&self) -> usize {
        self.bytes
    }

    /// The same, counted anew.
    pub fn recount(&self) -> usize {
        let bytes = |(group_id, group): (&String, &Group)| match group {
            Group::Classic(group) => group.recount(),
            Group::Foreign(foreign) => {
                let members = foreign.members.iter().map(|member_id| member_bytes(member_id));
                FOREIGN_GROUP + group_id.len() + members.sum::<usize>()
            }
        };
        self.by_id.iter().map(bytes).sum()
    }
}
