//! What the active controller decides or knows. On a node that is not it, these requests would be forwarded.

pub mod allocate_producer_ids;
pub mod alter_partition_reassignments;
pub mod assign_replicas_to_dirs;
pub mod create_partitions;
pub mod create_topics;
pub mod delete_topics;
pub mod describe_quorum;
pub mod elect_leaders;
pub mod list_partition_reassignments;
pub mod unregister_broker;
pub mod unregister_controller;
pub mod update_features;
