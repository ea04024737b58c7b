//! What the members of a group have in common: protocols, and the topics that they read.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use klamm_base::codec::Reader;
use klamm_wire::join_group::JoinGroupRequestProtocol;

use super::{ClassicGroup, ClassicGroupState};
use crate::group::classic::member::Member;

impl ClassicGroup {
    /// A name that a member gives twice counts once.
    pub(super) fn count_protocols(&mut self, member: &Member, is_added: bool) {
        for name in member.protocol_names().collect::<BTreeSet<&str>>() {
            if is_added {
                *self.supported.entry(name.to_owned()).or_insert(0) += 1;
            } else if let Some(count) = self.supported.get_mut(name) {
                *count -= 1;
                if *count == 0 {
                    self.supported.remove(name);
                }
            }
        }
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

    /// Which of these topics the consumers of this group read, in the last generation that there was; where that is not
    /// known, all of them. Nothing else is kept of it: what members say may name very many.
    pub fn subscribed_among<'a>(&self, topics: BTreeSet<&'a str>) -> BTreeSet<&'a str> {
        let mut read = BTreeSet::new();
        let take = |name: &str| read.extend(topics.get(name).copied());
        match self.each_subscription(take) {
            Some(()) => read,
            None if self.uses_consumer_protocol() => topics,
            None => BTreeSet::new(),
        }
    }

    /// Whether the members' words are understood.
    pub fn knows_subscriptions(&self) -> bool {
        self.each_subscription(|_| ()).is_some()
    }

    /// Shows each topic that some member reads, as often as it is named; `None` when a member is not understood.
    fn each_subscription(&self, mut show: impl FnMut(&str)) -> Option<()> {
        if !self.uses_consumer_protocol() {
            return None;
        }
        // Nobody was in the last generation, whoever is to be in the next.
        if self.members.is_empty() || (self.is_initial_rebalance() && self.generation_id > 0) {
            return Some(());
        }
        let protocol = self.protocol_name.as_deref()?;
        for member in self.members.values() {
            each_topic(member.metadata(protocol)?, &mut show)?;
        }
        Some(())
    }
}

/// Reads a consumer's words; version 0 is the beginning of all versions.
fn each_topic(words: &Bytes, show: &mut impl FnMut(&str)) -> Option<()> {
    let mut reader = Reader::new(words.clone());
    let _version = reader.i16().ok()?;
    for _ in 0..usize::try_from(reader.i32().ok()?).ok()? {
        let len = usize::try_from(reader.i16().ok()?).ok()?;
        show(std::str::from_utf8(reader.take(len).ok()?).ok()?);
    }
    let user_data = reader.i32().ok()?;
    reader.skip(usize::try_from(user_data).unwrap_or(0)).ok()
}
