//! OffsetFetch (key 9): stored positions of groups. v8 asks for several groups, v9 checks the member,
//! v10 knows topics by id only.

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 9, versions = "1-10", flexible = "6+", listeners = "broker")]
pub struct OffsetFetchRequest {
    #[kafka(versions = "0-7")]
    pub group_id: String,
    #[kafka(versions = "0-7", nullable = "2-7")]
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    #[kafka(versions = "8+")]
    pub groups: Vec<OffsetFetchRequestGroup>,
    #[kafka(versions = "7+")]
    pub require_stable: bool,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetFetchRequestTopic {
    #[kafka(versions = "0-7")]
    pub name: String,
    #[kafka(versions = "0-7")]
    pub partition_indexes: Vec<i32>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetFetchRequestGroup {
    #[kafka(versions = "8+")]
    pub group_id: String,
    #[kafka(versions = "9+", nullable = "9+", default = null, ignorable)]
    pub member_id: Option<String>,
    #[kafka(versions = "9+", default = -1, ignorable)]
    pub member_epoch: i32,
    #[kafka(versions = "8+", nullable = "8+")]
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetFetchRequestTopics {
    #[kafka(versions = "8-9", ignorable)]
    pub name: String,
    #[kafka(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    #[kafka(versions = "8+")]
    pub partition_indexes: Vec<i32>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 9, versions = "1-10", flexible = "6+")]
pub struct OffsetFetchResponse {
    #[kafka(versions = "3+", ignorable)]
    pub throttle_time_ms: i32,
    #[kafka(versions = "0-7")]
    pub topics: Vec<OffsetFetchResponseTopic>,
    #[kafka(versions = "2-7", ignorable)]
    pub error_code: i16,
    #[kafka(versions = "8+")]
    pub groups: Vec<OffsetFetchResponseGroup>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetFetchResponseTopic {
    #[kafka(versions = "0-7")]
    pub name: String,
    #[kafka(versions = "0-7")]
    pub partitions: Vec<OffsetFetchResponsePartition>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetFetchResponsePartition {
    #[kafka(versions = "0-7")]
    pub partition_index: i32,
    #[kafka(versions = "0-7")]
    pub committed_offset: i64,
    #[kafka(versions = "5-7", default = -1, ignorable)]
    pub committed_leader_epoch: i32,
    #[kafka(versions = "0-7", nullable = "0-7")]
    pub metadata: Option<String>,
    #[kafka(versions = "0-7")]
    pub error_code: i16,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetFetchResponseGroup {
    #[kafka(versions = "8+")]
    pub group_id: String,
    #[kafka(versions = "8+")]
    pub topics: Vec<OffsetFetchResponseTopics>,
    #[kafka(versions = "8+")]
    pub error_code: i16,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetFetchResponseTopics {
    #[kafka(versions = "8-9", ignorable)]
    pub name: String,
    #[kafka(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    #[kafka(versions = "8+")]
    pub partitions: Vec<OffsetFetchResponsePartitions>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct OffsetFetchResponsePartitions {
    #[kafka(versions = "8+")]
    pub partition_index: i32,
    #[kafka(versions = "8+")]
    pub committed_offset: i64,
    #[kafka(versions = "8+", default = -1, ignorable)]
    pub committed_leader_epoch: i32,
    #[kafka(versions = "8+", nullable = "8+")]
    pub metadata: Option<String>,
    #[kafka(versions = "8+")]
    pub error_code: i16,
}
