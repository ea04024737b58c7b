//! CreateTopics: what it writes, what it answers, what it refuses.

use klamm_base::ErrorCode;
use klamm_metadata::TopicRights;
use klamm_wire::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreatableTopicResult,
};
use klamm_wire::{CreateTopicsRequest, CreateTopicsResponse};

use crate::cluster::Cluster;

fn topic(name: &str) -> CreatableTopic {
    CreatableTopic { name: name.to_owned(), num_partitions: -1, replication_factor: -1, ..Default::default() }
}

fn sized(name: &str, num_partitions: i32, replication_factor: i16) -> CreatableTopic {
    CreatableTopic { num_partitions, replication_factor, ..topic(name) }
}

fn configured(name: &str, configs: &[(&str, Option<&str>)]) -> CreatableTopic {
    let configs = configs.iter().map(|&(name, value)| CreatableTopicConfig {
        name: name.to_owned(),
        value: value.map(str::to_owned),
    });
    CreatableTopic { configs: configs.collect(), ..topic(name) }
}

fn assigned(name: &str, assignments: &[(i32, &[i32])]) -> CreatableTopic {
    let assignments = assignments.iter().map(|&(partition_index, broker_ids)| CreatableReplicaAssignment {
        partition_index,
        broker_ids: broker_ids.to_vec(),
    });
    CreatableTopic { assignments: assignments.collect(), ..topic(name) }
}

fn request(topics: Vec<CreatableTopic>) -> CreateTopicsRequest {
    CreateTopicsRequest { topics, ..Default::default() }
}

fn send(cluster: &mut Cluster, request: &CreateTopicsRequest) -> (CreateTopicsResponse, Vec<String>) {
    send_with(cluster, &TopicRights::ALL, request)
}

fn send_with(
    cluster: &mut Cluster,
    rights: &TopicRights<'_>,
    request: &CreateTopicsRequest,
) -> (CreateTopicsResponse, Vec<String>) {
    let decision = cluster.controller.create_topics(rights, request, &mut cluster.rng).expect("accepted");
    cluster.apply(decision)
}

/// The answer for the only topic of a request that changes nothing.
fn refused(cluster: &mut Cluster, topic: CreatableTopic) -> (ErrorCode, String) {
    let (response, lines) = send(cluster, &request(vec![topic]));
    assert_eq!(lines, [""; 0]);
    error(&response.topics[0])
}

fn error(result: &CreatableTopicResult) -> (ErrorCode, String) {
    (ErrorCode::from_code(result.error_code), result.error_message.clone().unwrap_or_default())
}

