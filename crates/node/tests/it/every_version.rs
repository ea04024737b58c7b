//! Whatever is advertised is answered, in every version, on the listeners that serve it; nothing else is.

use bytes::Bytes;
use klamm_base::codec::Message;
use klamm_base::rng::Rng;
use klamm_node::api::TABLE;
use klamm_node::{Answer, CloseReason, ListenerRole};
use klamm_sim::client::frame;
use klamm_sim::{Client, World};
use klamm_wire::api_versions::ApiVersion;
use klamm_wire::delete_records::{DeleteRecordsPartition, DeleteRecordsTopic};
use klamm_wire::describe_log_dirs::DescribableLogDirTopic;
use klamm_wire::describe_producers::TopicRequest;
use klamm_wire::list_offsets::ListOffsetsTopic;
use klamm_wire::metadata::MetadataRequestTopic;
use klamm_wire::offset_for_leader_epoch::OffsetForLeaderTopic;
use klamm_wire::{
    AlterConfigsRequest, AlterConfigsResponse, ApiKey, ApiVersionsRequest, ApiVersionsResponse,
    CreateTopicsRequest, CreateTopicsResponse, DeleteRecordsRequest, DeleteRecordsResponse,
    DeleteTopicsRequest, DeleteTopicsResponse, DescribeClusterRequest, DescribeClusterResponse,
    DescribeConfigsRequest, DescribeConfigsResponse, DescribeLogDirsRequest, DescribeLogDirsResponse,
    DescribeProducersRequest, DescribeProducersResponse, DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse, FetchRequest, FetchResponse, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse, InitProducerIdRequest, InitProducerIdResponse,
    ListConfigResourcesRequest, ListConfigResourcesResponse, ListOffsetsRequest, ListOffsetsResponse,
    MetadataRequest, MetadataResponse, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
    ProduceRequest, ProduceResponse, RequestHeader,
};

const UNSUPPORTED_VERSION: i16 = 35;

