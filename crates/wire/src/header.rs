//! What stands before every request and response on a connection.
//!
//! Request header v2 and response header v1 belong to flexible versions; ApiVersions is answered with
//! header v0 in all of them. The client id stays in the old form even in v2.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(header, versions = "1-2", flexible = "2+")]
pub struct RequestHeader {
    pub request_api_key: i16,
    pub request_api_version: i16,
    pub correlation_id: i32,
    #[kafka(versions = "1+", nullable = "1+", flexible = "none")]
    pub client_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(header, versions = "0-1", flexible = "1+")]
pub struct ResponseHeader {
    pub correlation_id: i32,
}
