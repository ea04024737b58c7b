//! CreateTopics (key 19): new topics. v4 takes the defaults of the cluster for -1, v5 answers with the
//! settings, v7 with the topic id.

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 19, versions = "2-7", flexible = "5+", listeners = "broker, controller")]
pub struct CreateTopicsRequest {
    pub topics: Vec<CreatableTopic>,
    #[kafka(name = "timeoutMs", default = 60000)]
    pub timeout_ms: i32,
    #[kafka(name = "validateOnly", versions = "1+")]
    pub validate_only: bool,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct CreatableTopic {
    #[kafka(key)]
    pub name: String,
    pub num_partitions: i32,
    pub replication_factor: i16,
    pub assignments: Vec<CreatableReplicaAssignment>,
    pub configs: Vec<CreatableTopicConfig>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct CreatableReplicaAssignment {
    #[kafka(key)]
    pub partition_index: i32,
    pub broker_ids: Vec<i32>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct CreatableTopicConfig {
    #[kafka(key)]
    pub name: String,
    #[kafka(nullable = "0+")]
    pub value: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 19, versions = "2-7", flexible = "5+")]
pub struct CreateTopicsResponse {
    #[kafka(versions = "2+", ignorable)]
    pub throttle_time_ms: i32,
    pub topics: Vec<CreatableTopicResult>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct CreatableTopicResult {
    #[kafka(key)]
    pub name: String,
    #[kafka(versions = "7+", ignorable)]
    pub topic_id: Uuid,
    pub error_code: i16,
    #[kafka(versions = "1+", nullable = "0+", ignorable)]
    pub error_message: Option<String>,
    #[kafka(tag = 0, tagged = "5+", ignorable)]
    pub topic_config_error_code: i16,
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub num_partitions: i32,
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub replication_factor: i16,
    #[kafka(versions = "5+", nullable = "5+", ignorable)]
    pub configs: Option<Vec<CreatableTopicConfigs>>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct CreatableTopicConfigs {
    #[kafka(versions = "5+")]
    pub name: String,
    #[kafka(versions = "5+", nullable = "5+")]
    pub value: Option<String>,
    #[kafka(versions = "5+")]
    pub read_only: bool,
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub config_source: i8,
    #[kafka(versions = "5+")]
    pub is_sensitive: bool,
}
