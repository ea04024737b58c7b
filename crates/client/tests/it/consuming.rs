//! A reader's place, by what the leader answers.

use std::time::Duration;

use klamm_base::ErrorCode;
use klamm_base::codec::Records;
use klamm_client::consumer::{ConsumerOptions, OffsetReset, OffsetSpec, StartAt};
use klamm_client::{Consumer, TopicPartition};
use klamm_records::{BatchBuilder, BatchOptions, Scratch};
use klamm_wire::fetch::{FetchableTopicResponse, PartitionData};
use klamm_wire::list_offsets::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use klamm_wire::{ApiKey, FetchRequest, FetchResponse, ListOffsetsRequest, ListOffsetsResponse};

use crate::broker::{Asked, Broker, Reply, id_of};

fn records(base_offset: i64) -> Records {
    let mut builder = BatchBuilder::new(BatchOptions { base_offset, ..BatchOptions::default() });
    for value in ["a", "b"] {
        builder.append(5, None, Some(value.as_bytes()), &[]).expect("small");
    }
    Records::Bytes(builder.build(&mut Scratch::default()))
}

fn fetched(asked: &Asked, error: ErrorCode, records: Records) -> Reply {
    let partition = PartitionData {
        error_code: error.code(),
        records,
        preferred_read_replica: -1,
        ..PartitionData::default()
    };
    let topic = FetchableTopicResponse {
        topic_id: id_of("t"),
        partitions: vec![partition],
        ..FetchableTopicResponse::default()
    };
    asked.answer(&FetchResponse { responses: vec![topic], ..FetchResponse::default() })
}

fn found(asked: &Asked, offset: i64) -> Reply {
    let request: ListOffsetsRequest = asked.read();
    let partition = ListOffsetsPartitionResponse { offset, ..ListOffsetsPartitionResponse::default() };
    let topics = request
        .topics
        .into_iter()
        .map(|topic| ListOffsetsTopicResponse { name: topic.name, partitions: vec![partition.clone()] });
    asked.answer(&ListOffsetsResponse { topics: topics.collect(), ..ListOffsetsResponse::default() })
}

/// A leader whose log holds offsets 50 and 51; each fetch is answered with the next code first.
async fn leader(mut codes: Vec<ErrorCode>) -> Broker {
    Broker::start(&[("t", 1)], move |asked| match asked.api {
        ApiKey::ListOffsets => Some(found(asked, 50)),
        ApiKey::Fetch => {
            let error = if codes.is_empty() { ErrorCode::None } else { codes.remove(0) };
            let request: FetchRequest = asked.read();
            let offset = request.topics[0].partitions[0].fetch_offset;
            Some(match error {
                ErrorCode::None if offset == 50 || offset == 51 => fetched(asked, error, records(50)),
                ErrorCode::None => fetched(asked, error, Records::Bytes(Default::default())),
                error => fetched(asked, error, Records::Bytes(Default::default())),
            })
        }
        _ => None,
    })
    .await
}

async fn read(broker: &Broker, start: StartAt, reset: OffsetReset) -> Result<Vec<i64>, ErrorCode> {
    let options = ConsumerOptions { offset_reset: reset, ..ConsumerOptions::default() };
    let mut consumer = Consumer::new(broker.cluster(), options);
    consumer.assign([(TopicPartition::new("t", 0), start)]);
    let records = consumer.poll(Duration::from_secs(10)).await;
    let records = records.map_err(|fault| fault.error_code().expect("a code"))?;
    let next = consumer.positions()[&TopicPartition::new("t", 0)];
    assert_eq!(next, records.back().map(|last| last.offset + 1));
    Ok(records.iter().map(|record| record.offset).collect())
}

#[tokio::test]
async fn a_place_that_is_gone_is_looked_for_again_or_an_error() {
    let earliest = OffsetReset::To(OffsetSpec::Earliest);
    let broker = leader(vec![ErrorCode::OffsetOutOfRange]).await;
    assert_eq!(read(&broker, StartAt::Offset(3), earliest).await, Ok(vec![50, 51]));
    let broker = leader(vec![ErrorCode::OffsetOutOfRange]).await;
    let refused = read(&broker, StartAt::Offset(3), OffsetReset::Fail).await;
    assert_eq!(refused, Err(ErrorCode::OffsetOutOfRange));
}

#[tokio::test]
async fn reading_begins_in_the_middle_of_a_batch() {
    let broker = leader(vec![]).await;
    assert_eq!(read(&broker, StartAt::Offset(51), OffsetReset::Fail).await, Ok(vec![51]));
}

#[tokio::test]
async fn a_leader_that_is_none_is_looked_for_again() {
    let codes = [ErrorCode::NotLeaderOrFollower, ErrorCode::FencedLeaderEpoch, ErrorCode::UnknownTopicId];
    let broker = leader(codes.to_vec()).await;
    let start = StartAt::Spec(OffsetSpec::Earliest);
    assert_eq!(read(&broker, start, OffsetReset::Fail).await, Ok(vec![50, 51]));
    assert!(broker.asked(&[ApiKey::Metadata]).len() >= 4);
    let fetch: FetchRequest = broker.asked(&[ApiKey::Fetch])[0].read();
    assert_eq!(fetch.topics[0].partitions[0].current_leader_epoch, 5);
}

#[tokio::test]
async fn a_topic_that_one_may_not_read_is_an_error() {
    let broker = leader(vec![ErrorCode::TopicAuthorizationFailed]).await;
    let refused = read(&broker, StartAt::Offset(50), OffsetReset::Fail).await;
    assert_eq!(refused, Err(ErrorCode::TopicAuthorizationFailed));
}
