//! UnregisterBroker (key 64): forgets a broker that will not come back.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 64, versions = "0", flexible = "0+", listeners = "broker, controller")]
pub struct UnregisterBrokerRequest {
    pub broker_id: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 64, versions = "0", flexible = "0+")]
pub struct UnregisterBrokerResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(nullable = "0+")]
    pub error_message: Option<String>,
}
