//! Answers about the example cluster.

use klamm_wire::describe_topic_partitions::request;

use super::*;
use crate::image::example;

fn named(names: &[&str], limit: i32, cursor: Option<(&str, i32)>) -> DescribeTopicPartitionsRequest {
    let topic = |name: &&str| request::TopicRequest { name: (*name).to_owned() };
    let cursor = cursor
        .map(|(name, partition_index)| request::Cursor { topic_name: name.to_owned(), partition_index });
    DescribeTopicPartitionsRequest {
        topics: names.iter().map(topic).collect(),
        response_partition_limit: limit,
        cursor,
    }
}

/// `topic: partitions`, with the error if there is one, and the cursor at the end.
fn outline(request: &DescribeTopicPartitionsRequest) -> Vec<String> {
    let response = answer(&example::cluster(), "PLAINTEXT", 2000, request);
    let line = |topic: &DescribeTopicPartitionsResponseTopic| {
        let name = topic.name.as_deref().unwrap_or("-");
        let indexes: Vec<i32> = topic.partitions.iter().map(|p| p.partition_index).collect();
        match topic.error_code {
            0 => format!("{name}: {indexes:?}"),
            error => format!("{name}: error {error}"),
        }
    };
    let mut lines: Vec<String> = response.topics.iter().map(line).collect();
    lines.extend(
        response.next_cursor.map(|next| format!("next {} {}", next.topic_name, next.partition_index)),
    );
    lines
}

#[test]
fn everything_on_one_page() {
    let all = ["__consumer_offsets: [0]", "mixed: [0, 1, 2, 3, 4, 5]", "well: [0]"];
    assert_eq!(outline(&named(&[], 2000, None)), all);
    assert_eq!(outline(&named(&[], 8, None)), all);
    let some = ["a/b: error 17", "mixed: [0, 1, 2, 3, 4, 5]", "unknown: error 3", "well: [0]"];
    assert_eq!(outline(&named(&["well", "unknown", "mixed", "a/b", "well"], 2000, None)), some);
}

#[test]
fn a_full_page_names_the_first_that_did_not_fit() {
    for limit in [i32::MIN, 0, 1] {
        assert_eq!(outline(&named(&[], limit, None)), ["__consumer_offsets: [0]", "next mixed 0"]);
    }
    assert_eq!(outline(&named(&[], 3, None)), ["__consumer_offsets: [0]", "mixed: [0, 1]", "next mixed 2"]);
    let exactly = ["__consumer_offsets: [0]", "mixed: [0, 1, 2, 3, 4, 5]", "next well 0"];
    assert_eq!(outline(&named(&[], 7, None)), exactly);
    // The next topic is named even if it does not exist.
    assert_eq!(outline(&named(&["mixed", "unknown"], 6, None)), [exactly[1], "next unknown 0"]);
}

#[test]
fn the_settings_bound_what_clients_ask() {
    let response = answer(&example::cluster(), "PLAINTEXT", 2, &named(&["mixed"], 2000, None));
    assert_eq!(response.topics[0].partitions.len(), 2);
}

#[test]
fn a_cursor_begins_where_the_last_page_ended() {
    let at = |cursor| outline(&named(&[], 4, Some(cursor)));
    assert_eq!(at(("mixed", 2)), ["mixed: [2, 3, 4, 5]", "next well 0"]);
    assert_eq!(at(("mixed", 3)), ["mixed: [3, 4, 5]", "well: [0]"]);
    assert_eq!(at(("mixed", 6)), ["mixed: []", "well: [0]"]);
    assert_eq!(at(("mixed", i32::MAX)), ["mixed: []", "well: [0]"]);
    // The topic is gone meanwhile.
    assert_eq!(at(("n", 5)), ["well: [0]"]);
    assert_eq!(at(("z", 0)), [""; 0]);
    let named_topics = named(&["mixed", "well", "a"], 2, Some(("mixed", 5)));
    assert_eq!(outline(&named_topics), ["mixed: [5]", "well: [0]"]);
}

#[test]
fn invalid_cursors_fail_what_is_named() {
    assert_eq!(outline(&named(&["well"], 4, Some(("mixed", 0)))), ["well: error 42"]);
    assert_eq!(outline(&named(&["well"], 4, Some(("well", -1)))), ["well: error 42"]);
    assert_eq!(outline(&named(&[], 4, Some(("well", -1)))), [""; 0]);
}

#[test]
fn partitions_in_full() {
    let response = answer(&example::cluster(), "PLAINTEXT", 2000, &named(&["mixed"], 2000, None));
    assert_eq!(response.topics[0].topic_id, example::MIXED);
    assert_eq!(response.topics[0].topic_authorized_operations, 3576);
    let line = |p: &DescribeTopicPartitionsResponsePartition| {
        let (elr, last_known) = (p.eligible_leader_replicas.as_ref(), p.last_known_elr.as_ref());
        let (elr, last_known) = (elr.expect("never null"), last_known.expect("never null"));
        assert_eq!(p.error_code, 0);
        format!(
            "{} {}@{} {:?} {:?} {elr:?} {last_known:?} {:?}",
            p.partition_index, p.leader_id, p.leader_epoch, p.replica_nodes, p.isr_nodes, p.offline_replicas
        )
    };
    let lines: Vec<String> = response.topics[0].partitions.iter().map(line).collect();
    let expected = [
        "0 1@10 [1, 2, 3] [1, 2, 3] [] [] [2, 3]",
        "1 -1@11 [2, 1] [2] [] [] [2]",
        "2 3@12 [3] [3] [] [] [3]",
        "3 -1@13 [4, 1] [] [] [] [4]",
        "4 -1@14 [3] [] [3] [4] [3]",
        "5 1@15 [1] [1] [] [] [1]",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn pages_put_together_are_the_whole() {
    for limit in 1..10 {
        let mut seen = Vec::new();
        let mut cursor: Option<(String, i32)> = None;
        loop {
            let at = cursor.as_ref().map(|(name, index)| (name.as_str(), *index));
            let page = answer(&example::cluster(), "PLAINTEXT", 2000, &named(&[], limit, at));
            for topic in &page.topics {
                let name = topic.name.clone().expect("a name");
                seen.extend(topic.partitions.iter().map(|p| (name.clone(), p.partition_index)));
            }
            let Some(next) = page.next_cursor else { break };
            cursor = Some((next.topic_name, next.partition_index));
        }
        let mixed = (0..6).map(|index| ("mixed".to_owned(), index));
        let all: Vec<_> = core::iter::once(("__consumer_offsets".to_owned(), 0))
            .chain(mixed)
            .chain([("well".to_owned(), 0)])
            .collect();
        assert_eq!(seen, all, "limit {limit}");
    }
}
