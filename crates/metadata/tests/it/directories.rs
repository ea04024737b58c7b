//! Brokers with several log directories: replicas are assigned to them, and lose them.

use klamm_base::{ErrorCode, Uuid};
use klamm_metadata::TopicRights;
use klamm_metadata::bootstrap::{Format, FormatQuorum};
use klamm_metadata::{MetadataVersion, directory_id};
use klamm_wire::assign_replicas_to_dirs::request::{DirectoryData, PartitionData, TopicData};
use klamm_wire::create_topics::CreatableTopic;
use klamm_wire::{
    AssignReplicasToDirsRequest, BrokerHeartbeatRequest, BrokerRegistrationRequest, CreateTopicsRequest,
    UnregisterBrokerRequest,
};

use crate::cluster::{Cluster, registration};

const A: Uuid = Uuid([0xaa; 16]);
const B: Uuid = Uuid([0xbb; 16]);
const GONE: Uuid = Uuid([0xcc; 16]);

/// Broker 1 with directories A and B, and topic `t` with three partitions on it.
fn cluster() -> (Cluster, Uuid) {
    let mut cluster = Cluster::active(&[]);
    let request = BrokerRegistrationRequest { log_dirs: vec![A, B], ..registration(1, 1) };
    let decision = cluster.controller.register_broker(&request, cluster.now).expect("accepted");
    cluster.apply(decision);
    beat(&mut cluster, &[]);
    let topic = CreatableTopic {
        name: "t".to_owned(),
        num_partitions: 3,
        replication_factor: 1,
        ..Default::default()
    };
    let request = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
    let decision = cluster.controller.create_topics(&TopicRights::ALL, &request, &mut cluster.rng);
    let (response, _) = cluster.apply(decision.expect("accepted"));
    (cluster, response.topics[0].topic_id)
}

fn epoch(cluster: &Cluster) -> i64 {
    cluster.image().cluster.broker(1).expect("registered").epoch
}

fn beat(cluster: &mut Cluster, offline: &[Uuid]) -> Vec<String> {
    let request = BrokerHeartbeatRequest {
        broker_id: 1,
        broker_epoch: epoch(cluster),
        current_metadata_offset: i64::MAX,
        offline_log_dirs: offline.to_vec(),
        ..Default::default()
    };
    let decision = cluster.controller.heartbeat(&request, cluster.now).expect("accepted");
    cluster.apply(decision).1
}

fn assignment(cluster: &Cluster, assigned: &[(Uuid, Uuid, &[i32])]) -> AssignReplicasToDirsRequest {
    let partition = |&partition_index: &i32| PartitionData { partition_index };
    let directory = |&(id, topic_id, partitions): &(Uuid, Uuid, &[i32])| DirectoryData {
        id,
        topics: vec![TopicData { topic_id, partitions: partitions.iter().map(partition).collect() }],
    };
    AssignReplicasToDirsRequest {
        broker_id: 1,
        broker_epoch: epoch(cluster),
        directories: assigned.iter().map(directory).collect(),
    }
}

/// Error codes in the order of the request, and the records.
fn assign(cluster: &mut Cluster, assigned: &[(Uuid, Uuid, &[i32])]) -> (Vec<i16>, Vec<String>) {
    let request = assignment(cluster, assigned);
    let decision = cluster.controller.assign_replicas_to_dirs(&request).expect("accepted");
    let (response, lines) = cluster.apply(decision);
    assert!(response.directories.iter().map(|directory| directory.id).eq(assigned.iter().map(|one| one.0)));
    let topics = response.directories.iter().flat_map(|directory| &directory.topics);
    (topics.flat_map(|topic| topic.partitions.iter().map(|one| one.error_code)).collect(), lines)
}

fn state(cluster: &Cluster, partition: i32) -> (Uuid, i32) {
    let topic = cluster.image().topics.by_name("t").expect("there");
    let partition = topic.partition(partition).expect("there");
    (partition.directories[0], partition.leader)
}