/// Sends a request that says nothing; its answer has to be readable. One line for each API.
fn ask(world: &mut World, client: &mut Client, key: ApiKey, version: i16) -> Result<(), CloseReason> {
    macro_rules! call {
        ($request:ty, $response:ty) => {
            client.try_call::<$request, $response>(world, key, version, &<$request>::default()).map(drop)
        };
    }
    match key {
        ApiKey::Produce => {
            let request = ProduceRequest { acks: 1, transactional_id: None, ..ProduceRequest::default() };
            client.try_call::<_, ProduceResponse>(world, key, version, &request).map(drop)
        }
        ApiKey::Fetch => call!(FetchRequest, FetchResponse),
        ApiKey::ListOffsets => call!(ListOffsetsRequest, ListOffsetsResponse),
        ApiKey::Metadata => call!(MetadataRequest, MetadataResponse),
        ApiKey::ApiVersions => call!(ApiVersionsRequest, ApiVersionsResponse),
        ApiKey::CreateTopics => call!(CreateTopicsRequest, CreateTopicsResponse),
        ApiKey::DeleteTopics => call!(DeleteTopicsRequest, DeleteTopicsResponse),
        ApiKey::DeleteRecords => call!(DeleteRecordsRequest, DeleteRecordsResponse),
        ApiKey::InitProducerId => call!(InitProducerIdRequest, InitProducerIdResponse),
        ApiKey::OffsetForLeaderEpoch => call!(OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse),
        ApiKey::DescribeConfigs => call!(DescribeConfigsRequest, DescribeConfigsResponse),
        ApiKey::AlterConfigs => call!(AlterConfigsRequest, AlterConfigsResponse),
        ApiKey::IncrementalAlterConfigs => {
            call!(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse)
        }
        ApiKey::ListConfigResources => call!(ListConfigResourcesRequest, ListConfigResourcesResponse),
        ApiKey::DescribeLogDirs => call!(DescribeLogDirsRequest, DescribeLogDirsResponse),
        ApiKey::DescribeCluster => call!(DescribeClusterRequest, DescribeClusterResponse),
        ApiKey::DescribeProducers => call!(DescribeProducersRequest, DescribeProducersResponse),
        ApiKey::CreatePartitions => {
            call!(klamm_wire::CreatePartitionsRequest, klamm_wire::CreatePartitionsResponse)
        }
        ApiKey::DescribeQuorum => {
            call!(klamm_wire::DescribeQuorumRequest, klamm_wire::DescribeQuorumResponse)
        }
        ApiKey::UpdateFeatures => {
            call!(klamm_wire::UpdateFeaturesRequest, klamm_wire::UpdateFeaturesResponse)
        }
        ApiKey::ElectLeaders => call!(klamm_wire::ElectLeadersRequest, klamm_wire::ElectLeadersResponse),
        ApiKey::AlterPartitionReassignments => call!(
            klamm_wire::AlterPartitionReassignmentsRequest,
            klamm_wire::AlterPartitionReassignmentsResponse
        ),
        ApiKey::ListPartitionReassignments => {
            call!(
                klamm_wire::ListPartitionReassignmentsRequest,
                klamm_wire::ListPartitionReassignmentsResponse
            )
        }
        ApiKey::UnregisterController => {
            call!(klamm_wire::UnregisterControllerRequest, klamm_wire::UnregisterControllerResponse)
        }
        ApiKey::UnregisterBroker => {
            call!(klamm_wire::UnregisterBrokerRequest, klamm_wire::UnregisterBrokerResponse)
        }
        ApiKey::AllocateProducerIds => {
            call!(klamm_wire::AllocateProducerIdsRequest, klamm_wire::AllocateProducerIdsResponse)
        }
        ApiKey::AssignReplicasToDirs => {
            call!(klamm_wire::AssignReplicasToDirsRequest, klamm_wire::AssignReplicasToDirsResponse)
        }
        ApiKey::DescribeTopicPartitions => {
            call!(DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse)
        }
        ApiKey::FindCoordinator => {
            call!(klamm_wire::FindCoordinatorRequest, klamm_wire::FindCoordinatorResponse)
        }
        ApiKey::JoinGroup => call!(klamm_wire::JoinGroupRequest, klamm_wire::JoinGroupResponse),
        ApiKey::SyncGroup => call!(klamm_wire::SyncGroupRequest, klamm_wire::SyncGroupResponse),
        ApiKey::Heartbeat => call!(klamm_wire::HeartbeatRequest, klamm_wire::HeartbeatResponse),
        ApiKey::LeaveGroup => call!(klamm_wire::LeaveGroupRequest, klamm_wire::LeaveGroupResponse),
        ApiKey::OffsetCommit => call!(klamm_wire::OffsetCommitRequest, klamm_wire::OffsetCommitResponse),
        ApiKey::OffsetFetch => call!(klamm_wire::OffsetFetchRequest, klamm_wire::OffsetFetchResponse),
        ApiKey::OffsetDelete => call!(klamm_wire::OffsetDeleteRequest, klamm_wire::OffsetDeleteResponse),
        ApiKey::ListGroups => call!(klamm_wire::ListGroupsRequest, klamm_wire::ListGroupsResponse),
        ApiKey::DescribeGroups => {
            call!(klamm_wire::DescribeGroupsRequest, klamm_wire::DescribeGroupsResponse)
        }
        ApiKey::DeleteGroups => call!(klamm_wire::DeleteGroupsRequest, klamm_wire::DeleteGroupsResponse),
        _ => panic!("{key} is advertised and not asked here"),
    }
}

fn advertised(world: &mut World, client: &mut Client) -> Vec<ApiVersion> {
    let answer: ApiVersionsResponse =
        client.call(world, ApiKey::ApiVersions, 2, &ApiVersionsRequest::default());
    assert_eq!(answer.error_code, 0);
    answer.api_keys
}

#[test]
fn what_is_advertised_is_answered() {
    for (listener, role) in [("PLAINTEXT", ListenerRole::Broker), ("CONTROLLER", ListenerRole::Controller)] {
        let mut world = World::started(1, &[]);
        let mut client = Client::on(world.connect_to(listener, role));
        let ranges = advertised(&mut world, &mut client);
        let served = TABLE.iter().filter(|api| api.listeners.serve(role)).count();
        assert_eq!(ranges.len(), served, "{listener}");
        for range in ranges {
            let key = ApiKey::from_key(range.api_key).expect("a key of the protocol");
            // Produce is advertised from 0 and served from 3 (KAFKA-18659).
            let first = if key == ApiKey::Produce { 3 } else { range.min_version };
            for version in first..=range.max_version {
                let answer = ask(&mut world, &mut client, key, version);
                assert_eq!(answer, Ok(()), "{key} v{version} on {listener}");
            }
        }
    }
}

