//! How many groups and members there may be, and how much a member may say.

use bytes::Bytes;
use klamm_base::rng::SeededRng;
use klamm_base::{ErrorCode, Mono, Now};
use klamm_coordinator::group::contract::{Caller, GroupAnswer, GroupLimits, GroupStep};
use klamm_coordinator::group::shard::GroupShard;
use klamm_coordinator::step::RequestId;
use klamm_wire::join_group::JoinGroupRequestProtocol;
use klamm_wire::offset_commit::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use klamm_wire::{JoinGroupRequest, OffsetCommitRequest};

const NOW: Now = Now { mono: Mono(1), wall_ms: 1 };

fn limits() -> GroupLimits {
    GroupLimits { groups_max: 2, members_max: 3, member_bytes_max: 100, ..GroupLimits::default() }
}

fn caller(version: i16) -> Caller {
    Caller { client_id: "c".to_owned(), client_host: "/127.0.0.1".to_owned(), version }
}

fn join(shard: &mut GroupShard, seed: u64, group_id: &str, metadata: usize) -> GroupStep {
    let protocol =
        JoinGroupRequestProtocol { name: "own".to_owned(), metadata: Bytes::from(vec![0; metadata]) };
    let join = JoinGroupRequest {
        group_id: group_id.to_owned(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 10_000,
        protocol_type: "consumer".to_owned(),
        protocols: vec![protocol],
        ..JoinGroupRequest::default()
    };
    shard.join(RequestId(seed), &caller(4), &join, &limits(), &mut SeededRng::new(seed), NOW)
}

fn error(step: &GroupStep) -> ErrorCode {
    let [(_, GroupAnswer::Join(answer))] = step.answers.as_slice() else { panic!("{step:?}") };
    ErrorCode::from_code(answer.error_code)
}

fn commit(shard: &mut GroupShard, group_id: &str) -> ErrorCode {
    let topic = OffsetCommitRequestTopic {
        name: "t".to_owned(),
        partitions: vec![OffsetCommitRequestPartition::default()],
        ..OffsetCommitRequestTopic::default()
    };
    let commit = OffsetCommitRequest {
        group_id: group_id.to_owned(),
        generation_id_or_member_epoch: -1,
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    };
    let step = shard.commit_offsets(RequestId(0), &caller(8), &commit, &limits(), NOW);
    match step.answers.first() {
        Some((_, GroupAnswer::OffsetCommit(answer))) => {
            ErrorCode::from_code(answer.topics[0].partitions[0].error_code)
        }
        _ => ErrorCode::None,
    }
}

#[test]
fn groups_ids_given_out_and_what_a_member_says_are_bounded() {
    let mut shard = GroupShard::default();
    assert_eq!(error(&join(&mut shard, 1, "a", 101)), ErrorCode::GroupMaxSizeReached, "it says too much");
    for seed in 1..=3 {
        assert_eq!(error(&join(&mut shard, seed, "a", 10)), ErrorCode::MemberIdRequired);
    }
    assert_eq!(error(&join(&mut shard, 4, "a", 10)), ErrorCode::GroupMaxSizeReached, "three are to come");
    assert_eq!(commit(&mut shard, "b"), ErrorCode::None, "its record makes the group, when it is replayed");
    assert_eq!(error(&join(&mut shard, 5, "b", 10)), ErrorCode::MemberIdRequired);
    assert_eq!(error(&join(&mut shard, 6, "c", 10)), ErrorCode::GroupMaxSizeReached, "a third group");
    assert_eq!(commit(&mut shard, "c"), ErrorCode::InvalidCommitOffsetSize);
    assert_eq!(
        error(&join(&mut shard, 7, "b", 10)),
        ErrorCode::MemberIdRequired,
        "those that are there go on"
    );
}
