//! Whole conversations with a node: a question, its answer, and what must be true of it.

use bytes::Bytes;
use klamm_base::Uuid;
use klamm_base::codec::Records;
use klamm_records::{AnyBatch, BatchBuilder, BatchOptions, Batches, Limits, Scratch};
use klamm_wire::create_topics::{CreatableTopic, CreatableTopicConfig};
use klamm_wire::delete_records::{DeleteRecordsPartition, DeleteRecordsTopic};
use klamm_wire::fetch::{FetchPartition, FetchTopic};
use klamm_wire::incremental_alter_configs::{AlterConfigsResource, AlterableConfig};
use klamm_wire::produce::{PartitionProduceData, TopicProduceData};
use klamm_wire::{
    ApiKey, CreateTopicsRequest, CreateTopicsResponse, DeleteRecordsRequest, DeleteRecordsResponse,
    DeleteTopicsRequest, DeleteTopicsResponse, FetchRequest, FetchResponse, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse, InitProducerIdRequest, InitProducerIdResponse, MetadataRequest,
    MetadataResponse, ProduceRequest, ProduceResponse,
};

use crate::client::Client;
use crate::world::World;

/// Creates a topic with one replica; its id.
pub fn create_topic(
    world: &mut World,
    client: &mut Client,
    name: &str,
    partitions: i32,
    configs: &[(&str, &str)],
) -> Uuid {
    let config = |(name, value): &(&str, &str)| CreatableTopicConfig {
        name: (*name).to_owned(),
        value: Some((*value).to_owned()),
    };
    let topic = CreatableTopic {
        name: name.to_owned(),
        num_partitions: partitions,
        replication_factor: 1,
        configs: configs.iter().map(config).collect(),
        ..CreatableTopic::default()
    };
    let request = CreateTopicsRequest { topics: vec![topic], timeout_ms: 1000, ..Default::default() };
    let answer: CreateTopicsResponse = client.call(world, ApiKey::CreateTopics, 7, &request);
    assert_eq!(answer.topics[0].error_code, 0, "{answer:?}");
    answer.topics[0].topic_id
}

/// An id for an idempotent producer.
pub fn new_producer(world: &mut World, client: &mut Client) -> i64 {
    let request = InitProducerIdRequest {
        transactional_id: None,
        producer_id: -1,
        producer_epoch: -1,
        ..Default::default()
    };
    let answer: InitProducerIdResponse = client.call(world, ApiKey::InitProducerId, 4, &request);
    assert_eq!(answer.error_code, 0, "a producer id is given");
    answer.producer_id
}

/// Sends one batch and waits for its acknowledgement; its base offset.
pub fn produce(
    world: &mut World,
    client: &mut Client,
    (topic, index): (&str, i32),
    producer_id: i64,
    base_sequence: i32,
    values: &[Vec<u8>],
) -> i64 {
    let options = BatchOptions { producer_id, producer_epoch: 0, base_sequence, ..BatchOptions::default() };
    let sent = try_produce(world, client, (topic, index), options, values);
    sent.unwrap_or_else(|error| panic!("{topic}-{index} answers {error}"))
}

