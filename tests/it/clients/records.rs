//! Records in and out, and what administrators do with them.

use std::collections::BTreeMap;

use klamm_client::admin::records::{IsolationLevel, delete_records, list_offsets};
use klamm_client::admin::topics::{CreatePartitionsTopic, create_partitions, delete_topics, describe_topics};
use klamm_client::consumer::OffsetSpec;
use klamm_client::producer::{Acks, NewRecord, ProduceFault, Producer, ProducerOptions};
use klamm_client::properties;
use klamm_client::{SeededRng, TopicPartition};

use super::{cluster, create, dev, read_all, write_numbers};

/// A record for each of the shapes there are.
fn shapes(topic: &str) -> Vec<NewRecord> {
    let plain = NewRecord { topic: topic.to_owned(), value: Some("value".into()), ..NewRecord::default() };
    vec![
        plain.clone(),
        NewRecord { key: Some("key".into()), timestamp_ms: Some(1_700_000_000_123), ..plain.clone() },
        NewRecord { key: Some("tombstone".into()), value: None, ..plain.clone() },
        NewRecord { key: Some("".into()), value: Some("".into()), ..plain.clone() },
        NewRecord {
            headers: vec![("a".to_owned(), Some("1".into())), ("a".to_owned(), None)],
            value: Some("x".repeat(50_000).into()),
            ..plain
        },
    ]
}

#[tokio::test]
async fn every_codec_and_acknowledgement_brings_records_back_as_they_were() {
    let (_dir, node) = dev();
    let cluster = cluster(node.port);
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        for (acks, acknowledged) in [("0", false), ("1", true), ("all", true)] {
            let topic = format!("{codec}-{acks}");
            create(&cluster, &topic, 1).await;
            let given = [("bootstrap.servers", "unused:1"), ("compression.type", codec), ("acks", acks)];
            let given = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            let options = properties::producer(&given).expect("good settings").producer;
            let producer = Producer::new(cluster.clone(), options, Box::new(SeededRng::new(7)));
            let sent = shapes(&topic);
            for (index, record) in sent.iter().enumerate() {
                let delivery = producer.send(record.clone()).await.expect("room");
                let delivered = delivery.delivered().await.expect("an acknowledgement");
                let offset = if acknowledged { index as i64 } else { -1 };
                assert_eq!((delivered.partition, delivered.offset), (0, offset), "{topic}");
            }
            let read = read_all(&cluster, &topic, 1, sent.len()).await;
            assert_eq!(read.len(), sent.len(), "{topic}");
            for (index, (read, sent)) in read.iter().zip(&sent).enumerate() {
                assert_eq!((&read.key, &read.value, read.offset), (&sent.key, &sent.value, index as i64));
                assert!(sent.timestamp_ms.is_none_or(|timestamp_ms| timestamp_ms == read.timestamp_ms));
                let headers = read.headers.iter();
                let headers =
                    headers.map(|(key, value)| (String::from_utf8_lossy(key).into(), value.clone()));
                assert_eq!(headers.collect::<Vec<(String, _)>>(), sent.headers);
            }
        }
    }
}

