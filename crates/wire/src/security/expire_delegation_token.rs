//! ExpireDelegationToken (key 40): makes a token end, at once or at a given time.

use bytes::Bytes;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 40, versions = "1-2", flexible = "2+", listeners = "broker, controller")]
pub struct ExpireDelegationTokenRequest {
    pub hmac: Bytes,
    pub expiry_time_period_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 40, versions = "1-2", flexible = "2+")]
pub struct ExpireDelegationTokenResponse {
    pub error_code: i16,
    pub expiry_timestamp_ms: i64,
    pub throttle_time_ms: i32,
}
