//! What tells members of the two protocols apart, byte by byte.

use super::consumer::ClassicMemberMetadata;
use super::*;
use bytes::Bytes;
use klamm_base::codec::{DecodeFault, Message};

/// The tagged fields at the end of an encoded member.
fn tags(member: &ConsumerGroupMemberMetadataValue) -> Vec<u8> {
    let without = ConsumerGroupMemberMetadataValue::default().to_bytes(0).expect("defaults");
    let bytes = member.to_bytes(0).expect("a member");
    bytes[without.len() - 1..].to_vec()
}

/// Java's default is an empty struct, not null: null has to be written, or the member of the new
/// protocol would come back as a classic one.
#[test]
fn a_member_of_the_new_protocol_says_that_it_is_not_classic() {
    let member = ConsumerGroupMemberMetadataValue { classic_member_metadata: None, ..Default::default() };
    assert_eq!(tags(&member), [1, 0, 1, 0]);
    let bytes = member.to_bytes(0).expect("a member");
    assert_eq!(ConsumerGroupMemberMetadataValue::from_bytes(bytes, 0), Ok(member));
}

#[test]
fn a_member_without_the_tag_is_classic() {
    let member = ConsumerGroupMemberMetadataValue::default();
    assert_eq!(member.classic_member_metadata, Some(ClassicMemberMetadata::default()));
    assert_eq!(tags(&member), [0]);
    let bytes = member.to_bytes(0).expect("a member");
    assert_eq!(ConsumerGroupMemberMetadataValue::from_bytes(bytes, 0), Ok(member));
}

#[test]
fn a_classic_member_stands_behind_a_byte_that_is_not_null() {
    let classic = ClassicMemberMetadata { session_timeout_ms: 7, ..Default::default() };
    let member =
        ConsumerGroupMemberMetadataValue { classic_member_metadata: Some(classic), ..Default::default() };
    // Tag 0 of seven bytes: the mark, the timeout, no protocols, no tagged fields.
    assert_eq!(tags(&member), [1, 0, 7, 1, 0, 0, 0, 7, 1, 0]);
}

#[test]
fn assignment_epochs_are_empty_unless_null_is_written() {
    let assigned = |assignment_epochs| {
        let partitions = consumer::TopicPartitions {
            topic_id: klamm_base::Uuid::ONE,
            partitions: vec![1],
            assignment_epochs,
        };
        ConsumerGroupCurrentMemberAssignmentValue {
            assigned_partitions: vec![partitions],
            ..Default::default()
        }
    };
    for epochs in [None, Some(vec![]), Some(vec![5])] {
        let value = assigned(epochs);
        let bytes = value.to_bytes(0).expect("an assignment");
        assert_eq!(ConsumerGroupCurrentMemberAssignmentValue::from_bytes(bytes, 0), Ok(value));
    }
    let size = |epochs| assigned(epochs).to_bytes(0).expect("an assignment").len();
    assert_eq!(size(None), size(Some(vec![])) + 3);
}

#[test]
fn keys_are_never_flexible() {
    let key = OffsetCommitKey { group: "g".into(), topic: "t".into(), partition: 258 };
    let bytes = key.to_bytes(0);
    assert_eq!(bytes.as_deref(), Ok(&[0, 1, b'g', 0, 1, b't', 0, 0, 1, 2][..]));
}

#[test]
fn an_offset_of_a_version_to_come_is_refused() {
    let error = OffsetCommitValue::from_bytes(Bytes::from_static(&[0; 64]), 5).expect_err("there is no v5");
    let fault = DecodeFault::UnsupportedVersion { message: "OffsetCommitValue", version: 5 };
    assert_eq!(error.fault, fault);
}
