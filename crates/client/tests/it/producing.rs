//! A producer's batches, by what the leader answers.

use std::time::Duration;

use bytes::Bytes;
use klamm_base::ErrorCode;
use klamm_base::codec::Records;
use klamm_client::SeededRng;
use klamm_client::producer::{Delivered, NewRecord, ProduceFault, Producer, ProducerOptions};
use klamm_records::BatchView;
use klamm_wire::produce::{PartitionProduceResponse, TopicProduceResponse};
use klamm_wire::{ApiKey, InitProducerIdResponse, ProduceRequest, ProduceResponse};

use crate::broker::{Asked, Broker, Reply};

enum Next {
    Code(ErrorCode),
    HangUp,
    Silence,
}

/// A leader that answers so, and well behind that; offsets count by requests.
async fn leader(mut answers: Vec<Next>) -> Broker {
    let mut offset = 0;
    Broker::start(&[("t", 1)], move |asked| match asked.api {
        ApiKey::InitProducerId => Some(
            asked.answer(&InitProducerIdResponse { producer_id: 7, ..InitProducerIdResponse::default() }),
        ),
        ApiKey::Produce => {
            let next = if answers.is_empty() { Next::Code(ErrorCode::None) } else { answers.remove(0) };
            Some(match next {
                Next::Code(error) => {
                    offset += 100;
                    answer(asked, error, offset)
                }
                Next::HangUp => Reply::HangUp,
                Next::Silence => Reply::Silence,
            })
        }
        _ => None,
    })
    .await
}

fn answer(asked: &Asked, error: ErrorCode, base_offset: i64) -> Reply {
    let request: ProduceRequest = asked.read();
    let partition = PartitionProduceResponse {
        error_code: error.code(),
        base_offset: if error == ErrorCode::None { base_offset } else { -1 },
        log_append_time_ms: -1,
        ..PartitionProduceResponse::default()
    };
    let topics = request.topic_data.into_iter().map(|topic| TopicProduceResponse {
        name: topic.name,
        topic_id: topic.topic_id,
        partition_responses: vec![partition.clone()],
    });
    asked.answer(&ProduceResponse { responses: topics.collect(), ..ProduceResponse::default() })
}

fn producer(broker: &Broker, options: ProducerOptions) -> Producer {
    Producer::new(broker.cluster(), options, Box::new(SeededRng::new(1)))
}

