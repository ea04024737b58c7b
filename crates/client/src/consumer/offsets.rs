//! Offsets by time, first and last ones (Kafka: `OffsetFetcher`, `ListOffsetsHandler`).

use std::collections::BTreeMap;

use klamm_base::{ErrorCode, TopicPartition};
use klamm_wire::ListOffsetsRequest;
use klamm_wire::list_offsets::{ListOffsetsPartition, ListOffsetsTopic};

use super::{ConsumerOptions, IsolationLevel, Position, StartAt};
use crate::{ClientFault, Cluster};

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

/// Asks the leaders, each once, with retries for what passes by itself.
///
/// # Errors
/// [`ClientFault`] of the first partition that could not be asked.
pub async fn list_offsets(
    cluster: &Cluster,
    wanted: &BTreeMap<TopicPartition, OffsetSpec>,
    isolation_level: IsolationLevel,
) -> Result<BTreeMap<TopicPartition, FoundOffset>, ClientFault> {
    cluster.retry(|| ask_leaders(cluster, wanted, isolation_level)).await
}

async fn ask_leaders(
    cluster: &Cluster,
    wanted: &BTreeMap<TopicPartition, OffsetSpec>,
    isolation_level: IsolationLevel,
) -> Result<BTreeMap<TopicPartition, FoundOffset>, ClientFault> {
    let mut found = BTreeMap::new();
    for (leader, wanted) in by_leader(cluster, wanted).await? {
        ask_leader(cluster, leader, &wanted, isolation_level, &mut found).await?;
    }
    Ok(found)
}

async fn by_leader(
    cluster: &Cluster,
    wanted: &BTreeMap<TopicPartition, OffsetSpec>,
) -> Result<BTreeMap<i32, BTreeMap<TopicPartition, OffsetSpec>>, ClientFault> {
    let mut by_leader = BTreeMap::<i32, BTreeMap<_, _>>::new();
    for (partition, spec) in wanted {
        let topic = cluster.topic(&partition.topic, false).await?;
        let known = topic.partition(partition.partition);
        let known = known.ok_or(ClientFault::refused(ErrorCode::UnknownTopicOrPartition))?;
        let Some(leader) = known.leader else {
            cluster.forget_topic(&partition.topic);
            return Err(ClientFault::refused(ErrorCode::LeaderNotAvailable));
        };
        by_leader.entry(leader).or_default().insert(partition.clone(), *spec);
    }
    Ok(by_leader)
}

async fn ask_leader(
    cluster: &Cluster,
    leader: i32,
    wanted: &BTreeMap<TopicPartition, OffsetSpec>,
    isolation_level: IsolationLevel,
    found: &mut BTreeMap<TopicPartition, FoundOffset>,
) -> Result<(), ClientFault> {
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
    let request = ListOffsetsRequest {
        replica_id: -1,
        isolation_level: isolation_level as i8,
        topics,
        ..ListOffsetsRequest::default()
    };
    let connection = cluster.node(leader).await?;
    let version_min = wanted.values().map(|spec| spec.first_version()).max().unwrap_or(0);
    connection.ranges().at_least(klamm_wire::ApiKey::ListOffsets, version_min)?;
    let answer = connection.call(&request).await?;
    for topic in answer.topics {
        for partition in topic.partitions {
            if let Err(fault) = ClientFault::check(partition.error_code, None) {
                cluster.forget_topic(&topic.name);
                return Err(fault);
            }
            let place = TopicPartition::new(topic.name.as_str(), partition.partition_index);
            let offset = FoundOffset {
                offset: partition.offset,
                timestamp_ms: partition.timestamp,
                leader_epoch: partition.leader_epoch,
            };
            found.insert(place, offset);
        }
    }
    Ok(())
}

/// Turns every place that is only described into an offset.
pub(super) async fn find_positions(
    cluster: &Cluster,
    options: &ConsumerOptions,
    positions: &mut BTreeMap<TopicPartition, Position>,
) -> Result<(), ClientFault> {
    let sought = positions.iter();
    let sought = sought.filter_map(|(partition, position)| Some((partition.clone(), position.sought()?)));
    let sought: BTreeMap<TopicPartition, OffsetSpec> = sought.collect();
    if sought.is_empty() {
        return Ok(());
    }
    for partition in sought.keys() {
        // A missing topic may come into being by being asked for.
        cluster.topic(&partition.topic, options.create_topics).await?;
    }
    for (partition, found) in list_offsets(cluster, &sought, options.isolation_level).await? {
        let place = match found.offset {
            // Nothing is as young as was asked for: what comes next will be.
            -1 => StartAt::Spec(OffsetSpec::Latest),
            offset => StartAt::Offset(offset),
        };
        positions.insert(partition, Position::new(place));
    }
    Ok(())
}
