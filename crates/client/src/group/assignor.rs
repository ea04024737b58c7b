//! Who gets which partitions; the leader of a group decides (Kafka: `RangeAssignor`, `RoundRobinAssignor`), and how
//! members say what they want (Kafka: `ConsumerProtocol`).

use std::collections::{BTreeMap, BTreeSet};

use bytes::{BufMut, Bytes, BytesMut};
use klamm_base::TopicPartition;
use klamm_base::codec::{DecodeError, Message, Reader};
use klamm_wire::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription, consumer_protocol_assignment,
};

/// A way to share partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignor {
    /// Topic by topic, a run of neighbouring partitions for each member.
    Range,
    /// All partitions of all topics, dealt out one by one.
    RoundRobin,
}

/// A member as the leader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub topics: BTreeSet<String>,
}

/// Partitions by member id.
pub type Assignment = BTreeMap<String, Vec<TopicPartition>>;

impl Assignor {
    /// The name under which members know it.
    pub fn name(self) -> &'static str {
        match self {
            Assignor::Range => "range",
            Assignor::RoundRobin => "roundrobin",
        }
    }

    pub fn from_name(name: &str) -> Option<Assignor> {
        [Assignor::Range, Assignor::RoundRobin].into_iter().find(|assignor| assignor.name() == name)
    }

    /// The assignor that a Java class stands for.
    pub fn from_class(class: &str) -> Option<Assignor> {
        match class.strip_prefix("org.apache.kafka.clients.consumer.")? {
            "RangeAssignor" => Some(Assignor::Range),
            "RoundRobinAssignor" => Some(Assignor::RoundRobin),
            _ => None,
        }
    }

    /// Shares the partitions of all topics that somebody wants; `partitions` holds their counts.
    pub fn assign(self, members: &[Member], partitions: &BTreeMap<String, i32>) -> Assignment {
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
                Assignor::Range => assign_range(&sorted, topic, count, &mut assignment),
                Assignor::RoundRobin => assign_in_turn(&sorted, topic, count, &mut next, &mut assignment),
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

/// What a member says when it joins: topics, in version 0, which every leader reads.
pub fn encode_subscription(topics: &BTreeSet<String>) -> Bytes {
    let subscription =
        ConsumerProtocolSubscription { topics: topics.iter().cloned().collect(), ..Default::default() };
    versioned(&subscription, 0)
}

/// The topics of a member; newer versions are read as the newest that is known (KIP-429).
///
/// # Errors
/// [`DecodeError`]: clients may send anything.
pub fn decode_subscription(bytes: Bytes) -> Result<BTreeSet<String>, DecodeError> {
    let subscription: ConsumerProtocolSubscription = decode(bytes)?;
    Ok(subscription.topics.into_iter().collect())
}

pub fn encode_assignment(partitions: &[TopicPartition]) -> Bytes {
    let mut topics = BTreeMap::<&str, Vec<i32>>::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition);
    }
    let topics = topics.into_iter().map(|(topic, partitions)| consumer_protocol_assignment::TopicPartition {
        topic: topic.to_owned(),
        partitions,
    });
    versioned(&ConsumerProtocolAssignment { assigned_partitions: topics.collect(), ..Default::default() }, 0)
}

/// The partitions a leader has given; none for empty bytes.
///
/// # Errors
/// [`DecodeError`]: leaders may send anything.
pub fn decode_assignment(bytes: Bytes) -> Result<BTreeSet<TopicPartition>, DecodeError> {
    if bytes.is_empty() {
        return Ok(BTreeSet::new());
    }
    let assignment: ConsumerProtocolAssignment = decode(bytes)?;
    let topics = assignment.assigned_partitions.into_iter();
    let partitions = topics.flat_map(|topic| {
        let name = topic.topic;
        topic.partitions.into_iter().map(move |index| TopicPartition::new(name.as_str(), index))
    });
    Ok(partitions.collect())
}

fn versioned<M: Message>(message: &M, version: i16) -> Bytes {
    let body = message.to_bytes(version);
    let body = body.unwrap_or_else(|error| panic!("version {version} of a consumer's words: {error}"));
    let mut bytes = BytesMut::with_capacity(body.len() + size_of::<i16>());
    bytes.put_i16(version);
    bytes.extend_from_slice(&body);
    bytes.freeze()
}

fn decode<M: Message>(bytes: Bytes) -> Result<M, DecodeError> {
    let mut reader = Reader::new(bytes);
    let version = reader.i16()?;
    M::decode(&mut reader, version.clamp(0, M::SCHEMA.versions.max))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str, instance: Option<&str>, topics: &[&str]) -> Member {
        let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
        Member { member_id: id.to_owned(), group_instance_id: instance.map(str::to_owned), topics }
    }

    /// `m:topic0,topic1 ...`, members in order.
    fn shown(assignment: &Assignment) -> String {
        let shown = assignment.iter().map(|(member, partitions)| {
            let partitions = partitions.iter().map(|p| format!("{}{}", p.topic, p.partition));
            format!("{member}:{}", partitions.collect::<Vec<_>>().join(","))
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn shares_are_those_of_kafkas_assignors() {
        let counts = BTreeMap::from([("t".to_owned(), 3), ("u".to_owned(), 3), ("gone".to_owned(), 0)]);
        let both = [member("a", None, &["t", "u"]), member("b", None, &["t", "u", "missing"])];
        let range = Assignor::Range.assign(&both, &counts);
        assert_eq!(shown(&range), "a:t0,t1,u0,u1 b:t2,u2");
        let in_turn = Assignor::RoundRobin.assign(&both, &counts);
        assert_eq!(shown(&in_turn), "a:t0,t2,u1 b:t1,u0,u2");
        let uneven = [member("a", None, &["t"]), member("b", None, &["t", "u"])];
        assert_eq!(shown(&Assignor::RoundRobin.assign(&uneven, &counts)), "a:t0,t2 b:t1,u0,u1,u2");
        let fixed = [member("a", None, &["t"]), member("z", Some("i"), &["t"])];
        assert_eq!(shown(&Assignor::Range.assign(&fixed, &counts)), "a:t2 z:t0,t1");
        let many: Vec<Member> = ["a", "b", "c", "d"].map(|id| member(id, None, &["t"])).into();
        assert_eq!(shown(&Assignor::Range.assign(&many, &counts)), "a:t0 b:t1 c:t2 d:");
    }

    #[test]
    fn words_of_members_and_leaders_come_back() {
        let topics = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
        assert_eq!(decode_subscription(encode_subscription(&topics)), Ok(topics));
        let partitions =
            [TopicPartition::new("a", 1), TopicPartition::new("a", 2), TopicPartition::new("b", 0)];
        assert_eq!(decode_assignment(encode_assignment(&partitions)), Ok(partitions.into_iter().collect()));
        assert_eq!(decode_assignment(Bytes::new()), Ok(BTreeSet::new()));
        assert!(decode_subscription(Bytes::from_static(b"\0\0\x7f\xff\xff\xff")).is_err());
    }
}
