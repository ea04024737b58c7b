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

/// Replica id of a consumer. What is below it reads for debugging, what is above it is a follower.
const CONSUMER: i32 = -1;

pub fn handle(broker: &Broker, context: &RequestContext, request: ListOffsetsRequest) -> ListOffsetsResponse {
    let version = context.api_version;
    let topics = match bound(&request) {
        Ok(bound) => answer_all(&request, |topic, asked| {
            response_of(version, asked.partition_index, find(broker, version, bound, topic, asked))
        }),
        Err(error) => refuse(&request, error),
    };
    ListOffsetsResponse { topics, ..ListOffsetsResponse::default() }
}

/// How far the reader may see.
fn bound(request: &ListOffsetsRequest) -> Result<ReadBound, ErrorCode> {
    match (request.isolation_level, request.replica_id) {
        (0, CONSUMER) => Ok(ReadBound::HighWatermark),
        (1, CONSUMER) => Ok(ReadBound::LastStableOffset),
        (0 | 1, _) => Ok(ReadBound::LogEnd),
        // Kafka does not expect it either.
        _ => Err(ErrorCode::UnknownServerError),
    }
}

/// Answers each partition once, with `answer` or, if it is named more often, with INVALID_REQUEST. A topic that is named
/// more often is answered in one place, one without partitions not at all.
fn answer_all(
    request: &ListOffsetsRequest,
    answer: impl Fn(&str, &ListOffsetsPartition) -> ListOffsetsPartitionResponse,
) -> Vec<ListOffsetsTopicResponse> {
    let all =
        || request.topics.iter().flat_map(|topic| topic.partitions.iter().map(|asked| (&*topic.name, asked)));
    let mut times: BTreeMap<(&str, i32), u32> = BTreeMap::new();
    for (name, partition) in all() {
        *times.entry((name, partition.partition_index)).or_default() += 1;
    }
    let mut topics: Vec<ListOffsetsTopicResponse> = Vec::new();
    let mut at: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, partition) in all() {
        let index = partition.partition_index;
        let response = match times.remove(&(name, index)) {
            None => continue,
            Some(1) => answer(name, partition),
            Some(_) => response_of(0, index, Err(ErrorCode::InvalidRequest)),
        };
        let at = *at.entry(name).or_insert_with(|| {
            topics.push(ListOffsetsTopicResponse { name: name.to_owned(), ..Default::default() });
            topics.len() - 1
        });
        topics[at].partitions.push(response);
    }
    topics
}

/// The same error for every partition, in the form of the request (Kafka: `ListOffsetsRequest.getErrorResponse`).
fn refuse(request: &ListOffsetsRequest, error: ErrorCode) -> Vec<ListOffsetsTopicResponse> {
    let topics = request.topics.iter().map(|topic| {
        let partitions =
            topic.partitions.iter().map(|asked| response_of(0, asked.partition_index, Err(error)));
        ListOffsetsTopicResponse { name: topic.name.clone(), partitions: partitions.collect() }
    });
    topics.collect()
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

fn response_of(
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
    use klamm_wire::list_offsets::ListOffsetsTopic;

    #[test]
    fn each_sentinel_begins_with_its_version() {
        for (timestamp, since) in [(0, 1), (-1, 1), (-2, 1), (-3, 7), (-4, 8), (-5, 9), (-6, 11)] {
            for version in 1..=11 {
                assert_eq!(spec(version, timestamp).is_some(), version >= since, "{timestamp} in {version}");
            }
        }
        assert_eq!(spec(11, -7), None);
        assert_eq!(spec(11, i64::MIN), None);
    }

    fn request(topics: &[(&str, &[i32])]) -> ListOffsetsRequest {
        let partition = |&partition_index: &i32| ListOffsetsPartition {
            partition_index,
            timestamp: -1,
            ..ListOffsetsPartition::default()
        };
        let topic = |&(name, partitions): &(&str, &[i32])| ListOffsetsTopic {
            name: name.to_owned(),
            partitions: partitions.iter().map(partition).collect(),
        };
        ListOffsetsRequest {
            replica_id: CONSUMER,
            topics: topics.iter().map(topic).collect(),
            ..ListOffsetsRequest::default()
        }
    }

    /// Topics with their partitions and error codes.
    fn outline(topics: &[ListOffsetsTopicResponse]) -> Vec<(&str, Vec<(i32, i16)>)> {
        let partitions = |topic: &ListOffsetsTopicResponse| {
            topic
                .partitions
                .iter()
                .map(|partition| (partition.partition_index, partition.error_code))
                .collect()
        };
        topics.iter().map(|topic| (topic.name.as_str(), partitions(topic))).collect()
    }

    #[test]
    fn each_partition_is_answered_once() {
        let asked = request(&[("a", &[1, 0]), ("b", &[0]), ("a", &[2, 1]), ("c", &[]), ("b", &[0])]);
        let found = FoundOffset { timestamp: -1, offset: 5, leader_epoch: 0 };
        let topics = answer_all(&asked, |_, asked| response_of(11, asked.partition_index, Ok(found)));
        assert_eq!(outline(&topics), [("a", vec![(1, 42), (0, 0), (2, 0)]), ("b", vec![(0, 42)])]);
    }

    #[test]
    fn who_reads_decides_how_far() {
        let bound = |isolation_level, replica_id| {
            super::bound(&ListOffsetsRequest { isolation_level, replica_id, ..request(&[]) })
        };
        assert_eq!(bound(0, -1), Ok(ReadBound::HighWatermark));
        assert_eq!(bound(1, -1), Ok(ReadBound::LastStableOffset));
        for replica_id in [-3, -2, 0, 1] {
            assert_eq!(bound(1, replica_id), Ok(ReadBound::LogEnd));
        }
        assert_eq!(bound(2, -1), Err(ErrorCode::UnknownServerError));
        let refused = refuse(&request(&[("a", &[1, 1]), ("a", &[])]), ErrorCode::UnknownServerError);
        assert_eq!(outline(&refused), [("a", vec![(1, -1), (1, -1)]), ("a", vec![])]);
    }

    #[test]
    fn versions_before_5_hear_of_no_leader() {
        for version in 1..=11 {
            let response = response_of(version, 0, Err(ErrorCode::OffsetNotAvailable));
            let expected =
                if version < 5 { ErrorCode::LeaderNotAvailable } else { ErrorCode::OffsetNotAvailable };
            assert_eq!(response.error_code, expected.code());
        }
    }
}
