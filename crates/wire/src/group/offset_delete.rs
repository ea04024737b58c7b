//! OffsetDelete (key 47): removes stored positions of topics that a group no longer reads (KIP-496).

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 47, versions = "0", flexible = "none", listeners = "broker")]
pub struct OffsetDeleteRequest {
    pub group_id: String,
    pub topics: Vec<OffsetDeleteRequestTopic>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetDeleteRequestTopic {
    #[kafka(key)]
    pub name: String,
    pub partitions: Vec<OffsetDeleteRequestPartition>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetDeleteRequestPartition {
    pub partition_index: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 47, versions = "0", flexible = "none")]
pub struct OffsetDeleteResponse {
    pub error_code: i16,
    #[kafka(ignorable)]
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetDeleteResponseTopic>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetDeleteResponseTopic {
    #[kafka(key)]
    pub name: String,
    pub partitions: Vec<OffsetDeleteResponsePartition>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetDeleteResponsePartition {
    #[kafka(key)]
    pub partition_index: i32,
    pub error_code: i16,
}
