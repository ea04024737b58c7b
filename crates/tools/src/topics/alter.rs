//! `--alter`: more partitions.

use klamm_client::Cluster;
use klamm_client::admin::topics::{create_partitions, describe_topics};
use klamm_wire::create_partitions::{CreatePartitionsAssignment, CreatePartitionsTopic};

use super::create::Asked;
use super::options::TOPIC;
use super::{all, names};
use crate::exit::Exit;
use crate::jopt::Options;

/// Kafka's `DescribeTopicsOptions`.
const PARTITIONS_PER_ANSWER: i32 = 2000;

pub async fn alter(options: &Options, cluster: &Cluster) -> Result<(), Exit> {
    let asked = Asked::of(options)?;
    let names = names::existing(options, cluster).await?;
    if names.is_empty() {
        return Ok(());
    }
    debug_assert!(options.has(&TOPIC));
    let described = all(describe_topics(cluster, &names, PARTITIONS_PER_ANSWER).await, "describeTopics")?;
    let topics = described.into_iter().map(|(name, topic)| CreatePartitionsTopic {
        name,
        count: asked.partitions.unwrap_or_default(),
        assignments: new_assignments(&asked.assignment, topic.partitions.len()),
    });
    all(create_partitions(cluster, topics.collect(), false).await, "createPartitions")?;
    Ok(())
}

/// Where the partitions go that are new; the flag names the old ones too.
fn new_assignments(assignment: &[Vec<i32>], there: usize) -> Option<Vec<CreatePartitionsAssignment>> {
    if assignment.is_empty() {
        return None;
    }
    let new = assignment.iter().skip(there);
    Some(new.map(|ids| CreatePartitionsAssignment { broker_ids: ids.clone() }).collect())
}
