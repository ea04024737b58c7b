//! SaslAuthenticate (key 36): one step of a SASL exchange. v1 says for how long the session is good
//! (KIP-368).

use bytes::Bytes;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 36, versions = "0-2", flexible = "2+", listeners = "broker, controller")]
pub struct SaslAuthenticateRequest {
    pub auth_bytes: Bytes,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 36, versions = "0-2", flexible = "2+")]
pub struct SaslAuthenticateResponse {
    pub error_code: i16,
    #[kafka(nullable = "0+")]
    pub error_message: Option<String>,
    pub auth_bytes: Bytes,
    #[kafka(versions = "1+", ignorable)]
    pub session_lifetime_ms: i64,
}
