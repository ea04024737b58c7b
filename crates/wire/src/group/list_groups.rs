//! ListGroups (key 16): groups of one broker, filtered by state (v4) and type (v5).

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 16, versions = "0-5", flexible = "3+", listeners = "broker")]
pub struct ListGroupsRequest {
    #[kafka(versions = "4+")]
    pub states_filter: Vec<String>,
    #[kafka(versions = "5+")]
    pub types_filter: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 16, versions = "0-5", flexible = "3+")]
pub struct ListGroupsResponse {
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub groups: Vec<ListedGroup>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct ListedGroup {
    pub group_id: String,
    pub protocol_type: String,
    #[kafka(versions = "4+", ignorable)]
    pub group_state: String,
    #[kafka(versions = "5+", ignorable)]
    pub group_type: String,
}
