//! What the cluster looks like, answered from the image.

pub mod describe_cluster;
pub mod describe_topic_partitions;
pub mod metadata;
