//! Records of `__transaction_state`, one per transactional id, and the marker that ends a transaction
//! in a partition.
//!
//! v1 of the value is flexible and remembers the ids before and after an epoch change (KIP-890).

use klamm_base::codec::MessageType;
use klamm_wire_derive::Message;

/// Every record type of the transaction coordinator, and the end marker.
pub fn registry() -> &'static [MessageType] {
    static MESSAGES: &[MessageType] = &[
        MessageType::of::<TransactionLogKey>(),
        MessageType::of::<TransactionLogValue>(),
        MessageType::of::<EndTxnMarker>(),
    ];
    MESSAGES
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_key = 0, versions = "0", flexible = "none")]
pub struct TransactionLogKey {
    #[kafka(versions = "0")]
    pub transactional_id: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_value = 0, versions = "0-1", flexible = "1+")]
pub struct TransactionLogValue {
    pub producer_id: i64,
    #[kafka(default = -1, tag = 0, tagged = "1+")]
    pub previous_producer_id: i64,
    #[kafka(default = -1, tag = 1, tagged = "1+")]
    pub next_producer_id: i64,
    pub producer_epoch: i16,
    #[kafka(default = -1, tag = 3, tagged = "1+")]
    pub next_producer_epoch: i16,
    pub transaction_timeout_ms: i32,
    /// 0 empty, 1 ongoing, 2 prepare commit, 3 prepare abort, 4 complete commit, 5 complete abort, 6 dead,
    /// 7 prepare epoch fence.
    pub transaction_status: i8,
    #[kafka(nullable = "0+")]
    pub transaction_partitions: Option<Vec<PartitionsSchema>>,
    pub transaction_last_update_timestamp_ms: i64,
    pub transaction_start_timestamp_ms: i64,
    #[kafka(tag = 2, tagged = "1+")]
    pub client_transaction_version: i16,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct PartitionsSchema {
    pub topic: String,
    pub partition_ids: Vec<i32>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(data, versions = "0", flexible = "none")]
pub struct EndTxnMarker {
    pub coordinator_epoch: i32,
}
