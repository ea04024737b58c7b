//! What one request may make the node hold, and what it is told beyond that.

use bytes::Bytes;
use klamm_base::ErrorCode;
use klamm_base::codec::{DecodeFault, Message};
use klamm_node::CloseReason;
use klamm_records::{BatchBuilder, BatchOptions, Compression, CompressionType, Scratch};
use klamm_sim::{Client, World};
use klamm_wire::describe_configs::DescribeConfigsResource;
use klamm_wire::describe_producers::TopicRequest;
use klamm_wire::fetch::{FetchPartition, FetchTopic};
use klamm_wire::metadata::MetadataRequestTopic;
use klamm_wire::offset_commit::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use klamm_wire::offset_fetch::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use klamm_wire::{
    ApiKey, DescribeConfigsRequest, DescribeConfigsResponse, DescribeProducersRequest,
    DescribeProducersResponse, FetchRequest, FetchResponse, MetadataRequest, MetadataResponse,
    OffsetCommitRequest, OffsetCommitResponse, OffsetFetchRequest, OffsetFetchResponse, ProduceResponse,
};

use crate::support::{batch, create_topic, produce, produce_to};

const BROKER: i8 = 4;

fn names(count: usize) -> MetadataRequest {
    let topic = |number| MetadataRequestTopic { name: Some(format!("t{number:07}")), ..Default::default() };
    MetadataRequest {
        topics: Some((0..count).map(topic).collect()),
        allow_auto_topic_creation: false,
        ..MetadataRequest::default()
    }
}

fn metadata(world: &mut World, count: usize) -> Result<MetadataResponse, CloseReason> {
    Client::new(world).try_call(world, ApiKey::Metadata, 12, &names(count))
}

#[test]
fn names_are_answered_up_to_what_a_request_may_take_in_memory() {
    let mut world = World::started(1, &[("klamm.max.decoded.request.bytes", "1048576")]);
    let answered = metadata(&mut world, 10_000).expect("it takes half of what is allowed");
    assert_eq!(answered.topics.len(), 10_000);
    assert!(answered.topics.iter().all(|topic| topic.error_code == 3));
    let refused = metadata(&mut world, 100_000).expect_err("too much");
    let CloseReason::Malformed { error, .. } = refused else { panic!("{refused:?}") };
    assert!(matches!(error.fault, DecodeFault::BudgetExceeded { .. }), "{error}");
}

#[test]
fn answers_are_not_larger_than_the_setting() {
    let mut world = World::started(2, &[("klamm.max.response.bytes", "65536")]);
    assert!(metadata(&mut world, 1_000).is_ok());
    let refused = metadata(&mut world, 10_000).expect_err("the answer is too large");
    assert!(matches!(refused, CloseReason::AnswerTooLarge { .. }), "{refused:?}");
}

#[test]
fn what_waits_holds_its_part_of_the_pool_until_it_is_answered() {
    let pool =
        [("klamm.queued.max.decoded.bytes", "1048576"), ("klamm.max.decoded.request.bytes", "1048576")];
    let mut world = World::started(3, &pool);
    let mut first = Client::new(&world);
    create_topic(&mut world, &mut first, "t", 1, &[]);
    let waiting = |count: i32| {
        // All but one are unknown, and hold up nobody.
        let partition = |partition| FetchPartition {
            partition,
            partition_max_bytes: 1,
            current_leader_epoch: -1,
            ..FetchPartition::default()
        };
        let topic = FetchTopic {
            topic: "t".to_owned(),
            partitions: (0..count).map(partition).collect(),
            ..FetchTopic::default()
        };
        FetchRequest {
            max_wait_ms: 1_000,
            min_bytes: 1,
            max_bytes: 1_000,
            topics: vec![topic],
            ..FetchRequest::default()
        }
    };
    let mut second = Client::new(&world);
    let long = first.send(&mut world, ApiKey::Fetch, 11, &waiting(8_000));
    world.run();
    assert!(first.receive::<FetchResponse>(&mut world, long).is_none(), "it waits");
    let refused = second.try_call::<_, FetchResponse>(&mut world, ApiKey::Fetch, 11, &waiting(8_000));
    assert!(matches!(refused, Err(CloseReason::TooMuchMemory { .. })), "{refused:?}");
    let small = second.send(&mut world, ApiKey::Fetch, 11, &waiting(500));
    world.advance(1_000);
    assert!(matches!(second.receive::<FetchResponse>(&mut world, small), Some(Ok(_))));
    assert!(matches!(first.receive::<FetchResponse>(&mut world, long), Some(Ok(_))));
    let again = second.send(&mut world, ApiKey::Fetch, 11, &waiting(8_000));
    world.advance(1_000);
    assert!(matches!(second.receive::<FetchResponse>(&mut world, again), Some(Ok(_))), "all is given back");
}

