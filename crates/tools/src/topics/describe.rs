//! `--describe`: a line for each topic and one for each partition.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use klamm_base::{ErrorCode, Uuid};
use klamm_client::admin::configs::{Resource, ResourceType, describe_configs};
use klamm_client::admin::topics::{
    PartitionDescription, TopicDescription, describe_topics, describe_topics_by_id,
};
use klamm_client::{ClientFault, Cluster};
use klamm_wire::ListPartitionReassignmentsRequest;
use klamm_wire::describe_configs::DescribeConfigsResourceResult;
use klamm_wire::list_partition_reassignments::{
    ListPartitionReassignmentsTopics, OngoingPartitionReassignment,
};

use super::options::{
    AT_MIN_ISR, IF_EXISTS, LIMIT, TOPIC_ID, UNAVAILABLE, UNDER_MIN_ISR, UNDER_REPLICATED, WITH_OVERRIDES,
};
use super::{all, names, uuid};
use crate::World;
use crate::exception::Exception;
use crate::exit::Exit;
use crate::java;
use crate::jopt::Options;

/// Kafka: `ConfigEntry.ConfigSource.DEFAULT_CONFIG`.
const DEFAULT_CONFIG: i8 = 5;
const PARTITIONS_PER_ANSWER: i32 = 2000;

/// Moves under way, by topic and partition.
type Reassignments = BTreeMap<(String, i32), OngoingPartitionReassignment>;

/// What is known of a topic.
struct Topic {
    description: TopicDescription,
    configs: Vec<DescribeConfigsResourceResult>,
}

/// Which lines are wanted.
struct Wanted<'a> {
    options: &'a Options,
    live_brokers: Vec<i32>,
}

pub async fn describe(options: &Options, cluster: &Cluster, world: &mut World<'_>) -> Result<(), Exit> {
    let descriptions = descriptions(options, cluster).await?;
    let mut configs = configs(cluster, &descriptions).await?;
    let nodes = cluster.nodes().await.map_err(|fault| Exception::of_fault(fault, "describeCluster"))?;
    let live_brokers = nodes.iter().map(|node| node.id).collect();
    let reassignments = reassignments(cluster, &descriptions).await?;
    let wanted = Wanted { options, live_brokers };
    for description in descriptions {
        let configs = configs.remove(&description.name).unwrap_or_default();
        let topic = Topic { description, configs };
        write!(world.out, "{}", wanted.lines(&topic, &reassignments))?;
    }
    Ok(())
}

/// The topics that are asked for, in the order in which Kafka's maps give them.
async fn descriptions(options: &Options, cluster: &Cluster) -> Result<Vec<TopicDescription>, Exit> {
    let id = options.value(&TOPIC_ID)?.map(uuid::parse).transpose()?;
    let described = match id.filter(|id| *id != Uuid::ZERO) {
        Some(id) => {
            let is_there = names::listed(options, cluster).await?.iter().any(|topic| topic.id == id);
            if !is_there && !options.has(&IF_EXISTS) {
                let text = format!("TopicId '{id}' does not exist as expected");
                return Err(Exception::illegal_argument(text).into());
            }
            let ids = if is_there { vec![id] } else { Vec::new() };
            all(describe_topics_by_id(cluster, &ids).await, "describeTopics")?
        }
        None => {
            let names = names::existing(options, cluster).await?;
            let limit = options.number(&LIMIT)?.unwrap_or(PARTITIONS_PER_ANSWER);
            all(describe_topics(cluster, &names, limit).await, "describeTopics")?
        }
    };
    let mut names: Vec<&String> = described.iter().map(|(name, _)| name).collect();
    let capacity = names.len();
    // One map for the futures, another for their results.
    java::hash_order_from(&mut names, capacity);
    java::hash_order_from(&mut names, capacity);
    let places: BTreeMap<String, usize> = names.into_iter().cloned().zip(0..).collect();
    let mut topics: Vec<TopicDescription> = described.into_iter().map(|(_, topic)| topic).collect();
    topics.sort_by_key(|topic| places.get(&topic.name).copied());
    Ok(topics)
}