#[test]
fn a_topic_as_kafka_writes_it() {
    let mut cluster = Cluster::working(&[]);
    let (response, lines) = send(&mut cluster, &request(vec![sized("flights", 2, 1)]));
    let partition = |id: i32| {
        format!(
            r#"Partition v2 {{"addingReplicas":[],"directories":["EREREREREREREREREREREQ"],"isr":[1],"leader":1,"leaderEpoch":0,"partitionEpoch":0,"partitionId":{id},"removingReplicas":[],"replicas":[1],"topicId":"<flights>"}}"#
        )
    };
    assert_eq!(
        lines,
        [r#"Topic v0 {"name":"flights","topicId":"<flights>"}"#.to_owned(), partition(0), partition(1)]
    );
    let result = &response.topics[0];
    assert_eq!((result.error_code, result.error_message.as_deref()), (0, None));
    assert_eq!((result.num_partitions, result.replication_factor), (2, 1));
    assert_eq!(Some(result.topic_id), cluster.image().topics.id("flights"));
    assert_eq!(result.topic_config_error_code, 0);
}

#[test]
fn the_cluster_has_only_so_many_partitions() {
    let mut cluster = Cluster::working(&[("klamm.max.partitions", "5")]);
    send(&mut cluster, &request(vec![sized("a", 2, 1)]));
    let (response, _) = send(&mut cluster, &request(vec![sized("b", 2, 1), sized("c", 2, 1)]));
    let errors: Vec<_> = response.topics.iter().map(error).collect();
    assert_eq!(errors[0].0, ErrorCode::None);
    assert_eq!(errors[1].0, ErrorCode::PolicyViolation, "both together are too many");
    assert!(errors[1].1.contains("klamm.max.partitions"), "{}", errors[1].1);
    let (response, _) = send(&mut cluster, &request(vec![sized("d", 1, 1)]));
    assert_eq!(error(&response.topics[0]).0, ErrorCode::None, "the fifth");
    assert_eq!(refused(&mut cluster, sized("e", 1, 1)).0, ErrorCode::PolicyViolation);
}

#[test]
fn configs_come_between_topic_and_partitions() {
    let mut cluster = Cluster::working(&[]);
    let topic =
        configured("with.config", &[("retention.ms", Some("1000000")), ("min.insync.replicas", Some("1"))]);
    let (response, lines) = send(&mut cluster, &request(vec![topic]));
    assert_eq!(
        lines[1..4],
        [
            r#"Config v0 {"name":"min.insync.replicas","resourceName":"with.config","resourceType":2,"value":"1"}"#,
            r#"Config v0 {"name":"retention.ms","resourceName":"with.config","resourceType":2,"value":"1000000"}"#,
            r#"ClearElr v0 {"topicName":"with.config"}"#,
        ]
    );
    assert!(lines[4].starts_with("Partition v2"));

    let configs = response.topics[0].configs.as_ref().expect("described");
    let config = |name: &str| {
        let entry = configs.iter().find(|entry| entry.name == name).expect("a topic config");
        (entry.value.as_deref().expect("not sensitive"), entry.config_source)
    };
    assert_eq!(config("retention.ms"), ("1000000", 1));
    assert_eq!(config("cleanup.policy"), ("delete", 5));
    assert!(configs.is_sorted_by_key(|entry| &entry.name));
    assert_eq!(cluster.image().configs.topic("with.config")["retention.ms"], "1000000");
}

#[test]
fn the_cluster_level_minimum_shows_in_a_new_topic() {
    let mut cluster = Cluster::working(&[]);
    let (response, _) = send(&mut cluster, &request(vec![topic("t")]));
    let configs = response.topics[0].configs.as_ref().expect("described");
    let entry = configs.iter().find(|entry| entry.name == "min.insync.replicas").expect("a topic config");
    assert_eq!((entry.value.as_deref(), entry.config_source), (Some("1"), 3), "from the bootstrap records");
}

#[test]
fn defaults_are_the_brokers() {
    let mut cluster = Cluster::working(&[("num.partitions", "5"), ("default.replication.factor", "2")]);
    cluster.start_broker(2);
    let (response, _) = send(&mut cluster, &request(vec![topic("t")]));
    assert_eq!((response.topics[0].num_partitions, response.topics[0].replication_factor), (5, 2));
}

#[test]
fn replicas_where_the_client_wants_them() {
    let mut cluster = Cluster::working(&[]);
    cluster.start_broker(2);
    let (response, _) = send(&mut cluster, &request(vec![assigned("t", &[(1, &[1, 2]), (0, &[2, 1])])]));
    assert_eq!(response.topics[0].error_code, 0, "{response:?}");
    let topic = cluster.image().topics.by_name("t").expect("made").clone();
    let partitions: Vec<_> = topic.partitions().map(|(_, p)| (p.leader, p.replicas.clone())).collect();
    assert_eq!(partitions, [(2, vec![2, 1]), (1, vec![1, 2])]);
}

#[test]
fn a_broker_with_several_directories_chooses_itself() {
    let mut cluster = Cluster::active(&[]);
    let mut registration = crate::cluster::registration(1, 1);
    registration.log_dirs.push(klamm_base::Uuid([0x77; 16]));
    let decision = cluster.controller.register_broker(&registration, cluster.now).expect("accepted");
    cluster.apply(decision);
    let heartbeat = klamm_wire::BrokerHeartbeatRequest {
        broker_id: 1,
        broker_epoch: 10,
        current_metadata_offset: 10,
        want_fence: false,
        ..Default::default()
    };
    let decision = cluster.controller.heartbeat(&heartbeat, cluster.now).expect("accepted");
    cluster.apply(decision);
    let (_, lines) = send(&mut cluster, &request(vec![sized("t", 1, 1)]));
    assert!(lines[1].contains(r#""directories":["AAAAAAAAAAAAAAAAAAAAAQ"]"#), "{}", lines[1]);
}

#[test]
fn one_topic_does_not_hinder_the_other() {
    let mut cluster = Cluster::working(&[]);
    let topics = vec![topic("a"), sized("b", 0, 1), topic("c")];
    let (response, lines) = send(&mut cluster, &request(topics));
    let codes: Vec<_> =
        response.topics.iter().map(|result| (result.name.as_str(), result.error_code)).collect();
    assert_eq!(codes, [("a", 0), ("b", ErrorCode::InvalidPartitions.code()), ("c", 0)]);
    assert_eq!(lines.len(), 4);
}

#[test]
fn validation_alone_changes_nothing() {
    let mut cluster = Cluster::working(&[]);
    let request = CreateTopicsRequest { validate_only: true, ..request(vec![topic("t"), sized("u", 1, 9)]) };
    let (response, lines) = send(&mut cluster, &request);
    assert_eq!(lines, [""; 0]);
    assert_eq!((response.topics[0].error_code, response.topics[0].num_partitions), (0, 1));
    assert_eq!(response.topics[1].error_code, ErrorCode::InvalidReplicationFactor.code());
}

#[test]
fn names_that_are_refused() {
    let mut cluster = Cluster::working(&[]);
    send(&mut cluster, &request(vec![topic("a.b")]));
    let cases = [
        ("a.b", ErrorCode::TopicAlreadyExists, "Topic 'a.b' already exists."),
        ("a_b", ErrorCode::InvalidTopicException, "Topic 'a_b' collides with existing topic: a.b"),
        ("", ErrorCode::InvalidTopicException, "Topic name is invalid: the empty string is not allowed"),
        ("..", ErrorCode::InvalidTopicException, "Topic name is invalid: '..' is not allowed"),
        (
            "a/b",
            ErrorCode::InvalidTopicException,
            "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
        ),
        (
            "__cluster_metadata",
            ErrorCode::InvalidRequest,
            "Creation of internal topic __cluster_metadata is prohibited.",
        ),
    ];
    for (name, code, message) in cases {
        assert_eq!(refused(&mut cluster, topic(name)), (code, message.to_owned()));
    }
    let (code, message) = refused(&mut cluster, topic(&"x".repeat(250)));
    assert_eq!(code, ErrorCode::InvalidTopicException);
    assert!(message.ends_with("is longer than the max allowed length 249"), "{message}");
}

#[test]
fn a_name_is_free_again_after_its_topic_went() {
    let mut cluster = Cluster::working(&[]);
    send(&mut cluster, &request(vec![topic("a.b")]));
    let delete =
        klamm_wire::DeleteTopicsRequest { topic_names: vec!["a.b".to_owned()], ..Default::default() };
    let decision = cluster.controller.delete_topics(&TopicRights::ALL, &delete, 5, &mut cluster.rng);
    cluster.apply(decision.expect("accepted"));
    let (response, _) = send(&mut cluster, &request(vec![topic("a_b")]));
    assert_eq!(response.topics[0].error_code, 0);
    let (code, _) = refused(&mut cluster, topic("a.b"));
    assert_eq!(code, ErrorCode::InvalidTopicException);
}

#[test]
fn a_name_given_twice_is_refused_once() {
    let mut cluster = Cluster::working(&[]);
    let (response, lines) =
        send(&mut cluster, &request(vec![topic("a"), topic("b"), topic("a"), topic("a")]));
    let results: Vec<_> =
        response.topics.iter().map(|result| (result.name.as_str(), error(result))).collect();
    assert_eq!(
        results,
        [
            ("b", (ErrorCode::None, String::new())),
            ("a", (ErrorCode::InvalidRequest, "Duplicate topic name.".to_owned()))
        ]
    );
    assert_eq!(lines.len(), 2);
}

#[test]
fn sizes_that_are_refused() {
    let mut cluster = Cluster::working(&[]);
    let non_positive = "Number of partitions was set to an invalid non-positive value.";
    let factor = "Replication factor must be larger than 0, or -1 to use the default value.";
    let cases = [
        (sized("t", 0, 1), ErrorCode::InvalidPartitions, non_positive),
        (sized("t", -2, 1), ErrorCode::InvalidPartitions, non_positive),
        (sized("t", 1, 0), ErrorCode::InvalidReplicationFactor, factor),
        (sized("t", 1, -2), ErrorCode::InvalidReplicationFactor, factor),
        (
            sized("t", 1, 2),
            ErrorCode::InvalidReplicationFactor,
            "Unable to replicate the partition 2 time(s): The target replication factor of 2 cannot be reached because only 1 broker(s) are registered or some brokers have all their log directories cordoned.",
        ),
    ];
    for (topic, code, message) in cases {
        assert_eq!(refused(&mut cluster, topic), (code, message.to_owned()));
    }
    let mut without_brokers = Cluster::active(&[]);
    assert_eq!(
        refused(&mut without_brokers, sized("t", 1, 1)),
        (
            ErrorCode::InvalidReplicationFactor,
            "Unable to replicate the partition 1 time(s): All brokers are currently fenced, or have all their log directories cordoned.".to_owned()
        )
    );
}

#[test]
fn assignments_that_are_refused() {
    let mut cluster = Cluster::working(&[]);
    cluster.start_broker(2);
    let with = |change: &dyn Fn(&mut CreatableTopic)| {
        let mut topic = assigned("t", &[(0, &[1])]);
        change(&mut topic);
        topic
    };
    let invalid = ErrorCode::InvalidReplicaAssignment;
    let cases = [
        (
            with(&|t| t.replication_factor = 1),
            ErrorCode::InvalidRequest,
            "A manual partition assignment was specified, but replication factor was not set to -1.",
        ),
        (
            with(&|t| t.num_partitions = 1),
            ErrorCode::InvalidRequest,
            "A manual partition assignment was specified, but numPartitions was not set to -1.",
        ),
        (
            assigned("t", &[(0, &[1]), (0, &[1])]),
            invalid,
            "Found multiple manual partition assignments for partition 0",
        ),
        (
            assigned("t", &[(0, &[1]), (2, &[1])]),
            invalid,
            "partitions should be a consecutive 0-based integer sequence",
        ),
        (
            assigned("t", &[(0, &[])]),
            invalid,
            "The manual partition assignment includes an empty replica list.",
        ),
        (
            assigned("t", &[(0, &[1, 7])]),
            invalid,
            "The manual partition assignment includes broker 7, but no such broker is registered.",
        ),
        (
            assigned("t", &[(0, &[1, 1])]),
            invalid,
            "The manual partition assignment includes the broker 1 more than once.",
        ),
        (
            assigned("t", &[(0, &[1, 2]), (1, &[1])]),
            invalid,
            "The manual partition assignment includes a partition with 1 replica(s), but this is not consistent with previous partitions, which have 2 replica(s).",
        ),
    ];
    for (topic, code, message) in cases {
        assert_eq!(refused(&mut cluster, topic), (code, message.to_owned()));
    }
}

#[test]
fn replicas_on_brokers_that_are_away_are_refused() {
    let mut cluster = Cluster::working(&[]);
    let decision = cluster.controller.register_broker(&crate::cluster::registration(2, 2), cluster.now);
    cluster.apply(decision.expect("accepted"));
    let (code, message) = refused(&mut cluster, assigned("t", &[(0, &[2])]));
    assert_eq!(code, ErrorCode::InvalidReplicaAssignment);
    assert_eq!(
        message,
        "All brokers specified in the manual partition assignment for partition 0 are fenced or in controlled shutdown."
    );
    // Beside one that works, a fenced broker may get a replica; it is not in sync.
    let (_, lines) = send(&mut cluster, &request(vec![assigned("t", &[(0, &[2, 1])])]));
    assert!(lines[1].contains(r#""isr":[1],"leader":1"#), "{}", lines[1]);
}

#[test]
fn brokers_without_a_free_directory_take_no_replicas() {
    let mut cluster = Cluster::working(&[]);
    let broker = cluster.image().cluster.broker(1).expect("registered").clone();
    let cordon = klamm_wire::BrokerHeartbeatRequest {
        broker_id: 1,
        broker_epoch: broker.epoch,
        want_fence: false,
        current_metadata_offset: i64::MAX,
        cordoned_log_dirs: Some(broker.directories.clone()),
        ..Default::default()
    };
    let decision = cluster.controller.heartbeat(&cordon, cluster.now).expect("accepted");
    cluster.apply(decision);
    let (_, message) = refused(&mut cluster, assigned("t", &[(0, &[1])]));
    assert_eq!(
        message,
        "The manual partition assignment includes broker 1, but all its log directories are cordoned."
    );
    assert_eq!(refused(&mut cluster, sized("t", 1, 1)).0, ErrorCode::InvalidReplicationFactor);
}

#[test]
fn configs_that_are_refused() {
    let mut cluster = Cluster::working(&[]);
    let long = "x".repeat(32_768);
    let cases = [
        (
            configured("t", &[("a", None), ("b", Some("1")), ("c", None)]),
            "Null value not supported for topic configs: a,c",
        ),
        (configured("t", &[("no.such.config", Some("1"))]), "Unknown topic config name: no.such.config"),
        (
            configured("t", &[("cleanup.policy", Some(&long))]),
            "The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes.",
        ),
    ];
    for (topic, message) in cases {
        assert_eq!(refused(&mut cluster, topic), (ErrorCode::InvalidConfig, message.to_owned()));
    }
    let (code, message) = refused(&mut cluster, configured("t", &[("retention.ms", Some("soon"))]));
    assert_eq!(code, ErrorCode::InvalidConfig);
    assert!(message.starts_with("Invalid value soon for configuration retention.ms"), "{message}");
}

#[test]
fn too_much_at_once_is_refused_as_a_whole() {
    let mut cluster = Cluster::working(&[]);
    let refusal = |cluster: &mut Cluster, topics| {
        let decision =
            cluster.controller.create_topics(&TopicRights::ALL, &request(topics), &mut cluster.rng);
        let Err(error) = decision else { panic!("accepted") };
        (error.error, error.message.unwrap_or_default())
    };
    let policy = ErrorCode::PolicyViolation;
    assert_eq!(
        refusal(&mut cluster, vec![sized("a", 6_000, 1), sized("b", 4_001, 1)]),
        (policy, "Excessively large number of partitions per request.".to_owned())
    );
    assert_eq!(
        refusal(&mut cluster, vec![sized("a", 10_000, 1)]),
        (policy, "Unable to perform excessively large batch operation.".to_owned()),
        "10,000 partitions and the topic are 10,001 records"
    );
    let (_, lines) = send(&mut cluster, &request(vec![sized("a", 9_999, 1)]));
    assert_eq!(lines.len(), 10_000);

    // Few records, but more bytes than one batch may have.
    let value = Some("0:1,".repeat(8_000) + "0:1");
    let config = CreatableTopicConfig { name: "leader.replication.throttled.replicas".to_owned(), value };
    let large = |at| CreatableTopic { configs: vec![config.clone()], ..topic(&format!("large-{at}")) };
    assert_eq!(refusal(&mut cluster, (0..300).map(large).collect()).0, policy);
}

#[test]
fn rights_are_asked_name_by_name() {
    let mut cluster = Cluster::working(&[]);
    let rights = TopicRights {
        may_change: &|name| name != "secret",
        may_describe_configs: &|name| name == "open",
        ..TopicRights::ALL
    };
    let (response, lines) =
        send_with(&mut cluster, &rights, &request(vec![topic("open"), topic("secret"), topic("mine")]));
    assert_eq!(lines.len(), 4);
    let by_name = |name: &str| response.topics.iter().find(|result| result.name == name).expect("answered");
    assert!(by_name("open").configs.as_ref().is_some_and(|configs| !configs.is_empty()));
    let mine = by_name("mine");
    assert_eq!(mine.topic_config_error_code, ErrorCode::TopicAuthorizationFailed.code());
    assert_eq!((mine.num_partitions, mine.replication_factor), (-1, -1));
    assert_eq!(
        error(by_name("secret")),
        (ErrorCode::TopicAuthorizationFailed, "Authorization failed.".to_owned())
    );
}
