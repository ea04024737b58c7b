//! What a version cannot carry is refused or dropped, as the schema says.

use bytes::Bytes;
use klamm_base::Uuid;
use klamm_base::codec::{DecodeFault, EncodeError, Message, Writer};
use klamm_wire::describe_topic_partitions::request::Cursor;
use klamm_wire::fetch::ReplicaState;
use klamm_wire::metadata::MetadataRequestTopic;
use klamm_wire::produce::TopicProduceData;
use klamm_wire::{
    ApiVersionsRequest, ApiVersionsResponse, DescribeTopicPartitionsRequest, FetchRequest, MetadataRequest,
    ProduceRequest, RequestHeader,
};

#[test]
fn versions_that_are_gone_or_not_there_yet() {
    let refused = ProduceRequest::from_bytes(Bytes::from_static(&[0; 32]), 2);
    let fault = DecodeFault::UnsupportedVersion { message: "ProduceRequest", version: 2 };
    assert_eq!(refused.map_err(|error| error.fault), Err(fault));
    for version in [-1, 14] {
        let refused = ProduceRequest::default().to_bytes(version);
        assert_eq!(refused, Err(EncodeError::UnsupportedVersion { message: "ProduceRequest", version }));
    }
}

#[test]
fn a_value_that_the_version_lacks() {
    let request = FetchRequest {
        replica_state: ReplicaState { replica_id: 1, replica_epoch: 7 },
        rack_id: "r1".into(),
        ..FetchRequest::default()
    };
    let mut writer = Writer::new();
    let refused = request.encode(&mut writer, 12);
    assert_eq!(refused, Err(EncodeError::FieldNotInVersion { field: "ReplicaState", version: 12 }));
    assert!(writer.buf.is_empty(), "a refused message must leave nothing behind");
    assert!(request.encode(&mut writer, 15).is_ok());

    // The rack is ignorable: older versions do without.
    let request = FetchRequest { rack_id: "r1".into(), ..FetchRequest::default() };
    let bytes = request.to_bytes(4).expect("the rack is dropped");
    assert_eq!(FetchRequest::from_bytes(bytes, 4), Ok(FetchRequest::default()));
}

#[test]
fn a_null_that_the_version_lacks() {
    let all = MetadataRequest { topics: None, ..MetadataRequest::default() };
    let refused = EncodeError::UnexpectedNull { field: "Topics", version: 0 };
    assert_eq!(all.to_bytes(0), Err(refused));
    assert_eq!(all.to_bytes(1).as_deref(), Ok(&[0xff; 4][..]));
    let by_id = MetadataRequestTopic { topic_id: Uuid::ONE, name: None };
    let request = MetadataRequest { topics: Some(vec![by_id]), ..MetadataRequest::default() };
    assert!(request.to_bytes(9).is_err());
    assert!(request.to_bytes(12).is_ok());
}

#[test]
fn a_tag_of_a_later_version() {
    let mut bytes = FetchRequest::default().to_bytes(12).expect("defaults").to_vec();
    assert_eq!(bytes.pop(), Some(0), "no tagged field so far");
    bytes.extend([1, 1, 13, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0]);
    let refused = FetchRequest::from_bytes(bytes.clone().into(), 12);
    assert_eq!(refused.map_err(|error| error.fault), Err(DecodeFault::UnexpectedTag(1)));
}

#[test]
fn repeated_tags_and_any_order_are_accepted() {
    // SupportedFeatures (tag 0) is empty, the epoch (tag 1) stands before it, and twice.
    let bytes = [0, 0, 1, 0, 0, 0, 0, 3, 1, 8, 0, 0, 0, 0, 0, 0, 0, 5, 1, 8, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1, 1];
    let response = ApiVersionsResponse::from_bytes(Bytes::copy_from_slice(&bytes), 3);
    assert_eq!(response.expect("Kafka reads it").finalized_features_epoch, 6);
}

#[test]
fn the_client_id_stays_in_the_old_form() {
    let header = RequestHeader {
        request_api_key: 18,
        request_api_version: 3,
        correlation_id: 1,
        client_id: Some("ab".into()),
    };
    let bytes = header.to_bytes(2).expect("v2 is flexible");
    assert_eq!(&bytes[..], [0, 18, 0, 3, 0, 0, 0, 1, 0, 2, b'a', b'b', 0]);
    assert_eq!(RequestHeader::from_bytes(bytes, 2), Ok(header));
}

#[test]
fn defaults_are_kafkas() {
    let request = FetchRequest::default();
    assert_eq!((request.replica_id, request.max_bytes, request.session_epoch), (-1, i32::MAX, -1));
    assert_eq!(request.cluster_id, None);
    assert!(MetadataRequest::default().allow_auto_topic_creation);
    // A nullable field without a default of null is empty.
    assert_eq!(MetadataRequest::default().topics, Some(Vec::new()));
    assert_eq!(ApiVersionsRequest::default().client_software_name, "");
    assert_eq!(DescribeTopicPartitionsRequest::default().response_partition_limit, 2_000);
}

#[test]
fn strings_end_at_15_bits() {
    let named = |len: usize| {
        let topic = TopicProduceData { name: "n".repeat(len), ..TopicProduceData::default() };
        ProduceRequest { topic_data: vec![topic], ..ProduceRequest::default() }
    };
    assert!(named(32_767).to_bytes(3).is_ok() && named(32_767).to_bytes(9).is_ok());
    assert_eq!(named(32_768).to_bytes(3), Err(EncodeError::TooLong { len: 32_768 }));
    assert_eq!(named(32_768).to_bytes(9), Err(EncodeError::TooLong { len: 32_768 }));

    // A compact length could say more, and must not.
    let compact = |len: u32| {
        let mut frame = vec![0, 0, 1, 0, 0, 0, 1, 2];
        frame.extend([(len + 1) as u8 | 0x80, ((len + 1) >> 7) as u8 | 0x80, ((len + 1) >> 14) as u8]);
        frame.extend(vec![b'n'; len as usize]);
        frame.extend([1, 0, 0]);
        ProduceRequest::from_bytes(frame.into(), 9).map_err(|error| error.fault)
    };
    assert_eq!(compact(32_767), Ok(ProduceRequest { acks: 1, timeout_ms: 1, ..named(32_767) }));
    assert_eq!(compact(32_768), Err(DecodeFault::BadLength(32_768)));
}

#[test]
fn a_nullable_struct_stands_behind_a_mark() {
    let request = |cursor| DescribeTopicPartitionsRequest { topics: vec![], cursor, ..Default::default() };
    let cursor = Cursor { topic_name: "t".into(), partition_index: 1 };
    let bytes = |cursor| request(cursor).to_bytes(0).expect("a request");
    assert_eq!(bytes(None)[..], [1, 0, 0, 7, 0xd0, 0xff, 0]);
    assert_eq!(bytes(Some(cursor))[..], [1, 0, 0, 7, 0xd0, 1, 2, b't', 0, 0, 0, 1, 0, 0]);
}
