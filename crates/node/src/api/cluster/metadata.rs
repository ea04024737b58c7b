//! Metadata (key 3), versions 0-13.
//!
//! | version | adds |
//! |---|---|
//! | 0 | an empty list means all topics; brokers that are down are errors |
//! | 1 | null means all topics; racks, the controller |
//! | 2, 3 | cluster id; throttle time |
//! | 4 | a flag for creating missing topics; before it they always ask |
//! | 5, 7 | offline replicas; leader epochs |
//! | 6 | LISTENER_NOT_FOUND instead of LEADER_NOT_AVAILABLE |
//! | 8-10 | authorized operations (of the cluster up to 10) |
//! | 9 | flexible |
//! | 10, 12 | topic ids in answers; in requests |
//! | 13 | an error for the whole answer |
//!
//! As soon as one topic has an id, names do not count. Topics are answered in the order of the request, all topics in
//! the order of their names; Kafka's order means nothing.
//!
//! Differences from Kafka: a topic with neither id nor name is INVALID_REQUEST, where Kafka stumbles and answers
//! UNKNOWN_SERVER_ERROR.

use std::collections::BTreeSet;
use std::sync::Arc;

use klamm_base::{ErrorCode, Uuid};
use klamm_metadata::image::TopicImage;
use klamm_metadata::topic_name;
use klamm_wire::metadata::{
    MetadataRequestTopic, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use klamm_wire::{ApiKey, CreateTopicsRequest, MetadataRequest, MetadataResponse};

use crate::api::{
    Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType, authorized_operations,
};
use crate::broker::Broker;
use crate::image::ImageView;
use crate::internal_topics::{self, is_internal};
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::Metadata,
    versions: 0..=13,
    owner: Owner::Node,
    listeners: Listeners::BROKER,
    authorisation: &[
        Authorisation::All(Operation::Describe, ResourceType::Topic),
        Authorisation::Either(
            (Operation::Create, ResourceType::Cluster),
            (Operation::Create, ResourceType::Topic),
        ),
    ],
    quota: QuotaClass::Request,
};

pub fn handle(broker: &Broker, context: &RequestContext, request: MetadataRequest) -> MetadataResponse {
    let image = broker.image.get();
    let asking = Asking {
        image: &image,
        cluster_id: &broker.cluster_id,
        controller_id: image.random_alive_broker(&mut broker.rng.clone()),
        listener: &context.connection.listener,
        version: context.api_version,
        request: &request,
    };
    if broker.settings().topics.auto_create {
        create(broker, context, &asking.missing());
    }
    asking.answer()
}

/// Asks the controller for topics. Nobody waits for it: they are unknown in this answer, and in the next ones until
/// they are in the image.
fn create(broker: &Broker, context: &RequestContext, names: &BTreeSet<&str>) {
    let internal = &broker.settings().internal_topics;
    let topics: Vec<_> = names.iter().map(|name| internal_topics::creatable(name, internal)).collect();
    if !topics.is_empty() {
        let request = CreateTopicsRequest { topics, ..CreateTopicsRequest::default() };
        broker.create_topics_in_passing(&request, context);
    }
}

/// A request, and what its answer is made from.
struct Asking<'a> {
    image: &'a ImageView,
    cluster_id: &'a str,
    controller_id: i32,
    listener: &'a str,
    version: i16,
    request: &'a MetadataRequest,
}

