//! Words for the scripts.

use bytes::Bytes;
use klamm_base::Uuid;
use klamm_base::codec::Records;
use klamm_records::{BatchBuilder, BatchOptions, Scratch};
use klamm_sim::{Client, World};
use klamm_wire::create_topics::{CreatableTopic, CreatableTopicConfig};
use klamm_wire::fetch::{FetchPartition, FetchTopic};
use klamm_wire::produce::{PartitionProduceData, TopicProduceData};
use klamm_wire::{
    ApiKey, CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest, DeleteTopicsResponse,
    FetchRequest, FetchResponse, ProduceRequest, ProduceResponse,
};

/// A running node, a client, and one topic.
pub struct Script {
    pub world: World,
    pub client: Client,
    pub topic_id: Uuid,
}

impl Script {
    pub fn with_topic(name: &str, partitions: i32) -> Script {
        Script::with_configs(name, partitions, &[])
    }

    pub fn with_configs(name: &str, partitions: i32, configs: &[(&str, &str)]) -> Script {
        let mut world = World::started(1, &[]);
        let mut client = Client::new(&world);
        let topic_id = create_topic(&mut world, &mut client, name, partitions, configs);
        Script { world, client, topic_id }
    }

    pub fn delete_topic(&mut self, name: &str) {
        delete_topic(&mut self.world, &mut self.client, name);
    }

    pub fn produce(&mut self, request: &ProduceRequest) -> ProduceResponse {
        self.client.call(&mut self.world, ApiKey::Produce, 12, request)
    }

    pub fn fetch(&mut self, request: &FetchRequest) -> FetchResponse {
        self.client.call(&mut self.world, ApiKey::Fetch, 12, request)
    }
}

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
    let response: CreateTopicsResponse = client.call(world, ApiKey::CreateTopics, 7, &request);
    assert_eq!(response.topics[0].error_code, 0, "{response:?}");
    response.topics[0].topic_id
}

pub fn delete_topic(world: &mut World, client: &mut Client, name: &str) {
    let request =
        DeleteTopicsRequest { topic_names: vec![name.to_owned()], timeout_ms: 1000, ..Default::default() };
    let response: DeleteTopicsResponse = client.call(world, ApiKey::DeleteTopics, 4, &request);
    assert_eq!(response.responses[0].error_code, 0, "{response:?}");
}

/// Appends one batch to one partition with acks=all; the error code of the answer.
pub fn produce_to(
    world: &mut World,
    client: &mut Client,
    topic: &str,
    partition: i32,
    values: &[&str],
) -> i16 {
    let request = produce(topic, &[(partition, batch(values))]);
    let response: ProduceResponse = client.call(world, ApiKey::Produce, 12, &request);
    response.responses[0].partition_responses[0].error_code
}

/// Error code and records of one partition from its beginning.
pub fn read_all(
    world: &mut World,
    client: &mut Client,
    topic: &str,
    partition: i32,
) -> (i16, Vec<(i64, String)>) {
    let mut all: Vec<(i64, String)> = Vec::new();
    loop {
        let from = all.last().map_or(0, |(offset, _)| offset + 1);
        let request = FetchRequest { max_wait_ms: 0, ..fetch(topic, &[(partition, from)]) };
        let response: FetchResponse = client.call(world, ApiKey::Fetch, 12, &request);
        let found = &response.responses[0].partitions[0];
        let more = records(&found.records);
        if found.error_code != 0 || more.is_empty() {
            return (found.error_code, all);
        }
        all.extend(more);
    }
}

/// A batch of records without keys.
pub fn batch(values: &[&str]) -> Bytes {
    batch_of(BatchOptions::default(), values)
}

pub fn batch_of(options: BatchOptions, values: &[&str]) -> Bytes {
    let mut builder = BatchBuilder::new(options);
    for value in values {
        builder.append(1_700_000_000_000, None, Some(value.as_bytes()), &[]).expect("a small record fits");
    }
    builder.build(&mut Scratch::new())
}

pub fn produce(topic: &str, batches: &[(i32, Bytes)]) -> ProduceRequest {
    let partition = |(index, batch): &(i32, Bytes)| PartitionProduceData {
        index: *index,
        records: Records::Bytes(batch.clone()),
    };
    ProduceRequest {
        acks: -1,
        timeout_ms: 1000,
        topic_data: vec![TopicProduceData {
            name: topic.to_owned(),
            partition_data: batches.iter().map(partition).collect(),
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

pub fn fetch(topic: &str, offsets: &[(i32, i64)]) -> FetchRequest {
    let partition = |(partition, fetch_offset): &(i32, i64)| FetchPartition {
        partition: *partition,
        fetch_offset: *fetch_offset,
        partition_max_bytes: 1 << 20,
        ..FetchPartition::default()
    };
    FetchRequest {
        max_wait_ms: 500,
        min_bytes: 1,
        max_bytes: 50 << 20,
        session_epoch: -1,
        topics: vec![FetchTopic {
            topic: topic.to_owned(),
            partitions: offsets.iter().map(partition).collect(),
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    }
}

/// Offset and value of every record in an answer's batches.
pub fn records(records: &Records) -> Vec<(i64, String)> {
    let Records::Bytes(bytes) = records else { return Vec::new() };
    let mut found = Vec::new();
    let mut rest = &bytes[..];
    while let Ok(batch) = klamm_records::BatchView::parse(rest) {
        batch.check_crc().expect("served batches are whole");
        let mut scratch = Scratch::new();
        let limits = klamm_records::Limits::default();
        let mut reader = batch.records(&mut scratch, &limits).expect("served batches can be read");
        while let Some(record) = reader.next() {
            let record = record.expect("served records can be read");
            let value = record.value.map(|value| String::from_utf8_lossy(value).into_owned());
            found.push((record.offset, value.unwrap_or_default()));
        }
        rest = &rest[batch.bytes().len()..];
    }
    found
}
