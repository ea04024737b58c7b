//! Answers about the example cluster.

use klamm_base::codec::{Message, Reader, Writer};

use super::*;
use crate::image::example::{self, MIXED, WELL};

/// Broker 1's answer on `listener`, after a trip over the wire.
fn ask(version: i16, listener: &str, request: &MetadataRequest) -> MetadataResponse {
    let image = example::cluster();
    let asking =
        Asking { image: &image, cluster_id: "cluster", controller_id: 2, listener, version, request };
    let mut writer = Writer::new();
    asking.answer().encode(&mut writer, version).expect("the version has all fields");
    MetadataResponse::decode(&mut Reader::new(writer.into_bytes()), version).expect("readable")
}

fn named(names: &[&str]) -> MetadataRequest {
    let topic = |name: &&str| MetadataRequestTopic { name: Some((*name).to_owned()), ..Default::default() };
    MetadataRequest { topics: Some(names.iter().map(topic).collect()), ..MetadataRequest::default() }
}

fn with_ids(ids: &[Uuid]) -> MetadataRequest {
    let topic = |&topic_id: &Uuid| MetadataRequestTopic { topic_id, name: None };
    MetadataRequest { topics: Some(ids.iter().map(topic).collect()), ..MetadataRequest::default() }
}

/// Names (`-`: null) with their error codes.
fn outline(response: &MetadataResponse) -> Vec<(&str, i16)> {
    let topics = response.topics.iter();
    topics.map(|topic| (topic.name.as_deref().unwrap_or("-"), topic.error_code)).collect()
}

/// A line for each partition: index, error, leader, replicas, ISR, offline replicas.
fn partitions(version: i16, listener: &str) -> Vec<String> {
    let response = ask(version, listener, &named(&["mixed"]));
    let line = |p: &MetadataResponsePartition| {
        let error = ErrorCode::from_code(p.error_code);
        let (replicas, isr, offline) = (&p.replica_nodes, &p.isr_nodes, &p.offline_replicas);
        format!("{} {error:?} {} {replicas:?} {isr:?} {offline:?}", p.partition_index, p.leader_id)
    };
    response.topics[0].partitions.iter().map(line).collect()
}

#[test]
fn partitions_on_the_outer_listener() {
    // Broker 3 is fenced, yet named as the leader: nobody else is.
    let newest = [
        "0 None 1 [1, 2, 3] [1, 2, 3] [2, 3]",
        "1 ListenerNotFound -1 [2, 1] [2] [2]",
        "2 None 3 [3] [3] [3]",
        "3 LeaderNotAvailable -1 [4, 1] [] [4]",
        "4 LeaderNotAvailable -1 [3] [] [3]",
        "5 None 1 [1] [1] [1]",
    ];
    for version in 6..=13 {
        assert_eq!(partitions(version, "PLAINTEXT"), newest, "version {version}");
    }
    let before_6 = newest.map(|line| line.replace("ListenerNotFound", "LeaderNotAvailable"));
    assert_eq!(partitions(5, "PLAINTEXT"), before_6);
    let offline = |line: &String| line.rfind(" [").map(|at| format!("{} []", &line[..at]));
    let before_5: Vec<String> = before_6.iter().filter_map(offline).collect();
    for version in 1..=4 {
        assert_eq!(partitions(version, "PLAINTEXT"), before_5, "version {version}");
    }
}

#[test]
fn version_0_hides_who_is_down_and_says_so() {
    let lines = [
        "0 ReplicaNotAvailable 1 [1] [1] []",
        "1 LeaderNotAvailable -1 [1] [] []",
        "2 ReplicaNotAvailable 3 [] [] []",
        "3 LeaderNotAvailable -1 [1] [] []",
        "4 LeaderNotAvailable -1 [] [] []",
        "5 None 1 [1] [1] []",
    ];
    assert_eq!(partitions(0, "PLAINTEXT"), lines);
}

#[test]
fn partitions_on_the_inner_listener() {
    let lines = [
        "0 None 1 [1, 2, 3] [1, 2, 3] [3]",
        "1 None 2 [2, 1] [2] []",
        "2 ListenerNotFound -1 [3] [3] [3]",
        "3 LeaderNotAvailable -1 [4, 1] [] [4]",
        "4 LeaderNotAvailable -1 [3] [] [3]",
        "5 None 1 [1] [1] [1]",
    ];
    assert_eq!(partitions(13, "INTERNAL"), lines);
}

