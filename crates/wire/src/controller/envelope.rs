//! Envelope (key 58): a client's request, forwarded by a broker in the client's name (KIP-590).

use bytes::Bytes;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 58, versions = "0", flexible = "0+", listeners = "controller")]
pub struct EnvelopeRequest {
    pub request_data: Bytes,
    #[kafka(nullable = "0+")]
    pub request_principal: Option<Bytes>,
    pub client_host_address: Bytes,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 58, versions = "0", flexible = "0+")]
pub struct EnvelopeResponse {
    #[kafka(nullable = "0+", default = null)]
    pub response_data: Option<Bytes>,
    pub error_code: i16,
}
