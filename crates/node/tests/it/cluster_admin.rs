//! The cluster as administrators see and change it: CreatePartitions, UpdateFeatures, DescribeQuorum,
//! UnregisterBroker, and what brokers ask the controller.

use std::path::Path;
use std::sync::Arc;

use klamm_log::{Disk, MetadataDir, SnapshotId};
use klamm_metadata::MetadataVersion;
use klamm_metadata::bootstrap::{Format, FormatQuorum};
use klamm_node::ListenerRole;
use klamm_sim::world::DIR;
use klamm_sim::{Client, World};
use klamm_wire::create_partitions::CreatePartitionsTopic;
use klamm_wire::describe_quorum::{request, response};
use klamm_wire::metadata::MetadataRequestTopic;
use klamm_wire::update_features::FeatureUpdateKey;
use klamm_wire::{
    AllocateProducerIdsRequest, AllocateProducerIdsResponse, ApiKey, ApiVersionsRequest, ApiVersionsResponse,
    CreatePartitionsRequest, CreatePartitionsResponse, DescribeClusterRequest, DescribeClusterResponse,
    DescribeQuorumRequest, DescribeQuorumResponse, MetadataRequest, MetadataResponse, ProduceResponse,
    UnregisterBrokerRequest, UnregisterBrokerResponse, UpdateFeaturesRequest, UpdateFeaturesResponse,
};

use crate::support::{Script, batch, create_topic, fetch, produce, records};

const STALE_BROKER_EPOCH: i16 = 77;

fn controller_client(world: &World) -> Client {
    Client::on(world.connect_to("CONTROLLER", ListenerRole::Controller))
}

fn grow(script: &mut Script, count: i32) -> CreatePartitionsResponse {
    let topic = CreatePartitionsTopic { name: "t".to_owned(), count, assignments: None };
    let request = CreatePartitionsRequest { topics: vec![topic], timeout_ms: 1000, validate_only: false };
    script.client.call(&mut script.world, ApiKey::CreatePartitions, 3, &request)
}

fn update(world: &mut World, client: &mut Client, feature: &str, level: i16, kind: i8) -> i16 {
    let update = FeatureUpdateKey {
        feature: feature.to_owned(),
        max_version_level: level,
        upgrade_type: kind,
        ..Default::default()
    };
    let request = UpdateFeaturesRequest { feature_updates: vec![update], ..Default::default() };
    let answer: UpdateFeaturesResponse = client.call(world, ApiKey::UpdateFeatures, 2, &request);
    answer.error_code
}

/// The finalized levels by name.
fn level(world: &mut World, client: &mut Client, feature: &str) -> Option<i16> {
    let request = ApiVersionsRequest {
        client_software_name: "sim".to_owned(),
        client_software_version: "1".to_owned(),
        ..Default::default()
    };
    let answer: ApiVersionsResponse = client.call(world, ApiKey::ApiVersions, 4, &request);
    let found = answer.finalized_features.into_iter().find(|one| one.name == feature);
    found.map(|feature| feature.max_version_level)
}

fn quorum(world: &mut World, client: &mut Client) -> (response::PartitionData, Vec<response::Node>) {
    let partition = request::PartitionData { partition_index: 0 };
    let topic =
        request::TopicData { topic_name: "__cluster_metadata".to_owned(), partitions: vec![partition] };
    let request = DescribeQuorumRequest { topics: vec![topic] };
    let mut answer: DescribeQuorumResponse = client.call(world, ApiKey::DescribeQuorum, 2, &request);
    assert_eq!(answer.error_code, 0);
    (answer.topics.remove(0).partitions.remove(0), answer.nodes)
}

