//! What members say when they join, and what the leader tells them (Kafka: `ConsumerProtocol`).
//!
//! | Subscription | since version |
//! |---|---|
//! | topics, user data | 0 |
//! | owned partitions (KIP-429) | 1 |
//! | generation in which they were given (KIP-814) | 2 |
//! | rack (KIP-881) | 3 |
//!
//! A reader takes a newer version as the newest that it knows.

use std::collections::{BTreeMap, BTreeSet};

use bytes::{BufMut, Bytes, BytesMut};
use klamm_base::TopicPartition;
use klamm_base::codec::{DecodeError, Message, Reader};
use klamm_wire::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription, consumer_protocol_assignment,
    consumer_protocol_subscription,
};

/// A member's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    pub topics: BTreeSet<String>,
    pub user_data: Option<Bytes>,
    /// What it reads and has not given up.
    pub owned: BTreeSet<TopicPartition>,
    /// In which it was given them; -1 for none.
    pub generation_id: i32,
    pub rack: Option<String>,
}

impl Subscription {
    /// In the newest version.
    pub fn encode(&self) -> Bytes {
        let owned = by_topic(&self.owned).into_iter();
        let owned = owned
            .map(|(topic, partitions)| consumer_protocol_subscription::TopicPartition { topic, partitions });
        let message = ConsumerProtocolSubscription {
            topics: self.topics.iter().cloned().collect(),
            user_data: self.user_data.clone(),
            owned_partitions: owned.collect(),
            generation_id: self.generation_id,
            rack_id: self.rack.clone(),
        };
        versioned(&message)
    }

    /// # Errors
    /// [`DecodeError`]: clients may send anything.
    pub fn decode(bytes: Bytes) -> Result<Subscription, DecodeError> {
        let message: ConsumerProtocolSubscription = decode(bytes)?;
        let owned = message.owned_partitions.into_iter();
        Ok(Subscription {
            topics: message.topics.into_iter().collect(),
            user_data: message.user_data,
            owned: owned.flat_map(|topic| partitions(topic.topic, topic.partitions)).collect(),
            generation_id: message.generation_id,
            rack: message.rack_id,
        })
    }
}

pub fn encode_assignment<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> Bytes {
    let topics = by_topic(partitions).into_iter();
    let topics =
        topics.map(|(topic, partitions)| consumer_protocol_assignment::TopicPartition { topic, partitions });
    versioned(&ConsumerProtocolAssignment { assigned_partitions: topics.collect(), user_data: None })
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
    Ok(topics.flat_map(|topic| partitions(topic.topic, topic.partitions)).collect())
}

fn partitions(topic: String, indexes: Vec<i32>) -> impl Iterator<Item = TopicPartition> {
    indexes.into_iter().map(move |index| TopicPartition::new(topic.as_str(), index))
}

fn by_topic<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> BTreeMap<String, Vec<i32>> {
    let mut topics = BTreeMap::<String, Vec<i32>>::new();
    for partition in partitions {
        topics.entry(partition.topic.to_string()).or_default().push(partition.partition);
    }
    topics
}

fn versioned<M: Message>(message: &M) -> Bytes {
    let version = M::SCHEMA.versions.max;
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

    #[test]
    fn words_of_members_and_leaders_come_back() {
        let owned = BTreeSet::from([TopicPartition::new("a", 1), TopicPartition::new("b", 0)]);
        let subscription = Subscription {
            topics: BTreeSet::from(["a".to_owned(), "b".to_owned()]),
            user_data: Some(Bytes::from_static(b"x")),
            owned: owned.clone(),
            generation_id: 7,
            rack: Some("r".to_owned()),
        };
        assert_eq!(Subscription::decode(subscription.encode()), Ok(subscription));
        assert_eq!(decode_assignment(encode_assignment(&owned)), Ok(owned));
        assert_eq!(decode_assignment(Bytes::new()), Ok(BTreeSet::new()));
    }

    #[test]
    fn old_words_and_wrong_ones() {
        // Version 0: one topic, no user data.
        let old = Bytes::from_static(b"\0\0\0\0\0\x01\0\x01t\xff\xff\xff\xff");
        let told = Subscription::decode(old).expect("version 0");
        assert_eq!((told.topics.len(), told.generation_id, told.rack), (1, -1, None));
        // A version from the future, with something behind what is known.
        let mut newer = Subscription { generation_id: 1, ..Subscription::default() }.encode().to_vec();
        newer[1] = 9;
        newer.extend_from_slice(b"more");
        assert_eq!(Subscription::decode(newer.into()).map(|told| told.generation_id), Ok(1));
        assert!(Subscription::decode(Bytes::from_static(b"\0\0\x7f\xff\xff\xff")).is_err());
        assert!(decode_assignment(Bytes::from_static(b"\0")).is_err());
    }
}
