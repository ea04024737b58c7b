//! Fetch (key 1): record batches from partitions, for consumers, followers and voters.
//!
//! v7 has sessions (KIP-227), v9 fences by leader epoch, v12 finds where logs part (KIP-595), v13 knows
//! topics by id only, v15 moves the replica's id into a tag, v16 names the leader's endpoint, v17
//! carries the replica's directory, v18 its high watermark.

use klamm_base::Uuid;
use klamm_base::codec::Records;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 1, versions = "4-18", flexible = "12+", listeners = "broker, controller")]
pub struct FetchRequest {
    #[kafka(nullable = "12+", default = null, tag = 0, tagged = "12+", ignorable)]
    pub cluster_id: Option<String>,
    #[kafka(versions = "0-14", default = -1)]
    pub replica_id: i32,
    #[kafka(tag = 1, tagged = "15+")]
    pub replica_state: ReplicaState,
    pub max_wait_ms: i32,
    pub min_bytes: i32,
    #[kafka(versions = "3+", default = i32::MAX, ignorable)]
    pub max_bytes: i32,
    /// 0 up to the high watermark, 1 only what is committed.
    #[kafka(versions = "4+", ignorable)]
    pub isolation_level: i8,
    #[kafka(versions = "7+", ignorable)]
    pub session_id: i32,
    /// 0 opens a session, then it counts up; -1 closes one, or does without.
    #[kafka(versions = "7+", default = -1, ignorable)]
    pub session_epoch: i32,
    pub topics: Vec<FetchTopic>,
    #[kafka(versions = "7+")]
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    #[kafka(versions = "11+", ignorable)]
    pub rack_id: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct ReplicaState {
    #[kafka(versions = "15+", default = -1)]
    pub replica_id: i32,
    #[kafka(versions = "15+", default = -1)]
    pub replica_epoch: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct FetchTopic {
    #[kafka(versions = "0-12", ignorable)]
    pub topic: String,
    #[kafka(versions = "13+", ignorable)]
    pub topic_id: Uuid,
    pub partitions: Vec<FetchPartition>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct FetchPartition {
    pub partition: i32,
    /// -1 when the sender does not know it.
    #[kafka(versions = "9+", default = -1, ignorable)]
    pub current_leader_epoch: i32,
    pub fetch_offset: i64,
    #[kafka(versions = "12+", default = -1)]
    pub last_fetched_epoch: i32,
    /// The follower's own; -1 from consumers.
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub log_start_offset: i64,
    pub partition_max_bytes: i32,
    #[kafka(tag = 0, tagged = "17+", ignorable)]
    pub replica_directory_id: Uuid,
    #[kafka(default = i64::MAX, tag = 1, tagged = "18+", ignorable)]
    pub high_watermark: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct ForgottenTopic {
    #[kafka(versions = "7-12", ignorable)]
    pub topic: String,
    #[kafka(versions = "13+", ignorable)]
    pub topic_id: Uuid,
    #[kafka(versions = "7+")]
    pub partitions: Vec<i32>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 1, versions = "4-18", flexible = "12+")]
pub struct FetchResponse {
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    #[kafka(versions = "7+", ignorable)]
    pub error_code: i16,
    #[kafka(versions = "7+")]
    pub session_id: i32,
    pub responses: Vec<FetchableTopicResponse>,
    #[kafka(tag = 0, tagged = "16+")]
    pub node_endpoints: Vec<NodeEndpoint>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct FetchableTopicResponse {
    #[kafka(versions = "0-12", ignorable)]
    pub topic: String,
    #[kafka(versions = "13+", ignorable)]
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionData>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct PartitionData {
    pub partition_index: i32,
    pub error_code: i16,
    pub high_watermark: i64,
    #[kafka(versions = "4+", default = -1, ignorable)]
    pub last_stable_offset: i64,
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub log_start_offset: i64,
    #[kafka(tag = 0, tagged = "12+")]
    pub diverging_epoch: EpochEndOffset,
    #[kafka(tag = 1, tagged = "12+")]
    pub current_leader: LeaderIdAndEpoch,
    #[kafka(tag = 2, tagged = "12+")]
    pub snapshot_id: SnapshotId,
    /// Null unless only committed records were asked for.
    #[kafka(versions = "4+", nullable = "4+", ignorable)]
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    #[kafka(versions = "11+", default = -1)]
    pub preferred_read_replica: i32,
    #[kafka(nullable = "0+")]
    pub records: Records,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct EpochEndOffset {
    #[kafka(versions = "12+", default = -1)]
    pub epoch: i32,
    #[kafka(versions = "12+", default = -1)]
    pub end_offset: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct LeaderIdAndEpoch {
    #[kafka(versions = "12+", default = -1)]
    pub leader_id: i32,
    #[kafka(versions = "12+", default = -1)]
    pub leader_epoch: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct SnapshotId {
    #[kafka(default = -1)]
    pub end_offset: i64,
    #[kafka(default = -1)]
    pub epoch: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct AbortedTransaction {
    #[kafka(versions = "4+")]
    pub producer_id: i64,
    #[kafka(versions = "4+")]
    pub first_offset: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct NodeEndpoint {
    #[kafka(versions = "16+", key)]
    pub node_id: i32,
    #[kafka(versions = "16+")]
    pub host: String,
    #[kafka(versions = "16+")]
    pub port: i32,
    #[kafka(versions = "16+", nullable = "16+", default = null)]
    pub rack: Option<String>,
}
