//! OffsetCommit (key 8), versions 2-10: stores positions of a group.
//!
//! | version | adds |
//! |---|---|
//! | 3 | throttling |
//! | 5 | no retention time of its own any more |
//! | 6 | leader epochs |
//! | 7 | static members (KIP-345) |
//! | 8 | flexible |
//! | 9 | GROUP_ID_NOT_FOUND, STALE_MEMBER_EPOCH (KIP-848) |
//! | 10 | topics by id only (KIP-848) |
//!
//! Partitions that do not exist are answered here; the others are the coordinator's. The empty group id is a group like
//! others.

use std::collections::BTreeMap;

use klamm_base::{ErrorCode, Uuid};
use klamm_coordinator::group::contract::GroupAnswer;
use klamm_wire::offset_commit::{
    OffsetCommitRequestTopic, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use klamm_wire::{ApiKey, OffsetCommitRequest, OffsetCommitResponse};

use super::{ask, caller};
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::image::ImageView;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::OffsetCommit,
    versions: 2..=10,
    owner: Owner::GroupCoordinator,
    listeners: Listeners::BROKER,
    authorisation: &[
        Authorisation::All(Operation::Read, ResourceType::Group),
        Authorisation::All(Operation::Read, ResourceType::Topic),
    ],
    quota: QuotaClass::Request,
};

/// From this version on topics are named by their ids.
const FIRST_WITH_TOPIC_IDS: i16 = 10;

pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    mut request: OffsetCommitRequest,
) -> OffsetCommitResponse {
    let mut topics = Topics::new(context.api_version >= FIRST_WITH_TOPIC_IDS);
    let asked = core::mem::take(&mut request.topics);
    let image = broker.image.get();
    request.topics = asked.into_iter().filter_map(|topic| existing(&image, topic, &mut topics)).collect();
    if !request.topics.is_empty() {
        topics.merge(commit(broker, context, &request).await);
    }
    OffsetCommitResponse { topics: topics.answers, ..OffsetCommitResponse::default() }
}

/// What exists of a topic; the rest is answered.
fn existing(
    image: &ImageView,
    mut topic: OffsetCommitRequestTopic,
    answers: &mut Topics,
) -> Option<OffsetCommitRequestTopic> {
    let found = if answers.by_id { image.topics.by_id(topic.topic_id) } else { image.topic(&topic.name) };
    let Some(found) = found else {
        let error = match answers.by_id {
            true => ErrorCode::UnknownTopicId,
            false => ErrorCode::UnknownTopicOrPartition,
        };
        let place = answers.place(topic.topic_id, &topic.name);
        topic.partitions.iter().for_each(|p| place.partitions.push(refused(p.partition_index, error)));
        return None;
    };
    topic.name = found.name.to_string();
    topic.topic_id = found.id;
    topic.partitions.retain(|partition| {
        let exists = found.partition(partition.partition_index).is_some();
        if !exists {
            let place = answers.place(found.id, &found.name);
            place.partitions.push(refused(partition.partition_index, ErrorCode::UnknownTopicOrPartition));
        }
        exists
    });
    Some(topic).filter(|topic| !topic.partitions.is_empty())
}

async fn commit(
    broker: &Broker,
    context: &RequestContext,
    request: &OffsetCommitRequest,
) -> Vec<OffsetCommitResponseTopic> {
    let take = |answer| match answer {
        GroupAnswer::OffsetCommit(answer) => Some(answer.topics),
        _ => None,
    };
    let committed = ask(broker, context, &request.group_id, take, |shard, id, limits, now| {
        shard.commit_offsets(id, &caller(context), request, limits, now)
    });
    committed.await.unwrap_or_else(|error| {
        let refuse = |topic: &OffsetCommitRequestTopic| OffsetCommitResponseTopic {
            name: topic.name.clone(),
            topic_id: topic.topic_id,
            partitions: topic.partitions.iter().map(|p| refused(p.partition_index, error)).collect(),
        };
        request.topics.iter().map(refuse).collect()
    })
}

fn refused(partition_index: i32, error: ErrorCode) -> OffsetCommitResponsePartition {
    OffsetCommitResponsePartition { partition_index, error_code: error.code() }
}

/// Answers by topic (Kafka: `OffsetCommitResponse.Builder`).
struct Topics {
    by_id: bool,
    answers: Vec<OffsetCommitResponseTopic>,
    places: BTreeMap<(Uuid, String), usize>,
}

impl Topics {
    fn new(by_id: bool) -> Topics {
        Topics { by_id, answers: Vec::new(), places: BTreeMap::new() }
    }

    fn key(&self, topic_id: Uuid, name: &str) -> (Uuid, String) {
        if self.by_id { (topic_id, String::new()) } else { (Uuid::ZERO, name.to_owned()) }
    }

    /// Where the topic's partitions are answered.
    fn place(&mut self, topic_id: Uuid, name: &str) -> &mut OffsetCommitResponseTopic {
        let key = self.key(topic_id, name);
        let answers = &mut self.answers;
        let place = *self.places.entry(key).or_insert_with(|| {
            answers.push(OffsetCommitResponseTopic {
                name: name.to_owned(),
                topic_id,
                partitions: Vec::new(),
            });
            answers.len() - 1
        });
        &mut self.answers[place]
    }

    /// Adds the coordinator's answers; where there are no others, as they are.
    fn merge(&mut self, topics: Vec<OffsetCommitResponseTopic>) {
        if self.answers.is_empty() {
            self.answers = topics;
            return;
        }
        for topic in topics {
            self.place(topic.topic_id, &topic.name).partitions.extend(topic.partitions);
        }
    }
}
