//! LeaveGroup (key 13): members go, from v3 several at once.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 13, versions = "0-5", flexible = "4+", listeners = "broker")]
pub struct LeaveGroupRequest {
    pub group_id: String,
    #[kafka(versions = "0-2")]
    pub member_id: String,
    #[kafka(versions = "3+")]
    pub members: Vec<MemberIdentity>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct MemberIdentity {
    #[kafka(versions = "3+")]
    pub member_id: String,
    #[kafka(versions = "3+", nullable = "3+", default = null)]
    pub group_instance_id: Option<String>,
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 13, versions = "0-5", flexible = "4+")]
pub struct LeaveGroupResponse {
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(versions = "3+")]
    pub members: Vec<MemberResponse>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct MemberResponse {
    #[kafka(versions = "3+")]
    pub member_id: String,
    #[kafka(versions = "3+", nullable = "3+")]
    pub group_instance_id: Option<String>,
    #[kafka(versions = "3+")]
    pub error_code: i16,
}
