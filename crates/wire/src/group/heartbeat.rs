//! Heartbeat (key 12): a classic member is alive, and learns whether the group rebalances.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 12, versions = "0-4", flexible = "4+", listeners = "broker")]
pub struct HeartbeatRequest {
    pub group_id: String,
    pub generation_id: i32,
    pub member_id: String,
    #[kafka(versions = "3+", nullable = "3+", default = null)]
    pub group_instance_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 12, versions = "0-4", flexible = "4+")]
pub struct HeartbeatResponse {
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    pub error_code: i16,
}
