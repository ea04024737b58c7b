//! ListOffsets and OffsetForLeaderEpoch.

use bytes::Bytes;
use klamm_records::{BatchBuilder, BatchOptions, Scratch};
use klamm_wire::list_offsets::{ListOffsetsPartition, ListOffsetsTopic};
use klamm_wire::offset_for_leader_epoch::{OffsetForLeaderPartition, OffsetForLeaderTopic};
use klamm_wire::{
    ApiKey, ListOffsetsRequest, ListOffsetsResponse, MetadataRequest, MetadataResponse,
    OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
};

use crate::support::{Script, batch, produce};

const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const UNSUPPORTED_VERSION: i16 = 35;
const INVALID_REQUEST: i16 = 42;
const FENCED_LEADER_EPOCH: i16 = 74;
const UNKNOWN_LEADER_EPOCH: i16 = 75;

/// Error code, timestamp, offset, leader epoch.
type Found = (i16, i64, i64, i32);

fn batch_at(timestamps: &[i64]) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for timestamp in timestamps {
        builder.append(*timestamp, None, Some(b"value"), &[]).expect("a small record fits");
    }
    builder.build(&mut Scratch::new())
}

fn asking(topic: &str, partition: ListOffsetsPartition) -> ListOffsetsRequest {
    ListOffsetsRequest {
        replica_id: -1,
        topics: vec![ListOffsetsTopic { name: topic.to_owned(), partitions: vec![partition] }],
        ..ListOffsetsRequest::default()
    }
}

fn at(timestamp: i64) -> ListOffsetsPartition {
    ListOffsetsPartition { timestamp, ..ListOffsetsPartition::default() }
}

fn list(script: &mut Script, version: i16, request: &ListOffsetsRequest) -> Found {
    let response: ListOffsetsResponse =
        script.client.call(&mut script.world, ApiKey::ListOffsets, version, request);
    let found = &response.topics[0].partitions[0];
    (found.error_code, found.timestamp, found.offset, found.leader_epoch)
}

/// Records 0 to 6 with times that go back and forth.
fn filled() -> Script {
    let mut script = Script::with_topic("t", 2);
    for timestamps in [&[100, 300, 200][..], &[50], &[300, 400], &[400]] {
        script.produce(&produce("t", &[(0, batch_at(timestamps))]));
    }
    script
}

#[test]
fn sentinels_begin_with_their_version() {
    let mut script = filled();
    let answers = [
        (-1, 1, (0, -1, 7, 0)),
        (-2, 1, (0, -1, 0, 0)),
        (-3, 7, (0, 400, 5, 0)),
        (-4, 8, (0, -1, 0, 0)),
        (-5, 9, (0, -1, -1, -1)),
        (-6, 11, (0, -1, -1, -1)),
        (-7, 99, (0, 0, 0, 0)),
        (i64::MIN, 99, (0, 0, 0, 0)),
    ];
    for version in 1..=11 {
        for (timestamp, since, (error, time, offset, epoch)) in answers {
            let found = list(&mut script, version, &asking("t", at(timestamp)));
            let epoch = if version >= 4 { epoch } else { -1 };
            let expected = match version >= since {
                true => (error, time, offset, epoch),
                false => (UNSUPPORTED_VERSION, -1, -1, -1),
            };
            assert_eq!(found, expected, "{timestamp} in version {version}");
        }
    }
}

#[test]
fn times_are_found_to_the_record() {
    let mut script = filled();
    for (timestamp, time, offset) in [
        (0, 100, 0),
        (100, 100, 0),
        (101, 300, 1),
        (200, 300, 1),
        (300, 300, 1),
        (301, 400, 5),
        (400, 400, 5),
        (401, -1, -1),
        (i64::MAX, -1, -1),
    ] {
        let epoch = if offset < 0 { -1 } else { 0 };
        let found = list(&mut script, 11, &asking("t", at(timestamp)));
        assert_eq!(found, (0, time, offset, epoch), "at {timestamp}");
    }
}

#[test]
fn an_empty_log_has_ends_and_nothing_else() {
    let mut script = filled();
    for (timestamp, expected) in
        [(-1, (0, -1, 0, 0)), (-2, (0, -1, 0, 0)), (-3, (0, -1, -1, -1)), (0, (0, -1, -1, -1))]
    {
        let partition = ListOffsetsPartition { partition_index: 1, ..at(timestamp) };
        assert_eq!(list(&mut script, 11, &asking("t", partition)), expected, "at {timestamp}");
    }
}

