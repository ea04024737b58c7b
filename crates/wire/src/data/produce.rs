//! Produce (key 0): record batches for partitions, one batch each.
//!
//! Versions before 3 exist no more. v8 reports single records, v10 tags the new leader (KIP-951), v12
//! lets a transaction grow by itself (KIP-890), v13 knows topics by id only (KIP-516).

use klamm_base::Uuid;
use klamm_base::codec::Records;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 0, versions = "3-13", flexible = "9+", listeners = "broker")]
pub struct ProduceRequest {
    #[kafka(versions = "3+", nullable = "3+", default = null)]
    pub transactional_id: Option<String>,
    /// -1 all in-sync replicas, 1 the leader alone, 0 nobody: then there is no answer.
    pub acks: i16,
    pub timeout_ms: i32,
    pub topic_data: Vec<TopicProduceData>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TopicProduceData {
    #[kafka(versions = "0-12", ignorable, key)]
    pub name: String,
    #[kafka(versions = "13+", ignorable, key)]
    pub topic_id: Uuid,
    pub partition_data: Vec<PartitionProduceData>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct PartitionProduceData {
    pub index: i32,
    #[kafka(nullable = "0+")]
    pub records: Records,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 0, versions = "3-13", flexible = "9+")]
pub struct ProduceResponse {
    pub responses: Vec<TopicProduceResponse>,
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    #[kafka(tag = 0, tagged = "10+")]
    pub node_endpoints: Vec<NodeEndpoint>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TopicProduceResponse {
    #[kafka(versions = "0-12", ignorable, key)]
    pub name: String,
    #[kafka(versions = "13+", ignorable, key)]
    pub topic_id: Uuid,
    pub partition_responses: Vec<PartitionProduceResponse>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct PartitionProduceResponse {
    pub index: i32,
    pub error_code: i16,
    pub base_offset: i64,
    /// -1 unless the topic gives records the time of their arrival.
    #[kafka(versions = "2+", default = -1, ignorable)]
    pub log_append_time_ms: i64,
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub log_start_offset: i64,
    #[kafka(versions = "8+", ignorable)]
    pub record_errors: Vec<BatchIndexAndErrorMessage>,
    #[kafka(versions = "8+", nullable = "8+", default = null, ignorable)]
    pub error_message: Option<String>,
    #[kafka(tag = 0, tagged = "10+")]
    pub current_leader: LeaderIdAndEpoch,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct BatchIndexAndErrorMessage {
    #[kafka(versions = "8+")]
    pub batch_index: i32,
    #[kafka(versions = "8+", nullable = "8+", default = null)]
    pub batch_index_error_message: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct LeaderIdAndEpoch {
    #[kafka(versions = "10+", default = -1)]
    pub leader_id: i32,
    #[kafka(versions = "10+", default = -1)]
    pub leader_epoch: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct NodeEndpoint {
    #[kafka(versions = "10+", key)]
    pub node_id: i32,
    #[kafka(versions = "10+")]
    pub host: String,
    #[kafka(versions = "10+")]
    pub port: i32,
    #[kafka(versions = "10+", nullable = "10+", default = null)]
    pub rack: Option<String>,
}
