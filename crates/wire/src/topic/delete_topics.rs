//! DeleteTopics (key 20): topics that go, by name, from v6 also by id.

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 20, versions = "1-6", flexible = "4+", listeners = "broker, controller")]
pub struct DeleteTopicsRequest {
    #[kafka(versions = "6+")]
    pub topics: Vec<DeleteTopicState>,
    #[kafka(versions = "0-5", ignorable)]
    pub topic_names: Vec<String>,
    pub timeout_ms: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct DeleteTopicState {
    #[kafka(versions = "6+", nullable = "6+", default = null)]
    pub name: Option<String>,
    #[kafka(versions = "6+")]
    pub topic_id: Uuid,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 20, versions = "1-6", flexible = "4+")]
pub struct DeleteTopicsResponse {
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    pub responses: Vec<DeletableTopicResult>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct DeletableTopicResult {
    #[kafka(nullable = "6+", key)]
    pub name: Option<String>,
    #[kafka(versions = "6+", ignorable)]
    pub topic_id: Uuid,
    pub error_code: i16,
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub error_message: Option<String>,
}
