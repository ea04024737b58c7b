//! `--create`, and what it is told about partitions, replicas and settings.

use std::collections::BTreeMap;

use klamm_base::ErrorCode;
use klamm_client::admin::topics::create_topics;
use klamm_client::{ClientFault, Cluster};
use klamm_config::value::Value;
use klamm_config::{ConfigFault, Properties, table};
use klamm_wire::create_topics::{CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig};

use super::all;
use super::options::{CONFIG, IF_NOT_EXISTS, PARTITIONS, REPLICA_ASSIGNMENT, REPLICATION_FACTOR, TOPIC};
use crate::World;
use crate::exception::{self, Exception};
use crate::exit::Exit;
use crate::java;
use crate::jopt::Options;

/// Stands for the cluster's own number.
const DEFAULT: i32 = -1;

/// A topic as the flags describe it (Kafka: `CommandTopicPartition`).
pub struct Asked {
    pub name: String,
    pub partitions: Option<i32>,
    pub replication_factor: Option<i32>,
    /// Brokers by partition, from 0 on; empty without `--replica-assignment`.
    pub assignment: Vec<Vec<i32>>,
    pub configs: Properties,
}

impl Asked {
    pub fn of(options: &Options) -> Result<Asked, Exit> {
        Ok(Asked {
            name: options.value(&TOPIC)?.unwrap_or_default().to_owned(),
            partitions: options.number(&PARTITIONS)?,
            replication_factor: options.number(&REPLICATION_FACTOR)?,
            assignment: match options.value(&REPLICA_ASSIGNMENT)? {
                Some(text) if !text.is_empty() => parse_assignment(text)?,
                _ => Vec::new(),
            },
            configs: parse_configs(&options.values(&CONFIG))?,
        })
    }
}

pub async fn create(options: &Options, cluster: &Cluster, world: &mut World<'_>) -> Result<(), Exit> {
    let asked = Asked::of(options)?;
    if asked.name.contains(['.', '_']) {
        writeln!(
            world.out,
            "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could \
             collide. To avoid issues it is best to use either, but not both."
        )?;
    }
    if asked.replication_factor.is_some_and(|factor| !(1..=i32::from(i16::MAX)).contains(&factor)) {
        let text = format!("The replication factor must be between 1 and {} inclusive", i16::MAX);
        return Err(Exception::illegal_argument(text).into());
    }
    if asked.partitions.is_some_and(|partitions| partitions < 1) {
        return Err(Exception::illegal_argument("The partitions must be greater than 0").into());
    }
    if asked.name.is_empty() {
        let text = "The given topic name '' cannot be represented in a request.";
        return Err(Exception::of_code(ErrorCode::InvalidTopicException, Some(text.to_owned())).into());
    }
    let name = asked.name.clone();
    let created = create_topics(cluster, vec![wire(asked)], false).await;
    let is_there = |fault: &ClientFault| fault.error_code() == Some(ErrorCode::TopicAlreadyExists);
    if let Ok(results) = &created
        && options.has(&IF_NOT_EXISTS)
        && matches!(results.get(&name), Some(Err(fault)) if is_there(fault))
    {
        return Ok(());
    }
    all(created, "createTopics")?;
    Ok(writeln!(world.out, "Created topic {name}.")?)
}

fn wire(asked: Asked) -> CreatableTopic {
    let assignments = asked.assignment.into_iter().zip(0..);
    let assignments = assignments
        .map(|(broker_ids, partition_index)| CreatableReplicaAssignment { partition_index, broker_ids });
    let configs = asked.configs.into_iter();
    CreatableTopic {
        name: asked.name,
        num_partitions: asked.partitions.unwrap_or(DEFAULT),
        // Checked to fit.
        replication_factor: asked.replication_factor.unwrap_or(DEFAULT) as i16,
        assignments: assignments.collect(),
        configs: configs.map(|(name, value)| CreatableTopicConfig { name, value: Some(value) }).collect(),
    }
}

/// `1:2,2:3`: a partition between commas, a replica between colons (Kafka: `parseReplicaAssignment`).
fn parse_assignment(text: &str) -> Result<Vec<Vec<i32>>, Exception> {
    let mut assignment: Vec<Vec<i32>> = Vec::new();
    for (partition, list) in text.trim_end_matches(',').split(',').enumerate() {
        let ids = list.trim_end_matches(':').split(':').map(|id| parse_id(id.trim()));
        let ids = ids.collect::<Result<Vec<i32>, Exception>>()?;
        let again = duplicates(&ids);
        if !again.is_empty() {
            let text =
                format!("Partition replica lists may not contain duplicate entries: {}", again.join(","));
            return Err(Exception::new("org.apache.kafka.tools.AdminCommandFailedException", text));
        }
        if assignment.first().is_some_and(|first| first.len() != ids.len()) {
            let text =
                format!("Partition {partition} has different replication factor: {}", java::list(&ids));
            return Err(Exception::new("org.apache.kafka.tools.AdminOperationException", text));
        }
        assignment.push(ids);
    }
    Ok(assignment)
}

