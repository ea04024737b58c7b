//! Produce and Fetch without copies: records come in as slices and go out as gaps.

use bytes::Bytes;
use klamm_base::Uuid;
use klamm_base::codec::{Gap, Message, Records, Writer};
use klamm_wire::fetch::{FetchableTopicResponse, PartitionData};
use klamm_wire::produce::{PartitionProduceData, TopicProduceData};
use klamm_wire::{FetchResponse, ProduceRequest};

fn produce(records: Bytes) -> ProduceRequest {
    let partition = PartitionProduceData { index: 0, records: Records::Bytes(records) };
    let topic = TopicProduceData {
        topic_id: Uuid::from_halves(1, 2),
        partition_data: vec![partition],
        ..TopicProduceData::default()
    };
    ProduceRequest { acks: -1, timeout_ms: 30_000, topic_data: vec![topic], ..ProduceRequest::default() }
}

#[test]
fn produced_records_are_a_slice_of_the_frame() {
    let frame = produce(Bytes::from(vec![7; 1_000])).to_bytes(13).expect("v13 has topic ids");
    let request = ProduceRequest::from_bytes(frame.clone(), 13).expect("what was written");
    let Records::Bytes(records) = &request.topic_data[0].partition_data[0].records else {
        panic!("records were written, {request:?} was read");
    };
    assert_eq!(records, &vec![7; 1_000]);
    assert!(frame.as_ptr_range().contains(&records.as_ptr()), "the records were copied");
}

#[test]
fn fetched_records_leave_gaps() {
    let partition = |index, records| PartitionData {
        partition_index: index,
        high_watermark: 9,
        records,
        ..PartitionData::default()
    };
    let response = |of: fn(Bytes) -> Records| FetchResponse {
        responses: vec![FetchableTopicResponse {
            topic_id: Uuid::ONE,
            partitions: vec![
                partition(0, of(Bytes::from(vec![1; 300]))),
                partition(1, Records::Null),
                partition(2, of(Bytes::from(vec![2; 70_000]))),
            ],
            ..FetchableTopicResponse::default()
        }],
        ..FetchResponse::default()
    };
    let whole = response(Records::Bytes).to_bytes(16).expect("records in memory");

    let mut writer = Writer::new();
    let gaps = response(|bytes| Records::Gap(bytes.len() as u32));
    gaps.encode(&mut writer, 16).expect("records elsewhere");
    assert_eq!(gaps.encoded_size(16).expect("the same").total(), whole.len());
    assert_eq!(writer.total_len(), whole.len());

    let [Gap { at: first, len: 300 }, Gap { at: second, len: 70_000 }] = writer.gaps[..] else {
        panic!("two gaps of 300 and 70,000 bytes, not {:?}", writer.gaps);
    };
    let mut filled = writer.buf[..first].to_vec();
    filled.extend([1; 300]);
    filled.extend(&writer.buf[first..second]);
    filled.extend(vec![2; 70_000]);
    filled.extend(&writer.buf[second..]);
    assert_eq!(filled, whole);
}