#[test]
fn a_replica_waits_for_its_directory_and_a_failed_directory_takes_its_own_along() {
    let (mut cluster, t) = cluster();
    assert_eq!(state(&cluster, 0), (directory_id::UNASSIGNED, 1));
    let (errors, lines) = assign(&mut cluster, &[(A, t, &[0, 2]), (B, t, &[1])]);
    assert_eq!(errors, [0, 0, 0]);
    assert_eq!(
        lines[0],
        format!(r#"PartitionChange v2 {{"directories":["{A}"],"partitionId":0,"topicId":"<t>"}}"#)
    );
    assert_eq!((state(&cluster, 0), state(&cluster, 1)), ((A, 1), (B, 1)), "the leader's epoch stays");
    assert_eq!(assign(&mut cluster, &[(A, t, &[0])]), (vec![0], vec![]), "no news");

    let lines = beat(&mut cluster, &[A]);
    assert_eq!(lines.len(), 3, "{lines:#?}");
    assert!(lines[2].contains(&format!(r#""logDirs":["{B}"]"#)), "{}", lines[2]);
    assert_eq!([0, 1, 2].map(|id| state(&cluster, id).1), [-1, 1, -1]);
    assert_eq!(beat(&mut cluster, &[A]), [""; 0], "told again and again");
    // A new topic finds the one directory that is left.
    let broker = cluster.image().cluster.broker(1).expect("registered");
    assert_eq!(broker.default_directory(), B);
}

#[test]
fn a_replica_put_into_a_directory_that_has_failed_is_offline_at_once() {
    let (mut cluster, t) = cluster();
    let (errors, lines) = assign(&mut cluster, &[(directory_id::LOST, t, &[0]), (GONE, t, &[1])]);
    assert_eq!((errors, lines.len()), (vec![0, 0], 4), "the directory, then the leader");
    assert_eq!(state(&cluster, 0), (directory_id::LOST, -1));
    assert_eq!(state(&cluster, 1), (GONE, -1));
    assert_eq!(state(&cluster, 2).1, 1);
}

#[test]
fn assignments_that_are_refused() {
    let (mut cluster, t) = cluster();
    let unknown = Uuid([7; 16]);
    let (errors, lines) = assign(&mut cluster, &[(A, unknown, &[0]), (A, t, &[3])]);
    let expected = [ErrorCode::UnknownTopicId, ErrorCode::UnknownTopicOrPartition].map(ErrorCode::code);
    assert_eq!((errors, lines), (expected.to_vec(), vec![]));
    cluster.start_broker(2);
    let mut request = assignment(&cluster, &[(A, t, &[0])]);
    request.broker_id = 2;
    request.broker_epoch = cluster.image().cluster.broker(2).expect("registered").epoch;
    let decision = cluster.controller.assign_replicas_to_dirs(&request).expect("accepted");
    let error = decision.response.directories[0].topics[0].partitions[0].error_code;
    assert_eq!(error, ErrorCode::NotLeaderOrFollower.code());
    request.broker_epoch += 1;
    let stale = cluster.controller.assign_replicas_to_dirs(&request).expect_err("another incarnation");
    assert_eq!(stale.error, ErrorCode::StaleBrokerEpoch);
}

#[test]
fn there_are_no_assignments_at_old_levels() {
    let metadata_version = MetadataVersion::from_name("3.7-IV1").expect("known");
    let format = Format { metadata_version, ..Format::latest(FormatQuorum::Static) };
    let mut cluster = Cluster::formatted(&[], format.check().expect("goes together").bootstrap);
    cluster.lead();
    cluster.start_broker(1);
    let request = assignment(&cluster, &[]);
    let refused = cluster.controller.assign_replicas_to_dirs(&request).expect_err("not at this level");
    assert_eq!(refused.error, ErrorCode::UnsupportedVersion);
}

#[test]
fn a_forgotten_broker_leads_nothing_and_keeps_its_replicas() {
    let (mut cluster, _) = cluster();
    let epoch = epoch(&cluster);
    let decision = cluster.controller.unregister_broker(&UnregisterBrokerRequest { broker_id: 1 });
    let (_, lines) = cluster.apply(decision.expect("accepted"));
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert_eq!(lines[3], format!(r#"UnregisterBroker v0 {{"brokerEpoch":{epoch},"brokerId":1}}"#));
    assert_eq!(state(&cluster, 0), (directory_id::UNASSIGNED, -1));
    assert_eq!(cluster.controller.next_deadline().map(|due| due.0), Some(500_000), "no session, a NoOp");
    let unknown = cluster.controller.unregister_broker(&UnregisterBrokerRequest { broker_id: 1 });
    assert_eq!(unknown.expect_err("forgotten").error, ErrorCode::BrokerIdNotRegistered);
    // It comes back as somebody new, and leads what waits for it: its records are still there.
    cluster.start_broker(1);
    assert_eq!(state(&cluster, 0), (directory_id::UNASSIGNED, 1));
}
