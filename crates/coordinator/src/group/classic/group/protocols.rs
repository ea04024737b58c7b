//! What the members of a group have in common: protocols, and the topics that they read.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::codec::{Message, Reader};
use klamm_wire::consumer_protocol::ConsumerProtocolSubscription;
use klamm_wire::join_group::JoinGroupRequestProtocol;

use super::{ClassicGroup, ClassicGroupState};
use crate::group::classic::member::Member;

impl ClassicGroup {
    /// A name that a member gives twice counts once.
    pub(super) fn count_protocols(&mut self, member: &Member, is_added: bool) {
        for name in member.protocol_names().collect::<BTreeSet<&str>>() {
            let count = self.supported.entry(name.to_owned()).or_insert(0);
            *count = if is_added { *count + 1 } else { *count - 1 };
        }
        self.supported.retain(|_, count| *count > 0);
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
    pub(super) fn read_subscribed_topics(&self) -> Option<BTreeSet<String>> {
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
}
