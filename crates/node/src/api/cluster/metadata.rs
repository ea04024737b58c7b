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
//! Differences from Kafka: topics are answered in the order of the request, all topics in the order of their names. The
//! cluster's internal topics are not created by asking for them.

use std::collections::BTreeSet;
use std::sync::Arc;

use klamm_base::{ErrorCode, Uuid};
use klamm_metadata::image::TopicImage;
use klamm_metadata::topic_name;
use klamm_wire::create_topics::CreatableTopic;
use klamm_wire::metadata::{MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic};
use klamm_wire::{ApiKey, CreateTopicsRequest, MetadataRequest, MetadataResponse};

use crate::api::{
    Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType, authorized_operations,
};
use crate::broker::Broker;
use crate::image::ImageView;
use crate::internal_topics::is_internal;
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
    let version = context.api_version;
    if let Some(refusal) = refuse_ids_before_version_12(version, &request) {
        return refusal;
    }
    let image = broker.image.get();
    let asking = Asking { broker, context, image: &image, request: &request };
    let topics = asking.topics();
    let listener = &*context.connection.listener;
    let brokers = image.alive_brokers(listener).map(|(broker, host, port)| MetadataResponseBroker {
        node_id: broker.id,
        host: host.to_owned(),
        port,
        rack: broker.rack.clone(),
    });
    let mut response = MetadataResponse {
        brokers: brokers.collect(),
        cluster_id: Some(broker.cluster_id.clone()),
        controller_id: image.any_alive_broker(),
        topics,
        ..MetadataResponse::default()
    };
    if (8..=10).contains(&version) && request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = authorized_operations::CLUSTER;
    }
    response
}

/// Versions 10 and 11 have a place for ids in requests, and may not use it (KAFKA-10701).
fn refuse_ids_before_version_12(version: i16, request: &MetadataRequest) -> Option<MetadataResponse> {
    let topics = request.topics.as_ref().filter(|_| version < 12)?;
    if topics.iter().all(|topic| topic.name.is_some() && topic.topic_id.is_zero()) {
        return None;
    }
    let error_code = ErrorCode::InvalidRequest.code();
    let refused = topics.iter().map(|topic| MetadataResponseTopic {
        error_code,
        name: Some(topic.name.clone().unwrap_or_default()),
        topic_id: topic.topic_id,
        ..MetadataResponseTopic::default()
    });
    Some(MetadataResponse { topics: refused.collect(), error_code, ..MetadataResponse::default() })
}

struct Asking<'a> {
    broker: &'a Broker,
    context: &'a RequestContext,
    image: &'a ImageView,
    request: &'a MetadataRequest,
}

impl Asking<'_> {
    fn topics(&self) -> Vec<MetadataResponseTopic> {
        let asked = self.request.topics.as_ref();
        let Some(asked) = asked.filter(|topics| self.context.api_version > 0 || !topics.is_empty()) else {
            return self.image.topics.iter().map(|topic| self.found(topic)).collect();
        };
        let ids: Vec<Uuid> = asked.iter().map(|topic| topic.topic_id).filter(|id| !id.is_zero()).collect();
        if !ids.is_empty() {
            return self.by_ids(&ids);
        }
        let mut seen = BTreeSet::new();
        let names = asked.iter().map(|topic| topic.name.as_deref().unwrap_or_default());
        let names: Vec<&str> = names.filter(|name| seen.insert(*name)).collect();
        self.create_missing(&names);
        names.into_iter().map(|name| self.by_name(name)).collect()
    }

    fn by_ids(&self, ids: &[Uuid]) -> Vec<MetadataResponseTopic> {
        let mut seen = BTreeSet::new();
        let unique = ids.iter().filter(|id| seen.insert(**id));
        let answer = |id: &Uuid| match self.image.topics.by_id(*id) {
            Some(topic) => self.found(topic),
            None => MetadataResponseTopic {
                error_code: ErrorCode::UnknownTopicId.code(),
                name: None,
                topic_id: *id,
                ..MetadataResponseTopic::default()
            },
        };
        unique.map(answer).collect()
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
            ..MetadataResponseTopic::default()
        }
    }

    /// Asks the controller for the topics that are missing. Nobody waits for it: they are unknown in this answer,
    /// and in the next ones until they are in the image.
    fn create_missing(&self, names: &[&str]) {
        let is_allowed = self.request.allow_auto_topic_creation || self.context.api_version < 4;
        if !is_allowed || !self.broker.settings().topics.auto_create {
            return;
        }
        let is_missing = |name: &&&str| {
            self.image.topic(name).is_none() && topic_name::validate(name).is_ok() && !is_internal(name)
        };
        let topics = names.iter().filter(is_missing).map(|name| CreatableTopic {
            name: (*name).to_owned(),
            num_partitions: -1,
            replication_factor: -1,
            ..CreatableTopic::default()
        });
        let topics: Vec<CreatableTopic> = topics.collect();
        if !topics.is_empty() {
            let request = CreateTopicsRequest { topics, ..CreateTopicsRequest::default() };
            self.broker.create_topics_in_passing(&request, self.context);
        }
    }

    fn found(&self, topic: &Arc<TopicImage>) -> MetadataResponseTopic {
        let version = self.context.api_version;
        let listener_error =
            if version >= 6 { ErrorCode::ListenerNotFound } else { ErrorCode::LeaderNotAvailable };
        let listener = &*self.context.connection.listener;
        let partitions = topic.partitions().map(|(index, partition)| {
            let view = self.image.partition_view(partition, listener, version == 0, listener_error);
            MetadataResponsePartition {
                error_code: view.error.code(),
                partition_index: index,
                leader_id: view.leader_id,
                leader_epoch: partition.leader_epoch,
                replica_nodes: view.replicas,
                isr_nodes: view.isr,
                offline_replicas: view.offline,
            }
        });
        let mut answer = MetadataResponseTopic {
            name: Some(topic.name.to_string()),
            topic_id: topic.id,
            is_internal: is_internal(&topic.name),
            partitions: partitions.collect(),
            ..MetadataResponseTopic::default()
        };
        if version >= 8 && self.request.include_topic_authorized_operations {
            answer.topic_authorized_operations = authorized_operations::TOPIC;
        }
        answer
    }
}
