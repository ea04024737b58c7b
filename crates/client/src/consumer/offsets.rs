//! Offsets by time, first and last ones (Kafka: `OffsetFetcher`, `ListOffsetsHandler`).

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::TopicPartition;
use klamm_wire::list_offsets::{ListOffsetsPartition, ListOffsetsTopic};
use klamm_wire::{ApiKey, ListOffsetsRequest};

use super::{ConsumerOptions, IsolationLevel, Position, StartAt};
use crate::cluster::ByPartition;
use crate::{ClientFault, Cluster, Connection};

/// Which offset is meant (Kafka: `OffsetSpec`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    /// Behind the last record that the reader may see.
    Latest,
    /// The first that is still there.
    Earliest,
    /// Of the record with the largest timestamp (KIP-734).
    MaxTimestamp,
    /// The first on local disks (KIP-405).
    EarliestLocal,
    /// Behind the last in remote storage (KIP-1005).
    LatestTiered,
    /// The first that is not in remote storage yet (KIP-1023).
    EarliestPendingUpload,
    /// The first record that is not older, ms since 1970.
    Timestamp(i64),
}

impl OffsetSpec {
    /// As the protocol says it.
    pub fn timestamp(self) -> i64 {
        match self {
            OffsetSpec::Latest => -1,
            OffsetSpec::Earliest => -2,
            OffsetSpec::MaxTimestamp => -3,
            OffsetSpec::EarliestLocal => -4,
            OffsetSpec::LatestTiered => -5,
            OffsetSpec::EarliestPendingUpload => -6,
            OffsetSpec::Timestamp(timestamp) => timestamp,
        }
    }

    /// First version of ListOffsets that knows it.
    fn first_version(self) -> i16 {
        match self {
            OffsetSpec::Latest | OffsetSpec::Earliest | OffsetSpec::Timestamp(_) => 0,
            OffsetSpec::MaxTimestamp => 7,
            OffsetSpec::EarliestLocal => 8,
            OffsetSpec::LatestTiered => 9,
            OffsetSpec::EarliestPendingUpload => 11,
        }
    }
}

/// What was found in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundOffset {
    /// -1 when no record matches.
    pub offset: i64,
    pub timestamp_ms: i64,
    pub leader_epoch: i32,
}

/// Asks the leaders, each once for all of its partitions; each partition has its own result.
pub async fn list_offsets(
    cluster: &Cluster,
    wanted: &BTreeMap<TopicPartition, OffsetSpec>,
    isolation_level: IsolationLevel,
) -> ByPartition<FoundOffset> {
    let timeout_ms = timeout_ms(cluster);
    let ask = |connection, partitions| ask_specs(connection, partitions, wanted, isolation_level, timeout_ms);
    cluster.ask_leaders(wanted.keys().cloned().collect(), ask).await
}

fn timeout_ms(cluster: &Cluster) -> i32 {
    i32::try_from(cluster.options().connection.request_timeout.as_millis()).unwrap_or(i32::MAX)
}

async fn ask_specs(
    connection: Connection,
    partitions: BTreeSet<TopicPartition>,
    wanted: &BTreeMap<TopicPartition, OffsetSpec>,
    isolation_level: IsolationLevel,
    timeout_ms: i32,
) -> Result<ByPartition<FoundOffset>, ClientFault> {
    let (mut known, mut answers) = (Vec::new(), BTreeMap::new());
    for partition in partitions {
        let spec = wanted.get(&partition).copied().unwrap_or(OffsetSpec::Latest);
        match connection.ranges().at_least(ApiKey::ListOffsets, spec.first_version()) {
            Ok(()) => known.push((partition, spec)),
            Err(fault) => drop(answers.insert(partition, Err(fault))),
        }
    }
    if !known.is_empty() {
        answers.extend(ask_leader(&connection, &known, isolation_level, timeout_ms).await?);
    }
    Ok(answers)
}

async fn ask_leader(
    connection: &Connection,
    wanted: &[(TopicPartition, OffsetSpec)],
    isolation_level: IsolationLevel,
    timeout_ms: i32,
) -> Result<ByPartition<FoundOffset>, ClientFault> {
    let mut topics: Vec<ListOffsetsTopic> = Vec::new();
    for (partition, spec) in wanted {
        let asked = ListOffsetsPartition {
            partition_index: partition.partition,
            timestamp: spec.timestamp(),
            ..ListOffsetsPartition::default()
        };
        match topics.last_mut().filter(|last| *last.name == *partition.topic) {
            Some(last) => last.partitions.push(asked),
            None => {
                topics.push(ListOffsetsTopic { name: partition.topic.to_string(), partitions: vec![asked] })
            }
        }
    }
    let isolation_level = isolation_level as i8;
    let request = ListOffsetsRequest { replica_id: -1, isolation_level, topics, timeout_ms };
    let answer = connection.call(&request).await?;
    let mut found = BTreeMap::new();
    for topic in answer.topics {
        for told in topic.partitions {
            let offset = FoundOffset {
                offset: told.offset,
                timestamp_ms: told.timestamp,
                leader_epoch: told.leader_epoch,
            };
            let place = TopicPartition::new(topic.name.as_str(), told.partition_index);
            found.insert(place, ClientFault::check(told.error_code, None).map(|()| offset));
        }
    }
    Ok(found)
}

/// Turns every place that is only described into an offset. False when some could not be told now.
///
/// # Errors
/// [`ClientFault`] that does not pass by itself.
pub(super) async fn find_positions(
    cluster: &Cluster,
    options: &ConsumerOptions,
    positions: &mut BTreeMap<TopicPartition, Position>,
) -> Result<bool, ClientFault> {
    let sought = positions.iter();
    let sought = sought.filter_map(|(partition, position)| Some((partition.clone(), position.sought()?)));
    let sought: BTreeMap<TopicPartition, OffsetSpec> = sought.collect();
    if sought.is_empty() {
        return Ok(true);
    }
    // A missing topic may come into being by being asked for.
    let names = sought.keys().map(|partition| partition.topic.to_string()).collect();
    match cluster.topics(&names, options.create_topics).await {
        Ok(_) => {}
        Err(fault) if fault.is_retriable() => return Ok(false),
        Err(fault) => return Err(fault),
    }
    let (isolation_level, timeout_ms, mut is_all_told) = (options.isolation_level, timeout_ms(cluster), true);
    let wanted = sought.keys().cloned().collect();
    let ask =
        |connection, partitions| ask_specs(connection, partitions, &sought, isolation_level, timeout_ms);
    for (partition, found) in cluster.ask_leaders_once(&wanted, ask).await {
        match found {
            Ok(found) => {
                let place = match found.offset {
                    // Nothing is as young as was asked for: what comes next will be.
                    -1 => StartAt::Spec(OffsetSpec::Latest),
                    offset => StartAt::Offset(offset),
                };
                is_all_told &= found.offset != -1;
                positions.insert(partition, Position::new(place));
            }
            Err(fault) if fault.is_retriable() => {
                cluster.forget_topic(&partition.topic);
                is_all_told = false;
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(is_all_told)
}
