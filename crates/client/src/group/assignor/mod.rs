//! Who gets which partitions; the leader of a group decides (Kafka: `RangeAssignor`, `RoundRobinAssignor`,
//! `StickyAssignor`, `CooperativeStickyAssignor`).
//!
//! A member names its assignors in the order of its preference; the coordinator takes the one that all members have
//! and most prefer. A group is cooperative (members keep what they read while they join, KIP-429) for a member whose
//! assignors can all do that; one that has an eager one among them is eager, as Kafka's consumer is with its default,
//! range and cooperative-sticky.

mod sticky;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use klamm_base::TopicPartition;
use klamm_base::codec::DecodeError;

use super::words::Subscription;
pub use super::words::decode_assignment;

/// A way to share partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignor {
    /// Topic by topic, a run of neighbouring partitions for each member.
    Range,
    /// All partitions of all topics, dealt out one by one.
    RoundRobin,
    /// Evenly, and as it was before as far as that goes; everything is given up first.
    Sticky,
    /// The same; only what goes to another member is given up.
    CooperativeSticky,
}

/// A member as the leader sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub topics: BTreeSet<String>,
    /// What it has, or had last.
    pub owned: BTreeSet<TopicPartition>,
    /// In which it was given that; -1 for none.
    pub generation_id: i32,
}

/// Partitions by member id.
pub type Assignment = BTreeMap<String, Vec<TopicPartition>>;

const ALL: [Assignor; 4] =
    [Assignor::Range, Assignor::RoundRobin, Assignor::Sticky, Assignor::CooperativeSticky];

impl Assignor {
    /// The name under which members know it.
    pub fn name(self) -> &'static str {
        match self {
            Assignor::Range => "range",
            Assignor::RoundRobin => "roundrobin",
            Assignor::Sticky => "sticky",
            Assignor::CooperativeSticky => "cooperative-sticky",
        }
    }

    pub fn from_name(name: &str) -> Option<Assignor> {
        ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// The assignor that a Java class stands for.
    pub fn from_class(class: &str) -> Option<Assignor> {
        match class.strip_prefix("org.apache.kafka.clients.consumer.")? {
            "RangeAssignor" => Some(Assignor::Range),
            "RoundRobinAssignor" => Some(Assignor::RoundRobin),
            "StickyAssignor" => Some(Assignor::Sticky),
            "CooperativeStickyAssignor" => Some(Assignor::CooperativeSticky),
            _ => None,
        }
    }

    /// Whether a member with these assignors keeps what it reads while it joins.
    pub fn are_cooperative(assignors: &[Assignor]) -> bool {
        assignors.iter().all(|assignor| *assignor == Assignor::CooperativeSticky)
    }

    /// What a member says under this assignor's name: what it `owned` last and in which generation goes where each
    /// looks for it.
    pub fn words(self, mut subscription: Subscription, last: &BTreeSet<TopicPartition>) -> Bytes {
        subscription.user_data = match self {
            Assignor::Range | Assignor::RoundRobin => None,
            Assignor::Sticky => Some(sticky::encode_user_data(last, subscription.generation_id)),
            Assignor::CooperativeSticky => {
                Some(Bytes::copy_from_slice(&subscription.generation_id.to_be_bytes()))
            }
        };
        subscription.encode()
    }

    /// A member by its words.
    ///
    /// # Errors
    /// [`DecodeError`]: clients may send anything. User data that cannot be read is none.
    pub fn member(
        self,
        member_id: String,
        group_instance_id: Option<String>,
        words: Bytes,
    ) -> Result<Member, DecodeError> {
        let told = Subscription::decode(words)?;
        let (mut owned, mut generation_id) = (told.owned, told.generation_id);
        match self {
            Assignor::Range | Assignor::RoundRobin => {}
            Assignor::Sticky => {
                let last = told.user_data.and_then(sticky::decode_user_data);
                (owned, generation_id) = last.unwrap_or((BTreeSet::new(), -1));
            }
            // Before KIP-814 the generation stood in the user data.
            Assignor::CooperativeSticky if generation_id < 0 => {
                let generation = told.user_data.as_deref().and_then(|data| data.first_chunk());
                generation_id = generation.map_or(-1, |generation| i32::from_be_bytes(*generation));
            }
            Assignor::CooperativeSticky => {}
        }
        Ok(Member { member_id, group_instance_id, topics: told.topics, owned, generation_id })
    }

    /// Shares the partitions of all topics that somebody wants; `partitions` holds their counts.
    pub fn assign(self, members: &[Member], partitions: &BTreeMap<String, i32>) -> Assignment {
        match self {
            Assignor::Sticky => return sticky::assign(members, partitions),
            Assignor::CooperativeSticky => {
                return sticky::without_transfers(members, sticky::assign(members, partitions));
            }
            Assignor::Range | Assignor::RoundRobin => {}
        }
        let mut assignment: Assignment =
            members.iter().map(|member| (member.member_id.clone(), Vec::new())).collect();
        let mut sorted: Vec<&Member> = members.iter().collect();
        // Static members first, by their names, so that they keep what they have over restarts.
        sorted.sort_by_key(|m| {
            (m.group_instance_id.is_none(), m.group_instance_id.clone(), m.member_id.clone())
        });
        let wanted: BTreeSet<&String> = members.iter().flat_map(|member| &member.topics).collect();
        let topics = wanted.into_iter().filter_map(|topic| Some((topic, *partitions.get(topic)?)));
        let mut next = 0;
        for (topic, count) in topics {
            match self {
                Assignor::RoundRobin => assign_in_turn(&sorted, topic, count, &mut next, &mut assignment),
                _ => assign_range(&sorted, topic, count, &mut assignment),
            }
        }
        assignment
    }
}

fn assign_range(sorted: &[&Member], topic: &String, count: i32, assignment: &mut Assignment) {
    let takers: Vec<&&Member> = sorted.iter().filter(|member| member.topics.contains(topic)).collect();
    let each = count as usize / takers.len();
    let more = count as usize % takers.len();
    let mut partitions = (0..count).map(|index| TopicPartition::new(topic.as_str(), index));
    for (place, member) in takers.iter().enumerate() {
        let share = each + usize::from(place < more);
        assignment.entry(member.member_id.clone()).or_default().extend(partitions.by_ref().take(share));
    }
}

fn assign_in_turn(
    sorted: &[&Member],
    topic: &String,
    count: i32,
    next: &mut usize,
    assignment: &mut Assignment,
) {
    for index in 0..count {
        while !sorted[*next % sorted.len()].topics.contains(topic) {
            *next += 1;
        }
        let member = sorted[*next % sorted.len()];
        *next += 1;
        let partition = TopicPartition::new(topic.as_str(), index);
        assignment.entry(member.member_id.clone()).or_default().push(partition);
    }
}

#[cfg(test)]
mod tests;
