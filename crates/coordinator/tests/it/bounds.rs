//! How many groups and members there may be, and how much a member may say.

use bytes::Bytes;
use klamm_base::rng::SeededRng;
use klamm_base::{ErrorCode, Mono, Now};
use klamm_coordinator::group::contract::{Caller, GroupAnswer, GroupLimits, GroupStep};
use klamm_coordinator::group::record::GroupRecord;
use klamm_coordinator::group::shard::GroupShard;
use klamm_coordinator::step::RequestId;
use klamm_wire::join_group::JoinGroupRequestProtocol;
use klamm_wire::offset_commit::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use klamm_wire::sync_group::SyncGroupRequestAssignment;
use klamm_wire::{JoinGroupRequest, OffsetCommitRequest, SyncGroupRequest};

const NOW: Now = Now { mono: Mono(1), wall_ms: 1 };

fn limits() -> GroupLimits {
    GroupLimits { groups_max: 2, members_max: 3, member_bytes_max: 100, ..GroupLimits::default() }
}

fn caller(version: i16) -> Caller {
    Caller { client_id: "c".to_owned(), client_host: "/127.0.0.1".to_owned(), version }
}

fn join(shard: &mut GroupShard, seed: u64, group_id: &str, metadata: usize) -> GroupStep {
    join_with(shard, seed, group_id, metadata, "", &limits())
}

