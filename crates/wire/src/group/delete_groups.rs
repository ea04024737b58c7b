//! DeleteGroups (key 42): removes empty groups with their offsets.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 42, versions = "0-3", flexible = "2+", listeners = "broker")]
pub struct DeleteGroupsRequest {
    pub groups_names: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 42, versions = "0-3", flexible = "2+")]
pub struct DeleteGroupsResponse {
    pub throttle_time_ms: i32,
    pub results: Vec<DeletableGroupResult>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct DeletableGroupResult {
    #[kafka(key)]
    pub group_id: String,
    pub error_code: i16,
    #[kafka(versions = "3+", nullable = "3+", default = null, ignorable)]
    pub error_message: Option<String>,
}
