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

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use klamm_base::ErrorCode;
use klamm_base::codec::{Message, Reader};
use klamm_wire::consumer_protocol::ConsumerProtocolSubscription;
use klamm_wire::join_group::{JoinGroupRequestProtocol, JoinGroupResponseMember};

use super::member::Member;
use crate::group::records::classic::{GroupMetadataKey, GroupMetadataValue, MemberMetadata};
use crate::step::RequestId;

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
    /// Member ids by instance id.
    static_members: BTreeMap<String, String>,
    /// Member ids that were given out and have not joined yet.
    pending_join: BTreeSet<String>,
    /// Members of this generation that have not asked for their assignment yet.
    pending_sync: BTreeSet<String>,
    /// How many members know a protocol.
    supported: BTreeMap<String, usize>,
    /// `None` when the members' words are not understood.
    subscribed_topics: Option<BTreeSet<String>>,
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
            static_members: BTreeMap::new(),
            pending_join: BTreeSet::new(),
            pending_sync: BTreeSet::new(),
            supported: BTreeMap::new(),
            subscribed_topics: None,
            new_member_added: false,
            initial_delay_ms: 0,
            initial_delay_left_ms: 0,
        }
    }

    /// A group as the log has it.
    pub fn from_record(group_id: &str, record: GroupMetadataValue) -> ClassicGroup {
        let GroupMetadataValue {
            protocol_type,
            generation,
            protocol,
            leader,
            current_state_timestamp,
            members,
        } = record;
        let state = if members.is_empty() { ClassicGroupState::Empty } else { ClassicGroupState::Stable };
        let mut group = ClassicGroup {
            state,
            state_since_ms: (current_state_timestamp != -1).then_some(current_state_timestamp),
            protocol_type: Some(protocol_type.clone()).filter(|name| !name.is_empty()),
            generation_id: generation,
            leader,
            ..ClassicGroup::new(group_id, 0)
        };
        for member in members {
            let name = protocol.as_deref().unwrap_or_default();
            group.insert(Member::from_record(member, &protocol_type, name));
        }
        group.protocol_name = protocol;
        group.subscribed_topics = group.read_subscribed_topics();
        group
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

    pub fn members(&self) -> impl ExactSizeIterator<Item = &Member> {
        self.members.values()
    }

    pub fn member(&self, member_id: &str) -> Option<&Member> {
        self.members.get(member_id)
    }

    pub fn member_ids(&self) -> Vec<String> {
        self.members.keys().cloned().collect()
    }

    pub fn static_member(&self, instance_id: &str) -> Option<&str> {
        self.static_members.get(instance_id).map(String::as_str)
    }

    pub fn awaiting_join_count(&self) -> usize {
        self.members.values().filter(|member| member.awaiting_join.is_some()).count()
    }

    pub fn has_all_joined(&self) -> bool {
        self.pending_join.is_empty() && self.awaiting_join_count() == self.members.len()
    }

    /// The longest that any member may take.
    pub fn rebalance_timeout_ms(&self) -> i32 {
        self.members.values().map(|member| member.rebalance_timeout_ms).max().unwrap_or(0).max(0)
    }

    pub fn is_pending(&self, member_id: &str) -> bool {
        self.pending_join.contains(member_id)
    }

    pub fn add_pending(&mut self, member_id: String) {
        assert!(!self.members.contains_key(&member_id), "{member_id} is a member already");
        self.pending_join.insert(member_id);
    }

    pub fn pending_sync(&self) -> &BTreeSet<String> {
        &self.pending_sync
    }

    pub fn add_pending_sync(&mut self, member_id: String) {
        self.pending_sync.insert(member_id);
    }

    pub fn remove_pending_sync(&mut self, member_id: &str) {
        self.pending_sync.remove(member_id);
    }

    pub fn clear_pending_sync(&mut self) {
        self.pending_sync.clear();
    }

    /// Adds a member that waits for its answer.
    pub fn add(&mut self, member: Member) {
        if self.members.is_empty() {
            self.protocol_type = Some(member.protocol_type.clone());
        }
        self.insert(member);
    }

    fn insert(&mut self, member: Member) {
        if let Some(instance_id) = &member.group_instance_id {
            let before = self.static_members.insert(instance_id.clone(), member.member_id.clone());
            assert!(before.is_none(), "{instance_id} of group {} is {before:?} already", self.group_id);
        }
        self.leader.get_or_insert_with(|| member.member_id.clone());
        self.count_protocols(&member, true);
        self.pending_join.remove(&member.member_id);
        self.members.insert(member.member_id.clone(), member);
    }

    fn count_protocols(&mut self, member: &Member, is_added: bool) {
        for name in member.protocol_names() {
            let count = self.supported.entry(name.to_owned()).or_insert(0);
            *count = if is_added { *count + 1 } else { *count - 1 };
        }
        self.supported.retain(|_, count| *count > 0);
    }

    /// Takes a member out, pending or not; another one becomes the leader when it was that.
    pub fn remove(&mut self, member_id: &str) -> Option<Member> {
        let removed = self.members.remove(member_id);
        if let Some(member) = &removed {
            self.count_protocols(&member.clone(), false);
            if let Some(instance_id) = &member.group_instance_id {
                self.static_members.remove(instance_id);
            }
        }
        if self.is_leader(member_id) {
            self.leader = self.members.keys().next().cloned();
        }
        self.pending_join.remove(member_id);
        self.pending_sync.remove(member_id);
        removed
    }

    /// Gives a static member another id; returns the requests of the old one, which is fenced now.
    pub fn replace_static(
        &mut self,
        instance_id: &str,
        old: &str,
        new: &str,
    ) -> (Option<RequestId>, Option<RequestId>) {
        let mut member =
            self.members.remove(old).unwrap_or_else(|| panic!("{old} is no member to be replaced"));
        let waiting = (member.awaiting_join.take(), member.awaiting_sync.take());
        member.member_id = new.to_owned();
        self.members.insert(new.to_owned(), member);
        if self.is_leader(old) {
            self.leader = Some(new.to_owned());
        }
        self.static_members.insert(instance_id.to_owned(), new.to_owned());
        if self.pending_sync.remove(old) {
            self.pending_sync.insert(new.to_owned());
        }
        waiting
    }

    /// What a member says anew when it joins again.
    pub fn update_member(
        &mut self,
        member_id: &str,
        protocols: Vec<(String, Bytes)>,
        rebalance_timeout_ms: i32,
        session_timeout_ms: i32,
        awaiting_join: Option<RequestId>,
    ) {
        let mut member = self.members.remove(member_id).unwrap_or_else(|| panic!("{member_id} is no member"));
        self.count_protocols(&member, false);
        member.protocols = protocols;
        member.rebalance_timeout_ms = rebalance_timeout_ms;
        member.session_timeout_ms = session_timeout_ms;
        member.awaiting_join = awaiting_join;
        self.count_protocols(&member, true);
        self.members.insert(member_id.to_owned(), member);
    }

    pub fn member_mut(&mut self, member_id: &str) -> Option<MemberMut<'_>> {
        self.members.get_mut(member_id).map(|member| MemberMut { member })
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
        self.generation_id += 1;
        let next = match self.members.is_empty() {
            true => ClassicGroupState::Empty,
            false => ClassicGroupState::CompletingRebalance,
        };
        self.protocol_name = self.select_protocol();
        self.subscribed_topics = self.read_subscribed_topics();
        self.transition_to(next, now_ms);
        self.pending_sync.clear();
    }

    /// The protocol that most members prefer among those that all know; `None` without members. A draw goes to the
    /// first by name.
    pub fn select_protocol(&self) -> Option<String> {
        let candidates = self.supported.iter().filter(|(_, count)| **count == self.members.len());
        let candidates: BTreeSet<&str> = candidates.map(|(name, _)| name.as_str()).collect();
        let mut votes = BTreeMap::<&str, usize>::new();
        for vote in self.members.values().filter_map(|member| member.vote(&candidates)) {
            *votes.entry(vote).or_insert(0) += 1;
        }
        let most = votes.values().max()?;
        votes.iter().find(|(_, count)| *count == most).map(|(name, _)| (*name).to_owned())
    }

    /// Whether somebody with these protocols can be a member.
    pub fn supports(&self, protocol_type: &str, protocols: &[JoinGroupRequestProtocol]) -> bool {
        if self.state == ClassicGroupState::Empty {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        let known = |name: &str| self.supported.get(name).copied().unwrap_or(0) == self.members.len();
        self.protocol_type.as_deref() == Some(protocol_type)
            && protocols.iter().any(|protocol| known(&protocol.name))
    }

    /// Whether a request comes from who it says it does.
    ///
    /// # Errors
    /// UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID.
    pub fn validate_member(&self, member_id: &str, instance_id: Option<&str>) -> Result<(), ErrorCode> {
        if let Some(instance_id) = instance_id {
            match self.static_members.get(instance_id) {
                None => return Err(ErrorCode::UnknownMemberId),
                Some(current) if current != member_id => return Err(ErrorCode::FencedInstanceId),
                Some(_) => {}
            }
        }
        if self.members.contains_key(member_id) { Ok(()) } else { Err(ErrorCode::UnknownMemberId) }
    }

    /// The members as their leader needs them.
    pub fn as_join_members(&self) -> Vec<JoinGroupResponseMember> {
        let protocol = self.protocol_name.as_deref().unwrap_or_default();
        let member = |member: &Member| JoinGroupResponseMember {
            member_id: member.member_id.clone(),
            group_instance_id: member.group_instance_id.clone(),
            metadata: member.metadata(protocol).cloned().unwrap_or_default(),
        };
        self.members.values().map(member).collect()
    }

    /// The assignments that the members have now.
    pub fn assignments(&self) -> BTreeMap<String, Bytes> {
        self.members.values().map(|member| (member.member_id.clone(), member.assignment.clone())).collect()
    }

    /// The group as its record, with these assignments; members that are not named get nothing.
    pub fn to_record(&self, assignments: &BTreeMap<String, Bytes>) -> (GroupMetadataKey, GroupMetadataValue) {
        let protocol = self.protocol_name.as_deref().unwrap_or_default();
        let member = |member: &Member| MemberMetadata {
            member_id: member.member_id.clone(),
            group_instance_id: member.group_instance_id.clone(),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            rebalance_timeout: member.rebalance_timeout_ms,
            session_timeout: member.session_timeout_ms,
            subscription: member.metadata(protocol).cloned().unwrap_or_default(),
            assignment: assignments.get(&member.member_id).cloned().unwrap_or_default(),
        };
        let value = GroupMetadataValue {
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            generation: self.generation_id,
            protocol: self.protocol_name.clone(),
            leader: self.leader.clone(),
            current_state_timestamp: self.state_since_ms.unwrap_or(-1),
            members: self.members.values().map(member).collect(),
        };
        (GroupMetadataKey { group: self.group_id.clone() }, value)
    }

    /// Whether a consumer of this group reads the topic; where that is not known, all of them.
    pub fn is_subscribed_to(&self, topic: &str) -> bool {
        match &self.subscribed_topics {
            Some(topics) => topics.contains(topic),
            None => self.uses_consumer_protocol(),
        }
    }

    /// `None` when the members' words are not understood.
    pub fn subscribed_topics(&self) -> Option<&BTreeSet<String>> {
        self.subscribed_topics.as_ref()
    }

    /// Version 0 of a consumer's words is the beginning of all versions.
    fn read_subscribed_topics(&self) -> Option<BTreeSet<String>> {
        if !self.uses_consumer_protocol() {
            return None;
        }
        if self.members.is_empty() {
            return Some(BTreeSet::new());
        }
        let protocol = self.protocol_name.as_deref()?;
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            let mut reader = Reader::new(member.metadata(protocol)?.clone());
            reader.i16().ok()?;
            let subscription = ConsumerProtocolSubscription::decode(&mut reader, 0).ok()?;
            topics.extend(subscription.topics);
        }
        Some(topics)
    }

    /// Checks what must always hold (called by tests and by the simulator after each step).
    pub fn validate(&self) {
        let group = &self.group_id;
        for (id, member) in &self.members {
            assert_eq!(id, &member.member_id, "group {group}");
            assert!(!self.pending_join.contains(id), "group {group}: {id} is pending and a member");
        }
        if let Some(leader) = &self.leader {
            assert!(self.members.contains_key(leader), "group {group}: leader {leader} is no member");
        }
        assert_eq!(self.leader.is_none(), self.members.is_empty(), "group {group} has a leader or nobody");
        for (instance_id, id) in &self.static_members {
            let member = self.members.get(id);
            let theirs = member.and_then(|member| member.group_instance_id.as_deref());
            assert_eq!(theirs, Some(instance_id.as_str()), "group {group}: {id}");
        }
        let state = self.state.name();
        for member in self.members.values() {
            let waits = (member.awaiting_join.is_some(), member.awaiting_sync.is_some());
            match self.state {
                ClassicGroupState::Empty => panic!("group {group} is Empty with {}", member.member_id),
                ClassicGroupState::PreparingRebalance => {
                    assert!(!waits.1, "group {group}: a sync waits in {state}");
                }
                ClassicGroupState::CompletingRebalance => {
                    assert!(!waits.0, "group {group}: a join waits in {state}");
                }
                ClassicGroupState::Stable => assert!(!waits.1, "group {group}: a sync waits in {state}"),
            }
        }
    }
}

/// What may be changed of a member without the group's counts.
pub struct MemberMut<'a> {
    member: &'a mut Member,
}

impl MemberMut<'_> {
    pub fn set_assignment(&mut self, assignment: Bytes) {
        self.member.assignment = assignment;
    }

    pub fn await_sync(&mut self, request: RequestId) -> Option<RequestId> {
        self.member.awaiting_sync.replace(request)
    }

    pub fn take_sync(&mut self) -> Option<RequestId> {
        self.member.awaiting_sync.take()
    }

    pub fn take_join(&mut self) -> Option<RequestId> {
        self.member.awaiting_join.take()
    }

    pub fn set_old(&mut self) {
        self.member.is_new = false;
    }
}
