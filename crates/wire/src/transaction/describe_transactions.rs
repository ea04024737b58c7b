//! DescribeTransactions (key 65): state of transactions by transactional id.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 65, versions = "0", flexible = "0+", listeners = "broker")]
pub struct DescribeTransactionsRequest {
    pub transactional_ids: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 65, versions = "0", flexible = "0+")]
pub struct DescribeTransactionsResponse {
    pub throttle_time_ms: i32,
    pub transaction_states: Vec<TransactionState>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TransactionState {
    pub error_code: i16,
    pub transactional_id: String,
    pub transaction_state: String,
    pub transaction_timeout_ms: i32,
    pub transaction_start_time_ms: i64,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub topics: Vec<TopicData>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TopicData {
    #[kafka(key)]
    pub topic: String,
    pub partitions: Vec<i32>,
}
