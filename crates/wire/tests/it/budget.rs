//! What a frame may not make its reader do: allocate more than its bytes justify.

use bytes::Bytes;
use klamm_base::codec::{DecodeError, DecodeFault, Message};
use klamm_wire::{CreateTopicsRequest, MetadataRequest, ProduceRequest, RequestHeader};
use std::fmt::Debug;

fn fault<T: Debug>(result: Result<T, DecodeError>) -> DecodeFault {
    result.expect_err("must be refused").fault
}

#[test]
fn eight_bytes_cannot_name_54_million_topics() {
    let frame = Bytes::from_static(&[0x03, 0x37, 0xf9, 0x80, 0, 0, 0, 0]);
    let refused = fault(MetadataRequest::from_bytes(frame.clone(), 1));
    assert_eq!(refused, DecodeFault::TooManyElements(0x0337_f980));
    let compact = Bytes::from_static(&[0x80, 0xf3, 0xdf, 0x19, 0, 0, 0, 0]);
    assert!(matches!(fault(MetadataRequest::from_bytes(compact, 12)), DecodeFault::TooManyElements(_)));
}

#[test]
fn twenty_million_tagged_fields_in_the_header() {
    let mut frame = vec![0, 3, 0, 12, 0, 0, 0, 1, 0xff, 0xff];
    frame.extend([0x80, 0xda, 0xc4, 0x09]);
    frame.extend([0; 64]);
    let refused = fault(RequestHeader::from_bytes(frame.into(), 2));
    assert_eq!(refused, DecodeFault::TooManyTaggedFields(20_000_000));
}

#[test]
fn empty_structs_cost_more_memory_than_bytes() {
    // A topic without name and partitions is three bytes of a frame and far more in memory.
    let topics = 50_000u32;
    let mut frame = vec![0, 0, 1, 0, 0, 0, 1];
    let count = topics + 1;
    frame.extend([count as u8 | 0x80, (count >> 7) as u8 | 0x80, (count >> 14) as u8]);
    frame.extend([1, 1, 0].repeat(topics as usize));
    frame.push(0);
    assert!(matches!(fault(ProduceRequest::from_bytes(frame.into(), 9)), DecodeFault::BudgetExceeded { .. }));
}

#[test]
fn small_frames_may_hold_small_structs() {
    let mut frame = vec![0, 0, 1, 0, 0, 0, 1, 101];
    frame.extend([1, 1, 0].repeat(100));
    frame.push(0);
    let request = ProduceRequest::from_bytes(frame.into(), 9).expect("a hundred empty topics");
    assert_eq!(request.topic_data.len(), 100);
}

#[test]
fn counts_of_inner_arrays_share_the_budget() {
    // Each topic announces as many assignments as the rest of the frame could hold, one after another.
    let topic = |assignments: u32| {
        let mut bytes = vec![0, 1, b't', 0, 0, 0, 1, 0, 1];
        bytes.extend(assignments.to_be_bytes());
        bytes.extend([0u8; 8].repeat(assignments as usize));
        bytes.extend([0; 4]);
        bytes
    };
    let mut frame = 40u32.to_be_bytes().to_vec();
    for _ in 0..40 {
        frame.extend(topic(200));
    }
    frame.extend([0, 0, 0, 0, 0]);
    let whole = CreateTopicsRequest::from_bytes(frame.clone().into(), 2).expect("all is there");
    assert_eq!(whole.topics[39].assignments.len(), 200);

    // The last inner count now asks for one element more than the frame has bytes for.
    let last = frame.len() - 5 - 4 - 200 * 8 - 4;
    frame[last..last + 4].copy_from_slice(&300u32.to_be_bytes());
    let refused = fault(CreateTopicsRequest::from_bytes(frame.into(), 2));
    assert_eq!(refused, DecodeFault::TooManyElements(300));
}

#[test]
fn a_million_names_are_what_the_budget_lets_through() {
    let mut frame = 1_000_000u32.to_be_bytes().to_vec();
    for number in 0..1_000_000u32 {
        frame.extend([0, 8]);
        frame.extend(format!("{number:08}").as_bytes());
    }
    let request = MetadataRequest::from_bytes(frame.into(), 1).expect("Kafka answers this, too");
    assert_eq!(request.topics.expect("not null").len(), 1_000_000);
}

#[test]
fn strings_are_utf_8_and_not_null_where_null_is_illegal() {
    let frame = Bytes::from_static(&[0, 0, 0, 1, 0, 2, 0xc3, 0x28]);
    assert_eq!(fault(MetadataRequest::from_bytes(frame, 1)), DecodeFault::BadUtf8);
    let frame = Bytes::from_static(&[0, 0, 0, 1, 0xff, 0xff]);
    assert_eq!(fault(MetadataRequest::from_bytes(frame, 1)), DecodeFault::UnexpectedNull);
    let frame = Bytes::from_static(&[0, 0, 0, 1, 0x80, 0x00]);
    assert_eq!(fault(MetadataRequest::from_bytes(frame, 1)), DecodeFault::BadLength(-32_768));
}
