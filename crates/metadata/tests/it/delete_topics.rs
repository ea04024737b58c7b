//! DeleteTopics: by name, by id, and everything that can be asked wrongly.

use klamm_base::{ErrorCode, Uuid};
use klamm_metadata::TopicRights;
use klamm_wire::create_topics::CreatableTopic;
use klamm_wire::delete_topics::{DeletableTopicResult, DeleteTopicState};
use klamm_wire::{CreateTopicsRequest, DeleteTopicsRequest};

use crate::cluster::Cluster;

fn with_topics(overrides: &[(&str, &str)], names: &[&str]) -> Cluster {
    let mut cluster = Cluster::working(overrides);
    for name in names {
        let topic = CreatableTopic {
            name: name.to_string(),
            num_partitions: 1,
            replication_factor: 1,
            ..Default::default()
        };
        let request = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
        let decision = cluster.controller.create_topics(&TopicRights::ALL, &request, &mut cluster.rng);
        cluster.apply(decision.expect("accepted"));
    }
    cluster
}

fn state(name: Option<&str>, topic_id: Uuid) -> DeleteTopicState {
    DeleteTopicState { name: name.map(str::to_owned), topic_id }
}

const NO_NAME: &str = "There is no topic of this name.";
const NO_ID: &str = "There is no topic with this id.";
const DENIED: &str = "Not allowed for this topic.";

/// Name, code and message of one topic's answer.
type Answer = (Option<String>, ErrorCode, Option<String>);

/// Answers sorted by name and code, and the records.
fn send(
    cluster: &mut Cluster,
    rights: &TopicRights<'_>,
    request: &DeleteTopicsRequest,
) -> (Vec<Answer>, Vec<String>) {
    let decision = cluster.controller.delete_topics(rights, request, 6, &mut cluster.rng).expect("accepted");
    let names = cluster.lines(&decision.records);
    let (response, _) = cluster.apply(decision);
    let answer = |result: DeletableTopicResult| {
        (result.name, ErrorCode::from_code(result.error_code), result.error_message)
    };
    let mut answers: Vec<_> = response.responses.into_iter().map(answer).collect();
    answers.sort();
    (answers, names)
}

fn answer(name: Option<&str>, code: ErrorCode, message: &str) -> Answer {
    (name.map(str::to_owned), code, (!message.is_empty()).then(|| message.to_owned()))
}

