//! Leaders and replicas move because somebody asks for it: ElectLeaders, AlterPartitionReassignments.

use klamm_base::ErrorCode;
use klamm_metadata::TopicRights;
use klamm_wire::alter_partition_reassignments::{ReassignablePartition, ReassignableTopic};
use klamm_wire::create_topics::{CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig};
use klamm_wire::elect_leaders::TopicPartitions;
use klamm_wire::list_partition_reassignments::OngoingPartitionReassignment;
use klamm_wire::{
    AlterPartitionReassignmentsRequest, BrokerHeartbeatRequest, CreateTopicsRequest, ElectLeadersRequest,
    ListPartitionReassignmentsRequest, UnregisterControllerRequest,
};

use crate::cluster::{Cluster, registration};

const PREFERRED: i8 = 0;
const UNCLEAN: i8 = 1;

/// Brokers 1, 2 and 3 with topic `t`: one partition on the given replicas.
fn cluster(replicas: &[i32], configs: &[(&str, &str)]) -> Cluster {
    let mut cluster = Cluster::working(&[("metadata.max.idle.interval.ms", "0")]);
    cluster.start_broker(2);
    cluster.start_broker(3);
    let assignment = CreatableReplicaAssignment { partition_index: 0, broker_ids: replicas.to_vec() };
    let config = |&(name, value): &(&str, &str)| CreatableTopicConfig {
        name: name.to_owned(),
        value: Some(value.to_owned()),
    };
    let topic = CreatableTopic {
        name: "t".to_owned(),
        num_partitions: -1,
        replication_factor: -1,
        assignments: vec![assignment],
        configs: configs.iter().map(config).collect(),
    };
    let request = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
    let decision = cluster.controller.create_topics(&TopicRights::ALL, &request, &mut cluster.rng);
    let (response, _) = cluster.apply(decision.expect("accepted"));
    assert_eq!(response.topics[0].error_code, 0, "{response:?}");
    cluster
}

fn beat(cluster: &mut Cluster, broker_id: i32, want_fence: bool) {
    let request = BrokerHeartbeatRequest {
        broker_id,
        broker_epoch: cluster.image().cluster.broker(broker_id).expect("registered").epoch,
        current_metadata_offset: i64::MAX,
        want_fence,
        ..Default::default()
    };
    let decision = cluster.controller.heartbeat(&request, cluster.now).expect("accepted");
    cluster.apply(decision);
}

/// The error, and the records.
fn elect(cluster: &mut Cluster, election_type: i8) -> (ErrorCode, Vec<String>) {
    let topic = TopicPartitions { topic: "t".to_owned(), partitions: vec![0] };
    let request =
        ElectLeadersRequest { election_type, topic_partitions: Some(vec![topic]), ..Default::default() };
    let decision = cluster.controller.elect_leaders(&request).expect("answered partition by partition");
    let (response, lines) = cluster.apply(decision);
    let error = response.replica_election_results[0].partition_result[0].error_code;
    (ErrorCode::from_code(error), lines)
}

fn reassign(
    cluster: &mut Cluster,
    replicas: Option<&[i32]>,
    allow_replication_factor_change: bool,
) -> (ErrorCode, Vec<String>) {
    let partition = ReassignablePartition { partition_index: 0, replicas: replicas.map(<[i32]>::to_vec) };
    let topic = ReassignableTopic { name: "t".to_owned(), partitions: vec![partition] };
    let request = AlterPartitionReassignmentsRequest {
        topics: vec![topic],
        allow_replication_factor_change,
        ..Default::default()
    };
    let decision = cluster.controller.alter_partition_reassignments(&request).expect("answered one by one");
    let (response, lines) = cluster.apply(decision);
    (ErrorCode::from_code(response.responses[0].partitions[0].error_code), lines)
}

fn under_way(cluster: &Cluster) -> Option<OngoingPartitionReassignment> {
    let request = ListPartitionReassignmentsRequest { topics: None, ..Default::default() };
    let decision = cluster.controller.list_partition_reassignments(&request).expect("active");
    decision.response.topics.into_iter().next().map(|mut topic| topic.partitions.remove(0))
}

#[test]
fn the_preferred_leader_comes_back_on_demand_when_it_is_in_sync() {
    let mut cluster = cluster(&[1, 2], &[]);
    assert_eq!(elect(&mut cluster, PREFERRED).0, ErrorCode::ElectionNotNeeded);
    beat(&mut cluster, 1, true);
    assert_eq!(elect(&mut cluster, PREFERRED).0, ErrorCode::PreferredLeaderNotAvailable);
    assert_eq!(elect(&mut cluster, UNCLEAN).0, ErrorCode::ElectionNotNeeded, "2 leads");
    let everything = ElectLeadersRequest { topic_partitions: None, ..Default::default() };
    let decision = cluster.controller.elect_leaders(&everything).expect("accepted");
    let results = &decision.response.replica_election_results;
    assert_eq!((results.len(), results[0].partition_result.len()), (1, 1));
}