/// Which topics are meant.
enum Wanted<'a> {
    All,
    Ids(Vec<Uuid>),
    Names(Vec<&'a str>),
    /// There is a topic that may not be named so.
    Invalid(&'a [MetadataRequestTopic]),
}

impl<'a> Asking<'a> {
    fn wanted(&self) -> Wanted<'a> {
        let asked = match &self.request.topics {
            None => return Wanted::All,
            Some(topics) if topics.is_empty() && self.version == 0 => return Wanted::All,
            Some(topics) => topics.as_slice(),
        };
        // Versions 10 and 11 have a place for ids in requests, and may not use it (KAFKA-10701).
        let is_id_allowed = self.version >= 12;
        let mut ids = Vec::new();
        let mut names = Vec::new();
        for topic in asked {
            match &topic.name {
                _ if !topic.topic_id.is_zero() && is_id_allowed => ids.push(topic.topic_id),
                Some(name) if topic.topic_id.is_zero() => names.push(name.as_str()),
                _ => return Wanted::Invalid(asked),
            }
        }
        if ids.is_empty() { Wanted::Names(once(names)) } else { Wanted::Ids(once(ids)) }
    }

    /// Legal names that are asked for and could be created.
    fn missing(&self) -> BTreeSet<&'a str> {
        // The flag reads as set in versions that do not have it.
        let Wanted::Names(names) = self.wanted() else { return BTreeSet::new() };
        let is_missing = |name: &&str| self.image.topic(name).is_none() && topic_name::validate(name).is_ok();
        names.into_iter().filter(is_missing).filter(|_| self.request.allow_auto_topic_creation).collect()
    }

    fn answer(&self) -> MetadataResponse {
        let topics = match self.wanted() {
            Wanted::All => self.image.topics.iter().map(|topic| self.found(topic)).collect(),
            Wanted::Ids(ids) => ids.into_iter().map(|id| self.by_id(id)).collect(),
            Wanted::Names(names) => names.into_iter().map(|name| self.by_name(name)).collect(),
            Wanted::Invalid(topics) => return refuse(topics),
        };
        let brokers = self.image.alive_brokers(self.listener).map(|(broker, host, port)| {
            let (host, rack) = (host.to_owned(), broker.rack.clone());
            MetadataResponseBroker { node_id: broker.id, host, port, rack }
        });
        let mut response = MetadataResponse {
            brokers: brokers.collect(),
            cluster_id: Some(self.cluster_id.to_owned()),
            controller_id: self.controller_id,
            topics,
            ..MetadataResponse::default()
        };
        // Later versions leave the cluster's to DescribeCluster.
        if self.request.include_cluster_authorized_operations {
            response.cluster_authorized_operations = authorized_operations::CLUSTER;
        }
        response
    }

    fn by_id(&self, topic_id: Uuid) -> MetadataResponseTopic {
        match self.image.topics.by_id(topic_id) {
            Some(topic) => self.found(topic),
            None => MetadataResponseTopic {
                error_code: ErrorCode::UnknownTopicId.code(),
                name: None,
                topic_id,
                ..MetadataResponseTopic::default()
            },
        }
    }

    fn by_name(&self, name: &str) -> MetadataResponseTopic {
        if let Some(topic) = self.image.topic(name) {
            return self.found(topic);
        }
        let error = match topic_name::validate(name) {
            Ok(()) => ErrorCode::UnknownTopicOrPartition,
            Err(_) => ErrorCode::InvalidTopicException,
        };
        MetadataResponseTopic {
            error_code: error.code(),
            name: Some(name.to_owned()),
            is_internal: is_internal(name),
            topic_authorized_operations: self.topic_authorized_operations(),
            ..MetadataResponseTopic::default()
        }
    }

    fn found(&self, topic: &Arc<TopicImage>) -> MetadataResponseTopic {
        let (only_alive, listener_error) = match self.version {
            0 => (true, ErrorCode::LeaderNotAvailable),
            ..6 => (false, ErrorCode::LeaderNotAvailable),
            _ => (false, ErrorCode::ListenerNotFound),
        };
        let partitions = topic.partitions().map(|(partition_index, partition)| {
            let view = self.image.partition_view(partition, self.listener, only_alive, listener_error);
            MetadataResponsePartition {
                error_code: view.error.code(),
                partition_index,
                leader_id: view.leader_id,
                leader_epoch: partition.leader_epoch,
                replica_nodes: view.replicas,
                isr_nodes: view.isr,
                offline_replicas: view.offline,
            }
        });
        MetadataResponseTopic {
            name: Some(topic.name.to_string()),
            topic_id: topic.id,
            is_internal: is_internal(&topic.name),
            partitions: partitions.collect(),
            topic_authorized_operations: self.topic_authorized_operations(),
            ..MetadataResponseTopic::default()
        }
    }

    fn topic_authorized_operations(&self) -> i32 {
        match self.request.include_topic_authorized_operations {
            true => authorized_operations::TOPIC,
            false => MetadataResponseTopic::default().topic_authorized_operations,
        }
    }
}

/// Each only the first time.
fn once<T: Ord + Copy>(list: Vec<T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    list.into_iter().filter(|item| seen.insert(*item)).collect()
}

/// The whole request is refused (Kafka: `MetadataRequest.getErrorResponse`).
fn refuse(topics: &[MetadataRequestTopic]) -> MetadataResponse {
    let error_code = ErrorCode::InvalidRequest.code();
    let refused = topics.iter().map(|topic| MetadataResponseTopic {
        error_code,
        name: Some(topic.name.clone().unwrap_or_default()),
        topic_id: topic.topic_id,
        ..MetadataResponseTopic::default()
    });
    MetadataResponse { topics: refused.collect(), error_code, ..MetadataResponse::default() }
}

#[cfg(test)]
mod tests;
