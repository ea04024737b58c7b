//! ListTransactions (key 66): transactions of one coordinator, filtered by state, producer, age (v1)
//! and name (v2).

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 66, versions = "0-2", flexible = "0+", listeners = "broker")]
pub struct ListTransactionsRequest {
    pub state_filters: Vec<String>,
    pub producer_id_filters: Vec<i64>,
    #[kafka(versions = "1+", default = -1)]
    pub duration_filter: i64,
    #[kafka(versions = "2+", nullable = "2+", default = null)]
    pub transactional_id_pattern: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 66, versions = "0-2", flexible = "0+")]
pub struct ListTransactionsResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub unknown_state_filters: Vec<String>,
    pub transaction_states: Vec<TransactionState>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TransactionState {
    pub transactional_id: String,
    pub producer_id: i64,
    pub transaction_state: String,
}
