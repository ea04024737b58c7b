//! OffsetDelete (key 47), version 0: removes stored positions of topics that a group no longer reads (KIP-496).
//!
//! Partitions that do not exist are answered here; the coordinator is asked in any case, as the group may be unknown.

use std::collections::BTreeMap;

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
    let mut unknown = Topics::default();
    let asked = core::mem::take(&mut request.topics);
    let image = broker.image.get();
    request.topics = asked.into_iter().filter_map(|topic| existing(&image, topic, &mut unknown)).collect();
    match delete(broker, context, &request).await {
        Ok(answer) if answer.error_code == ErrorCode::None.code() => {
            OffsetDeleteResponse { topics: unknown.merged(answer.topics), ..answer }
        }
        Ok(refused) => refused,
        Err(error) => OffsetDeleteResponse { error_code: error.code(), ..OffsetDeleteResponse::default() },
    }
}

/// What exists of a topic; the rest is answered.
fn existing(
    image: &ImageView,
    mut topic: OffsetDeleteRequestTopic,
    unknown: &mut Topics,
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
        unknown.add(OffsetDeleteResponseTopic { name: topic.name.clone(), partitions: missing });
    }
    Some(topic).filter(|topic| !topic.partitions.is_empty())
}

/// Answers by topic.
#[derive(Default)]
struct Topics {
    answers: Vec<OffsetDeleteResponseTopic>,
    places: BTreeMap<String, usize>,
}

impl Topics {
    fn add(&mut self, topic: OffsetDeleteResponseTopic) {
        match self.places.get(&topic.name) {
            Some(&at) => self.answers[at].partitions.extend(topic.partitions),
            None => {
                self.places.insert(topic.name.clone(), self.answers.len());
                self.answers.push(topic);
            }
        }
    }

    /// The coordinator's answers behind the others; where there are no others, as they are.
    fn merged(mut self, topics: Vec<OffsetDeleteResponseTopic>) -> Vec<OffsetDeleteResponseTopic> {
        if self.answers.is_empty() {
            return topics;
        }
        topics.into_iter().for_each(|topic| self.add(topic));
        self.answers
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
