//! Topics grow.

use klamm_base::ErrorCode;
use klamm_metadata::TopicRights;
use klamm_wire::create_partitions::{CreatePartitionsAssignment, CreatePartitionsTopic};
use klamm_wire::create_topics::CreatableTopic;
use klamm_wire::{BrokerHeartbeatRequest, CreatePartitionsRequest, CreateTopicsRequest};

use crate::cluster::Cluster;

/// Brokers 1, 2 and 3 with topic `t` of one partition with `factor` replicas.
fn cluster(factor: i16) -> Cluster {
    let mut cluster = Cluster::working(&[]);
    cluster.start_broker(2);
    cluster.start_broker(3);
    let topic = CreatableTopic {
        name: "t".to_owned(),
        num_partitions: 1,
        replication_factor: factor,
        ..Default::default()
    };
    let request = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
    let decision = cluster.controller.create_topics(&TopicRights::ALL, &request, &mut cluster.rng);
    cluster.apply(decision.expect("accepted"));
    cluster
}

fn grown(name: &str, count: i32, assignments: Option<&[&[i32]]>) -> CreatePartitionsTopic {
    let assignment = |brokers: &&[i32]| CreatePartitionsAssignment { broker_ids: brokers.to_vec() };
    CreatePartitionsTopic {
        name: name.to_owned(),
        count,
        assignments: assignments.map(|list| list.iter().map(assignment).collect()),
    }
}

fn request(topics: Vec<CreatePartitionsTopic>) -> CreatePartitionsRequest {
    CreatePartitionsRequest { topics, ..Default::default() }
}

/// Errors by topic, and the records.
fn ask(
    cluster: &mut Cluster,
    rights: &TopicRights<'_>,
    request: &CreatePartitionsRequest,
) -> (Vec<(String, i16)>, Vec<String>) {
    let decision = cluster.controller.create_partitions(rights, request, &mut cluster.rng);
    let (response, lines) = cluster.apply(decision.expect("answered topic by topic"));
    (response.results.into_iter().map(|result| (result.name, result.error_code)).collect(), lines)
}

fn create(cluster: &mut Cluster, topics: Vec<CreatePartitionsTopic>) -> (Vec<(String, i16)>, Vec<String>) {
    ask(cluster, &TopicRights::ALL, &request(topics))
}

#[test]
fn new_partitions_have_the_factor_of_the_old_and_the_numbers_behind_them() {
    let mut cluster = cluster(2);
    let (results, lines) = create(&mut cluster, vec![grown("t", 4, None)]);
    assert_eq!((results, lines.len()), (vec![("t".to_owned(), 0)], 3));
    assert!(lines.iter().all(|line| line.starts_with("Partition v2")), "{lines:#?}");
    let topic = cluster.image().topics.by_name("t").expect("there");
    for (_, partition) in topic.partitions() {
        assert_eq!((partition.replicas.len(), partition.isr.len(), partition.leader_epoch), (2, 2, 0));
        assert_eq!(partition.leader, partition.replicas[0]);
    }
    assert!(topic.partitions().map(|(id, _)| id).eq(0..4));
}

#[test]
fn assigned_partitions_lie_where_they_shall() {
    let mut cluster = cluster(2);
    let (_, lines) = create(&mut cluster, vec![grown("t", 3, Some(&[&[3, 1], &[2, 3]]))]);
    assert_eq!(
        lines[0],
        concat!(
            r#"Partition v2 {"addingReplicas":[],"directories":["ExMTExMTExMTExMTExMTEw","EREREREREREREREREREREQ"],"#,
            r#""isr":[3,1],"leader":3,"leaderEpoch":0,"partitionEpoch":0,"partitionId":1,"#,
            r#""removingReplicas":[],"replicas":[3,1],"topicId":"<t>"}"#
        )
    );
    let factor = create(&mut cluster, vec![grown("t", 4, Some(&[&[1, 2, 3]]))]);
    assert_eq!(factor, (vec![("t".to_owned(), ErrorCode::InvalidReplicaAssignment.code())], vec![]));
}

