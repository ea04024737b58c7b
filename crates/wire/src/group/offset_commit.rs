//! OffsetCommit (key 8): stores positions of a group. v9 checks members of the new protocol, v10 knows
//! topics by id only.

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 8, versions = "2-10", flexible = "8+", listeners = "broker")]
pub struct OffsetCommitRequest {
    pub group_id: String,
    #[kafka(versions = "1+", default = -1, ignorable)]
    pub generation_id_or_member_epoch: i32,
    #[kafka(versions = "1+", ignorable)]
    pub member_id: String,
    #[kafka(versions = "7+", nullable = "7+", default = null)]
    pub group_instance_id: Option<String>,
    #[kafka(versions = "2-4", default = -1, ignorable)]
    pub retention_time_ms: i64,
    pub topics: Vec<OffsetCommitRequestTopic>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetCommitRequestTopic {
    #[kafka(versions = "0-9", ignorable)]
    pub name: String,
    #[kafka(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetCommitRequestPartition>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetCommitRequestPartition {
    pub partition_index: i32,
    pub committed_offset: i64,
    #[kafka(versions = "6+", default = -1, ignorable)]
    pub committed_leader_epoch: i32,
    #[kafka(nullable = "0+")]
    pub committed_metadata: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 8, versions = "2-10", flexible = "8+")]
pub struct OffsetCommitResponse {
    #[kafka(versions = "3+", ignorable)]
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetCommitResponseTopic>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetCommitResponseTopic {
    #[kafka(versions = "0-9", ignorable)]
    pub name: String,
    #[kafka(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetCommitResponsePartition>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetCommitResponsePartition {
    pub partition_index: i32,
    pub error_code: i16,
}
