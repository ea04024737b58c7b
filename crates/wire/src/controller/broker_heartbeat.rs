//! BrokerHeartbeat (key 63): a broker is alive, and learns whether it is fenced or may stop. v1 reports
//! failed directories, v2 cordoned ones.

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 63, versions = "0-2", flexible = "0+", listeners = "controller")]
pub struct BrokerHeartbeatRequest {
    pub broker_id: i32,
    #[kafka(default = -1)]
    pub broker_epoch: i64,
    pub current_metadata_offset: i64,
    pub want_fence: bool,
    pub want_shut_down: bool,
    #[kafka(tag = 0, tagged = "1+")]
    pub offline_log_dirs: Vec<Uuid>,
    #[kafka(nullable = "2+", default = null, tag = 1, tagged = "2+")]
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 63, versions = "0-2", flexible = "0+")]
pub struct BrokerHeartbeatResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub is_caught_up: bool,
    #[kafka(default = true)]
    pub is_fenced: bool,
    pub should_shut_down: bool,
}
