//! JoinGroup (key 11): enters a classic group, or its next generation. From v4 a new member gets its id
//! first and joins with it.

use bytes::Bytes;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 11, versions = "0-9", flexible = "6+", listeners = "broker")]
pub struct JoinGroupRequest {
    pub group_id: String,
    pub session_timeout_ms: i32,
    #[kafka(versions = "1+", default = -1, ignorable)]
    pub rebalance_timeout_ms: i32,
    pub member_id: String,
    #[kafka(versions = "5+", nullable = "5+", default = null)]
    pub group_instance_id: Option<String>,
    pub protocol_type: String,
    pub protocols: Vec<JoinGroupRequestProtocol>,
    #[kafka(versions = "8+", nullable = "8+", default = null, ignorable)]
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct JoinGroupRequestProtocol {
    #[kafka(key)]
    pub name: String,
    pub metadata: Bytes,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 11, versions = "0-9", flexible = "6+")]
pub struct JoinGroupResponse {
    #[kafka(versions = "2+", ignorable)]
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(default = -1)]
    pub generation_id: i32,
    #[kafka(versions = "7+", nullable = "7+", default = null, ignorable)]
    pub protocol_type: Option<String>,
    #[kafka(nullable = "7+")]
    pub protocol_name: Option<String>,
    pub leader: String,
    #[kafka(versions = "9+")]
    pub skip_assignment: bool,
    pub member_id: String,
    pub members: Vec<JoinGroupResponseMember>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct JoinGroupResponseMember {
    pub member_id: String,
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub group_instance_id: Option<String>,
    pub metadata: Bytes,
}