#[test]
fn new_partitions_take_records_at_once_and_keep_them() {
    let mut script = Script::with_topic("t", 1);
    let answer = grow(&mut script, 3);
    assert_eq!(answer.results[0].error_code, 0);
    let answer = script.produce(&produce("t", &[(2, batch(&["a"]))]));
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
    script.world.stop();
    script.world.start().expect("starts after a stop");
    let answer = script.fetch(&fetch("t", &[(2, 0)]));
    assert_eq!(records(&answer.responses[0].partitions[0].records), [(0, "a".into())]);
    let asked = MetadataRequestTopic { name: Some("t".to_owned()), ..Default::default() };
    let request = MetadataRequest { topics: Some(vec![asked]), ..Default::default() };
    let answer: MetadataResponse = script.client.call(&mut script.world, ApiKey::Metadata, 13, &request);
    assert_eq!(answer.topics[0].partitions.len(), 3);
    assert!(answer.topics[0].partitions.iter().all(|partition| partition.leader_id == 1));
}

#[test]
fn finalized_levels_are_told_and_survive() {
    let mut world = World::started(1, &[]);
    let mut client = Client::new(&world);
    assert_eq!(update(&mut world, &mut client, "share.version", 1, 2), 0);
    assert_eq!(level(&mut world, &mut client, "share.version"), Some(1));
    assert_ne!(update(&mut world, &mut client, "share.version", 9, 1), 0);
    world.kill();
    world.start().expect("starts after a kill");
    let mut client = controller_client(&world);
    assert_eq!(level(&mut world, &mut client, "share.version"), Some(1));
}

#[test]
fn the_quorum_is_described_as_it_is() {
    let mut world = World::started(1, &[]);
    let mut client = controller_client(&world);
    world.advance(1_000);
    let (partition, nodes) = quorum(&mut world, &mut client);
    assert_eq!((partition.leader_id, partition.leader_epoch), (1, 1));
    let [voter] = &partition.current_voters[..] else { panic!("{partition:?}") };
    assert_eq!((voter.replica_id, voter.log_end_offset), (1, partition.high_watermark));
    assert!(partition.high_watermark > 12, "{partition:?}");
    assert_eq!(voter.last_fetch_timestamp, world.now.wall_ms);
    assert_eq!(voter.replica_directory_id, klamm_base::Uuid::ZERO, "a voter of the configuration");
    assert_eq!((nodes.len(), nodes[0].listeners[0].port), (1, 9093));
    create_topic(&mut world, &mut client, "t", 1, &[]);
    assert!(quorum(&mut world, &mut client).0.high_watermark > partition.high_watermark);
}

#[test]
fn voters_move_into_the_log_and_stay_there() {
    let mut script = Script::with_topic("t", 1);
    let Script { world, client, .. } = &mut script;
    assert_eq!(level(world, client, "kraft.version"), None);
    assert_eq!(update(world, client, "kraft.version", 1, 1), 0);
    assert_eq!(level(world, client, "kraft.version"), Some(1));
    let directory = quorum(world, client).0.current_voters[0].replica_directory_id;
    assert_ne!(directory, klamm_base::Uuid::ZERO);
    script.produce(&produce("t", &[(0, batch(&["a"]))]));
    for life in 0..2 {
        if life == 0 {
            script.world.stop()
        } else {
            script.world.kill()
        }
        script.world.start().expect("starts with voters of the log");
        let mut client = controller_client(&script.world);
        let (partition, _) = quorum(&mut script.world, &mut client);
        assert_eq!(partition.current_voters[0].replica_directory_id, directory);
        assert_eq!(level(&mut script.world, &mut client, "kraft.version"), Some(1));
        assert_eq!(update(&mut script.world, &mut client, "kraft.version", 0, 3), 95);
    }
    let answer = script.fetch(&fetch("t", &[(0, 0)]));
    assert_eq!(records(&answer.responses[0].partitions[0].records), [(0, "a".into())]);
}

/// A world formatted at an older level.
fn formatted_at(version: &str) -> World {
    let mut world = World::new(1, &[]);
    let metadata_version = MetadataVersion::from_name(version).expect("known");
    let format = Format { metadata_version, ..Format::latest(FormatQuorum::Static) };
    let formatted = format.check().expect("the defaults go together");
    let disk: Arc<dyn Disk> = Arc::new(world.disk.clone());
    let files = MetadataDir::open(disk, Path::new(DIR)).expect("formatted");
    let id = SnapshotId { end_offset: 0, epoch: 0 };
    files.write_snapshot(id, &formatted.snapshot(world.now.wall_ms), 2).expect("a disk that takes a file");
    world.start().expect("starts at an older level");
    world
}