/// As [`produce`]; the error code when there is one.
pub fn try_produce(
    world: &mut World,
    client: &mut Client,
    (topic, index): (&str, i32),
    options: BatchOptions,
    values: &[Vec<u8>],
) -> Result<i64, i16> {
    let mut builder = BatchBuilder::new(options);
    for value in values {
        builder.append(world.now.wall_ms, None, Some(value), &[]).expect("a record fits");
    }
    let records = Records::Bytes(builder.build(&mut Scratch::new()));
    let request = ProduceRequest {
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![TopicProduceData {
            name: topic.to_owned(),
            partition_data: vec![PartitionProduceData { index, records }],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    };
    let answer: ProduceResponse = client.call(world, ApiKey::Produce, 9, &request);
    let answer = &answer.responses[0].partition_responses[0];
    if answer.error_code == 0 { Ok(answer.base_offset) } else { Err(answer.error_code) }
}

/// Deletes a topic by its name.
pub fn delete_topic(world: &mut World, client: &mut Client, name: &str) {
    let request =
        DeleteTopicsRequest { topic_names: vec![name.to_owned()], timeout_ms: 1000, ..Default::default() };
    let answer: DeleteTopicsResponse = client.call(world, ApiKey::DeleteTopics, 4, &request);
    assert_eq!(answer.responses[0].error_code, 0, "{answer:?}");
}

/// Sets one setting of a topic.
pub fn set_topic_config(world: &mut World, client: &mut Client, topic: &str, name: &str, value: &str) {
    const TOPIC: i8 = 2;
    const SET: i8 = 0;
    let config =
        AlterableConfig { name: name.to_owned(), config_operation: SET, value: Some(value.to_owned()) };
    let resource =
        AlterConfigsResource { resource_type: TOPIC, resource_name: topic.to_owned(), configs: vec![config] };
    let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
    let answer: IncrementalAlterConfigsResponse =
        client.call(world, ApiKey::IncrementalAlterConfigs, 1, &request);
    assert_eq!(answer.responses[0].error_code, 0, "{answer:?}");
}

/// Moves the start of a partition; the low watermark it has then.
pub fn delete_records(
    world: &mut World,
    client: &mut Client,
    topic: &str,
    partition_index: i32,
    offset: i64,
) -> i64 {
    let request = DeleteRecordsRequest {
        topics: vec![DeleteRecordsTopic {
            name: topic.to_owned(),
            partitions: vec![DeleteRecordsPartition { partition_index, offset }],
        }],
        timeout_ms: 30_000,
    };
    let pending = client.send(world, ApiKey::DeleteRecords, 2, &request);
    world.run();
    world.background();
    world.run();
    let answer = client.receive::<DeleteRecordsResponse>(world, pending).expect("the start has moved");
    let answer = answer.expect("it is answered");
    let answer = &answer.topics[0].partitions[0];
    assert_eq!(answer.error_code, 0, "{topic}-{partition_index}: {answer:?}");
    answer.low_watermark
}

/// Names of all topics.
pub fn topics(world: &mut World, client: &mut Client) -> Vec<String> {
    let request = MetadataRequest { topics: None, ..MetadataRequest::default() };
    let answer: MetadataResponse = client.call(world, ApiKey::Metadata, 9, &request);
    answer.topics.into_iter().filter_map(|topic| topic.name).collect()
}

/// What reading a partition has given.
#[derive(Debug, Default)]
pub struct Found {
    pub records: Vec<(i64, Vec<u8>)>,
    /// The last error that kept some of it away.
    pub error: Option<i16>,
    /// The first offset at or behind the one asked for that is in range.
    pub start: i64,
}

/// Reads a partition from its start to its end; where it is refused, goes on one offset further.
pub fn read_all(world: &mut World, client: &mut Client, topic: &str, partition: i32) -> Found {
    read_from(world, client, (topic, partition), 0)
}

/// As [`read_all`], from an offset on.
pub fn read_from(world: &mut World, client: &mut Client, place: (&str, i32), from: i64) -> Found {
    const OFFSET_OUT_OF_RANGE: i16 = 1;
    /// More questions than records in any partition of ours.
    const QUESTIONS: usize = 2_000;
    let mut found = Found { start: from, ..Found::default() };
    let mut offset = from;
    for _ in 0..QUESTIONS {
        let (error, bytes) = fetch(world, client, place, offset);
        match error {
            0 if bytes.is_empty() => return found,
            0 => {
                let records = records(&bytes);
                assert!(!records.is_empty(), "an answer of {} bytes without a record", bytes.len());
                let next = records.last().map_or(offset, |(last, _)| last + 1);
                found.records.extend(records.into_iter().filter(|(at, _)| *at >= offset));
                offset = next;
            }
            // Below the log start; an answer with an error does not say where that is.
            OFFSET_OUT_OF_RANGE => {
                offset += 1;
                found.start = offset;
            }
            error => {
                found.error = Some(error);
                offset += 1;
            }
        }
    }
    found
}

/// One fetch: error code, bytes.
fn fetch(
    world: &mut World,
    client: &mut Client,
    (topic, partition): (&str, i32),
    fetch_offset: i64,
) -> (i16, Bytes) {
    let asked =
        FetchPartition { partition, fetch_offset, partition_max_bytes: 1 << 20, ..FetchPartition::default() };
    let request = FetchRequest {
        max_wait_ms: 0,
        min_bytes: 1,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: vec![FetchTopic { topic: topic.to_owned(), partitions: vec![asked], ..Default::default() }],
        ..FetchRequest::default()
    };
    let answer: FetchResponse = client.call(world, ApiKey::Fetch, 11, &request);
    let answer = &answer.responses[0].partitions[0];
    let bytes = match &answer.records {
        Records::Bytes(bytes) => bytes.clone(),
        _ => Bytes::new(),
    };
    (answer.error_code, bytes)
}

/// Offsets and values of the whole batches in `bytes`, which must all be sound.
fn records(bytes: &[u8]) -> Vec<(i64, Vec<u8>)> {
    let (mut scratch, limits) = (Scratch::new(), Limits::default());
    let mut all = Vec::new();
    for batch in Batches::new(bytes) {
        // The last one may be cut.
        let Ok(AnyBatch::V2(batch)) = batch else { break };
        batch.check_crc().expect("served batches are whole");
        let mut reader = batch.records(&mut scratch, &limits).expect("served batches can be read");
        while let Some(record) = reader.next() {
            let record = record.expect("served records can be read");
            all.push((record.offset, record.value.unwrap_or_default().to_vec()));
        }
    }
    all
}
