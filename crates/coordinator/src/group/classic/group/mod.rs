//! A classic group: its generation, its members, and what they have in common (Kafka: `ClassicGroup`).
//!
//! | State | Entered from | When |
//! |---|---|---|
//! | Empty | PreparingRebalance | a rebalance ends with nobody there |
//! | PreparingRebalance | Empty, Stable, CompletingRebalance | a member joins, changes, leaves or is late |
//! | CompletingRebalance | PreparingRebalance | all have joined, or the time is over |
//! | Stable | CompletingRebalance | the leader's assignment is in the log |
//!
//! A group that is deleted is gone; there is no state for it.
//!
//! - [`members`]: who is in it, and who waits; [`protocols`]: what they have in common
//! - [`stored`]: the group as its record; [`check`]: what must always hold; [`changing`]: what a change does to its size

mod changing;
mod check;
mod members;
mod protocols;
mod stored;

pub use changing::Changing;

use std::collections::{BTreeMap, BTreeSet};

use super::member::Member;
use crate::group::memory;

/// What members of consumer groups call their protocol; its words are known here.
pub const CONSUMER_PROTOCOL_TYPE: &str = "consumer";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassicGroupState {
    Empty,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
}

impl ClassicGroupState {
    /// As DescribeGroups and ListGroups say it.
    pub fn name(self) -> &'static str {
        match self {
            ClassicGroupState::Empty => "Empty",
            ClassicGroupState::PreparingRebalance => "PreparingRebalance",
            ClassicGroupState::CompletingRebalance => "CompletingRebalance",
            ClassicGroupState::Stable => "Stable",
        }
    }

    fn may_follow(self, before: ClassicGroupState) -> bool {
        use ClassicGroupState::{CompletingRebalance, Empty, PreparingRebalance, Stable};
        match self {
            Empty | CompletingRebalance => before == PreparingRebalance,
            PreparingRebalance => before != PreparingRebalance,
            Stable => before == CompletingRebalance,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct ClassicGroup {
    group_id: String,
    state: ClassicGroupState,
    /// The state before; `None` when it was loaded or is new.
    previous: Option<ClassicGroupState>,
    /// Wall clock of the last change of state; `None` in old records.
    state_since_ms: Option<i64>,
    /// `None` while nobody has ever joined: a simple group, which only keeps offsets.
    protocol_type: Option<String>,
    protocol_name: Option<String>,
    generation_id: i32,
    leader: Option<String>,
    members: BTreeMap<String, Member>,
    /// How many of them wait for the next generation.
    awaiting_join: usize,
    /// Member ids by instance id.
    static_members: BTreeMap<String, String>,
    /// Member ids that were given out and have not joined yet.
    pending_join: BTreeSet<String>,
    /// Members of this generation that have not asked for their assignment yet.
    pending_sync: BTreeSet<String>,
    /// How many members know a protocol.
    supported: BTreeMap<String, usize>,
    /// What members and ids that were given out take in memory.
    members_bytes: usize,
    /// Somebody came while the first rebalance was waiting for company.
    pub new_member_added: bool,
    /// How long the first rebalance waits now, and how long it may wait afterwards.
    pub initial_delay_ms: i32,
    pub initial_delay_left_ms: i32,
}

impl ClassicGroup {
    pub fn new(group_id: &str, now_ms: i64) -> ClassicGroup {
        ClassicGroup {
            group_id: group_id.to_owned(),
            state: ClassicGroupState::Empty,
            previous: None,
            state_since_ms: Some(now_ms),
            protocol_type: None,
            protocol_name: None,
            generation_id: 0,
            leader: None,
            members: BTreeMap::new(),
            awaiting_join: 0,
            static_members: BTreeMap::new(),
            pending_join: BTreeSet::new(),
            pending_sync: BTreeSet::new(),
            supported: BTreeMap::new(),
            members_bytes: 0,
            new_member_added: false,
            initial_delay_ms: 0,
            initial_delay_left_ms: 0,
        }
    }

    pub fn group_id(&self) -> &str {
        &self.group_id
    }

    pub fn state(&self) -> ClassicGroupState {
        self.state
    }

    pub fn is_in(&self, state: ClassicGroupState) -> bool {
        self.state == state
    }

    /// The first rebalance of a group that was empty waits for company.
    pub fn is_initial_rebalance(&self) -> bool {
        self.state == ClassicGroupState::PreparingRebalance && self.previous == Some(ClassicGroupState::Empty)
    }

    pub fn state_since_ms(&self) -> Option<i64> {
        self.state_since_ms
    }

    pub fn generation_id(&self) -> i32 {
        self.generation_id
    }

    /// What the group takes in memory. Its leader and its protocol are names of members.
    pub fn held_bytes(&self) -> usize {
        self.own_bytes() + self.members_bytes
    }

    /// The same, counted anew.
    pub fn recount(&self) -> usize {
        let members = self.members.values().map(|member| member.held_bytes(&self.group_id));
        let pending = self.pending_join.iter().map(|id| memory::pending_bytes(self.group_id.len(), id.len()));
        self.own_bytes() + members.sum::<usize>() + pending.sum::<usize>()
    }

    fn own_bytes(&self) -> usize {
        memory::GROUP + 5 * self.group_id.len() + self.protocol_type.as_ref().map_or(0, String::len)
    }

    pub fn protocol_type(&self) -> Option<&str> {
        self.protocol_type.as_deref()
    }

    pub fn protocol_name(&self) -> Option<&str> {
        self.protocol_name.as_deref()
    }

    pub fn leader(&self) -> Option<&str> {
        self.leader.as_deref()
    }

    pub fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    pub fn uses_consumer_protocol(&self) -> bool {
        self.protocol_type.as_deref() == Some(CONSUMER_PROTOCOL_TYPE)
    }

    /// Only keeps offsets; nobody has ever joined it.
    pub fn is_simple(&self) -> bool {
        self.protocol_type.is_none() && self.state == ClassicGroupState::Empty && self.pending_join.is_empty()
    }

    /// The longest that any member may take.
    pub fn rebalance_timeout_ms(&self) -> i32 {
        self.members.values().map(|member| member.rebalance_timeout_ms).max().unwrap_or(0).max(0)
    }

    /// True when the leader waits for the next generation, or somebody else who does has become the leader.
    pub fn elect_joined_leader(&mut self) -> bool {
        let Some(leader) = self.leader.as_ref().and_then(|leader| self.members.get(leader)) else {
            return false;
        };
        if leader.awaiting_join.is_some() {
            return true;
        }
        let joined = self.members.values().find(|member| member.awaiting_join.is_some());
        match joined.map(|member| member.member_id.clone()) {
            Some(member_id) => {
                self.leader = Some(member_id);
                true
            }
            None => false,
        }
    }

    pub fn transition_to(&mut self, state: ClassicGroupState, now_ms: i64) {
        assert!(
            state.may_follow(self.state),
            "group {} goes from {} to {}",
            self.group_id,
            self.state.name(),
            state.name()
        );
        self.previous = Some(self.state);
        self.state = state;
        self.state_since_ms = Some(now_ms);
    }

    /// The next generation begins with those who are members now.
    pub fn begin_generation(&mut self, now_ms: i64) {
        self.generation_id = self.generation_id.wrapping_add(1);
        let next = match self.members.is_empty() {
            true => ClassicGroupState::Empty,
            false => ClassicGroupState::CompletingRebalance,
        };
        self.protocol_name = self.select_protocol();
        self.transition_to(next, now_ms);
        self.pending_sync.clear();
    }
}
