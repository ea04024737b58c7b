//! DeleteRecords (key 21), versions 0-2: moves the start of partitions forward (KIP-107).
//!
//! | version | adds |
//! |---|---|
//! | 1 | throttling |
//! | 2 | flexible |
//!
//! The timeout of the request is for followers to come along; a partition whose other replicas are not alive has nobody to
//! wait for, and its low watermark is its new start.

use std::collections::BTreeMap;

use klamm_base::ErrorCode;
use klamm_wire::delete_records::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult};
use klamm_wire::{ApiKey, DeleteRecordsRequest, DeleteRecordsResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::gather::Wakes;

pub const API: Api = Api {
    key: ApiKey::DeleteRecords,
    versions: 0..=2,
    owner: Owner::PartitionLeader,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::Delete, ResourceType::Topic)],
    quota: QuotaClass::Request,
};

/// Told instead of a low watermark where there is an error.
const NO_LOW_WATERMARK: i64 = -1;

pub fn handle(broker: &Broker, request: &DeleteRecordsRequest) -> DeleteRecordsResponse {
    let mut wakes = Wakes::default();
    let topics = asked_once(request).into_iter().map(|(name, offsets)| {
        let partitions = offsets.into_iter().map(|(partition_index, offset)| {
            let deleted = delete(broker, name, partition_index, offset, &mut wakes);
            DeleteRecordsPartitionResult {
                partition_index,
                low_watermark: deleted.unwrap_or(NO_LOW_WATERMARK),
                error_code: deleted.err().unwrap_or(ErrorCode::None).code(),
            }
        });
        DeleteRecordsTopicResult { name: name.to_owned(), partitions: partitions.collect() }
    });
    let response = DeleteRecordsResponse { topics: topics.collect(), ..DeleteRecordsResponse::default() };
    wakes.wake_all();
    response
}

/// Each partition with the offset asked for last; topics without partitions are not answered.
fn asked_once(request: &DeleteRecordsRequest) -> BTreeMap<&str, BTreeMap<i32, i64>> {
    let mut topics: BTreeMap<&str, BTreeMap<i32, i64>> = BTreeMap::new();
    for topic in &request.topics {
        for partition in &topic.partitions {
            topics.entry(&topic.name).or_default().insert(partition.partition_index, partition.offset);
        }
    }
    topics
}

fn delete(
    broker: &Broker,
    topic: &str,
    index: i32,
    offset: i64,
    wakes: &mut Wakes,
) -> Result<i64, ErrorCode> {
    let Some(partition) = broker.partitions.by_name(topic, index) else {
        return Err(broker.image.get().why_not_here(None, topic, index));
    };
    if partition.is_internal {
        return Err(ErrorCode::InvalidTopicException);
    }
    partition.delete_records(offset, wakes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use klamm_wire::delete_records::{DeleteRecordsPartition, DeleteRecordsTopic};

    #[test]
    fn a_partition_named_twice_counts_once_with_its_last_offset() {
        let topic = |name: &str, offsets: &[(i32, i64)]| DeleteRecordsTopic {
            name: name.to_owned(),
            partitions: offsets
                .iter()
                .map(|&(partition_index, offset)| DeleteRecordsPartition { partition_index, offset })
                .collect(),
        };
        let topics = vec![topic("b", &[(1, 5), (0, 7)]), topic("a", &[]), topic("b", &[(1, 3)])];
        let request = DeleteRecordsRequest { topics, timeout_ms: 0 };
        let asked = asked_once(&request);
        assert_eq!(asked, BTreeMap::from([("b", BTreeMap::from([(0, 7), (1, 3)]))]));
    }
}
