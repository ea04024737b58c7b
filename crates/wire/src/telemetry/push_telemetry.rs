//! PushTelemetry (key 72): metrics of a client, in OpenTelemetry form, possibly compressed.

use bytes::Bytes;
use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 72, versions = "0", flexible = "0+", listeners = "broker")]
pub struct PushTelemetryRequest {
    pub client_instance_id: Uuid,
    pub subscription_id: i32,
    pub terminating: bool,
    pub compression_type: i8,
    pub metrics: Bytes,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 72, versions = "0", flexible = "0+")]
pub struct PushTelemetryResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
}
