//! AllocateProducerIds (key 67): a broker takes a block of producer ids from the controller.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 67, versions = "0", flexible = "0+", listeners = "controller")]
pub struct AllocateProducerIdsRequest {
    pub broker_id: i32,
    #[kafka(default = -1)]
    pub broker_epoch: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 67, versions = "0", flexible = "0+")]
pub struct AllocateProducerIdsResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub producer_id_start: i64,
    pub producer_id_len: i32,
}
