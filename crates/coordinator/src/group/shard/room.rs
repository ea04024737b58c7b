//! How much memory a shard takes, and whether there is room for more.

use klamm_base::ErrorCode;
use klamm_wire::{JoinGroupRequest, OffsetCommitRequest};

use super::GroupShard;
use crate::group::classic::Member;
use crate::group::contract::{Caller, GroupAfter, GroupLimits, GroupStep};
use crate::group::memory::{self, GroupMemory};
use crate::group::offsets::OffsetKey;

/// What is behind the prefix of a member id: a dash and a UUID.
const ID_SUFFIX_LEN: usize = 37;

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoom {
    /// Too much is kept: this stays so until something goes.
    Full,
    /// The log is behind: there is room again when it has come further.
    Behind,
}

impl NoRoom {
    /// Kafka has no such bounds. What stays is said to the application, as `full`; what passes, so that every client
    /// tries again.
    pub fn error(self, full: ErrorCode) -> ErrorCode {
        match self {
            NoRoom::Full => full,
            NoRoom::Behind => ErrorCode::CoordinatorNotAvailable,
        }
    }
}

impl GroupShard {
    /// What this shard takes in memory.
    pub fn memory(&self) -> GroupMemory {
        let offsets = self.offsets.memory();
        GroupMemory {
            kept: self.groups.held_bytes() + offsets.kept + self.awaited.kept,
            uncommitted: offsets.uncommitted + self.awaited.uncommitted,
        }
    }

    /// Whether it may grow by so much; what does not grow always may.
    pub(super) fn room_for(&self, growth: GroupMemory, limits: &GroupLimits) -> Result<(), NoRoom> {
        let taken = self.memory();
        let fits = |taken: usize, more: usize, max| more == 0 || taken.saturating_add(more) <= max;
        if !fits(taken.kept, growth.kept, limits.memory_max) {
            return Err(NoRoom::Full);
        }
        match fits(taken.uncommitted, growth.uncommitted, limits.uncommitted_max) {
            true => Ok(()),
            false => Err(NoRoom::Behind),
        }
    }

    /// What a join can make larger, at most.
    pub(super) fn growth_of_join(&self, caller: &Caller, join: &JoinGroupRequest) -> GroupMemory {
        let said = join.protocols.iter().map(|protocol| (&protocol.name, &protocol.metadata));
        let said = memory::protocols_bytes(said);
        let group_len = join.group_id.len();
        let instance = join.group_instance_id.as_deref();
        let group = self.classic(&join.group_id);
        let member = group.and_then(|group| {
            let static_id = || instance.and_then(|instance| group.static_member(instance));
            if join.member_id.is_empty() { group.member(static_id()?) } else { group.member(&join.member_id) }
        });
        if let Some(member) = member {
            return growth_of_member(member, said, instance.filter(|_| join.member_id.is_empty()));
        }
        let id_len = match join.member_id.len() {
            0 => instance.map_or(caller.client_id.len(), str::len) + ID_SUFFIX_LEN,
            given => given,
        };
        let others = caller.client_id.len() + caller.client_host.len() + 2 * join.protocol_type.len();
        let names = memory::names_bytes(group_len, id_len, instance.map_or(0, str::len), others);
        let kept = names + said;
        match group {
            Some(_) => GroupMemory { kept, uncommitted: 0 },
            None => GroupMemory {
                kept: kept + memory::GROUP + 5 * group_len,
                uncommitted: memory::AFTER + group_len,
            },
        }
    }

    /// What these offsets make larger, all together.
    pub(super) fn growth_of_commit(&self, commit: &OffsetCommitRequest) -> GroupMemory {
        let is_there = self.groups.contains(&commit.group_id);
        let group_bytes = if is_there { 0 } else { memory::GROUP + 5 * commit.group_id.len() };
        let mut growth = GroupMemory { kept: group_bytes, uncommitted: 0 };
        for topic in &commit.topics {
            let (group_id, name) = (commit.group_id.clone(), topic.name.clone());
            let mut key = OffsetKey { group_id, topic: name, partition: 0 };
            for partition in &topic.partitions {
                key.partition = partition.partition_index;
                let text = partition.committed_metadata.as_ref().map_or(0, String::len);
                let more = self.offsets.growth(&key, text);
                growth.kept += more.kept;
                growth.uncommitted += more.uncommitted;
            }
        }
        growth
    }

    /// The step leaves, and what is to be done after it is remembered.
    pub(super) fn noted(&mut self, step: GroupStep) -> GroupStep {
        for memory in step.after.iter().filter_map(memory_of) {
            self.awaited.kept += memory.kept;
            self.awaited.uncommitted += memory.uncommitted;
        }
        step
    }

    /// It is being done.
    pub(super) fn no_more_awaited(&mut self, after: &GroupAfter) {
        if let Some(memory) = memory_of(after) {
            self.awaited.kept -= memory.kept;
            self.awaited.uncommitted -= memory.uncommitted;
        }
    }

    /// All that is counted along, counted anew; what is awaited is known to the caller only.
    pub(super) fn recount(&self) -> GroupMemory {
        let offsets = self.offsets.recount();
        GroupMemory {
            kept: self.groups.recount() + offsets.kept + self.awaited.kept,
            uncommitted: offsets.uncommitted + self.awaited.uncommitted,
        }
    }
}

/// An answer that waits is part of its request.
pub fn memory_of(after: &GroupAfter) -> Option<GroupMemory> {
    match after {
        GroupAfter::Answer(..) => None,
        GroupAfter::Classic(after) => Some(after.memory()),
    }
}

/// A member that says something else; one that is back under its `instance` gets another id, and can be taken back.
fn growth_of_member(member: &Member, said: usize, instance: Option<&str>) -> GroupMemory {
    let before = member.protocols_bytes();
    let Some(instance) = instance else {
        return GroupMemory { kept: said.saturating_sub(before), uncommitted: 0 };
    };
    let new_len = instance.len() + ID_SUFFIX_LEN;
    let kept = (said + 8 * new_len).saturating_sub(before + 8 * member.member_id.len());
    // Its leader's name is among them, where it is one.
    let names = instance.len() + 2 * member.member_id.len() + new_len;
    GroupMemory { kept, uncommitted: memory::AFTER + names + before }
}
