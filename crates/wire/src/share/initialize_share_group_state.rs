//! InitializeShareGroupState (key 83): a group coordinator has the state of share partitions set up.

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 83, versions = "0", flexible = "0+", listeners = "broker")]
pub struct InitializeShareGroupStateRequest {
    pub group_id: String,
    pub topics: Vec<InitializeStateData>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct InitializeStateData {
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionData>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct PartitionData {
    pub partition: i32,
    pub state_epoch: i32,
    pub start_offset: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 83, versions = "0", flexible = "0+")]
pub struct InitializeShareGroupStateResponse {
    pub results: Vec<InitializeStateResult>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct InitializeStateResult {
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionResult>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct PartitionResult {
    pub partition: i32,
    pub error_code: i16,
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<String>,
}