#[test]
fn by_name_and_by_id() {
    let mut cluster = with_topics(&[], &["a", "b", "c"]);
    let id = cluster.image().topics.id("b").expect("made");
    let request = DeleteTopicsRequest {
        topics: vec![state(Some("a"), Uuid::ZERO), state(None, id)],
        ..Default::default()
    };
    let (answers, mut lines) = send(&mut cluster, &TopicRights::ALL, &request);
    assert_eq!(answers, [answer(Some("a"), ErrorCode::None, ""), answer(Some("b"), ErrorCode::None, "")]);
    lines.sort();
    assert_eq!(lines, [r#"RemoveTopic v0 {"topicId":"<a>"}"#, r#"RemoveTopic v0 {"topicId":"<b>"}"#]);
    let left: Vec<_> = cluster.image().topics.iter().map(|topic| topic.name.to_string()).collect();
    assert_eq!(left, ["c"]);
}

#[test]
fn old_requests_name_topics_in_a_list() {
    let mut cluster = with_topics(&[], &["a"]);
    let request =
        DeleteTopicsRequest { topic_names: vec!["a".to_owned(), "nope".to_owned()], ..Default::default() };
    let (answers, lines) = send(&mut cluster, &TopicRights::ALL, &request);
    assert_eq!(
        answers,
        [
            answer(Some("a"), ErrorCode::None, ""),
            answer(Some("nope"), ErrorCode::UnknownTopicOrPartition, NO_NAME)
        ]
    );
    assert_eq!(lines.len(), 1);
}

#[test]
fn a_topic_takes_its_configs_along() {
    let mut cluster = Cluster::working(&[]);
    let config = klamm_wire::create_topics::CreatableTopicConfig {
        name: "retention.ms".to_owned(),
        value: Some("1".to_owned()),
    };
    let topic = CreatableTopic {
        name: "a".to_owned(),
        num_partitions: 1,
        replication_factor: 1,
        configs: vec![config],
        ..Default::default()
    };
    let request = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
    let decision = cluster.controller.create_topics(&TopicRights::ALL, &request, &mut cluster.rng);
    cluster.apply(decision.expect("accepted"));
    assert_eq!(cluster.image().configs.topic("a").len(), 1);
    let request = DeleteTopicsRequest { topic_names: vec!["a".to_owned()], ..Default::default() };
    send(&mut cluster, &TopicRights::ALL, &request);
    assert!(cluster.image().configs.topic("a").is_empty());
}

#[test]
fn what_makes_no_sense_is_refused_one_by_one() {
    let mut cluster = with_topics(&[], &["a", "b"]);
    let (a, b) =
        (cluster.image().topics.id("a").expect("made"), cluster.image().topics.id("b").expect("made"));
    let request = DeleteTopicsRequest {
        topics: vec![
            state(None, Uuid::ZERO),
            state(Some("a"), a),
            state(None, b),
            state(None, b),
            state(Some("c"), Uuid::ZERO),
            state(Some("c"), Uuid::ZERO),
            state(None, Uuid([5; 16])),
        ],
        ..Default::default()
    };
    let (answers, lines) = send(&mut cluster, &TopicRights::ALL, &request);
    let invalid = ErrorCode::InvalidRequest;
    assert_eq!(
        answers,
        [
            answer(None, invalid, "Duplicate topic id."),
            answer(None, invalid, "Neither topic name nor id were specified."),
            answer(None, ErrorCode::UnknownTopicId, NO_ID),
            answer(Some("a"), invalid, "You may not specify both topic name and topic id."),
            answer(Some("c"), invalid, "Duplicate topic name."),
        ]
    );
    assert_eq!(lines, [""; 0]);
}

#[test]
fn a_name_and_its_own_id_are_one_topic_too_many() {
    let mut cluster = with_topics(&[], &["a"]);
    let id = cluster.image().topics.id("a").expect("made");
    let request = DeleteTopicsRequest {
        topics: vec![state(Some("a"), Uuid::ZERO), state(None, id)],
        ..Default::default()
    };
    let (answers, lines) = send(&mut cluster, &TopicRights::ALL, &request);
    let message = "The provided topic name maps to an ID that was already supplied.";
    assert_eq!(answers, [answer(Some("a"), ErrorCode::InvalidRequest, message)]);
    assert_eq!(lines, [""; 0]);
}

#[test]
fn rights_hide_names_behind_ids() {
    let mut cluster = with_topics(&[], &["hidden", "seen", "mine"]);
    let id = |cluster: &Cluster, name: &str| cluster.image().topics.id(name).expect("made");
    let rights = TopicRights {
        may_change: &|name| name == "mine",
        may_describe: &|name| name != "hidden",
        ..TopicRights::ALL
    };
    let denied = ErrorCode::TopicAuthorizationFailed;
    let request = DeleteTopicsRequest {
        topics: vec![state(None, id(&cluster, "hidden")), state(None, id(&cluster, "seen"))],
        ..Default::default()
    };
    let (answers, _) = send(&mut cluster, &rights, &request);
    assert_eq!(answers, [answer(None, denied, DENIED), answer(Some("seen"), denied, DENIED)]);

    let names = ["hidden", "seen", "mine", "nope"].map(|name| state(Some(name), Uuid::ZERO));
    let request = DeleteTopicsRequest { topics: names.to_vec(), ..Default::default() };
    let (answers, lines) = send(&mut cluster, &rights, &request);
    assert_eq!(
        answers,
        [
            answer(Some("hidden"), denied, DENIED),
            answer(Some("mine"), ErrorCode::None, ""),
            answer(Some("nope"), ErrorCode::UnknownTopicOrPartition, NO_NAME),
            answer(Some("seen"), denied, DENIED),
        ]
    );
    assert_eq!(lines, [r#"RemoveTopic v0 {"topicId":"<mine>"}"#]);
}

#[test]
fn a_topic_that_is_not_committed_yet_cannot_be_named() {
    let mut cluster = Cluster::working(&[]);
    let topic = CreatableTopic {
        name: "a".to_owned(),
        num_partitions: 1,
        replication_factor: 1,
        ..Default::default()
    };
    let create = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
    let decision = cluster.controller.create_topics(&TopicRights::ALL, &create, &mut cluster.rng);
    cluster.append_only(&decision.expect("accepted"));
    let delete = DeleteTopicsRequest { topic_names: vec!["a".to_owned()], ..Default::default() };
    let early =
        cluster.controller.delete_topics(&TopicRights::ALL, &delete, 5, &mut cluster.rng).expect("accepted");
    assert_eq!(early.response.responses[0].error_code, ErrorCode::UnknownTopicOrPartition.code());
    cluster.commit();
    let decision =
        cluster.controller.delete_topics(&TopicRights::ALL, &delete, 5, &mut cluster.rng).expect("accepted");
    cluster.append_only(&decision);
    // It is named by what is committed, but removed only once.
    let again =
        cluster.controller.delete_topics(&TopicRights::ALL, &delete, 5, &mut cluster.rng).expect("accepted");
    assert_eq!(again.response.responses[0].error_code, ErrorCode::UnknownTopicId.code());
    assert!(again.records.is_empty());
}

#[test]
fn deletion_can_be_switched_off() {
    let mut cluster = with_topics(&[("delete.topic.enable", "false")], &["a"]);
    let request = DeleteTopicsRequest { topic_names: vec!["a".to_owned()], ..Default::default() };
    let mut code = |version| {
        let decision =
            cluster.controller.delete_topics(&TopicRights::ALL, &request, version, &mut cluster.rng);
        decision.expect_err("switched off").error
    };
    assert_eq!(code(6), ErrorCode::TopicDeletionDisabled);
    assert_eq!(code(2), ErrorCode::InvalidRequest);
}
