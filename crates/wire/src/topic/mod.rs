//! Topics, replicas and where they lie.

pub mod alter_partition_reassignments;
pub mod alter_replica_log_dirs;
pub mod create_partitions;
pub mod create_topics;
pub mod delete_topics;
pub mod describe_log_dirs;
pub mod elect_leaders;
pub mod list_partition_reassignments;

pub use alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
};
pub use alter_replica_log_dirs::{AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse};
pub use create_partitions::{CreatePartitionsRequest, CreatePartitionsResponse};
pub use create_topics::{CreateTopicsRequest, CreateTopicsResponse};
pub use delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse};
pub use describe_log_dirs::{DescribeLogDirsRequest, DescribeLogDirsResponse};
pub use elect_leaders::{ElectLeadersRequest, ElectLeadersResponse};
pub use list_partition_reassignments::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
};