fn join_with(
    shard: &mut GroupShard,
    seed: u64,
    group_id: &str,
    metadata: usize,
    member_id: &str,
    limits: &GroupLimits,
) -> GroupStep {
    let protocol =
        JoinGroupRequestProtocol { name: "own".to_owned(), metadata: Bytes::from(vec![0; metadata]) };
    let join = JoinGroupRequest {
        group_id: group_id.to_owned(),
        member_id: member_id.to_owned(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 10_000,
        protocol_type: "consumer".to_owned(),
        protocols: vec![protocol],
        ..JoinGroupRequest::default()
    };
    shard.join(RequestId(seed), &caller(4), &join, limits, &mut SeededRng::new(seed), NOW)
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
    commit_error(&shard.commit_offsets(RequestId(0), &caller(8), &commit, &limits(), NOW))
}

fn commit_error(step: &GroupStep) -> ErrorCode {
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

/// An offset of `t-0` with so much text; what is stored is replayed at `offset`, and not committed.
fn commit_text(
    shard: &mut GroupShard,
    group_id: &str,
    text: usize,
    offset: i64,
    limits: &GroupLimits,
) -> ErrorCode {
    let topic = OffsetCommitRequestTopic {
        name: "t".to_owned(),
        partitions: vec![OffsetCommitRequestPartition {
            committed_metadata: Some("m".repeat(text)),
            ..OffsetCommitRequestPartition::default()
        }],
        ..OffsetCommitRequestTopic::default()
    };
    let commit = OffsetCommitRequest {
        group_id: group_id.to_owned(),
        generation_id_or_member_epoch: -1,
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    };
    let step = shard.commit_offsets(RequestId(0), &caller(8), &commit, limits, NOW);
    let error = commit_error(&step);
    for record in step.records {
        shard.replay(offset, None, record, 0);
    }
    shard.validate();
    error
}

#[test]
fn offsets_are_refused_beyond_the_memory_but_not_those_that_take_no_more() {
    let mut shard = GroupShard::default();
    assert_eq!(commit_text(&mut shard, "a", 1_000, 0, &GroupLimits::default()), ErrorCode::None);
    let full = GroupLimits { memory_max: shard.memory().kept + 100, ..GroupLimits::default() };
    assert_eq!(commit_text(&mut shard, "a", 1_101, 1, &full), ErrorCode::InvalidCommitOffsetSize);
    assert_eq!(commit_text(&mut shard, "b", 0, 1, &full), ErrorCode::InvalidCommitOffsetSize);
    assert_eq!(commit_text(&mut shard, "a", 1_100, 1, &full), ErrorCode::None);
    let over = GroupLimits { memory_max: 10, ..full };
    assert_eq!(commit_text(&mut shard, "a", 1_100, 2, &over), ErrorCode::None, "it is there already");
    assert_eq!(commit_text(&mut shard, "a", 10, 3, &over), ErrorCode::None);
    assert_eq!(commit_text(&mut shard, "a", 11, 4, &over), ErrorCode::InvalidCommitOffsetSize);
}

#[test]
fn what_uncommitted_offsets_hold_is_refused_for_a_while() {
    let mut shard = GroupShard::default();
    assert_eq!(commit_text(&mut shard, "a", 2_000, 0, &GroupLimits::default()), ErrorCode::None);
    let limits = GroupLimits { uncommitted_max: 5_000, ..GroupLimits::default() };
    assert_eq!(commit_text(&mut shard, "a", 2_000, 1, &limits), ErrorCode::None);
    assert_eq!(commit_text(&mut shard, "a", 2_000, 2, &limits), ErrorCode::CoordinatorNotAvailable);
    shard.commit(2);
    assert_eq!(shard.memory().uncommitted, 0);
    assert_eq!(commit_text(&mut shard, "a", 2_000, 2, &limits), ErrorCode::None);
}

#[test]
fn a_log_that_holds_more_is_read_and_goes_on() {
    let mut shard = GroupShard::default();
    assert_eq!(commit_text(&mut shard, "a", 4_000, 0, &GroupLimits::default()), ErrorCode::None);
    let limits = GroupLimits { memory_max: 1, uncommitted_max: 10_000, ..GroupLimits::default() };
    let _ = shard.loaded(&limits, NOW);
    assert_eq!(commit_text(&mut shard, "a", 4_000, 1, &limits), ErrorCode::None);
    let mut join = |seed, limits: &GroupLimits| {
        let step = join_with(&mut shard, seed, "a", 10, "", limits);
        error(&step)
    };
    assert_eq!(join(1, &limits), ErrorCode::GroupMaxSizeReached);
    let behind = GroupLimits { memory_max: usize::MAX, uncommitted_max: 0, ..limits };
    assert_eq!(join(2, &behind), ErrorCode::MemberIdRequired, "its group is there");
}

#[test]
fn an_assignment_that_is_too_much_is_refused_for_a_while_and_the_next_is_taken() {
    let mut shard = GroupShard::default();
    let roomy = GroupLimits { initial_rebalance_delay_ms: 0, ..GroupLimits::default() };
    let step = join_with(&mut shard, 1, "a", 10, "", &roomy);
    let [(_, GroupAnswer::Join(answer))] = step.answers.as_slice() else { panic!("{step:?}") };
    let member_id = answer.member_id.clone();
    let _ = join_with(&mut shard, 2, "a", 10, &member_id, &roomy);
    while shard.advance(&roomy, NOW).is_some() {}
    let full = GroupLimits { memory_max: shard.memory().kept + 1_000, ..roomy };
    let mut sync = |assignment: usize| {
        let given = SyncGroupRequestAssignment {
            member_id: member_id.clone(),
            assignment: Bytes::from(vec![0; assignment]),
        };
        let sync = SyncGroupRequest {
            group_id: "a".to_owned(),
            generation_id: 1,
            member_id: member_id.clone(),
            assignments: vec![given],
            ..SyncGroupRequest::default()
        };
        let step = shard.sync(RequestId(3), &sync, &full, NOW);
        shard.validate();
        step
    };
    let step = sync(1_001);
    let [(_, GroupAnswer::Sync(answer))] = step.answers.as_slice() else { panic!("{step:?}") };
    assert_eq!(ErrorCode::from_code(answer.error_code), ErrorCode::CoordinatorNotAvailable);
    assert!(step.records.is_empty());
    let stored = sync(200);
    assert!(matches!(stored.records.as_slice(), [GroupRecord::GroupMetadata(..)]), "{stored:?}");
}
