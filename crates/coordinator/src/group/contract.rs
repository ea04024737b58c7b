//! What goes into the group coordinator and what comes out of it.

use klamm_base::ErrorCode;
use klamm_wire::offset_fetch::OffsetFetchResponseGroup;
use klamm_wire::{
    DeleteGroupsResponse, HeartbeatResponse, JoinGroupResponse, LeaveGroupResponse, OffsetCommitResponse,
    OffsetDeleteResponse, SyncGroupResponse,
};

use super::classic::After;
use super::record::GroupRecord;
use crate::step::Step;

/// What a decision about groups comes to.
pub type GroupStep = Step<GroupRecord, GroupAnswer, GroupAfter>;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Empty when the client has none.
    pub client_id: String,
    /// As Java prints an address: `/127.0.0.1`.
    pub client_host: String,
    /// Of the request's API.
    pub version: i16,
}

/// Settings that decisions depend on; they may change between two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupLimits {
    /// `group.min.session.timeout.ms`, `group.max.session.timeout.ms`
    pub session_timeout_ms_min: i32,
    pub session_timeout_ms_max: i32,
    /// `group.initial.rebalance.delay.ms`
    pub initial_rebalance_delay_ms: i32,
    /// `group.max.size`
    pub members_max: i32,
    /// Groups of one shard.
    pub groups_max: usize,
    /// Bytes that one member may say under all its protocols.
    pub member_bytes_max: usize,
    /// Bytes that groups may keep here, and those that uncommitted records may hold besides (see [`super::memory`]).
    pub memory_max: usize,
    pub uncommitted_max: usize,
    /// A join of a new member that is not answered by then is given up (Kafka:
    /// `CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS`).
    pub new_member_join_timeout_ms: i32,
    /// `offset.metadata.max.bytes`
    pub offset_metadata_bytes_max: i32,
    /// `offsets.retention.minutes`
    pub offsets_retention_ms: i64,
}

impl Default for GroupLimits {
    fn default() -> GroupLimits {
        GroupLimits {
            session_timeout_ms_min: 6_000,
            session_timeout_ms_max: 1_800_000,
            initial_rebalance_delay_ms: 3_000,
            members_max: i32::MAX,
            groups_max: usize::MAX,
            member_bytes_max: 1 << 20,
            memory_max: usize::MAX,
            uncommitted_max: usize::MAX,
            new_member_join_timeout_ms: 5 * 60 * 1_000,
            offset_metadata_bytes_max: 4_096,
            offsets_retention_ms: 7 * 24 * 60 * 60 * 1_000,
        }
    }
}

/// Answers to requests that a shard takes.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupAnswer {
    Join(JoinGroupResponse),
    Sync(SyncGroupResponse),
    Heartbeat(HeartbeatResponse),
    Leave(LeaveGroupResponse),
    OffsetCommit(OffsetCommitResponse),
    OffsetFetch(OffsetFetchResponseGroup),
    OffsetDelete(OffsetDeleteResponse),
    Delete(DeleteGroupsResponse),
}

/// What is left to do when the records of a step are committed, or refused.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupAfter {
    /// Only now the answer leaves.
    Answer(crate::step::RequestId, GroupAnswer),
    Classic(After),
}

/// What a client is told when the log refuses (Kafka: `appendGroupMetadataErrorToResponseError`).
pub fn answer_of_append_error(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::UnknownTopicOrPartition | ErrorCode::NotEnoughReplicas | ErrorCode::RequestTimedOut => {
            ErrorCode::CoordinatorNotAvailable
        }
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        ErrorCode::MessageTooLarge | ErrorCode::RecordListTooLarge | ErrorCode::InvalidFetchSize => {
            ErrorCode::UnknownServerError
        }
        other => other,
    }
}

impl GroupAnswer {
    /// The same answer with an error instead of what it said.
    pub fn refused(self, error: ErrorCode) -> GroupAnswer {
        let error_code = error.code();
        match self {
            GroupAnswer::Join(answer) => GroupAnswer::Join(JoinGroupResponse {
                error_code,
                member_id: answer.member_id,
                ..Default::default()
            }),
            GroupAnswer::Sync(_) => GroupAnswer::Sync(SyncGroupResponse { error_code, ..Default::default() }),
            GroupAnswer::Heartbeat(_) => {
                GroupAnswer::Heartbeat(HeartbeatResponse { error_code, ..Default::default() })
            }
            GroupAnswer::Leave(_) => {
                GroupAnswer::Leave(LeaveGroupResponse { error_code, ..Default::default() })
            }
            GroupAnswer::OffsetCommit(mut answer) => {
                let partitions = answer.topics.iter_mut().flat_map(|topic| &mut topic.partitions);
                partitions.for_each(|partition| partition.error_code = error_code);
                GroupAnswer::OffsetCommit(answer)
            }
            GroupAnswer::OffsetFetch(answer) => {
                // Consumers before 3.9 only look for another coordinator when they are told this.
                let is_elsewhere = error == ErrorCode::CoordinatorNotAvailable;
                let error_code = if is_elsewhere { ErrorCode::NotCoordinator.code() } else { error_code };
                let group_id = answer.group_id;
                GroupAnswer::OffsetFetch(OffsetFetchResponseGroup {
                    group_id,
                    error_code,
                    topics: Vec::new(),
                })
            }
            GroupAnswer::OffsetDelete(_) => {
                GroupAnswer::OffsetDelete(OffsetDeleteResponse { error_code, ..Default::default() })
            }
            GroupAnswer::Delete(mut answer) => {
                answer.results.iter_mut().for_each(|result| result.error_code = error_code);
                GroupAnswer::Delete(answer)
            }
        }
    }
}
