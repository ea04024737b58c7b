//! InitProducerId (key 22): a producer id and epoch; with a transactional id it also ends what an older
//! instance left open.
//!
//! v6 prepares for two-phase commit (KIP-939) and is not stable yet.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 22, versions = "0-6", flexible = "2+", listeners = "broker", latest_version_unstable)]
pub struct InitProducerIdRequest {
    #[kafka(nullable = "0+")]
    pub transactional_id: Option<String>,
    pub transaction_timeout_ms: i32,
    #[kafka(versions = "3+", default = -1)]
    pub producer_id: i64,
    #[kafka(versions = "3+", default = -1)]
    pub producer_epoch: i16,
    #[kafka(versions = "6+")]
    pub enable2_pc: bool,
    #[kafka(versions = "6+")]
    pub keep_prepared_txn: bool,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 22, versions = "0-6", flexible = "2+")]
pub struct InitProducerIdResponse {
    #[kafka(ignorable)]
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(default = -1)]
    pub producer_id: i64,
    pub producer_epoch: i16,
    #[kafka(versions = "6+", default = -1)]
    pub ongoing_txn_producer_id: i64,
    #[kafka(versions = "6+", default = -1)]
    pub ongoing_txn_producer_epoch: i16,
}
