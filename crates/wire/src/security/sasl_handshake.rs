//! SaslHandshake (key 17): chooses a SASL mechanism; never flexible. After v0 bare tokens follow, after
//! v1 SaslAuthenticate.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 17, versions = "0-1", flexible = "none", listeners = "broker, controller")]
pub struct SaslHandshakeRequest {
    pub mechanism: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 17, versions = "0-1", flexible = "none")]
pub struct SaslHandshakeResponse {
    pub error_code: i16,
    pub mechanisms: Vec<String>,
}
