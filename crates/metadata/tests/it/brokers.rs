//! Brokers register, work, leave and die. The records are those of Kafka's own log.

use klamm_base::{ErrorCode, Uuid};
use klamm_metadata::{ApiError, Controller, Decision, TopicRights};
use klamm_wire::controller_registration::{Feature as ControllerFeature, Listener as ControllerListener};
use klamm_wire::create_topics::CreatableTopic;
use klamm_wire::{
    BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerRegistrationRequest,
    ControllerRegistrationRequest, CreateTopicsRequest,
};

use crate::cluster::{Cluster, registration};

/// A topic `t` with one partition on the given brokers.
fn create_topic(cluster: &mut Cluster, replication_factor: i16) {
    let topic =
        CreatableTopic { name: "t".to_owned(), num_partitions: 1, replication_factor, ..Default::default() };
    let request = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
    let decision = cluster.controller.create_topics(&TopicRights::ALL, &request, &mut cluster.rng);
    let (response, _) = cluster.apply(decision.expect("accepted"));
    assert_eq!(response.topics[0].error_code, 0, "{response:?}");
}

fn register(cluster: &mut Cluster, request: &BrokerRegistrationRequest) -> Vec<String> {
    let decision = cluster.controller.register_broker(request, cluster.now).expect("accepted");
    cluster.apply(decision).1
}

/// A heartbeat of a working broker that knows everything.
fn beat(cluster: &Cluster, broker_id: i32) -> BrokerHeartbeatRequest {
    let broker = cluster.image().cluster.broker(broker_id).expect("registered");
    BrokerHeartbeatRequest {
        broker_id,
        broker_epoch: broker.epoch,
        current_metadata_offset: cluster.controller.images().next_offset() - 1,
        want_fence: false,
        ..Default::default()
    }
}

fn send(cluster: &mut Cluster, request: &BrokerHeartbeatRequest) -> (BrokerHeartbeatResponse, Vec<String>) {
    let decision = cluster.controller.heartbeat(request, cluster.now).expect("accepted");
    cluster.apply(decision)
}

fn refusal<R>(result: Result<Decision<R>, ApiError>) -> (ErrorCode, String) {
    match result {
        Ok(_) => panic!("it was accepted"),
        Err(error) => (error.error, error.message.unwrap_or_default()),
    }
}

