//! ListOffsets (key 2), versions 1-11.
//!
//! | version | adds |
//! |---|---|
//! | 2 | read_committed |
//! | 4 | leader epochs |
//! | 5 | OFFSET_NOT_AVAILABLE; before it LEADER_NOT_AVAILABLE |
//! | 6 | flexible |
//! | 7, 8, 9, 11 | the offsets -3 (KIP-734), -4 (KIP-405), -5 (KIP-1005), -6 (KIP-1023) |
//! | 10 | a timeout for tiered storage (KIP-1075) |

use std::collections::BTreeMap;

use klamm_base::ErrorCode;
use klamm_replica::ReadBound;
use klamm_wire::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use klamm_wire::{ApiKey, ListOffsetsRequest, ListOffsetsResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::partitions::{FoundOffset, ListOffset, OffsetSpec};
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::ListOffsets,
    versions: 1..=11,
    owner: Owner::PartitionLeader,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::Describe, ResourceType::Topic)],
    quota: QuotaClass::Request,
};

/// Replica id of a consumer.
const CONSUMER: i32 = -1;

pub fn handle(broker: &Broker, context: &RequestContext, request: ListOffsetsRequest) -> ListOffsetsResponse {
    let bound = match (request.replica_id, request.isolation_level) {
        (CONSUMER, 0) => ReadBound::HighWatermark,
        (CONSUMER, _) => ReadBound::LastStableOffset,
        _ => ReadBound::LogEnd,
    };
    let mut named: BTreeMap<(&str, i32), u32> = BTreeMap::new();
    for topic in &request.topics {
        for partition in &topic.partitions {
            *named.entry((&topic.name, partition.partition_index)).or_default() += 1;
        }
    }
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            let is_twice = named[&(&*topic.name, partition.partition_index)] > 1;
            let found = if is_twice {
                Err(ErrorCode::InvalidRequest)
            } else {
                find(broker, context.api_version, bound, &topic.name, partition)
            };
            answer(context.api_version, partition.partition_index, found)
        });
        ListOffsetsTopicResponse { name: topic.name.clone(), partitions: partitions.collect() }
    });
    ListOffsetsResponse { topics: topics.collect(), ..ListOffsetsResponse::default() }
}

fn find(
    broker: &Broker,
    version: i16,
    bound: ReadBound,
    topic: &str,
    asked: &ListOffsetsPartition,
) -> Result<FoundOffset, ErrorCode> {
    let spec = spec(version, asked.timestamp).ok_or(ErrorCode::UnsupportedVersion)?;
    let index = asked.partition_index;
    let Some(partition) = broker.partitions.by_name(topic, index) else {
        return Err(broker.image.get().why_not_here(None, topic, index));
    };
    partition.list_offset(&ListOffset { spec, current_leader_epoch: asked.current_leader_epoch, bound })
}

/// What a timestamp asks for; `None` in versions that do not know it.
fn spec(version: i16, timestamp: i64) -> Option<OffsetSpec> {
    let (spec, since) = match timestamp {
        0.. => (OffsetSpec::Timestamp(timestamp), 1),
        -1 => (OffsetSpec::Latest, 1),
        -2 => (OffsetSpec::Earliest, 1),
        -3 => (OffsetSpec::MaxTimestamp, 7),
        -4 => (OffsetSpec::EarliestLocal, 8),
        -5 => (OffsetSpec::LatestTiered, 9),
        -6 => (OffsetSpec::EarliestPendingUpload, 11),
        _ => return None,
    };
    (version >= since).then_some(spec)
}

fn answer(
    version: i16,
    partition_index: i32,
    found: Result<FoundOffset, ErrorCode>,
) -> ListOffsetsPartitionResponse {
    let (error, found) = match found {
        Ok(found) => (ErrorCode::None, found),
        Err(ErrorCode::OffsetNotAvailable) if version < 5 => {
            (ErrorCode::LeaderNotAvailable, FoundOffset::NOTHING)
        }
        Err(error) => (error, FoundOffset::NOTHING),
    };
    ListOffsetsPartitionResponse {
        partition_index,
        error_code: error.code(),
        timestamp: found.timestamp,
        offset: found.offset,
        leader_epoch: if version >= 4 { found.leader_epoch } else { -1 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sentinel_begins_with_its_version() {
        for (timestamp, since) in [(0, 1), (-1, 1), (-2, 1), (-3, 7), (-4, 8), (-5, 9), (-6, 11)] {
            for version in 1..=11 {
                assert_eq!(spec(version, timestamp).is_some(), version >= since, "{timestamp} in {version}");
            }
        }
        assert_eq!(spec(11, -7), None);
    }
}