/// Sends values in one batch.
async fn send(producer: &Producer, values: &[&'static str]) -> Vec<Result<Delivered, ProduceFault>> {
    let mut deliveries = Vec::new();
    for value in values {
        let record =
            NewRecord { topic: "t".to_owned(), value: Some((*value).into()), ..NewRecord::default() };
        deliveries.push(producer.send(record).await.expect("room"));
    }
    let mut delivered = Vec::new();
    for delivery in deliveries {
        delivered.push(delivery.delivered().await);
    }
    delivered
}

/// Epoch, first sequence and count of every batch that was sent.
fn numbers(broker: &Broker) -> Vec<(i16, i32, i32)> {
    let number = |asked: &Asked| {
        let request: ProduceRequest = asked.read();
        let Records::Bytes(records) = &request.topic_data[0].partition_data[0].records else {
            panic!("records")
        };
        let records: &Bytes = records;
        let batch = BatchView::parse(records).expect("a batch");
        batch.check_crc().expect("a checksum");
        let header = batch.header();
        assert_eq!(header.producer_id, 7);
        (header.producer_epoch, header.base_sequence, header.record_count)
    };
    broker.asked(&[ApiKey::Produce]).iter().map(number).collect()
}

fn offsets(delivered: Vec<Result<Delivered, ProduceFault>>) -> Vec<i64> {
    delivered.into_iter().map(|delivered| delivered.expect("appended").offset).collect()
}

#[tokio::test]
async fn what_may_have_arrived_is_sent_again_under_its_number() {
    let broker = leader(vec![
        Next::HangUp,
        Next::Code(ErrorCode::NotLeaderOrFollower),
        Next::Code(ErrorCode::DuplicateSequenceNumber),
    ])
    .await;
    let producer = producer(&broker, ProducerOptions::default());
    assert_eq!(offsets(send(&producer, &["a", "b"]).await), [-1, -1], "it is there, nobody says where");
    assert_eq!(offsets(send(&producer, &["c"]).await), [300]);
    assert_eq!(numbers(&broker), [(0, 0, 2), (0, 0, 2), (0, 0, 2), (0, 2, 1)]);
    assert!(broker.asked(&[ApiKey::Metadata]).len() >= 3, "the leader is looked for again");
}

#[tokio::test]
async fn a_partition_that_lost_count_is_told_a_new_epoch() {
    let broker = leader(vec![
        Next::Code(ErrorCode::None),
        Next::Code(ErrorCode::OutOfOrderSequenceNumber),
        Next::Code(ErrorCode::UnknownProducerId),
    ])
    .await;
    let producer = producer(&broker, ProducerOptions::default());
    send(&producer, &["a"]).await;
    assert_eq!(offsets(send(&producer, &["b"]).await), [400]);
    assert_eq!(numbers(&broker), [(0, 0, 1), (0, 1, 1), (1, 0, 1), (2, 0, 1)]);
}

#[tokio::test]
async fn a_batch_that_is_too_large_goes_in_halves() {
    let broker = leader(vec![Next::Code(ErrorCode::MessageTooLarge)]).await;
    let producer = producer(&broker, ProducerOptions::default());
    assert_eq!(offsets(send(&producer, &["a", "b", "c"]).await), [200, 300, 301]);
    assert_eq!(numbers(&broker), [(0, 0, 3), (0, 0, 1), (0, 1, 2)]);
}

#[tokio::test]
async fn what_is_refused_for_good_is_told_and_its_number_is_free() {
    let broker = leader(vec![Next::Code(ErrorCode::InvalidRecord)]).await;
    let producer = producer(&broker, ProducerOptions::default());
    let refused = send(&producer, &["a"]).await.remove(0).expect_err("invalid");
    assert!(refused.to_string().contains("INVALID_RECORD"), "{refused}");
    assert_eq!(offsets(send(&producer, &["b"]).await), [200]);
    assert_eq!(numbers(&broker), [(0, 0, 1), (0, 0, 1)]);
}

#[tokio::test]
async fn nobody_is_waited_for_without_end() {
    let broker = leader(vec![Next::Silence, Next::Silence, Next::Silence]).await;
    let cluster = {
        let mut options = broker.cluster().options().clone();
        options.connection.request_timeout = Duration::from_millis(100);
        klamm_client::Cluster::new(options)
    };
    let options =
        ProducerOptions { delivery_timeout: Duration::from_millis(350), ..ProducerOptions::default() };
    let producer = Producer::new(cluster, options, Box::new(SeededRng::new(1)));
    let expired = send(&producer, &["a"]).await.remove(0).expect_err("no answer");
    assert!(matches!(expired, ProduceFault::Expired), "{expired}");
    // Nobody knows whether it arrived: what comes next counts anew.
    assert_eq!(offsets(send(&producer, &["b"]).await).len(), 1);
    assert_eq!(numbers(&broker).last(), Some(&(1, 0, 1)));
}

#[tokio::test]
async fn retries_end_where_they_were_told_to() {
    let broker =
        leader(vec![Next::Code(ErrorCode::NotEnoughReplicas), Next::Code(ErrorCode::NotEnoughReplicas)])
            .await;
    let producer = producer(&broker, ProducerOptions { retries: 1, ..ProducerOptions::default() });
    let refused = send(&producer, &["a"]).await.remove(0).expect_err("twice refused");
    assert!(refused.to_string().contains("NOT_ENOUGH_REPLICAS"), "{refused}");
    assert_eq!(broker.asked(&[ApiKey::Produce]).len(), 2);
}