/// The answer to a header without a body.
fn bare(world: &mut World, role: ListenerRole, api_key: i16, api_version: i16) -> Answer {
    let listener = if role == ListenerRole::Broker { "PLAINTEXT" } else { "CONTROLLER" };
    let connection = world.connect_to(listener, role);
    let mut bytes = Vec::new();
    bytes.extend(api_key.to_be_bytes());
    bytes.extend(api_version.to_be_bytes());
    // Correlation id 7, no client id, no tagged fields.
    bytes.extend([0, 0, 0, 7, 0xff, 0xff, 0]);
    let task = world.send(&connection, bytes.into());
    world.run();
    world.answer(task).expect("answered at once")
}

#[test]
fn what_is_not_advertised_closes_the_connection() {
    let mut world = World::started(1, &[]);
    for role in [ListenerRole::Broker, ListenerRole::Controller] {
        let listener = if role == ListenerRole::Broker { "PLAINTEXT" } else { "CONTROLLER" };
        let mut client = Client::on(world.connect_to(listener, role));
        let ranges = advertised(&mut world, &mut client);
        for api_key in (-1..=100).chain([i16::MIN, i16::MAX]) {
            let range = ranges.iter().find(|range| range.api_key == api_key);
            let (min, max) = match range {
                Some(_) if api_key == ApiKey::ApiVersions.key() => continue,
                Some(range) if api_key == ApiKey::Produce.key() => (3, range.max_version),
                Some(range) => (range.min_version, range.max_version),
                None => (0, -1),
            };
            for api_version in [i16::MIN, -1, min - 1, max + 1, i16::MAX] {
                let answer = bare(&mut world, role, api_key, api_version);
                assert!(matches!(answer, Answer::Close(_)), "key {api_key} v{api_version}: {answer:?}");
            }
        }
    }
}

#[test]
fn an_unknown_version_of_api_versions_is_told_the_range() {
    let mut world = World::started(1, &[]);
    for role in [ListenerRole::Broker, ListenerRole::Controller] {
        for version in [i16::MIN, -1, 6, 100, i16::MAX] {
            let Answer::Reply(reply) = bare(&mut world, role, ApiKey::ApiVersions.key(), version) else {
                panic!("version {version} is not answered");
            };
            let range = ApiVersion { api_key: ApiKey::ApiVersions.key(), min_version: 0, max_version: 5 };
            let expected = ApiVersionsResponse {
                error_code: UNSUPPORTED_VERSION,
                api_keys: vec![range],
                ..ApiVersionsResponse::default()
            };
            let bytes = klamm_sim::client::whole(&reply);
            assert_eq!(bytes[..4], [0, 0, 0, 7], "the correlation id");
            let mut reader = klamm_base::codec::Reader::new(bytes.slice(4..));
            assert_eq!(ApiVersionsResponse::decode(&mut reader, 0), Ok(expected));
        }
    }
}

/// One request as frames of every version.
fn frames<Q: Message>(key: ApiKey, request: &Q) -> Vec<Bytes> {
    let versions = key.stable_versions();
    let of = |version| {
        let header = RequestHeader {
            request_api_key: key.key(),
            request_api_version: version,
            correlation_id: 1,
            client_id: Some("sim".to_owned()),
        };
        frame(key, version, &header, request)
    };
    (versions.min..=versions.max).map(of).collect()
}