#[test]
fn an_unclean_election_takes_whoever_is_alive() {
    let mut cluster = cluster(&[1, 2], &[]);
    beat(&mut cluster, 2, true);
    beat(&mut cluster, 1, true);
    assert_eq!(elect(&mut cluster, UNCLEAN).0, ErrorCode::EligibleLeadersNotAvailable);
    // 2 left first: it is not eligible, and leads only because somebody wants it.
    beat(&mut cluster, 2, false);
    let (error, lines) = elect(&mut cluster, UNCLEAN);
    assert_eq!(error, ErrorCode::None);
    assert!(lines[0].contains(r#""isr":[2]"#) && lines[0].contains(r#""leader":2"#), "{lines:#?}");
    assert!(lines[0].contains(r#""leaderRecoveryState":1"#), "{lines:#?}");
    let wrong = ElectLeadersRequest { election_type: 7, ..Default::default() };
    let refused = cluster.controller.elect_leaders(&wrong).expect_err("no such election");
    assert_eq!(refused.error, ErrorCode::InvalidRequest);
}

#[test]
fn a_replica_that_is_added_waits_for_the_isr_and_can_be_called_off() {
    let mut cluster = cluster(&[1, 2], &[]);
    assert_eq!(reassign(&mut cluster, None, true).0, ErrorCode::NoReassignmentInProgress);
    assert_eq!(reassign(&mut cluster, Some(&[1, 2]), true), (ErrorCode::None, vec![]), "where it is");
    let (error, lines) = reassign(&mut cluster, Some(&[2, 3]), false);
    assert_eq!(error, ErrorCode::None);
    assert_eq!(
        lines,
        [concat!(
            r#"PartitionChange v2 {"addingReplicas":[3],"directories":["EhISEhISEhISEhISEhISEg","#,
            r#""ExMTExMTExMTExMTExMTEw","EREREREREREREREREREREQ"],"partitionId":0,"#,
            r#""removingReplicas":[1],"replicas":[2,3,1],"topicId":"<t>"}"#
        )]
    );
    let ongoing = under_way(&cluster).expect("under way");
    assert_eq!(
        (ongoing.replicas, ongoing.adding_replicas, ongoing.removing_replicas),
        (vec![2, 3, 1], vec![3], vec![1])
    );
    let (error, _) = reassign(&mut cluster, None, true);
    assert_eq!((error, under_way(&cluster)), (ErrorCode::None, None));
    let topic = cluster.image().topics.by_name("t").expect("there");
    let partition = topic.partition(0).expect("there");
    assert_eq!(
        (&partition.replicas[..], &partition.isr[..], partition.leader),
        (&[2, 1][..], &[1, 2][..], 1)
    );
}

#[test]
fn fewer_replicas_are_through_at_once_when_those_that_stay_are_in_sync() {
    let mut cluster = cluster(&[1, 2, 3], &[]);
    assert_eq!(reassign(&mut cluster, Some(&[3]), false).0, ErrorCode::InvalidReplicationFactor);
    let (error, lines) = reassign(&mut cluster, Some(&[3]), true);
    assert_eq!((error, lines.len()), (ErrorCode::None, 1));
    let topic = cluster.image().topics.by_name("t").expect("there");
    let partition = topic.partition(0).expect("there");
    assert_eq!((&partition.replicas[..], &partition.isr[..], partition.leader), (&[3][..], &[3][..], 3));
    assert_eq!(under_way(&cluster), None);
}

#[test]
fn a_reassignment_is_called_off_with_loss_only_where_that_is_allowed() {
    for (configs, expected) in [
        (&[][..], ErrorCode::InvalidReplicaAssignment),
        (&[("unclean.leader.election.enable", "true")][..], ErrorCode::None),
    ] {
        let mut cluster = cluster(&[1], configs);
        reassign(&mut cluster, Some(&[2]), true);
        // 1 goes: nobody is left in the ISR that was there before.
        beat(&mut cluster, 1, true);
        let (error, lines) = reassign(&mut cluster, None, true);
        assert_eq!(error, expected, "{lines:#?}");
    }
}

#[test]
fn a_controller_is_forgotten_unless_it_is_the_active_one() {
    let mut cluster = Cluster::working(&[]);
    let unregister = |cluster: &Cluster, controller_id| {
        cluster.controller.unregister_controller(&UnregisterControllerRequest { controller_id })
    };
    let error = |result: Result<_, klamm_metadata::ApiError>| result.map(drop).expect_err("refused").error;
    assert_eq!(error(unregister(&cluster, 1).map(|_| ())), ErrorCode::InvalidRequest);
    assert_eq!(error(unregister(&cluster, 9).map(|_| ())), ErrorCode::ControllerIdNotRegistered);
    let incarnation_id = registration(9, 9).incarnation_id;
    let request =
        klamm_wire::ControllerRegistrationRequest { controller_id: 9, incarnation_id, ..Default::default() };
    let decision = cluster.controller.register_controller(&request).expect("accepted");
    cluster.apply(decision);
    let decision = unregister(&cluster, 9).expect("registered");
    assert_eq!(cluster.apply(decision).1, [r#"UnregisterController v0 {"controllerId":9}"#]);
    assert!(cluster.image().cluster.controller(9).is_none());
}