#[test]
fn brokers_are_alive_and_at_their_address_on_the_listener() {
    let brokers = |version, listener| {
        let response = ask(version, listener, &named(&[]));
        let line = |b: &MetadataResponseBroker| format!("{} {}:{} {:?}", b.node_id, b.host, b.port, b.rack);
        response.brokers.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(brokers(13, "PLAINTEXT"), ["1 host1:9092 Some(\"a\")"]);
    assert_eq!(brokers(1, "INTERNAL"), ["1 host1:9093 Some(\"a\")", "2 host2:9193 None"]);
    assert_eq!(brokers(0, "INTERNAL"), ["1 host1:9093 None", "2 host2:9193 None"]);
    assert!(brokers(13, "SOMEWHERE").is_empty());
    let response = ask(13, "PLAINTEXT", &named(&[]));
    assert_eq!((response.cluster_id.as_deref(), response.controller_id), (Some("cluster"), 2));
}

#[test]
fn all_topics_and_none() {
    let all = [("__consumer_offsets", 0), ("mixed", 0), ("well", 0)];
    let everything = MetadataRequest { topics: None, ..MetadataRequest::default() };
    for version in 1..=13 {
        let response = ask(version, "PLAINTEXT", &everything);
        assert_eq!(outline(&response), all, "version {version}");
        let internal: Vec<bool> = response.topics.iter().map(|topic| topic.is_internal).collect();
        assert_eq!(internal, [true, false, false]);
        assert_eq!(outline(&ask(version, "PLAINTEXT", &named(&[]))), [], "version {version}");
    }
    assert_eq!(outline(&ask(0, "PLAINTEXT", &named(&[]))), all);
}

#[test]
fn names_are_answered_once_whatever_they_are() {
    let long = "x".repeat(250);
    let request = named(&["well", "unknown", "a/b", "well", "", ".", &long, "unknown"]);
    for version in 0..=13 {
        let answers = [("well", 0), ("unknown", 3), ("a/b", 17), ("", 17), (".", 17), (long.as_str(), 17)];
        assert_eq!(outline(&ask(version, "PLAINTEXT", &request)), answers, "version {version}");
    }
}

#[test]
fn ids_win_over_names() {
    let unknown = Uuid([1; 16]);
    for version in 12..=13 {
        let response = ask(version, "PLAINTEXT", &with_ids(&[MIXED, unknown, WELL, MIXED]));
        assert_eq!(outline(&response), [("mixed", 0), ("-", 100), ("well", 0)]);
        assert_eq!(response.topics[1].topic_id, unknown);

        let mut both = with_ids(&[WELL, Uuid::ZERO]);
        let topics = both.topics.as_mut().expect("there are topics");
        topics[0].name = Some("unknown".to_owned());
        topics[1].name = Some("mixed".to_owned());
        assert_eq!(outline(&ask(version, "PLAINTEXT", &both)), [("well", 0)]);
    }
}

#[test]
fn what_may_not_be_named_so_refuses_the_whole_request() {
    let refused = |version, request: &MetadataRequest| {
        let response = ask(version, "PLAINTEXT", request);
        assert!(response.brokers.is_empty() && response.cluster_id.is_none() && response.controller_id == -1);
        assert_eq!(response.error_code, if version == 13 { 42 } else { 0 });
        outline(&response).into_iter().map(|(name, error)| (name.to_owned(), error)).collect::<Vec<_>>()
    };
    let empty = ("".to_owned(), 42);
    for version in 10..=11 {
        assert_eq!(refused(version, &with_ids(&[WELL, WELL])), [empty.clone(), empty.clone()]);
        let mut both = named(&["well", "mixed"]);
        both.topics.as_mut().expect("there are topics")[1].topic_id = MIXED;
        assert_eq!(refused(version, &both), [("well".to_owned(), 42), ("mixed".to_owned(), 42)]);
    }
    for version in 10..=13 {
        assert_eq!(refused(version, &with_ids(&[Uuid::ZERO])), std::slice::from_ref(&empty));
    }
}

#[test]
fn rights_are_told_to_those_who_ask() {
    const NOT_ASKED: i32 = i32::MIN;
    let mut request = named(&["well", "unknown", "a/b"]);
    let rights = |version, request: &MetadataRequest| {
        let response = ask(version, "PLAINTEXT", request);
        let topics = response.topics.iter().map(|topic| topic.topic_authorized_operations);
        (response.cluster_authorized_operations, topics.collect::<Vec<_>>())
    };
    assert_eq!(rights(13, &request), (NOT_ASKED, vec![NOT_ASKED; 3]));
    request.include_topic_authorized_operations = true;
    assert_eq!(rights(13, &request), (NOT_ASKED, vec![3576; 3]));
    request.include_cluster_authorized_operations = true;
    assert_eq!(rights(8, &request), (8096, vec![3576; 3]));
    request.topics = with_ids(&[WELL, Uuid([1; 16])]).topics;
    request.include_cluster_authorized_operations = false;
    assert_eq!(rights(12, &request), (NOT_ASKED, vec![3576, NOT_ASKED]));
}

#[test]
fn only_legal_names_of_missing_topics_are_created() {
    let image = example::cluster();
    let missing = |version, request: &MetadataRequest| {
        let listener = "PLAINTEXT";
        let asking = Asking { image: &image, cluster_id: "", controller_id: -1, listener, version, request };
        asking.missing().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut request = named(&["new", "well", "a/b", "__transaction_state", "new"]);
    assert_eq!(missing(0, &request), ["__transaction_state", "new"]);
    request.allow_auto_topic_creation = false;
    assert!(missing(13, &request).is_empty());
    assert!(missing(13, &with_ids(&[Uuid([1; 16])])).is_empty());
    assert!(missing(13, &MetadataRequest { topics: None, ..MetadataRequest::default() }).is_empty());
}