/// Requests about topic `t` that change nothing.
fn all_frames() -> Vec<Bytes> {
    let name = || "t".to_owned();
    let topic = MetadataRequestTopic { name: Some(name()), ..MetadataRequestTopic::default() };
    let metadata = MetadataRequest { topics: Some(vec![topic; 3]), ..MetadataRequest::default() };
    let topic = ListOffsetsTopic { name: name(), partitions: vec![Default::default(); 2] };
    let offsets = ListOffsetsRequest { topics: vec![topic; 2], ..ListOffsetsRequest::default() };
    let topic = OffsetForLeaderTopic { topic: name(), partitions: vec![Default::default(); 2] };
    let epochs = OffsetForLeaderEpochRequest { topics: vec![topic; 2], ..Default::default() };
    let partition = DeleteRecordsPartition { partition_index: 0, offset: 0 };
    let topic = DeleteRecordsTopic { name: name(), partitions: vec![partition; 2] };
    let records = DeleteRecordsRequest { topics: vec![topic; 2], ..DeleteRecordsRequest::default() };
    let topic = TopicRequest { name: name(), partition_indexes: vec![0, 1] };
    let producers = DescribeProducersRequest { topics: vec![topic; 2] };
    let topic = DescribableLogDirTopic { topic: name(), partitions: vec![0, 1] };
    let dirs = DescribeLogDirsRequest { topics: Some(vec![topic; 2]) };
    let mut all = frames(ApiKey::Metadata, &metadata);
    all.extend(frames(ApiKey::DeleteRecords, &records));
    all.extend(frames(ApiKey::DescribeProducers, &producers));
    all.extend(frames(ApiKey::DescribeLogDirs, &dirs));
    all.extend(frames(ApiKey::ListOffsets, &offsets));
    all.extend(frames(ApiKey::OffsetForLeaderEpoch, &epochs));
    all.extend(frames(ApiKey::DescribeTopicPartitions, &DescribeTopicPartitionsRequest::default()));
    all.extend(frames(ApiKey::DescribeCluster, &DescribeClusterRequest::default()));
    all.extend(frames(ApiKey::InitProducerId, &InitProducerIdRequest::default()));
    all.extend(frames(ApiKey::ApiVersions, &ApiVersionsRequest::default()));
    all.extend(frames(ApiKey::DescribeQuorum, &klamm_wire::DescribeQuorumRequest::default()));
    let update = klamm_wire::update_features::FeatureUpdateKey {
        feature: "group.version".to_owned(),
        max_version_level: 1,
        ..Default::default()
    };
    let features = klamm_wire::UpdateFeaturesRequest { feature_updates: vec![update], ..Default::default() };
    all.extend(frames(ApiKey::UpdateFeatures, &features));
    all.extend(group_frames());
    all
}

/// Requests about group `g`, which has no members.
fn group_frames() -> Vec<Bytes> {
    let group_id = || "g".to_owned();
    let partition = klamm_wire::offset_commit::OffsetCommitRequestPartition {
        committed_metadata: Some("here".to_owned()),
        ..Default::default()
    };
    let topic = klamm_wire::offset_commit::OffsetCommitRequestTopic {
        name: "t".to_owned(),
        partitions: vec![partition; 2],
        ..Default::default()
    };
    let commit = klamm_wire::OffsetCommitRequest {
        group_id: group_id(),
        topics: vec![topic; 2],
        ..Default::default()
    };
    let delete = klamm_wire::DeleteGroupsRequest { groups_names: vec![group_id(); 2] };
    let describe = klamm_wire::DescribeGroupsRequest { groups: vec![group_id(); 2], ..Default::default() };
    let heartbeat = klamm_wire::HeartbeatRequest { group_id: group_id(), ..Default::default() };
    let sync = klamm_wire::SyncGroupRequest {
        group_id: group_id(),
        assignments: vec![Default::default(); 2],
        ..Default::default()
    };
    let mut all = frames(ApiKey::OffsetCommit, &commit);
    all.extend(frames(ApiKey::DeleteGroups, &delete));
    all.extend(frames(ApiKey::DescribeGroups, &describe));
    all.extend(frames(ApiKey::Heartbeat, &heartbeat));
    all.extend(frames(ApiKey::SyncGroup, &sync));
    all.extend(frames(ApiKey::ListGroups, &klamm_wire::ListGroupsRequest::default()));
    all
}

#[test]
fn damaged_requests_are_answered_or_close_the_connection() {
    let mut world = World::started(1, &[]);
    let mut client = Client::new(&world);
    crate::support::create_topic(&mut world, &mut client, "t", 2, &[]);
    let find = klamm_wire::FindCoordinatorRequest { key: "g".to_owned(), ..Default::default() };
    let _: klamm_wire::FindCoordinatorResponse = client.call(&mut world, ApiKey::FindCoordinator, 3, &find);
    world.run();
    world.background();
    let connection = world.connect();
    let (mut answered, mut closed) = (0, 0);
    for original in all_frames() {
        for _ in 0..150 {
            let mut damaged = original.to_vec();
            for _ in 0..=world.rng.below(2) {
                let at = 4 + world.rng.below(damaged.len() as u64 - 4) as usize;
                damaged[at] = world.rng.next_u64() as u8;
            }
            if world.rng.below(8) == 0 {
                damaged.pop();
            }
            let task = world.send(&connection, damaged.clone().into());
            world.run();
            match world.answer(task) {
                Some(Answer::Reply(_)) => answered += 1,
                Some(Answer::Close(_)) => closed += 1,
                other => panic!("{damaged:?} led to {other:?}"),
            }
        }
    }
    assert!(answered > 1000 && closed > 1000, "{answered} answered, {closed} closed");
}
