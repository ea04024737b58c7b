//! Stored positions of groups in `__consumer_offsets`.
//!
//! Key 0 is the form of very old brokers, key 1 the present one; both are read, only key 1 is written.

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_key = 0, versions = "0", flexible = "none")]
pub struct LegacyOffsetCommitKey {
    #[kafka(name = "group", versions = "0")]
    pub group: String,
    #[kafka(name = "topic", versions = "0")]
    pub topic: String,
    #[kafka(name = "partition", versions = "0")]
    pub partition: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_value = 0, versions = "0", flexible = "none")]
pub struct LegacyOffsetCommitValue {
    #[kafka(name = "offset", versions = "0")]
    pub offset: i64,
    #[kafka(name = "metadata", versions = "0")]
    pub metadata: String,
    #[kafka(name = "commitTimestamp", versions = "0")]
    pub commit_timestamp: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_key = 1, versions = "0", flexible = "none")]
pub struct OffsetCommitKey {
    #[kafka(name = "group", versions = "0")]
    pub group: String,
    #[kafka(name = "topic", versions = "0")]
    pub topic: String,
    #[kafka(name = "partition", versions = "0")]
    pub partition: i32,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_value = 1, versions = "0-4", flexible = "4+")]
pub struct OffsetCommitValue {
    #[kafka(name = "offset")]
    pub offset: i64,
    #[kafka(name = "leaderEpoch", versions = "3+", default = -1, ignorable)]
    pub leader_epoch: i32,
    #[kafka(name = "metadata")]
    pub metadata: String,
    #[kafka(name = "commitTimestamp")]
    pub commit_timestamp: i64,
    #[kafka(name = "expireTimestamp", versions = "1", default = -1, ignorable)]
    pub expire_timestamp: i64,
    #[kafka(name = "topicId", tag = 0, tagged = "4+", ignorable)]
    pub topic_id: Uuid,
}