#[test]
fn the_life_of_a_broker_as_kafka_writes_it() {
    let mut cluster = Cluster::active(&[]);
    let lines = register(&mut cluster, &registration(1, 1));
    assert_eq!(
        lines,
        [concat!(
            r#"RegisterBroker v4 {"brokerEpoch":10,"brokerId":1,"#,
            r#""endPoints":[{"host":"localhost","name":"PLAINTEXT","port":9092,"securityProtocol":0}],"#,
            r#""features":[{"maxSupportedVersion":1,"minSupportedVersion":0,"name":"eligible.leader.replicas.version"},"#,
            r#"{"maxSupportedVersion":1,"minSupportedVersion":0,"name":"group.version"},"#,
            r#"{"maxSupportedVersion":1,"minSupportedVersion":0,"name":"kraft.version"},"#,
            r#"{"maxSupportedVersion":33,"minSupportedVersion":7,"name":"metadata.version"},"#,
            r#"{"maxSupportedVersion":2,"minSupportedVersion":0,"name":"share.version"},"#,
            r#"{"maxSupportedVersion":1,"minSupportedVersion":0,"name":"streams.version"},"#,
            r#"{"maxSupportedVersion":2,"minSupportedVersion":0,"name":"transaction.version"}],"#,
            r#""fenced":true,"inControlledShutdown":false,"incarnationId":"AQEBAQEBAQEBAQEBAQEBAQ","#,
            r#""isMigratingZkBroker":false,"logDirs":["EREREREREREREREREREREQ"],"rack":null}"#,
        )]
    );

    // It still loads its logs, then it asks to work; the directories come with the first heartbeat
    // after it has caught up.
    let fenced = BrokerHeartbeatRequest { want_fence: true, ..beat(&cluster, 1) };
    let (response, lines) = send(&mut cluster, &fenced);
    assert_eq!((response.is_caught_up, response.is_fenced, lines.len()), (true, true, 0));
    let ready = BrokerHeartbeatRequest { cordoned_log_dirs: Some(vec![]), ..beat(&cluster, 1) };
    let (response, lines) = send(&mut cluster, &ready);
    assert!(!response.is_fenced && !response.should_shut_down);
    assert_eq!(
        lines,
        [
            r#"BrokerRegistrationChange v0 {"brokerEpoch":10,"brokerId":1,"fenced":-1}"#,
            r#"BrokerRegistrationChange v3 {"brokerEpoch":10,"brokerId":1,"cordonedLogDirs":[]}"#,
        ]
    );
    let (_, lines) = send(&mut cluster, &ready);
    assert_eq!(lines, [""; 0], "nothing is news twice");

    create_topic(&mut cluster, 1);
    let leave = BrokerHeartbeatRequest { want_shut_down: true, ..beat(&cluster, 1) };
    let (response, lines) = send(&mut cluster, &leave);
    assert!(!response.is_fenced && !response.should_shut_down);
    assert_eq!(
        lines,
        [
            r#"BrokerRegistrationChange v1 {"brokerEpoch":10,"brokerId":1,"inControlledShutdown":1}"#,
            r#"PartitionChange v2 {"eligibleLeaderReplicas":[1],"isr":[],"lastKnownElr":[1],"leader":-1,"partitionId":0,"topicId":"<t>"}"#,
        ]
    );
    let (response, lines) = send(&mut cluster, &leave);
    assert!(response.is_fenced && response.should_shut_down);
    assert_eq!(lines, [r#"BrokerRegistrationChange v0 {"brokerEpoch":10,"brokerId":1,"fenced":1}"#]);

    // The next start knows the epoch of before: the shutdown was clean.
    cluster.lead();
    let again = BrokerRegistrationRequest { previous_broker_epoch: 10, ..registration(1, 2) };
    let lines = register(&mut cluster, &again);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let ready = beat(&cluster, 1);
    let (_, lines) = send(&mut cluster, &ready);
    let epoch = cluster.image().cluster.broker(1).expect("registered").epoch;
    assert_eq!(
        lines,
        [
            format!(r#"BrokerRegistrationChange v0 {{"brokerEpoch":{epoch},"brokerId":1,"fenced":-1}}"#),
            r#"PartitionChange v2 {"eligibleLeaderReplicas":[],"isr":[1],"lastKnownElr":[],"leader":1,"partitionId":0,"topicId":"<t>"}"#.to_owned(),
        ]
    );
}

#[test]
fn a_crash_costs_eligibility() {
    let mut cluster = Cluster::working(&[]);
    create_topic(&mut cluster, 1);
    cluster.lead();
    let early = cluster.controller.register_broker(&registration(1, 2), cluster.now);
    assert_eq!(refusal(early).0, ErrorCode::DuplicateBrokerRegistration);
    // Who holds the lock of the directories knows that the incarnation before it is gone.
    cluster.controller.end_session(1);
    let lines = register(&mut cluster, &registration(1, 2));
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert_eq!(
        lines[0],
        r#"PartitionChange v2 {"isr":[],"lastKnownElr":[1],"leader":-1,"partitionId":0,"topicId":"<t>"}"#
    );
    assert!(lines[1].starts_with("RegisterBroker v4"), "{}", lines[1]);
    let ready = beat(&cluster, 1);
    let (_, lines) = send(&mut cluster, &ready);
    assert_eq!(
        lines[1],
        r#"PartitionChange v2 {"isr":[1],"lastKnownElr":[],"leader":1,"leaderRecoveryState":1,"partitionId":0,"topicId":"<t>"}"#
    );
}

#[test]
fn a_crash_whose_session_ended_is_cleaned_up_at_registration() {
    let mut cluster = Cluster::working(&[]);
    create_topic(&mut cluster, 1);
    cluster.after_ms(9_001);
    assert_eq!(
        cluster.advance(),
        [
            r#"PartitionChange v2 {"eligibleLeaderReplicas":[1],"isr":[],"lastKnownElr":[1],"leader":-1,"partitionId":0,"topicId":"<t>"}"#,
            r#"BrokerRegistrationChange v0 {"brokerEpoch":10,"brokerId":1,"fenced":1}"#,
            "NoOp v0 {}",
        ]
    );
    let lines = register(&mut cluster, &registration(1, 2));
    assert_eq!(
        lines[0],
        r#"PartitionChange v2 {"eligibleLeaderReplicas":[],"partitionId":0,"topicId":"<t>"}"#
    );
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_session_lasts_nine_seconds_from_the_last_heartbeat() {
    let mut cluster = Cluster::working(&[("metadata.max.idle.interval.ms", "0")]);
    cluster.after_ms(8_000);
    let alive = beat(&cluster, 1);
    send(&mut cluster, &alive);
    cluster.after_ms(9_000);
    assert_eq!(cluster.advance(), [""; 0]);
    assert_eq!(cluster.controller.next_deadline(), Some(cluster.now.plus_ms(1)));
    cluster.after_ms(1);
    assert_eq!(
        cluster.advance(),
        [r#"BrokerRegistrationChange v0 {"brokerEpoch":10,"brokerId":1,"fenced":1}"#]
    );
    assert_eq!(cluster.advance(), [""; 0]);
}

#[test]
fn a_new_leader_gives_every_broker_a_full_session() {
    let mut cluster = Cluster::working(&[("metadata.max.idle.interval.ms", "0")]);
    cluster.start_broker(2);
    cluster.after_ms(5_000);
    cluster.lead();
    let duplicate = cluster.controller.register_broker(&registration(2, 9), cluster.now);
    assert_eq!(refusal(duplicate).0, ErrorCode::DuplicateBrokerRegistration);
    cluster.after_ms(9_001);
    let lines = cluster.advance();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[1].contains(r#""brokerId":2,"fenced":1"#), "{}", lines[1]);
    cluster.controller.register_broker(&registration(2, 9), cluster.now).expect("the session is over");
}

#[test]
fn the_same_incarnation_only_amends_its_registration() {
    let mut cluster = Cluster::working(&[]);
    let mut request = registration(1, 1);
    request.rack = Some("r1".to_owned());
    let lines = register(&mut cluster, &request);
    assert_eq!(lines.len(), 1);
    let broker = cluster.image().cluster.broker(1).expect("registered");
    assert_eq!((broker.epoch, broker.fenced, broker.rack.as_deref()), (10, false, Some("r1")));
}

#[test]
fn a_broker_works_only_when_it_knows_its_own_registration() {
    let mut cluster = Cluster::active(&[]);
    register(&mut cluster, &registration(1, 1));
    let behind = BrokerHeartbeatRequest { current_metadata_offset: 9, ..beat(&cluster, 1) };
    let (response, lines) = send(&mut cluster, &behind);
    assert_eq!((response.is_caught_up, response.is_fenced, lines.len()), (false, true, 0));
}

#[test]
fn a_fenced_broker_may_go_at_once() {
    let mut cluster = Cluster::active(&[]);
    register(&mut cluster, &registration(1, 1));
    let leave = BrokerHeartbeatRequest { want_shut_down: true, want_fence: true, ..beat(&cluster, 1) };
    let (response, _) = send(&mut cluster, &leave);
    assert!(response.should_shut_down && response.is_fenced);
}

#[test]
fn a_broker_that_leads_nothing_may_go_at_once() {
    let mut cluster = Cluster::working(&[]);
    let leave = BrokerHeartbeatRequest { want_shut_down: true, ..beat(&cluster, 1) };
    let (response, lines) = send(&mut cluster, &leave);
    assert!(response.should_shut_down);
    assert_eq!(lines, [r#"BrokerRegistrationChange v0 {"brokerEpoch":10,"brokerId":1,"fenced":1}"#]);
}

#[test]
fn a_broker_may_ask_to_be_fenced() {
    let mut cluster = Cluster::working(&[]);
    let fence = BrokerHeartbeatRequest { want_fence: true, ..beat(&cluster, 1) };
    let (response, lines) = send(&mut cluster, &fence);
    assert!(response.is_fenced && !response.should_shut_down);
    assert_eq!(lines.len(), 1);
    let gone = BrokerHeartbeatRequest { want_fence: true, want_shut_down: true, ..beat(&cluster, 1) };
    assert!(send(&mut cluster, &gone).0.should_shut_down);
}

#[test]
fn leadership_moves_and_the_leaver_waits_until_others_have_noticed() {
    let mut cluster = Cluster::working(&[]);
    cluster.start_broker(2);
    create_topic(&mut cluster, 2);
    let partition = |cluster: &Cluster| {
        let topic = cluster.image().topics.by_name("t").expect("there").clone();
        topic.partition(0).expect("there").clone()
    };
    let (leader, other) = match partition(&cluster).leader {
        1 => (1, 2),
        _ => (2, 1),
    };
    let leave = BrokerHeartbeatRequest { want_shut_down: true, ..beat(&cluster, leader) };
    let (response, lines) = send(&mut cluster, &leave);
    assert!(!response.should_shut_down);
    assert_eq!(
        lines[1],
        format!(r#"PartitionChange v2 {{"isr":[{other}],"leader":{other},"partitionId":0,"topicId":"<t>"}}"#)
    );
    let stays = beat(&cluster, other);
    let behind = BrokerHeartbeatRequest { current_metadata_offset: 3, ..stays.clone() };
    send(&mut cluster, &behind);
    assert!(!send(&mut cluster, &leave).0.should_shut_down, "the other has not seen the new leader");
    send(&mut cluster, &stays);
    assert!(send(&mut cluster, &leave).0.should_shut_down);
}

#[test]
fn a_directory_that_fails_takes_its_partitions_along() {
    let mut cluster = Cluster::active(&[]);
    let (a, b) = (Uuid([0xaa; 16]), Uuid([0x0b; 16]));
    let request = BrokerRegistrationRequest { log_dirs: vec![b, a], ..registration(1, 1) };
    register(&mut cluster, &request);
    let ready = beat(&cluster, 1);
    send(&mut cluster, &ready);
    let failed = BrokerHeartbeatRequest { offline_log_dirs: vec![a, Uuid([0xcc; 16])], ..ready.clone() };
    let (_, lines) = send(&mut cluster, &failed);
    assert_eq!(
        lines,
        [
            r#"BrokerRegistrationChange v2 {"brokerEpoch":10,"brokerId":1,"logDirs":["CwsLCwsLCwsLCwsLCwsLCw"]}"#
        ]
    );
    assert_eq!(send(&mut cluster, &failed).1, [""; 0]);
}

#[test]
fn a_partition_on_a_failed_directory_loses_its_leader() {
    let mut cluster = Cluster::working(&[]);
    create_topic(&mut cluster, 1);
    let failed = BrokerHeartbeatRequest { offline_log_dirs: vec![Uuid([0x11; 16])], ..beat(&cluster, 1) };
    let (_, lines) = send(&mut cluster, &failed);
    assert!(lines[0].contains(r#""isr":[],"lastKnownElr":[1],"leader":-1"#), "{lines:#?}");
}

#[test]
fn heartbeats_of_strangers_are_stale() {
    let mut cluster = Cluster::working(&[]);
    let wrong_epoch = BrokerHeartbeatRequest { broker_epoch: 7, ..beat(&cluster, 1) };
    assert_eq!(
        refusal(cluster.controller.heartbeat(&wrong_epoch, cluster.now)),
        (ErrorCode::StaleBrokerEpoch, "Expected broker epoch 10, but got broker epoch 7".to_owned())
    );
    let unknown = BrokerHeartbeatRequest { broker_id: 5, ..beat(&cluster, 1) };
    assert_eq!(
        refusal(cluster.controller.heartbeat(&unknown, cluster.now)),
        (ErrorCode::StaleBrokerEpoch, "No broker registration found for broker id 5".to_owned())
    );
}

#[test]
fn registrations_that_are_refused() {
    let mut cluster = Cluster::working(&[]);
    let now = cluster.now;
    let refused = |controller: &mut Controller, request| refusal(controller.register_broker(&request, now));
    let with = |change: &dyn Fn(&mut BrokerRegistrationRequest)| {
        let mut request = registration(2, 2);
        change(&mut request);
        request
    };
    let cases: [(BrokerRegistrationRequest, ErrorCode, &str); 9] = [
        (
            with(&|r| r.cluster_id = "other".to_owned()),
            ErrorCode::InconsistentClusterId,
            "Expected cluster ID 5L6g3nShT-eMCtK--X86sw, but got cluster ID other",
        ),
        (
            registration(1, 9),
            ErrorCode::DuplicateBrokerRegistration,
            "Another broker is registered with that broker id. If the broker was recently restarted this should self-resolve once the heartbeat manager expires the broker's session.",
        ),
        (
            with(&|r| r.is_migrating_zk_broker = true),
            ErrorCode::BrokerIdNotRegistered,
            "Controller does not support registering ZK brokers.",
        ),
        (
            with(&|r| r.log_dirs.clear()),
            ErrorCode::InvalidRegistration,
            "No directories specified in request",
        ),
        (
            with(&|r| r.log_dirs.push(Uuid::ONE)),
            ErrorCode::InvalidRegistration,
            "Reserved directory ID in request",
        ),
        (
            with(&|r| r.log_dirs.push(r.log_dirs[0])),
            ErrorCode::InvalidRegistration,
            "Duplicate directory ID in request",
        ),
        (
            with(&|r| r.log_dirs = vec![Uuid([0x11; 16])]),
            ErrorCode::InvalidRegistration,
            "Broker 1 is already registered with directory EREREREREREREREREREREQ",
        ),
        (
            with(&|r| r.features.retain(|feature| feature.name != "metadata.version")),
            ErrorCode::InvalidRegistration,
            "Request features do not contain 'metadata.version'",
        ),
        (
            with(&|r| r.features.retain(|feature| feature.name != "group.version")),
            ErrorCode::UnsupportedVersion,
            "Unable to register because the broker does not support finalized version 1 of group.version. The broker wants a version between 0 and 0, inclusive.",
        ),
    ];
    // The broker has to be heard of before anybody can be its duplicate.
    let alive = beat(&cluster, 1);
    send(&mut cluster, &alive);
    for (request, error, message) in cases {
        assert_eq!(refused(&mut cluster.controller, request), (error, message.to_owned()));
    }
}

#[test]
fn a_feature_range_below_the_finalized_level_is_refused() {
    let mut cluster = Cluster::active(&[]);
    let mut request = registration(1, 1);
    for feature in &mut request.features {
        if feature.name == "metadata.version" {
            feature.max_supported_version = 30;
        }
    }
    let (error, message) = refusal(cluster.controller.register_broker(&request, cluster.now));
    assert_eq!(error, ErrorCode::UnsupportedVersion);
    assert!(message.contains("finalized version 33 of metadata.version"), "{message}");
    // A feature the cluster does not finalize counts as level 0.
    let mut request = registration(1, 1);
    request.features.push(klamm_wire::broker_registration::Feature {
        name: "from.tomorrow".to_owned(),
        min_supported_version: 1,
        max_supported_version: 2,
    });
    let (_, message) = refusal(cluster.controller.register_broker(&request, cluster.now));
    assert!(message.contains("finalized version 0 of from.tomorrow"), "{message}");
}

#[test]
fn controllers_register_too() {
    let mut cluster = Cluster::active(&[]);
    let request = ControllerRegistrationRequest {
        controller_id: 1,
        incarnation_id: Uuid([3; 16]),
        listeners: vec![ControllerListener {
            name: "CONTROLLER".to_owned(),
            host: "localhost".to_owned(),
            port: 9093,
            security_protocol: 0,
        }],
        features: vec![ControllerFeature {
            name: "metadata.version".to_owned(),
            min_supported_version: 7,
            max_supported_version: 33,
        }],
        ..Default::default()
    };
    let decision = cluster.controller.register_controller(&request).expect("accepted");
    assert_eq!(
        cluster.apply(decision).1,
        [concat!(
            r#"RegisterController v0 {"controllerId":1,"#,
            r#""endPoints":[{"host":"localhost","name":"CONTROLLER","port":9093,"securityProtocol":0}],"#,
            r#""features":[{"maxSupportedVersion":33,"minSupportedVersion":7,"name":"metadata.version"}],"#,
            r#""incarnationId":"AwMDAwMDAwMDAwMDAwMDAw","zkMigrationReady":false}"#,
        )]
    );
    assert!(cluster.image().cluster.controller(1).is_some());
}
