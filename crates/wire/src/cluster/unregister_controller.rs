//! UnregisterController (key 94): forgets a controller that will not come back (KIP-1312).

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 94, versions = "0", flexible = "0+", listeners = "broker, controller")]
pub struct UnregisterControllerRequest {
    pub controller_id: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 94, versions = "0", flexible = "0+")]
pub struct UnregisterControllerResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(nullable = "0+")]
    pub error_message: Option<String>,
}
