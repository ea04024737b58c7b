//! CreateDelegationToken (key 38): a token that stands for a principal (KIP-48), from v3 for somebody
//! else's.

use bytes::Bytes;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 38, versions = "1-3", flexible = "2+", listeners = "broker, controller")]
pub struct CreateDelegationTokenRequest {
    #[kafka(versions = "3+", nullable = "3+")]
    pub owner_principal_type: Option<String>,
    #[kafka(versions = "3+", nullable = "3+")]
    pub owner_principal_name: Option<String>,
    pub renewers: Vec<CreatableRenewers>,
    pub max_lifetime_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct CreatableRenewers {
    pub principal_type: String,
    pub principal_name: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 38, versions = "1-3", flexible = "2+")]
pub struct CreateDelegationTokenResponse {
    pub error_code: i16,
    pub principal_type: String,
    pub principal_name: String,
    #[kafka(versions = "3+")]
    pub token_requester_principal_type: String,
    #[kafka(versions = "3+")]
    pub token_requester_principal_name: String,
    pub issue_timestamp_ms: i64,
    pub expiry_timestamp_ms: i64,
    pub max_timestamp_ms: i64,
    pub token_id: String,
    pub hmac: Bytes,
    pub throttle_time_ms: i32,
}
