//! EndTxn (key 26): commits or aborts. From v5 the answer carries the epoch of the next transaction
//! (KIP-890).

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 26, versions = "0-5", flexible = "3+", listeners = "broker")]
pub struct EndTxnRequest {
    pub transactional_id: String,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub committed: bool,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 26, versions = "0-5", flexible = "3+")]
pub struct EndTxnResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub producer_id: i64,
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub producer_epoch: i16,
}
