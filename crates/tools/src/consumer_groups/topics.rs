//! Topics and partitions as the command line names them, and what the cluster says about them.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::TopicPartition;
use klamm_client::admin::topics::{TopicDescription, describe_topics};
use klamm_client::{ClientFault, Cluster};

use crate::exception::Exception;

/// No answer holds more partitions (Kafka: `DescribeTopicsOptions.partitionSizeLimitPerResponse`).
const PARTITIONS_PER_ANSWER: i32 = 2000;

/// The partitions of `topic:0,1`.
///
/// # Errors
/// Java's IllegalArgumentException.
pub fn with_partitions(argument: &str) -> Result<Vec<TopicPartition>, Exception> {
    let trimmed = argument.trim_end_matches(':');
    let parts: Vec<&str> = if trimmed.is_empty() { Vec::new() } else { trimmed.split(':').collect() };
    let [topic, partitions] = parts[..] else {
        return Err(Exception::illegal_argument(format!(
            "Invalid topic arg '{argument}', expected topic name and partitions"
        )));
    };
    let partition = |text: &str| {
        let index = text.parse().map_err(|_| {
            Exception::illegal_argument(format!(
                "Invalid partition '{text}' specified in topic arg '{argument}''"
            ))
        })?;
        Ok(TopicPartition::new(topic, index))
    };
    match partitions.trim_end_matches(',') {
        // Commas and nothing between them.
        "" => Ok(Vec::new()),
        partitions => partitions.split(',').map(partition).collect(),
    }
}

/// Describes topics. The second is the exception of a topic that cannot be, as a future throws it.
pub async fn describe(
    cluster: &Cluster,
    names: &BTreeSet<String>,
) -> BTreeMap<String, Result<TopicDescription, Exception>> {
    let names: Vec<String> = names.iter().cloned().collect();
    let thrown = |fault: ClientFault| Exception::of_fault(fault, "listNodes").in_future();
    match describe_topics(cluster, &names, PARTITIONS_PER_ANSWER).await {
        Ok(described) => described.into_iter().map(|(name, answer)| (name, answer.map_err(thrown))).collect(),
        Err(fault) => names.into_iter().map(|name| (name, Err(thrown(fault.clone())))).collect(),
    }
}

/// Describes all topics of some partitions.
///
/// # Errors
/// The first exception, as a future throws it.
pub async fn describe_all(
    cluster: &Cluster,
    partitions: impl Iterator<Item = &TopicPartition>,
) -> Result<BTreeMap<String, TopicDescription>, Exception> {
    let names = partitions.map(|partition| partition.topic.to_string()).collect();
    let described = describe(cluster, &names).await;
    described.into_iter().map(|(name, topic)| Ok((name, topic?))).collect()
}

/// Whether a partition is there; then whether somebody leads it.
pub fn has_leader(topics: &BTreeMap<String, TopicDescription>, partition: &TopicPartition) -> Option<bool> {
    let partitions = &topics.get(&*partition.topic)?.partitions;
    let found = partitions.iter().find(|candidate| candidate.index == partition.partition)?;
    Some(found.leader.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(argument: &str) -> Result<String, String> {
        let partitions = with_partitions(argument).map_err(|exception| exception.message().to_owned())?;
        Ok(partitions.iter().map(TopicPartition::to_string).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn partitions_stand_behind_their_topic() {
        assert_eq!(read("t:0,1,+12,").as_deref(), Ok("t-0 t-1 t-12"));
        assert_eq!(read("t:,").as_deref(), Ok(""));
        for argument in ["t:", "t:0:1", "::", ":"] {
            let message = format!("Invalid topic arg '{argument}', expected topic name and partitions");
            assert_eq!(read(argument), Err(message));
        }
        for (argument, partition) in [("t:x", "x"), ("t:0,,1", ""), ("t:0, 1", " 1")] {
            let message = format!("Invalid partition '{partition}' specified in topic arg '{argument}''");
            assert_eq!(read(argument), Err(message));
        }
    }
}
