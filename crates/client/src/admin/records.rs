//! Offsets by time, and deleting the oldest records (Kafka: `Admin.listOffsets`, `Admin.deleteRecords`).

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::TopicPartition;
use klamm_wire::DeleteRecordsRequest;
use klamm_wire::delete_records::{DeleteRecordsPartition, DeleteRecordsTopic};

pub use crate::cluster::ByPartition;
pub use crate::consumer::{FoundOffset, IsolationLevel, OffsetSpec, list_offsets};
use crate::{ClientFault, Cluster, Connection};

/// Deletes the records before each offset (-1: all that are committed); returns where the partitions begin then.
pub async fn delete_records(cluster: &Cluster, before: &BTreeMap<TopicPartition, i64>) -> ByPartition<i64> {
    let timeout_ms = cluster.options().connection.request_timeout.as_millis();
    let timeout_ms = i32::try_from(timeout_ms).unwrap_or(i32::MAX);
    let ask = |connection: Connection, partitions: BTreeSet<TopicPartition>| async move {
        let answer = connection.call(&request(&partitions, before, timeout_ms)).await?;
        let mut starts = BTreeMap::new();
        for topic in answer.topics {
            for told in topic.partitions {
                let place = TopicPartition::new(topic.name.as_str(), told.partition_index);
                starts.insert(place, ClientFault::check(told.error_code, None).map(|()| told.low_watermark));
            }
        }
        Ok(starts)
    };
    cluster.ask_leaders(before.keys().cloned().collect(), ask).await
}

fn request(
    partitions: &BTreeSet<TopicPartition>,
    before: &BTreeMap<TopicPartition, i64>,
    timeout_ms: i32,
) -> DeleteRecordsRequest {
    let mut topics: Vec<DeleteRecordsTopic> = Vec::new();
    for partition in partitions {
        let Some(offset) = before.get(partition) else { continue };
        let asked = DeleteRecordsPartition { partition_index: partition.partition, offset: *offset };
        match topics.last_mut().filter(|last| *last.name == *partition.topic) {
            Some(last) => last.partitions.push(asked),
            None => {
                topics.push(DeleteRecordsTopic { name: partition.topic.to_string(), partitions: vec![asked] })
            }
        }
    }
    DeleteRecordsRequest { topics, timeout_ms }
}
