//! What lies in the log directories of brokers (Kafka: `KafkaAdminClient.describeLogDirs`).

use klamm_base::{ErrorCode, TopicPartition};
use klamm_wire::DescribeLogDirsRequest;

use crate::{ClientFault, Cluster};

/// A log directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogDirDescription {
    pub path: String,
    /// [`ErrorCode::None`] for one that works.
    pub error: ErrorCode,
    pub replicas: Vec<(TopicPartition, ReplicaInfo)>,
    /// -1 when the broker is too old to say.
    pub total_bytes: i64,
    pub usable_bytes: i64,
    pub is_cordoned: bool,
}

/// A partition's log in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaInfo {
    /// Bytes of all segments.
    pub size: i64,
    /// How many records it is behind.
    pub offset_lag: i64,
    /// On its way from another directory.
    pub is_future: bool,
}

/// The directories of one broker, with all that is in them.
///
/// # Errors
/// [`ClientFault`]; a broker without any is one that refuses.
pub async fn describe_log_dirs(
    cluster: &Cluster,
    node_id: i32,
) -> Result<Vec<LogDirDescription>, ClientFault> {
    let answer = cluster.ask_node(node_id, &DescribeLogDirsRequest { topics: None }).await?;
    if answer.results.is_empty() {
        ClientFault::check(answer.error_code, None)?;
        return Err(ClientFault::refused(ErrorCode::ClusterAuthorizationFailed));
    }
    let directories = answer.results.into_iter().map(|directory| {
        let topics = directory.topics.into_iter();
        let replicas = topics.flat_map(|topic| {
            let name = topic.name;
            topic.partitions.into_iter().map(move |partition| {
                let place = TopicPartition::new(name.as_str(), partition.partition_index);
                let info = ReplicaInfo {
                    size: partition.partition_size,
                    offset_lag: partition.offset_lag,
                    is_future: partition.is_future_key,
                };
                (place, info)
            })
        });
        LogDirDescription {
            replicas: replicas.collect(),
            path: directory.log_dir,
            error: ErrorCode::from_code(directory.error_code),
            total_bytes: directory.total_bytes,
            usable_bytes: directory.usable_bytes,
            is_cordoned: directory.is_cordoned,
        }
    });
    Ok(directories.collect())
}
