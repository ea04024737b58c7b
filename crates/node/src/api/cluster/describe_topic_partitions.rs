//! DescribeTopicPartitions (key 75), version 0 (KIP-966): partitions page by page, with eligible leader replicas.
//!
//! Topics are answered in the order of their names, each once. A page ends after `response_partition_limit` partitions,
//! at most after `max.request.partition.size.limit`; its cursor names the first partition that did not fit. An invalid
//! cursor is answered as Kafka's error response does it: each named topic with INVALID_REQUEST.
//!
//! Difference from Kafka: an empty name is INVALID_TOPIC_EXCEPTION; Kafka stumbles and fails the whole request.

use std::collections::BTreeSet;

use klamm_base::ErrorCode;
use klamm_metadata::image::TopicImage;
use klamm_metadata::topic_name;
use klamm_wire::describe_topic_partitions::response::{
    Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use klamm_wire::{ApiKey, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse};

use crate::api::{
    Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType, authorized_operations,
};
use crate::broker::Broker;
use crate::image::ImageView;
use crate::internal_topics::is_internal;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::DescribeTopicPartitions,
    versions: 0..=0,
    owner: Owner::Node,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::Describe, ResourceType::Topic)],
    quota: QuotaClass::Request,
};

pub fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let most = broker.settings().fetch.max_request_partitions;
    answer(&broker.image.get(), &context.connection.listener, most, &request)
}

fn answer(
    image: &ImageView,
    listener: &str,
    most_partitions: i32,
    request: &DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let cursor = request.cursor.as_ref();
    let (first_topic, first_partition) =
        cursor.map_or(("", 0), |cursor| (cursor.topic_name.as_str(), cursor.partition_index));
    let all = request.topics.is_empty();
    let named: BTreeSet<&str> = request.topics.iter().map(|topic| &*topic.name).collect();
    let is_outside = cursor.is_some() && !all && !named.contains(first_topic);
    if is_outside || first_partition < 0 {
        return refuse(request);
    }
    let limit = request.response_partition_limit.min(most_partitions).max(1);
    let response = DescribeTopicPartitionsResponse::default();
    let mut page = Page { image, listener, left: limit as usize, response };
    let mut add = |name: &str| page.add(name, if name == first_topic { first_partition } else { 0 }, all);
    // Nothing is added behind a full page.
    let _ = match all {
        true => image.topics.names_from(first_topic).all(|name| add(name)),
        false => named.range(first_topic..).all(|name| add(name)),
    };
    page.response
}

fn refuse(request: &DescribeTopicPartitionsRequest) -> DescribeTopicPartitionsResponse {
    let topics = request.topics.iter().map(|topic| DescribeTopicPartitionsResponseTopic {
        error_code: ErrorCode::InvalidRequest.code(),
        name: Some(topic.name.clone()),
        ..DescribeTopicPartitionsResponseTopic::default()
    });
    DescribeTopicPartitionsResponse { topics: topics.collect(), ..DescribeTopicPartitionsResponse::default() }
}

struct Page<'a> {
    image: &'a ImageView,
    listener: &'a str,
    /// Partitions that still fit.
    left: usize,
    response: DescribeTopicPartitionsResponse,
}

impl Page<'_> {
    /// Adds a topic from partition `start` on; false when the page is full, and the cursor set.
    fn add(&mut self, name: &str, start: i32, skip_unknown: bool) -> bool {
        if self.left == 0 {
            self.response.next_cursor = Some(Cursor { topic_name: name.to_owned(), partition_index: 0 });
            return false;
        }
        let mut answer = DescribeTopicPartitionsResponseTopic {
            name: Some(name.to_owned()),
            is_internal: is_internal(name),
            topic_authorized_operations: authorized_operations::TOPIC,
            ..DescribeTopicPartitionsResponseTopic::default()
        };
        let Some(topic) = self.image.topic(name) else {
            answer.error_code = match topic_name::validate(name) {
                Ok(()) => ErrorCode::UnknownTopicOrPartition.code(),
                Err(_) => ErrorCode::InvalidTopicException.code(),
            };
            if !skip_unknown {
                self.response.topics.push(answer);
            }
            return true;
        };
        answer.topic_id = topic.id;
        answer.partitions = self.partitions(topic, start);
        let next = answer.partitions.last().map_or(start, |last| last.partition_index + 1);
        self.left -= answer.partitions.len();
        self.response.topics.push(answer);
        if topic.partition(next).is_some() {
            self.response.next_cursor = Some(Cursor { topic_name: name.to_owned(), partition_index: next });
            return false;
        }
        true
    }

    fn partitions(&self, topic: &TopicImage, start: i32) -> Vec<DescribeTopicPartitionsResponsePartition> {
        let shown = topic.partitions_from(start).take(self.left);
        let answer = shown.map(|(partition_index, partition)| {
            let view =
                self.image.partition_view(partition, self.listener, false, ErrorCode::ListenerNotFound);
            // A partition without a leader is no error here.
            DescribeTopicPartitionsResponsePartition {
                partition_index,
                leader_id: view.leader_id,
                leader_epoch: partition.leader_epoch,
                replica_nodes: view.replicas,
                isr_nodes: view.isr,
                eligible_leader_replicas: Some(partition.elr.clone()),
                last_known_elr: Some(partition.last_known_elr.clone()),
                offline_replicas: view.offline,
                ..DescribeTopicPartitionsResponsePartition::default()
            }
        });
        answer.collect()
    }
}

#[cfg(test)]
mod tests;
