//! SyncGroup (key 14): the leader hands in the assignment, every member takes its part out.

use bytes::Bytes;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 14, versions = "0-5", flexible = "4+", listeners = "broker")]
pub struct SyncGroupRequest {
    pub group_id: String,
    pub generation_id: i32,
    pub member_id: String,
    #[kafka(versions = "3+", nullable = "3+", default = null)]
    pub group_instance_id: Option<String>,
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub protocol_type: Option<String>,
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub protocol_name: Option<String>,
    pub assignments: Vec<SyncGroupRequestAssignment>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct SyncGroupRequestAssignment {
    pub member_id: String,
    pub assignment: Bytes,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 14, versions = "0-5", flexible = "4+")]
pub struct SyncGroupResponse {
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub protocol_type: Option<String>,
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub protocol_name: Option<String>,
    pub assignment: Bytes,
}
