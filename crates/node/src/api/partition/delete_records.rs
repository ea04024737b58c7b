//! DeleteRecords (key 21), versions 0-2: moves the start of partitions forward (KIP-107).
//!
//! | version | adds |
//! |---|---|
//! | 1 | throttling |
//! | 2 | flexible |
//!
//! The answer comes when the new start is on the disk. The timeout is for followers to come along; a partition whose other
//! replicas are not alive has nobody to wait for, and its low watermark is its start.

use std::collections::BTreeMap;
use std::sync::Arc;

use klamm_base::ErrorCode;
use klamm_wire::delete_records::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult};
use klamm_wire::{ApiKey, DeleteRecordsRequest, DeleteRecordsResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::gather::Gather;
use crate::partitions::{Partition, Sleeper};

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

pub async fn handle(broker: &Broker, request: DeleteRecordsRequest) -> DeleteRecordsResponse {
    let asked = asked_once(&request);
    let gather = Gather::new(asked.values().map(BTreeMap::len).sum::<usize>() as u64);
    let mut answers = Vec::new();
    let mut waiting = Vec::new();
    for (name, offsets) in asked {
        let mut partitions = Vec::with_capacity(offsets.len());
        for (index, offset) in offsets {
            let sleeper = Sleeper { gather: gather.clone(), part: waiting.len() as u32 };
            let deleted = match find(broker, name, index) {
                Ok(partition) => match partition.delete_records(offset, &sleeper) {
                    Ok(None) => {
                        waiting.push(Waiting { topic: answers.len(), index: partitions.len(), partition });
                        Ok(NO_LOW_WATERMARK)
                    }
                    Ok(Some(low_watermark)) => Ok(low_watermark),
                    Err(error) => Err(error),
                },
                Err(error) => Err(error),
            };
            partitions.push(result(index, deleted));
        }
        answers.push(DeleteRecordsTopicResult { name: name.to_owned(), partitions });
    }
    let total: usize = answers.iter().map(|topic| topic.partitions.len()).sum();
    gather.settle((total - waiting.len()) as u64);
    gather.wait().await;
    let failed: BTreeMap<u32, ErrorCode> = gather.take_failed().into_iter().collect();
    for (part, Waiting { topic, index, partition }) in (0..).zip(waiting) {
        let deleted = failed.get(&part).map_or_else(|| Ok(partition.log_start()), |error| Err(*error));
        answers[topic].partitions[index] = result(partition.id.partition, deleted);
    }
    DeleteRecordsResponse { topics: answers, ..DeleteRecordsResponse::default() }
}

/// A partition whose log start is on its way, and its place in the answer.
struct Waiting {
    topic: usize,
    index: usize,
    partition: Arc<Partition>,
}

fn result(partition_index: i32, deleted: Result<i64, ErrorCode>) -> DeleteRecordsPartitionResult {
    DeleteRecordsPartitionResult {
        partition_index,
        low_watermark: deleted.unwrap_or(NO_LOW_WATERMARK),
        error_code: deleted.err().unwrap_or(ErrorCode::None).code(),
    }
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

fn find(broker: &Broker, topic: &str, index: i32) -> Result<Arc<Partition>, ErrorCode> {
    let Some(partition) = broker.partitions.by_name(topic, index) else {
        return Err(broker.image.get().why_not_here(None, topic, index));
    };
    if partition.is_internal { Err(ErrorCode::InvalidTopicException) } else { Ok(partition) }
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