#[tokio::test]
async fn many_small_batches_of_many_partitions_arrive_once_and_in_order() {
    let (_dir, node) = dev();
    let cluster = cluster(node.port);
    create(&cluster, "many", 5).await;
    let options = ProducerOptions { batch_size: 300, buffer_memory: 10_000, ..ProducerOptions::default() };
    let producer = Producer::new(cluster.clone(), options, Box::new(SeededRng::new(7)));
    let mut deliveries = Vec::new();
    for number in 0..5000 {
        let record = NewRecord {
            topic: "many".to_owned(),
            key: Some(format!("key-{}", number % 50).into()),
            value: Some(number.to_string().into()),
            ..NewRecord::default()
        };
        deliveries.push(producer.send(record).await.expect("room"));
    }
    for delivery in deliveries {
        delivery.delivered().await.expect("an acknowledgement");
    }
    let read = read_all(&cluster, "many", 5, 5000).await;
    assert_eq!(read.len(), 5000);
    let mut last = BTreeMap::new();
    for record in &read {
        let before = last.insert(record.key.clone(), super::number(record));
        assert!(before.is_none_or(|before| before == super::number(record) - 50), "{record:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_told() {
    let (_dir, node) = dev();
    let cluster = cluster(node.port);
    create(&cluster, "small", 1).await;
    let options = ProducerOptions {
        request_size_max: 2000,
        block_timeout: std::time::Duration::from_millis(300),
        ..ProducerOptions::default()
    };
    let producer = Producer::new(cluster.clone(), options, Box::new(SeededRng::new(7)));
    let record = |partition, size: usize| NewRecord {
        topic: "small".to_owned(),
        partition: Some(partition),
        value: Some("x".repeat(size).into()),
        ..NewRecord::default()
    };
    let refused = producer.send(record(0, 2000)).await.err();
    assert!(matches!(refused, Some(ProduceFault::TooLarge { max: 2000, .. })), "{refused:?}");
    let refused = producer.send(record(3, 1)).await.err();
    assert!(matches!(refused, Some(ProduceFault::NoSuchPartition { partition: 3, .. })), "{refused:?}");
    let options = ProducerOptions { acks: Acks::Leader, create_topics: false, ..ProducerOptions::default() };
    let options = ProducerOptions { block_timeout: std::time::Duration::from_millis(300), ..options };
    let strict = Producer::new(cluster, options, Box::new(SeededRng::new(7)));
    let refused = strict.send(NewRecord { topic: "none".to_owned(), ..NewRecord::default() }).await.err();
    assert!(matches!(refused, Some(ProduceFault::NoMetadata { .. })), "{refused:?}");
}

#[tokio::test]
async fn administrators_see_and_change_topics() {
    let (_dir, node) = dev();
    let cluster = cluster(node.port);
    create(&cluster, "seen", 2).await;
    write_numbers(&cluster, "seen", 2, 10).await;
    let names = ["seen".to_owned(), "missing".to_owned()];
    // One partition an answer: the rest comes with the next.
    let described = describe_topics(&cluster, &names, 1).await.expect("an answer");
    let seen = described["seen"].as_ref().expect("a topic");
    assert_eq!(seen.partitions.iter().map(|partition| partition.index).collect::<Vec<_>>(), [0, 1]);
    assert!(described["missing"].is_err());
    let more = CreatePartitionsTopic { name: "seen".to_owned(), count: 3, assignments: None };
    let enlarged = create_partitions(&cluster, vec![more], false).await.expect("an answer");
    assert!(enlarged["seen"].is_ok());

    let (first, third) = (TopicPartition::new("seen", 0), TopicPartition::new("seen", 2));
    let wanted = BTreeMap::from([(first.clone(), OffsetSpec::Latest), (third.clone(), OffsetSpec::Earliest)]);
    let found = list_offsets(&cluster, &wanted, IsolationLevel::ReadUncommitted).await;
    let offset = |partition| found[partition].as_ref().expect("an offset").offset;
    assert_eq!((offset(&first), offset(&third)), (5, 0));
    let starts = delete_records(&cluster, &BTreeMap::from([(first.clone(), 3), (third.clone(), -1)])).await;
    assert_eq!(starts[&first].as_ref().ok(), Some(&3));
    assert_eq!(starts[&third].as_ref().ok(), Some(&0));
    let too_far = delete_records(&cluster, &BTreeMap::from([(first.clone(), 30)])).await;
    assert!(too_far[&first].is_err());

    let deleted = delete_topics(&cluster, &names).await.expect("an answer");
    assert_eq!((deleted["seen"].is_ok(), deleted["missing"].is_ok()), (true, false));
}