/// The controllers that are registered, as the controller's listener tells.
fn controllers(world: &mut World) -> (i16, usize) {
    let mut client = controller_client(world);
    let request = DescribeClusterRequest { endpoint_type: 2, ..Default::default() };
    let answer: DescribeClusterResponse = client.call(world, ApiKey::DescribeCluster, 1, &request);
    (answer.error_code, answer.brokers.len())
}

#[test]
fn a_raised_metadata_version_makes_the_node_say_more_of_itself() {
    const UNSUPPORTED_VERSION: i16 = 35;
    let mut world = formatted_at("3.6");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 1, &[]);
    assert_eq!(controllers(&mut world), (UNSUPPORTED_VERSION, 0));
    assert_eq!(update(&mut world, &mut client, "metadata.version", 33, 1), 0);
    world.advance(2_100);
    assert_eq!(controllers(&mut world), (0, 1));
    // The registration has the directory now: a new partition lies in it, and everything goes on.
    create_topic(&mut world, &mut client, "u", 1, &[]);
    for topic in ["t", "u"] {
        let request = produce(topic, &[(0, batch(&["a"]))]);
        let answer: ProduceResponse = client.call(&mut world, ApiKey::Produce, 12, &request);
        assert_eq!(answer.responses[0].partition_responses[0].error_code, 0, "{topic}");
    }
    world.kill();
    world.start().expect("starts at the newest level");
    let mut client = controller_client(&world);
    assert_eq!(level(&mut world, &mut client, "metadata.version"), Some(33));
}

#[test]
fn blocks_of_producer_ids_are_never_given_twice() {
    let mut world = World::started(1, &[]);
    let mut client = controller_client(&world);
    let ask = |world: &mut World, client: &mut Client, broker_epoch| {
        let request = AllocateProducerIdsRequest { broker_id: 1, broker_epoch };
        let answer: AllocateProducerIdsResponse =
            client.call(world, ApiKey::AllocateProducerIds, 0, &request);
        (answer.error_code, answer.producer_id_start, answer.producer_id_len)
    };
    let refused = ask(&mut world, &mut client, -1);
    assert_eq!(refused, (STALE_BROKER_EPOCH, 0, 0));
    let epochs = 0..100;
    let epoch = epochs
        .into_iter()
        .find(|&epoch| ask(&mut world, &mut client, epoch).0 == 0)
        .expect("the broker registered in the first hundred records");
    assert_eq!(ask(&mut world, &mut client, epoch), (0, 1000, 1000), "the search took the first block");
    world.kill();
    world.start().expect("starts after a kill");
    let mut client = controller_client(&world);
    assert_eq!(ask(&mut world, &mut client, epoch).0, STALE_BROKER_EPOCH, "that broker is gone");
}

#[test]
fn a_broker_that_is_forgotten_comes_back_with_its_next_start() {
    let mut script = Script::with_topic("t", 1);
    script.produce(&produce("t", &[(0, batch(&["a"]))]));
    let request = UnregisterBrokerRequest { broker_id: 1 };
    let answer: UnregisterBrokerResponse =
        script.client.call(&mut script.world, ApiKey::UnregisterBroker, 0, &request);
    assert_eq!(answer.error_code, 0);
    script.world.advance(20_000);
    let answer = script.produce(&produce("t", &[(0, batch(&["b"]))]));
    assert_ne!(answer.responses[0].partition_responses[0].error_code, 0, "led by nobody");
    script.world.stop();
    script.world.start().expect("starts as somebody new");
    script.produce(&produce("t", &[(0, batch(&["c"]))]));
    let answer = script.fetch(&fetch("t", &[(0, 0)]));
    assert_eq!(records(&answer.responses[0].partitions[0].records), [(0, "a".into()), (1, "c".into())]);
}