async fn configs(
    cluster: &Cluster,
    topics: &[TopicDescription],
) -> Result<BTreeMap<String, Vec<DescribeConfigsResourceResult>>, Exit> {
    let resource =
        |topic: &TopicDescription| Resource { kind: ResourceType::Topic, name: topic.name.clone() };
    let resources: Vec<Resource> = topics.iter().map(resource).collect();
    if resources.is_empty() {
        return Ok(BTreeMap::new());
    }
    let of_fault = |fault| Exit::from(Exception::of_fault(fault, "describeConfigs"));
    let described = describe_configs(cluster, &resources).await.map_err(of_fault)?;
    described.into_iter().map(|(resource, result)| Ok((resource.name, result.map_err(of_fault)?))).collect()
}

/// Moves under way. Clusters that know none, or tell us none, have none.
async fn reassignments(cluster: &Cluster, topics: &[TopicDescription]) -> Result<Reassignments, Exit> {
    if topics.is_empty() {
        return Ok(Reassignments::new());
    }
    let asked = topics.iter().map(|topic| ListPartitionReassignmentsTopics {
        name: topic.name.clone(),
        partition_indexes: topic.partitions.iter().map(|partition| partition.index).collect(),
    });
    let request = ListPartitionReassignmentsRequest { topics: Some(asked.collect()), ..Default::default() };
    let answer = cluster.ask_controller(&request, |answer| answer.error_code).await;
    let answer = answer.and_then(|answer| {
        ClientFault::check(answer.error_code, answer.error_message.clone()).map(|()| answer)
    });
    match answer {
        Ok(answer) => {
            let of_topic = |topic: klamm_wire::list_partition_reassignments::OngoingTopicReassignment| {
                let name = topic.name;
                let partitions = topic.partitions.into_iter();
                partitions.map(move |partition| ((name.clone(), partition.partition_index), partition))
            };
            Ok(answer.topics.into_iter().flat_map(of_topic).collect())
        }
        Err(fault) => match (&fault, fault.error_code()) {
            (ClientFault::UnsupportedVersion { .. }, _)
            | (_, Some(ErrorCode::UnsupportedVersion | ErrorCode::ClusterAuthorizationFailed)) => {
                Ok(Reassignments::new())
            }
            _ => Err(Exception::of_fault(fault, "listPartitionReassignments").into()),
        },
    }
}

impl Wanted<'_> {
    fn lines(&self, topic: &Topic, reassignments: &Reassignments) -> String {
        let report = [UNDER_REPLICATED, UNAVAILABLE, UNDER_MIN_ISR, AT_MIN_ISR];
        let is_report = report.iter().any(|option| self.options.has(option));
        let mut lines = String::new();
        let has_overrides = topic.configs.iter().any(|config| config.config_source != DEFAULT_CONFIG);
        if !is_report && (has_overrides || !self.options.has(&WITH_OVERRIDES)) {
            lines.push_str(&topic.line(reassignments));
        }
        if self.options.has(&WITH_OVERRIDES) {
            return lines;
        }
        for partition in &topic.description.partitions {
            let reassignment = reassignments.get(&(topic.description.name.clone(), partition.index));
            if !is_report || self.is_reported(topic, partition, reassignment) {
                lines.push_str(&partition_line(&topic.description.name, partition, reassignment));
            }
        }
        lines
    }

    fn is_reported(
        &self,
        topic: &Topic,
        partition: &PartitionDescription,
        reassignment: Option<&OngoingPartitionReassignment>,
    ) -> bool {
        let min_isr = topic.min_isr();
        let isr = partition.isr.len();
        let is_led = partition.leader.is_some_and(|leader| self.live_brokers.contains(&leader));
        self.options.has(&UNDER_REPLICATED) && replication_factor(partition, reassignment) > isr
            || self.options.has(&UNAVAILABLE) && !is_led
            || self.options.has(&UNDER_MIN_ISR) && (partition.leader.is_none() || isr < min_isr)
            || self.options.has(&AT_MIN_ISR) && isr == min_isr
    }
}

