//! OffsetDelete (key 47), version 0: removes stored positions of topics that a group no longer reads (KIP-496).
//!
//! Partitions that do not exist are answered here; the coordinator is asked in any case, as the group may be unknown.

use klamm_base::ErrorCode;
use klamm_coordinator::group::contract::GroupAnswer;
use klamm_wire::offset_delete::{
    OffsetDeleteRequestTopic, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use klamm_wire::{ApiKey, OffsetDeleteRequest, OffsetDeleteResponse};

use super::ask;
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::image::ImageView;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::OffsetDelete,
    versions: 0..=0,
    owner: Owner::GroupCoordinator,
    listeners: Listeners::BROKER,
    authorisation: &[
        Authorisation::All(Operation::Delete, ResourceType::Group),
        Authorisation::All(Operation::Read, ResourceType::Topic),
    ],
    quota: QuotaClass::Request,
};

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    mut request: OffsetDeleteRequest,
) -> OffsetDeleteResponse {
    let mut unknown = Vec::new();
    let asked = core::mem::take(&mut request.topics);
    let image = broker.image.get();
    request.topics = asked.into_iter().filter_map(|topic| existing(&image, topic, &mut unknown)).collect();
    match delete(broker, context, &request).await {
        Ok(answer) if answer.error_code == ErrorCode::None.code() => {
            OffsetDeleteResponse { topics: merged(unknown, answer.topics), ..answer }
        }
        Ok(refused) => refused,
        Err(error) => OffsetDeleteResponse { error_code: error.code(), ..OffsetDeleteResponse::default() },
    }
}

/// What exists of a topic; the rest is answered.
fn existing(
    image: &ImageView,
    mut topic: OffsetDeleteRequestTopic,
    unknown: &mut Vec<OffsetDeleteResponseTopic>,
) -> Option<OffsetDeleteRequestTopic> {
    let found = image.topic(&topic.name);
    let mut missing = Vec::new();
    topic.partitions.retain(|partition| {
        let index = partition.partition_index;
        let exists = found.is_some_and(|topic| topic.partition(index).is_some());
        if !exists {
            missing.push(OffsetDeleteResponsePartition {
                partition_index: index,
                error_code: ErrorCode::UnknownTopicOrPartition.code(),
            });
        }
        exists
    });
    if found.is_none() || !missing.is_empty() {
        add(unknown, OffsetDeleteResponseTopic { name: topic.name.clone(), partitions: missing });
    }
    Some(topic).filter(|topic| !topic.partitions.is_empty())
}

/// The coordinator's answers behind the others; where there are no others, as they are.
fn merged(
    mut unknown: Vec<OffsetDeleteResponseTopic>,
    topics: Vec<OffsetDeleteResponseTopic>,
) -> Vec<OffsetDeleteResponseTopic> {
    if unknown.is_empty() {
        return topics;
    }
    topics.into_iter().for_each(|topic| add(&mut unknown, topic));
    unknown
}

fn add(topics: &mut Vec<OffsetDeleteResponseTopic>, topic: OffsetDeleteResponseTopic) {
    match topics.iter_mut().find(|other| other.name == topic.name) {
        Some(other) => other.partitions.extend(topic.partitions),
        None => topics.push(topic),
    }
}

async fn delete(
    broker: &Broker,
    context: &RequestContext,
    request: &OffsetDeleteRequest,
) -> Result<OffsetDeleteResponse, ErrorCode> {
    if request.group_id.is_empty() {
        return Err(ErrorCode::InvalidGroupId);
    }
    let take = |answer| match answer {
        GroupAnswer::OffsetDelete(answer) => Some(answer),
        _ => None,
    };
    ask(broker, context, &request.group_id, take, |shard, id, _, _| shard.delete_offsets(id, request)).await
}