fn parse_id(text: &str) -> Result<i32, Exception> {
    let not_a_number =
        |_| Exception::new("java.lang.NumberFormatException", format!("For input string: \"{text}\""));
    text.parse().map_err(not_a_number)
}

/// What is there more than once, in ascending order.
fn duplicates(ids: &[i32]) -> Vec<String> {
    let mut counts = BTreeMap::<i32, usize>::new();
    ids.iter().for_each(|id| *counts.entry(*id).or_default() += 1);
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(id, _)| id.to_string()).collect()
}

/// `name=value` each, and values that topics can have (Kafka: `parseTopicConfigsToBeAdded`, `LogConfig.validate`).
fn parse_configs(given: &[&str]) -> Result<Properties, Exception> {
    let pairs = given.iter().map(|text| {
        let mut parts: Vec<&str> = text.split('=').map(str::trim).collect();
        while parts.last().is_some_and(|last| last.is_empty()) {
            parts.pop();
        }
        match parts[..] {
            [name, value] => Some((name.to_owned(), value.to_owned())),
            _ => None,
        }
    });
    let configs: Properties = pairs.collect::<Option<Properties>>().ok_or_else(|| {
        Exception::illegal_argument(
            "requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\".",
        )
    })?;
    check_configs(&configs)?;
    Ok(configs)
}

fn check_configs(configs: &Properties) -> Result<(), Exception> {
    let refused = |text: String| Exception::new(exception::class(ErrorCode::InvalidConfig), text);
    let rows = table::topic();
    if let Some(name) = configs.keys().find(|name| !rows.contains_key(name.as_str())) {
        return Err(refused(format!("Unknown topic config name: {name}")));
    }
    let mut values = BTreeMap::new();
    for (name, definition) in rows {
        let value = match configs.get(*name) {
            Some(text) => Value::parse(definition, text)
                .map_err(|fault: ConfigFault| Exception::new(exception::CONFIG, fault.java_message()))?,
            None => Value::default_of(definition),
        };
        values.insert(*name, value);
    }
    let long = |name: &str| match values.get(name) {
        Some(Value::Number(number)) => *number,
        _ => 0,
    };
    let (min, max) = (long("min.compaction.lag.ms"), long("max.compaction.lag.ms"));
    if min > max {
        return Err(refused(format!(
            "conflict topic config setting min.compaction.lag.ms ({min}) > max.compaction.lag.ms ({max})"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_partitions_and_replicas() {
        assert_eq!(parse_assignment("1:2, 2 : 3 ,").ok(), Some(vec![vec![1, 2], vec![2, 3]]));
        for (text, said) in [
            ("1:1", "Partition replica lists may not contain duplicate entries: 1"),
            ("1:2,3", "Partition 1 has different replication factor: [3]"),
            ("a", "For input string: \"a\""),
            ("1,,2", "For input string: \"\""),
        ] {
            assert_eq!(parse_assignment(text).expect_err(text).message(), said, "{text}");
        }
    }

    #[test]
    fn configs_are_checked_before_anything_is_sent() {
        let good = parse_configs(&["retention.ms = 5", "cleanup.policy=compact"]).expect("valid");
        assert_eq!(good.get("retention.ms").map(String::as_str), Some("5"));
        for (text, said) in [
            ("foo=bar", "Unknown topic config name: foo"),
            (
                "retention.ms=abc",
                "Invalid value abc for configuration retention.ms: Not a number of type LONG",
            ),
            (
                "max.compaction.lag.ms=5",
                "conflict topic config setting min.compaction.lag.ms (7) > max.compaction.lag.ms (5)",
            ),
        ] {
            let refused = parse_configs(&[text, "min.compaction.lag.ms=7"]).expect_err(text);
            assert_eq!(refused.message(), said);
        }
        for text in ["foo", "foo=", "a=b=c", ""] {
            let refused = parse_configs(&[text]).expect_err(text);
            assert!(refused.message().starts_with("requirement failed: Invalid topic config"), "{text}");
        }
    }
}
