//! AddPartitionsToTxn (key 24): adds partitions to a transaction. v4 is for brokers: several
//! transactions at once, or only the question whether a partition is in one.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 24, versions = "0-5", flexible = "3+", listeners = "broker")]
pub struct AddPartitionsToTxnRequest {
    #[kafka(versions = "4+")]
    pub transactions: Vec<AddPartitionsToTxnTransaction>,
    #[kafka(versions = "0-3")]
    pub v3_and_below_transactional_id: String,
    #[kafka(versions = "0-3")]
    pub v3_and_below_producer_id: i64,
    #[kafka(versions = "0-3")]
    pub v3_and_below_producer_epoch: i16,
    #[kafka(versions = "0-3")]
    pub v3_and_below_topics: Vec<AddPartitionsToTxnTopic>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct AddPartitionsToTxnTransaction {
    #[kafka(versions = "4+", key)]
    pub transactional_id: String,
    #[kafka(versions = "4+")]
    pub producer_id: i64,
    #[kafka(versions = "4+")]
    pub producer_epoch: i16,
    #[kafka(versions = "4+")]
    pub verify_only: bool,
    #[kafka(versions = "4+")]
    pub topics: Vec<AddPartitionsToTxnTopic>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct AddPartitionsToTxnTopic {
    #[kafka(key)]
    pub name: String,
    pub partitions: Vec<i32>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 24, versions = "0-5", flexible = "3+")]
pub struct AddPartitionsToTxnResponse {
    pub throttle_time_ms: i32,
    #[kafka(versions = "4+", ignorable)]
    pub error_code: i16,
    #[kafka(versions = "4+")]
    pub results_by_transaction: Vec<AddPartitionsToTxnResult>,
    #[kafka(versions = "0-3")]
    pub results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct AddPartitionsToTxnResult {
    #[kafka(versions = "4+", key)]
    pub transactional_id: String,
    #[kafka(versions = "4+")]
    pub topic_results: Vec<AddPartitionsToTxnTopicResult>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct AddPartitionsToTxnTopicResult {
    #[kafka(key)]
    pub name: String,
    pub results_by_partition: Vec<AddPartitionsToTxnPartitionResult>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct AddPartitionsToTxnPartitionResult {
    #[kafka(key)]
    pub partition_index: i32,
    pub partition_error_code: i16,
}
