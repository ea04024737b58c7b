//! Members of classic groups: shares, offsets, coming and going.

use std::collections::BTreeSet;
use std::time::Duration;

use klamm_client::Consumer;
use klamm_client::group::{Assignor, GroupConsumer, GroupOptions, Subscription};

use super::{
    cluster, cluster_with, counts, create, dev, from_the_beginning, member_of, poll_until, write_numbers,
};

#[tokio::test]
async fn members_share_partitions_and_one_too_many_idles() {
    let (_dir, node) = dev();
    create(&cluster(node.port), "shared", 3).await;
    write_numbers(&cluster(node.port), "shared", 3, 300).await;
    let member = || member_of(cluster(node.port), GroupOptions::new("g"), "shared");
    let mut members: Vec<GroupConsumer> = (0..4).map(|_| member()).collect();
    let mut all: Vec<&mut GroupConsumer> = members.iter_mut().collect();
    let is_shared = |members: &[&mut GroupConsumer], _: &_| {
        let mut shares = counts(members).unwrap_or_default();
        shares.sort_unstable();
        shares == [0, 1, 1, 1]
    };
    let mut read = poll_until(&mut all, is_shared).await;
    // A member that goes leaves its partition to the one that idled; everything is read all the same.
    let gone = members.remove(0);
    gone.close().await.expect("an answer");
    let mut rest: Vec<&mut GroupConsumer> = members.iter_mut().collect();
    let is_full = |members: &[&mut GroupConsumer], _: &_| counts(members) == Some(vec![1, 1, 1]);
    for (number, times) in poll_until(&mut rest, is_full).await {
        *read.entry(number).or_default() += times;
    }
    let (missing, before) = (300 - read.len(), read.clone());
    let is_all = |_: &[&mut GroupConsumer], new: &std::collections::BTreeMap<i32, usize>| {
        new.keys().filter(|number| !before.contains_key(number)).count() == missing
    };
    poll_until(&mut rest, is_all).await;
}

#[tokio::test]
async fn a_group_goes_on_where_it_has_committed() {
    let (_dir, node) = dev();
    create(&cluster(node.port), "resumed", 2).await;
    write_numbers(&cluster(node.port), "resumed", 2, 100).await;
    let mut first = member_of(cluster(node.port), GroupOptions::new("g"), "resumed");
    let read = poll_until(&mut [&mut first], |_, read| read.len() == 100).await;
    assert!(read.values().all(|times| *times == 1));
    first.close().await.expect("commits and leaves");
    write_numbers(&cluster(node.port), "resumed", 2, 10).await;
    let mut second = member_of(cluster(node.port), GroupOptions::new("g"), "resumed");
    let read = poll_until(&mut [&mut second], |_, read| read.len() >= 10).await;
    assert_eq!(read.into_iter().collect::<Vec<_>>(), (0..10).map(|number| (number, 1)).collect::<Vec<_>>());
}

#[tokio::test]
async fn cooperative_members_keep_what_they_read_while_another_joins() {
    let (_dir, node) = dev();
    create(&cluster(node.port), "kept", 4).await;
    let options = || GroupOptions { assignors: vec![Assignor::CooperativeSticky], ..GroupOptions::new("g") };
    let options = || GroupOptions { heartbeat_interval: Duration::from_millis(100), ..options() };
    let mut first = member_of(cluster(node.port), options(), "kept");
    poll_until(&mut [&mut first], |members, _| counts(members) == Some(vec![4])).await;
    let mut second = member_of(cluster(node.port), options(), "kept");
    let mut least = 4;
    let end = std::time::Instant::now() + super::PATIENCE;
    while counts(&[&mut first, &mut second]) != Some(vec![2, 2]) {
        assert!(std::time::Instant::now() < end);
        for member in [&mut first, &mut second] {
            member.poll(Duration::from_millis(20)).await.expect("a member");
        }
        least = least.min(first.assignment().len());
    }
    assert_eq!(least, 2, "what stays was never given up");
}

#[tokio::test]
async fn new_topics_and_partitions_are_noticed() {
    let (_dir, node) = dev();
    let impatient =
        || cluster_with(node.port, |options| options.metadata_max_age = Duration::from_millis(200));
    create(&impatient(), "a-first", 1).await;
    let pattern = Subscription::Matching(Box::new(|name| name.starts_with("a-")));
    let consumer = Consumer::new(impatient(), from_the_beginning());
    let mut member = GroupConsumer::new(consumer, GroupOptions::new("g"), pattern);
    poll_until(&mut [&mut member], |members, _| counts(members) == Some(vec![1])).await;
    create(&impatient(), "a-second", 2).await;
    create(&impatient(), "b-third", 5).await;
    poll_until(&mut [&mut member], |members, _| counts(members) == Some(vec![3])).await;
    let more = klamm_client::admin::topics::CreatePartitionsTopic {
        name: "a-first".to_owned(),
        count: 4,
        assignments: None,
    };
    klamm_client::admin::topics::create_partitions(&impatient(), vec![more], false).await.expect("an answer");
    poll_until(&mut [&mut member], |members, _| counts(members) == Some(vec![6])).await;
    // One that is not there yet is taken up as soon as it is.
    let topics = Subscription::Topics(BTreeSet::from(["late".to_owned()]));
    let options = klamm_client::ConsumerOptions { create_topics: false, ..from_the_beginning() };
    let consumer = Consumer::new(cluster(node.port), options);
    let mut early = GroupConsumer::new(consumer, GroupOptions::new("early"), topics);
    poll_until(&mut [&mut early], |members, _| counts(members) == Some(vec![0])).await;
    create(&impatient(), "late", 2).await;
    poll_until(&mut [&mut early], |members, _| counts(members) == Some(vec![2])).await;
}

#[tokio::test]
async fn a_static_member_is_back_without_a_rebalance_and_fences_its_double() {
    let (_dir, node) = dev();
    create(&cluster(node.port), "static", 2).await;
    let options = || GroupOptions {
        group_instance_id: Some("one".to_owned()),
        heartbeat_interval: Duration::from_millis(100),
        ..GroupOptions::new("g")
    };
    let mut first = member_of(cluster(node.port), options(), "static");
    poll_until(&mut [&mut first], |members, _| counts(members) == Some(vec![2])).await;
    let generation_id = first.generation_id();
    let mut second = member_of(cluster(node.port), options(), "static");
    poll_until(&mut [&mut second], |members, _| counts(members) == Some(vec![2])).await;
    assert_eq!(second.generation_id(), generation_id, "nobody else had to join again");
    let end = std::time::Instant::now() + super::PATIENCE;
    let fenced = loop {
        assert!(std::time::Instant::now() < end);
        if let Err(fault) = first.poll(Duration::from_millis(20)).await {
            break fault;
        }
    };
    assert!(fenced.to_string().contains("FENCED_INSTANCE_ID"), "{fenced}");
}
