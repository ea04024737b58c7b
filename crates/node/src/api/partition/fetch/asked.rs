//! What a fetch asks for: its partitions, and those its session shall forget.

use std::collections::HashMap;

use klamm_base::Uuid;
use klamm_replica::fetch_session::{FetchKey, FetchTopic, PartitionFetch};
use klamm_wire::FetchRequest;

use super::TOPIC_IDS;

/// The request's partitions, each once: the last mention counts, at the place of the first.
pub(super) fn asked(version: i16, request: &FetchRequest) -> Vec<(FetchKey, PartitionFetch)> {
    let count = request.topics.iter().map(|topic| topic.partitions.len()).sum();
    let mut asked: Vec<(FetchKey, PartitionFetch)> = Vec::with_capacity(count);
    let mut places = HashMap::with_capacity(if count > 1 { count } else { 0 });
    for topic in &request.topics {
        let name = fetch_topic(version, &topic.topic, topic.topic_id);
        for partition in &topic.partitions {
            let key = FetchKey { topic: name.clone(), partition: partition.partition };
            let fetch = PartitionFetch {
                fetch_offset: partition.fetch_offset,
                max_bytes: partition.partition_max_bytes,
                current_leader_epoch: partition.current_leader_epoch,
                last_fetched_epoch: partition.last_fetched_epoch,
                log_start_offset: partition.log_start_offset,
            };
            let place = if count == 1 { 0 } else { *places.entry(key.clone()).or_insert(asked.len()) };
            match asked.get_mut(place) {
                Some((_, first)) => *first = fetch,
                None => asked.push((key, fetch)),
            }
        }
    }
    asked
}

pub(super) fn forgotten(version: i16, request: &FetchRequest) -> Vec<FetchKey> {
    let topics = request.forgotten_topics_data.iter();
    let keys = topics.flat_map(|topic| {
        let name = fetch_topic(version, &topic.topic, topic.topic_id);
        topic.partitions.iter().map(move |partition| FetchKey { topic: name.clone(), partition: *partition })
    });
    keys.collect()
}

fn fetch_topic(version: i16, name: &str, id: Uuid) -> FetchTopic {
    if version >= TOPIC_IDS { FetchTopic::Id(id) } else { FetchTopic::Name(name.into()) }
}