#[test]
fn brokers_that_are_fenced_lead_nothing_and_nobody_is_found_when_all_are() {
    let mut cluster = cluster(1);
    let fence = |cluster: &mut Cluster, broker_id| {
        let broker_epoch = cluster.image().cluster.broker(broker_id).expect("registered").epoch;
        let request =
            BrokerHeartbeatRequest { broker_id, broker_epoch, want_fence: true, ..Default::default() };
        let decision = cluster.controller.heartbeat(&request, cluster.now).expect("accepted");
        cluster.apply(decision);
    };
    fence(&mut cluster, 1);
    let refused = create(&mut cluster, vec![grown("t", 2, Some(&[&[1]]))]);
    assert_eq!(refused, (vec![("t".to_owned(), ErrorCode::InvalidReplicaAssignment.code())], vec![]));
    create(&mut cluster, vec![grown("t", 9, None)]);
    let topic = cluster.image().topics.by_name("t").expect("there").clone();
    assert!(topic.partitions_from(1).all(|(_, partition)| [2, 3].contains(&partition.leader)));
    fence(&mut cluster, 2);
    fence(&mut cluster, 3);
    let refused = create(&mut cluster, vec![grown("t", 10, None)]);
    assert_eq!(refused, (vec![("t".to_owned(), ErrorCode::InvalidReplicationFactor.code())], vec![]));
}

#[test]
fn one_request_makes_ten_thousand_partitions_at_most_and_each_topic_is_whole() {
    let mut cluster = cluster(1);
    let policy = ErrorCode::PolicyViolation.code();
    for count in [10_002, i32::MAX] {
        let refused = create(&mut cluster, vec![grown("t", count, None)]);
        assert_eq!(refused, (vec![("t".to_owned(), policy)], vec![]), "{count}");
    }
    let (results, lines) = create(&mut cluster, vec![grown("t", 10_001, None)]);
    assert_eq!((results, lines.len()), (vec![("t".to_owned(), 0)], 10_000));
}

#[test]
fn what_is_only_validated_or_not_allowed_changes_nothing() {
    let mut cluster = cluster(1);
    let validated = CreatePartitionsRequest { validate_only: true, ..request(vec![grown("t", 4, None)]) };
    assert_eq!(ask(&mut cluster, &TopicRights::ALL, &validated), (vec![("t".to_owned(), 0)], vec![]));
    let nobody = TopicRights { may_change: &|name| name != "t", ..TopicRights::ALL };
    let both = request(vec![grown("t", 4, None), grown("u", 4, None)]);
    let denied = ErrorCode::TopicAuthorizationFailed.code();
    let unknown = ErrorCode::UnknownTopicOrPartition.code();
    assert_eq!(
        ask(&mut cluster, &nobody, &both),
        (vec![("t".to_owned(), denied), ("u".to_owned(), unknown)], vec![])
    );
}

#[test]
fn topics_do_not_grow_beyond_what_the_cluster_may_have() {
    let mut cluster = Cluster::working(&[("klamm.max.partitions", "6")]);
    let topic = |name: &str| CreatableTopic {
        name: name.to_owned(),
        num_partitions: 1,
        replication_factor: 1,
        ..Default::default()
    };
    let topics = CreateTopicsRequest { topics: vec![topic("s"), topic("t")], ..Default::default() };
    let decision = cluster.controller.create_topics(&TopicRights::ALL, &topics, &mut cluster.rng);
    cluster.apply(decision.expect("accepted"));
    let both = request(vec![grown("s", 4, None), grown("t", 3, None)]);
    let (errors, _) = ask(&mut cluster, &TopicRights::ALL, &both);
    let policy = ErrorCode::PolicyViolation.code();
    assert_eq!(errors, [("s".to_owned(), 0), ("t".to_owned(), policy)], "both together are too many");
    let (errors, _) = ask(&mut cluster, &TopicRights::ALL, &request(vec![grown("t", 2, None)]));
    assert_eq!(errors, [("t".to_owned(), 0)], "the sixth");
    let (errors, _) = ask(&mut cluster, &TopicRights::ALL, &request(vec![grown("t", 3, None)]));
    assert_eq!(errors, [("t".to_owned(), policy)]);
}
