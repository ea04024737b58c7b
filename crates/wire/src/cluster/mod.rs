//! What a cluster consists of, and what it can do.

pub mod api_versions;
pub mod describe_cluster;
pub mod describe_topic_partitions;
pub mod metadata;
pub mod unregister_broker;
pub mod unregister_controller;
pub mod update_features;

pub use api_versions::{ApiVersionsRequest, ApiVersionsResponse};
pub use describe_cluster::{DescribeClusterRequest, DescribeClusterResponse};
pub use describe_topic_partitions::{DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse};
pub use metadata::{MetadataRequest, MetadataResponse};
pub use unregister_broker::{UnregisterBrokerRequest, UnregisterBrokerResponse};
pub use unregister_controller::{UnregisterControllerRequest, UnregisterControllerResponse};
pub use update_features::{UpdateFeaturesRequest, UpdateFeaturesResponse};
