//! Our own client against a running node: records in and out, groups, crashes by counts.

mod crash;
mod groups;
mod records;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use klamm_client::admin::topics::{CreatableTopic, create_topics};
use klamm_client::consumer::{ConsumedRecord, ConsumerOptions, OffsetReset, OffsetSpec, StartAt};
use klamm_client::group::{GroupConsumer, GroupOptions, Subscription};
use klamm_client::producer::{Producer, ProducerOptions, RecordRef};
use klamm_client::{Address, Cluster, ClusterOptions, Consumer, SeededRng, TopicPartition};

use crate::process::{Node, PATIENCE};

/// A client with connections of its own.
fn cluster(port: u16) -> Cluster {
    cluster_with(port, |_| {})
}

fn cluster_with(port: u16, change: impl FnOnce(&mut ClusterOptions)) -> Cluster {
    let mut options = ClusterOptions::new(vec![Address::new("localhost", port)]);
    change(&mut options);
    Cluster::new(options)
}

async fn create(cluster: &Cluster, name: &str, partitions: i32) {
    let topic = CreatableTopic {
        name: name.to_owned(),
        num_partitions: partitions,
        replication_factor: -1,
        ..CreatableTopic::default()
    };
    for created in create_topics(cluster, vec![topic], false).await.expect("an answer").into_values() {
        created.expect("a new topic");
    }
}

/// Writes `0`, `1`, ... to the partitions of a topic in turn.
async fn write_numbers(cluster: &Cluster, topic: &str, partitions: i32, count: i32) {
    let producer = Producer::new(cluster.clone(), ProducerOptions::default(), Box::new(SeededRng::new(1)));
    let values: Vec<String> = (0..count).map(|number| number.to_string()).collect();
    let records: Vec<RecordRef<'_>> = (0..count)
        .zip(&values)
        .map(|(number, value)| RecordRef {
            partition: Some(number % partitions),
            value: Some(value.as_bytes()),
            ..RecordRef::default()
        })
        .collect();
    let failed = producer.send_all(topic, &records).await.expect("a topic").failed().await;
    assert!(failed.is_empty(), "{failed:?}");
}

fn from_the_beginning() -> ConsumerOptions {
    ConsumerOptions { offset_reset: OffsetReset::To(OffsetSpec::Earliest), ..ConsumerOptions::default() }
}

/// Reads `count` records of all partitions of a topic.
async fn read_all(cluster: &Cluster, topic: &str, partitions: i32, count: usize) -> VecDeque<ConsumedRecord> {
    let mut consumer = Consumer::new(cluster.clone(), from_the_beginning());
    let start = StartAt::Spec(OffsetSpec::Earliest);
    consumer.assign((0..partitions).map(|index| (TopicPartition::new(topic, index), start)));
    let (mut all, end) = (VecDeque::new(), Instant::now() + PATIENCE);
    while all.len() < count && Instant::now() < end {
        all.extend(consumer.poll(Duration::from_millis(100)).await.expect("records"));
    }
    all
}

fn member_of(cluster: Cluster, options: GroupOptions, topic: &str) -> GroupConsumer {
    let topics = Subscription::Topics(BTreeSet::from([topic.to_owned()]));
    GroupConsumer::new(Consumer::new(cluster, from_the_beginning()), options, topics)
}

fn number(record: &ConsumedRecord) -> i32 {
    let value = record.value.as_deref().unwrap_or_default();
    std::str::from_utf8(value).expect("digits").parse().expect("a number")
}

/// Polls all members in turn until this is so; returns what they read.
async fn poll_until(
    members: &mut [&mut GroupConsumer],
    is_so: impl Fn(&[&mut GroupConsumer], &BTreeMap<i32, usize>) -> bool,
) -> BTreeMap<i32, usize> {
    let (mut read, end) = (BTreeMap::new(), Instant::now() + PATIENCE);
    while !is_so(members, &read) {
        assert!(Instant::now() < end, "{:?}", shares(members));
        for member in members.iter_mut() {
            for record in member.poll(Duration::from_millis(20)).await.expect("a member") {
                *read.entry(number(&record)).or_default() += 1;
            }
        }
    }
    read
}

/// The partitions of each member.
fn shares(members: &[&mut GroupConsumer]) -> Vec<Vec<i32>> {
    let share = |member: &&mut GroupConsumer| member.assignment().iter().map(|at| at.partition).collect();
    members.iter().map(share).collect()
}

/// How many partitions each member has, once all have joined the same generation.
fn counts(members: &[&mut GroupConsumer]) -> Option<Vec<usize>> {
    let generation = members.first().map(|member| member.generation_id());
    let is_one = |member: &&mut GroupConsumer| {
        member.member_id().is_some() && Some(member.generation_id()) == generation
    };
    members.iter().all(is_one).then(|| shares(members).iter().map(Vec::len).collect())
}

fn dev() -> (tempfile::TempDir, Node) {
    let dir = tempfile::tempdir().expect("a folder");
    let node = Node::dev(&dir.path().join("data"));
    (dir, node)
}
