//! Groups of the new consumer protocol (KIP-848): epoch, members, target and current assignments,
//! resolved regular expressions.
//!
//! Partition metadata is of older brokers; a hash in the group's record took its place.

use bytes::Bytes;
use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_key = 3, versions = "0", flexible = "none")]
pub struct ConsumerGroupMetadataKey {
    #[kafka(versions = "0")]
    pub group_id: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_value = 3, versions = "0", flexible = "0+")]
pub struct ConsumerGroupMetadataValue {
    pub epoch: i32,
    #[kafka(tag = 0, tagged = "0+")]
    pub metadata_hash: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_key = 4, versions = "0", flexible = "none")]
pub struct ConsumerGroupPartitionMetadataKey {
    #[kafka(versions = "0")]
    pub group_id: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_value = 4, versions = "0", flexible = "0+")]
pub struct ConsumerGroupPartitionMetadataValue {
    pub topics: Vec<TopicMetadata>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TopicMetadata {
    pub topic_id: Uuid,
    pub topic_name: String,
    pub num_partitions: i32,
    pub partition_metadata: Vec<PartitionMetadata>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct PartitionMetadata {
    pub partition: i32,
    pub racks: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_key = 5, versions = "0", flexible = "none")]
pub struct ConsumerGroupMemberMetadataKey {
    #[kafka(versions = "0")]
    pub group_id: String,
    #[kafka(versions = "0")]
    pub member_id: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_value = 5, versions = "0", flexible = "0+")]
pub struct ConsumerGroupMemberMetadataValue {
    #[kafka(nullable = "0+")]
    pub instance_id: Option<String>,
    #[kafka(nullable = "0+")]
    pub rack_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub subscribed_topic_names: Vec<String>,
    #[kafka(nullable = "0+")]
    pub subscribed_topic_regex: Option<String>,
    #[kafka(default = -1)]
    pub rebalance_timeout_ms: i32,
    #[kafka(nullable = "0+")]
    pub server_assignor: Option<String>,
    #[kafka(nullable = "0+", tag = 0, tagged = "0+")]
    pub classic_member_metadata: Option<ClassicMemberMetadata>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct ClassicMemberMetadata {
    pub session_timeout_ms: i32,
    pub supported_protocols: Vec<ClassicProtocol>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct ClassicProtocol {
    pub name: String,
    pub metadata: Bytes,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_key = 6, versions = "0", flexible = "none")]
pub struct ConsumerGroupTargetAssignmentMetadataKey {
    #[kafka(versions = "0")]
    pub group_id: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_value = 6, versions = "0", flexible = "0+")]
pub struct ConsumerGroupTargetAssignmentMetadataValue {
    pub assignment_epoch: i32,
    #[kafka(tag = 0, tagged = "0+", ignorable)]
    pub assignment_timestamp: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_key = 7, versions = "0", flexible = "none")]
pub struct ConsumerGroupTargetAssignmentMemberKey {
    #[kafka(versions = "0")]
    pub group_id: String,
    #[kafka(versions = "0")]
    pub member_id: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_value = 7, versions = "0", flexible = "0+")]
pub struct ConsumerGroupTargetAssignmentMemberValue {
    pub topic_partitions: Vec<TopicPartition>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TopicPartition {
    pub topic_id: Uuid,
    pub partitions: Vec<i32>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_key = 8, versions = "0", flexible = "none")]
pub struct ConsumerGroupCurrentMemberAssignmentKey {
    #[kafka(versions = "0")]
    pub group_id: String,
    #[kafka(versions = "0")]
    pub member_id: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_value = 8, versions = "0", flexible = "0+")]
pub struct ConsumerGroupCurrentMemberAssignmentValue {
    pub member_epoch: i32,
    pub previous_member_epoch: i32,
    pub state: i8,
    pub assigned_partitions: Vec<TopicPartitions>,
    pub partitions_pending_revocation: Vec<TopicPartitions>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TopicPartitions {
    pub topic_id: Uuid,
    pub partitions: Vec<i32>,
    #[kafka(nullable = "0+", tag = 0, tagged = "0+")]
    pub assignment_epochs: Option<Vec<i32>>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_key = 16, versions = "0", flexible = "none")]
pub struct ConsumerGroupRegularExpressionKey {
    #[kafka(versions = "0")]
    pub group_id: String,
    #[kafka(versions = "0")]
    pub regular_expression: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_value = 16, versions = "0", flexible = "0+")]
pub struct ConsumerGroupRegularExpressionValue {
    pub topics: Vec<String>,
    pub version: i64,
    pub timestamp: i64,
}