#[test]
fn who_asks_for_what_is_not_there() {
    let mut script = filled();
    let nothing = (UNKNOWN_TOPIC_OR_PARTITION, -1, -1, -1);
    assert_eq!(list(&mut script, 11, &asking("u", at(-1))), nothing);
    for partition_index in [2, -1] {
        let partition = ListOffsetsPartition { partition_index, ..at(-1) };
        assert_eq!(list(&mut script, 1, &asking("t", partition)), nothing);
    }
    script.delete_topic("t");
    assert_eq!(list(&mut script, 11, &asking("t", at(-1))), nothing);
}

#[test]
fn isolation_and_duplicates() {
    let mut script = filled();
    for (isolation_level, expected) in [(0, (0, -1, 7, 0)), (1, (0, -1, 7, 0)), (2, (-1, -1, -1, -1))] {
        let request = ListOffsetsRequest { isolation_level, ..asking("t", at(-1)) };
        assert_eq!(list(&mut script, 11, &request), expected, "level {isolation_level}");
    }
    let mut request = asking("t", at(-1));
    request.topics.push(request.topics[0].clone());
    let response: ListOffsetsResponse =
        script.client.call(&mut script.world, ApiKey::ListOffsets, 11, &request);
    assert_eq!((response.topics.len(), response.topics[0].partitions.len()), (1, 1));
    assert_eq!(response.topics[0].partitions[0].error_code, INVALID_REQUEST);
}

fn leader_epoch(script: &mut Script) -> i32 {
    let all = MetadataRequest { topics: None, ..MetadataRequest::default() };
    let response: MetadataResponse = script.client.call(&mut script.world, ApiKey::Metadata, 13, &all);
    response.topics[0].partitions[0].leader_epoch
}

/// Error code, epoch, end offset.
fn epoch_end(script: &mut Script, version: i16, leader_epoch: i32, current: i32) -> (i16, i32, i64) {
    let partition = OffsetForLeaderPartition { partition: 0, current_leader_epoch: current, leader_epoch };
    let request = OffsetForLeaderEpochRequest {
        topics: vec![OffsetForLeaderTopic { topic: "t".to_owned(), partitions: vec![partition] }],
        ..OffsetForLeaderEpochRequest::default()
    };
    let response: OffsetForLeaderEpochResponse =
        script.client.call(&mut script.world, ApiKey::OffsetForLeaderEpoch, version, &request);
    let found = &response.topics[0].partitions[0];
    (found.error_code, found.leader_epoch, found.end_offset)
}

/// Records 0 and 1 in the first epoch, 2 in the second, none in the third; returns the epochs.
fn three_epochs(script: &mut Script) -> [i32; 3] {
    let first = leader_epoch(script);
    script.produce(&produce("t", &[(0, batch(&["a", "b"]))]));
    script.world.kill();
    script.world.start().expect("starts after a kill");
    let second = leader_epoch(script);
    script.produce(&produce("t", &[(0, batch(&["c"]))]));
    script.world.stop();
    script.world.start().expect("starts after a stop");
    let third = leader_epoch(script);
    assert!(first < second && second < third, "epochs {first}, {second}, {third}");
    [first, second, third]
}

#[test]
fn other_epochs_than_the_leaders_are_fenced() {
    let mut script = Script::with_topic("t", 1);
    let [_, second, third] = three_epochs(&mut script);
    for (current, error) in [
        (-1, 0),
        (third, 0),
        (second, FENCED_LEADER_EPOCH),
        (-2, FENCED_LEADER_EPOCH),
        (third + 1, UNKNOWN_LEADER_EPOCH),
        (i32::MAX, UNKNOWN_LEADER_EPOCH),
    ] {
        for timestamp in [-1, -2, -3, 0] {
            let partition = ListOffsetsPartition { current_leader_epoch: current, ..at(timestamp) };
            assert_eq!(list(&mut script, 11, &asking("t", partition)).0, error, "{timestamp} in {current}");
        }
        for version in 2..=4 {
            let (code, epoch, end) = epoch_end(&mut script, version, third, current);
            assert_eq!(code, error, "epoch {current}");
            assert!(error == 0 || (epoch, end) == (-1, -1));
        }
    }
}

#[test]
fn an_epoch_ends_where_the_next_begins() {
    let mut script = Script::with_topic("t", 1);
    let [first, second, third] = three_epochs(&mut script);
    for version in 2..=4 {
        let mut ends = |epoch| epoch_end(&mut script, version, epoch, -1);
        assert_eq!(ends(first), (0, first, 2));
        assert_eq!(ends(second), (0, second, 3));
        assert_eq!(ends(third), (0, third, 3));
        // Nothing is known of the future, and before the first epoch there is nothing.
        assert_eq!(ends(third + 1), (0, -1, -1));
        assert_eq!(ends(-1), (0, -1, -1));
    }
    assert_eq!(list(&mut script, 11, &asking("t", at(-1))), (0, -1, 3, third));
    assert_eq!(list(&mut script, 11, &asking("t", at(-2))), (0, -1, 0, first));
}