#[test]
fn a_broker_that_is_asked_for_thousands_of_times_is_described_while_there_is_room() {
    let mut world = World::started(4, &[("klamm.max.response.bytes", "1048576")]);
    let asked =
        DescribeConfigsResource { resource_type: BROKER, resource_name: "1".into(), ..Default::default() };
    let request = DescribeConfigsRequest { resources: vec![asked; 1_000], ..Default::default() };
    let response: DescribeConfigsResponse =
        Client::new(&world).call(&mut world, ApiKey::DescribeConfigs, 4, &request);
    let described = response.results.iter().take_while(|result| result.error_code == 0).count();
    assert!((5..100).contains(&described), "{described}");
    let refused = ErrorCode::PolicyViolation.code();
    assert!(response.results[described..].iter().all(|result| result.error_code == refused));
}

#[test]
fn an_offset_is_told_once_however_often_it_is_asked_for() {
    let mut world = World::started(5, &[]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 1, &[]);
    let commit = OffsetCommitRequest {
        group_id: "g".to_owned(),
        generation_id_or_member_epoch: -1,
        topics: vec![OffsetCommitRequestTopic {
            name: "t".to_owned(),
            partitions: vec![OffsetCommitRequestPartition {
                committed_metadata: Some("x".repeat(4_096)),
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let find = klamm_wire::FindCoordinatorRequest { key: "g".to_owned(), ..Default::default() };
    let _: klamm_wire::FindCoordinatorResponse = client.call(&mut world, ApiKey::FindCoordinator, 3, &find);
    world.background();
    let _: OffsetCommitResponse = client.call(&mut world, ApiKey::OffsetCommit, 8, &commit);
    let group = OffsetFetchRequestGroup {
        group_id: "g".to_owned(),
        topics: Some(vec![OffsetFetchRequestTopics {
            name: "t".to_owned(),
            partition_indexes: vec![0; 20_000],
            ..Default::default()
        }]),
        ..Default::default()
    };
    let request = OffsetFetchRequest { groups: vec![group], ..Default::default() };
    let response: OffsetFetchResponse = client.call(&mut world, ApiKey::OffsetFetch, 8, &request);
    let partitions = &response.groups[0].topics[0].partitions;
    assert_eq!(partitions.len(), 1);
    assert_eq!(partitions[0].metadata.as_ref().map(String::len), Some(4_096));
}

#[test]
fn partitions_named_twice_are_one_in_a_fetch_and_their_producers_told_while_there_is_room() {
    let mut world = World::started(6, &[("klamm.max.response.bytes", "65536")]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 1, &[]);
    assert_eq!(produce_to(&mut world, &mut client, "t", 0, &["a"]), 0);
    let request = DescribeProducersRequest {
        topics: vec![TopicRequest { name: "t".to_owned(), partition_indexes: vec![0; 3_000] }],
    };
    let response: DescribeProducersResponse = client.call(&mut world, ApiKey::DescribeProducers, 0, &request);
    let told = response.topics[0].partitions.iter().filter(|partition| partition.error_code == 0).count();
    assert!((1_000..2_999).contains(&told), "{told}");
    let partition =
        FetchPartition { partition_max_bytes: 1_000, current_leader_epoch: -1, ..Default::default() };
    let topic =
        FetchTopic { topic: "t".to_owned(), partitions: vec![partition; 50_000], ..FetchTopic::default() };
    let fetch = FetchRequest { max_bytes: 1_000, topics: vec![topic], ..FetchRequest::default() };
    let response: FetchResponse = client.call(&mut world, ApiKey::Fetch, 11, &fetch);
    assert_eq!(response.responses[0].partitions.len(), 1);
}

#[test]
fn a_frame_that_lies_about_its_counts_is_refused_before_anything_is_made() {
    let mut world = World::started(7, &[]);
    let header = klamm_wire::RequestHeader {
        request_api_key: ApiKey::Metadata.key(),
        request_api_version: 1,
        ..Default::default()
    };
    let mut frame = klamm_base::codec::Writer::new();
    header.encode(&mut frame, 1).expect("a header");
    let mut frame = frame.into_bytes().to_vec();
    frame.extend_from_slice(&[0x03, 0x37, 0xf9, 0x80]);
    let connection = world.connect();
    let task = world.send(&connection, Bytes::from(frame));
    world.run();
    let answer = world.answer(task);
    assert!(matches!(answer, Some(klamm_node::Answer::Close(CloseReason::Malformed { .. }))), "{answer:?}");
}

/// A batch of one codec whose single record has a value of so many zeros.
fn bomb(codec: CompressionType, zeros: usize) -> Bytes {
    let compression = Compression::of(codec);
    let mut builder = BatchBuilder::new(BatchOptions { compression, ..BatchOptions::default() });
    builder.append(1_000, Some(b"k"), Some(&vec![0; zeros]), &[]).expect("a record");
    builder.build(&mut Scratch::new())
}

fn sent(records: Bytes) -> klamm_wire::ProduceRequest {
    produce("t", &[(0, records)])
}

#[test]
fn a_batch_that_grows_large_is_looked_at_elsewhere_and_what_follows_it_stays_behind_it() {
    let mut world = World::started(8, &[]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 1, &[]);
    for codec in [CompressionType::Gzip, CompressionType::Lz4, CompressionType::Zstd] {
        let large = client.send(&mut world, ApiKey::Produce, 9, &sent(bomb(codec, 10 << 20)));
        let small = client.send(&mut world, ApiKey::Produce, 9, &sent(batch(&["behind it"])));
        let mut other = Client::new(&world);
        let free = other.send(&mut world, ApiKey::Produce, 9, &sent(batch(&["of somebody else"])));
        // Everything but the slow lane.
        assert!(world.node().slow_work(), "{codec:?}");
        world.run();
        let mut offset = |client: &Client, pending| {
            let answer: ProduceResponse =
                client.receive(&mut world, pending).expect("answered").expect("open");
            let partition = &answer.responses[0].partition_responses[0];
            assert_eq!(partition.error_code, 0, "{codec:?}");
            partition.base_offset
        };
        let (of_other, of_large, of_small) =
            (offset(&other, free), offset(&client, large), offset(&client, small));
        assert!(of_other < of_large && of_large < of_small, "{codec:?}: {of_other} {of_large} {of_small}");
    }
}

#[test]
fn batches_may_not_grow_beyond_the_setting() {
    let mut world = World::started(9, &[("klamm.max.decompressed.batch.bytes", "4194304")]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 1, &[]);
    create_topic(&mut world, &mut client, "again", 1, &[("compression.type", "uncompressed")]);
    let mut error = |topic: &str, zeros| {
        let request = produce(topic, &[(0, bomb(CompressionType::Zstd, zeros))]);
        let answer: ProduceResponse = client.call(&mut world, ApiKey::Produce, 9, &request);
        ErrorCode::from_code(answer.responses[0].partition_responses[0].error_code)
    };
    assert_eq!(error("t", 4_000_000), ErrorCode::None);
    assert_eq!(error("t", 5_000_000), ErrorCode::InvalidRecord);
    assert_eq!(error("again", 1_000_000), ErrorCode::None);
    // As it would lie in the log, it is too large for the topic.
    assert_eq!(error("again", 2_000_000), ErrorCode::MessageTooLarge);
}

/// An offset of `t-0` for a group, with so much text; the error.
fn commit_text(world: &mut World, client: &mut Client, group_id: &str, text: usize) -> ErrorCode {
    let commit = OffsetCommitRequest {
        group_id: group_id.to_owned(),
        generation_id_or_member_epoch: -1,
        topics: vec![OffsetCommitRequestTopic {
            name: "t".to_owned(),
            partitions: vec![OffsetCommitRequestPartition {
                committed_metadata: Some("x".repeat(text)),
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let answer: OffsetCommitResponse = client.call(world, ApiKey::OffsetCommit, 8, &commit);
    ErrorCode::from_code(answer.topics[0].partitions[0].error_code)
}

#[test]
fn all_groups_share_one_memory_whatever_partition_has_them() {
    const KIB: usize = 1_024;
    let mut world = World::started(7, &[("klamm.group.memory.max.bytes", "1048576")]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 1, &[]);
    let find = klamm_wire::FindCoordinatorRequest { key: "g0".to_owned(), ..Default::default() };
    let _: klamm_wire::FindCoordinatorResponse = client.call(&mut world, ApiKey::FindCoordinator, 3, &find);
    world.background();
    let name = |number: usize| format!("g{number}");
    let errors = |world: &mut World, client: &mut Client, numbers: std::ops::Range<usize>| {
        numbers.map(|number| commit_text(world, client, &name(number), 4 * KIB)).collect::<Vec<_>>()
    };
    let answers = errors(&mut world, &mut client, 0..300);
    let taken = answers.iter().filter(|error| **error == ErrorCode::None).count();
    // A quarter is for what is not committed; a group takes more than its text.
    assert!((100..768 / 4).contains(&taken), "{taken} groups of 4 KiB in 768 KiB");
    assert!(answers[taken..].iter().all(|error| *error == ErrorCode::InvalidCommitOffsetSize), "{answers:?}");
    assert_eq!(commit_text(&mut world, &mut client, "g0", 4 * KIB), ErrorCode::None, "it takes no more");
    let delete = klamm_wire::DeleteGroupsRequest { groups_names: (0..10).map(name).collect() };
    let deleted: klamm_wire::DeleteGroupsResponse = client.call(&mut world, ApiKey::DeleteGroups, 2, &delete);
    assert!(deleted.results.iter().all(|result| result.error_code == 0), "{deleted:?}");
    let answers = errors(&mut world, &mut client, 300..320);
    let again = answers.iter().filter(|error| **error == ErrorCode::None).count();
    assert!((10..=11).contains(&again), "{answers:?}");
}
