//! RenewDelegationToken (key 39): makes a token last longer.

use bytes::Bytes;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 39, versions = "1-2", flexible = "2+", listeners = "broker, controller")]
pub struct RenewDelegationTokenRequest {
    pub hmac: Bytes,
    pub renew_period_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 39, versions = "1-2", flexible = "2+")]
pub struct RenewDelegationTokenResponse {
    pub error_code: i16,
    pub expiry_timestamp_ms: i64,
    pub throttle_time_ms: i32,
}