impl Topic {
    fn min_isr(&self) -> usize {
        let config = self.configs.iter().find(|config| config.name == "min.insync.replicas");
        config.and_then(|config| config.value.as_deref()?.parse().ok()).unwrap_or(1)
    }

    /// Settings that are not Kafka's own, in the order of Kafka's map.
    fn overrides(&self) -> String {
        let mut names: Vec<&str> = self.configs.iter().map(|config| config.name.as_str()).collect();
        let capacity = names.len();
        java::hash_order_from(&mut names, capacity);
        let config = |name| self.configs.iter().find(|config| config.name == name);
        let overrides = names.into_iter().filter_map(config);
        let overrides = overrides.filter(|config| config.config_source != DEFAULT_CONFIG);
        let texts =
            overrides.map(|config| format!("{}={}", config.name, config.value.as_deref().unwrap_or("null")));
        texts.collect::<Vec<String>>().join(",")
    }

    fn line(&self, reassignments: &Reassignments) -> String {
        let TopicDescription { name, id, partitions, .. } = &self.description;
        let factor = partitions
            .first()
            .map_or(0, |first| replication_factor(first, reassignments.get(&(name.clone(), first.index))));
        let id = if *id == Uuid::ZERO { String::new() } else { format!("\tTopicId: {id}") };
        format!(
            "Topic: {name}{id}\tPartitionCount: {}\tReplicationFactor: {factor}\tConfigs: {}\n",
            partitions.len(),
            self.overrides()
        )
    }
}

/// Without the replicas that are only on their way.
fn replication_factor(
    partition: &PartitionDescription,
    reassignment: Option<&OngoingPartitionReassignment>,
) -> usize {
    let moving = reassignment.filter(|moves| {
        let changing = moves.adding_replicas.iter().chain(&moves.removing_replicas);
        changing.into_iter().any(|id| partition.replicas.contains(id))
    });
    match moving {
        Some(moves) => moves.replicas.len().saturating_sub(moves.adding_replicas.len()),
        None => partition.replicas.len(),
    }
}

fn partition_line(
    name: &str,
    partition: &PartitionDescription,
    reassignment: Option<&OngoingPartitionReassignment>,
) -> String {
    let leader = partition.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string());
    let moves = reassignment.map_or_else(String::new, |moves| {
        let (adding, removing) = (Ids(&moves.adding_replicas), Ids(&moves.removing_replicas));
        format!("\tAdding Replicas: {adding}\tRemoving Replicas: {removing}")
    });
    let known =
        |ids: &Option<Vec<i32>>| ids.as_ref().map_or_else(|| "N/A".to_owned(), |ids| Ids(ids).to_string());
    format!(
        "\tTopic: {name}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}{moves}\tElr: {}\tLastKnownElr: {}\n",
        partition.index,
        Ids(&partition.replicas),
        Ids(&partition.isr),
        known(&partition.eligible_leaders),
        known(&partition.last_known_elr),
    )
}

/// `1,2,3`
struct Ids<'a>(&'a [i32]);

impl Display for Ids<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<String> = self.0.iter().map(i32::to_string).collect();
        f.write_str(&ids.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_on_the_move_shows_it() {
        let partition = PartitionDescription {
            index: 3,
            leader: None,
            leader_epoch: 5,
            replicas: vec![1, 2, 3],
            isr: vec![1],
            eligible_leaders: Some(vec![2]),
            last_known_elr: None,
        };
        let moves = OngoingPartitionReassignment {
            partition_index: 3,
            replicas: vec![1, 2, 3],
            adding_replicas: vec![3],
            removing_replicas: vec![1],
        };
        assert_eq!(
            partition_line("t", &partition, Some(&moves)),
            "\tTopic: t\tPartition: 3\tLeader: none\tReplicas: 1,2,3\tIsr: 1\tAdding Replicas: 3\tRemoving Replicas: \
             1\tElr: 2\tLastKnownElr: N/A\n"
        );
        assert_eq!(replication_factor(&partition, Some(&moves)), 2);
        assert_eq!(replication_factor(&partition, None), 3);
    }
}
