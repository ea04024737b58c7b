//! DescribeProducers (key 61), version 0: the producers that a partition remembers (KIP-664). Any replica answers.

use klamm_base::ErrorCode;
use klamm_log::ProducerEntry;
use klamm_metadata::topic_name;
use klamm_wire::describe_producers::{PartitionResponse, ProducerState, TopicResponse};
use klamm_wire::{ApiKey, DescribeProducersRequest, DescribeProducersResponse};

use crate::answer::Room;
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::image::ImageView;

pub const API: Api = Api {
    key: ApiKey::DescribeProducers,
    versions: 0..=0,
    owner: Owner::PartitionLeader,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::Read, ResourceType::Topic)],
    quota: QuotaClass::Request,
};

/// Kafka's text for an unknown topic.
const UNKNOWN_TOPIC: &str = "This server does not host this topic-partition.";

pub fn handle(broker: &Broker, request: &DescribeProducersRequest) -> DescribeProducersResponse {
    let image = broker.image.get();
    let mut room = Room::new(broker.response_max);
    let topics = request.topics.iter().map(|topic| {
        let refused = refuse(&image, &topic.name);
        let room = &mut room;
        let partitions = topic.partition_indexes.iter().map(|&index| match &refused {
            Some((error, message)) => PartitionResponse {
                partition_index: index,
                error_code: error.code(),
                error_message: Some(message.clone()),
                ..PartitionResponse::default()
            },
            // A partition may be named often.
            None if room.is_full() => PartitionResponse {
                partition_index: index,
                error_code: ErrorCode::PolicyViolation.code(),
                ..PartitionResponse::default()
            },
            None => {
                let described = describe(broker, &image, &topic.name, index);
                room.take((described.active_producers.len() + 1) * size_of::<ProducerState>());
                described
            }
        });
        TopicResponse { name: topic.name.clone(), partitions: partitions.collect() }
    });
    DescribeProducersResponse { topics: topics.collect(), ..DescribeProducersResponse::default() }
}

/// What is wrong with the whole topic, in Kafka's words.
fn refuse(image: &ImageView, topic: &str) -> Option<(ErrorCode, String)> {
    match topic_name::validate(topic) {
        Err(fault) => Some((ErrorCode::InvalidTopicException, fault.to_string())),
        Ok(()) if image.topics.by_name(topic).is_none() => {
            Some((ErrorCode::UnknownTopicOrPartition, UNKNOWN_TOPIC.to_owned()))
        }
        Ok(()) => None,
    }
}

/// A single partition is refused without words.
fn describe(broker: &Broker, image: &ImageView, topic: &str, index: i32) -> PartitionResponse {
    let producers = match broker.partitions.by_name(topic, index) {
        Some(partition) => partition.producers(),
        None => Err(image.why_not_here(None, topic, index)),
    };
    let (error, active) = match producers {
        Ok(producers) => (ErrorCode::None, producers.iter().map(|(id, entry)| state(*id, entry)).collect()),
        Err(error) => (error, Vec::new()),
    };
    PartitionResponse {
        partition_index: index,
        error_code: error.code(),
        error_message: None,
        active_producers: active,
    }
}

fn state(producer_id: i64, entry: &ProducerEntry) -> ProducerState {
    ProducerState {
        producer_id,
        producer_epoch: entry.epoch.into(),
        last_sequence: entry.last_sequence(),
        last_timestamp: entry.last_timestamp,
        coordinator_epoch: entry.coordinator_epoch,
        current_txn_start_offset: entry.current_txn_first_offset.unwrap_or(-1),
    }
}
