//! OffsetForLeaderEpoch (key 23): where a leader epoch ended, so that a log or a position can be cut
//! back to it (KIP-101, KIP-320).

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 23, versions = "2-4", flexible = "4+", listeners = "broker")]
pub struct OffsetForLeaderEpochRequest {
    #[kafka(versions = "3+", default = -2, ignorable)]
    pub replica_id: i32,
    pub topics: Vec<OffsetForLeaderTopic>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetForLeaderTopic {
    #[kafka(key)]
    pub topic: String,
    pub partitions: Vec<OffsetForLeaderPartition>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetForLeaderPartition {
    pub partition: i32,
    #[kafka(versions = "2+", default = -1, ignorable)]
    pub current_leader_epoch: i32,
    pub leader_epoch: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 23, versions = "2-4", flexible = "4+")]
pub struct OffsetForLeaderEpochResponse {
    #[kafka(versions = "2+", ignorable)]
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetForLeaderTopicResult>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetForLeaderTopicResult {
    #[kafka(key)]
    pub topic: String,
    pub partitions: Vec<EpochEndOffset>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct EpochEndOffset {
    pub error_code: i16,
    pub partition: i32,
    #[kafka(versions = "1+", default = -1, ignorable)]
    pub leader_epoch: i32,
    #[kafka(default = -1)]
    pub end_offset: i64,
}
