//! Topics go. Kafka: `ControllerApis.deleteTopics`, `ReplicationControlManager.deleteTopics`, KIP-516.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use klamm_base::rng::Rng;
use klamm_base::{ErrorCode, Uuid};
use klamm_wire::delete_topics::DeletableTopicResult;
use klamm_wire::{DeleteTopicsRequest, DeleteTopicsResponse};

use super::decision::{ApiError, Decision, check_fits_one_batch};
use super::rights::TopicRights;
use super::view::View;
use crate::image::TopicsImage;
use crate::record::VersionedRecord;
use crate::records::RemoveTopicRecord;

/// Topics as the client named them, each once.
#[derive(Default)]
struct Named {
    names: BTreeSet<String>,
    ids: BTreeSet<Uuid>,
    duplicate_ids: BTreeSet<Uuid>,
}

/// The answer being put together.
struct Answers(Vec<DeletableTopicResult>);

impl Answers {
    fn push(&mut self, name: Option<&str>, topic_id: Uuid, error: ApiError) {
        self.0.push(DeletableTopicResult {
            name: name.map(str::to_owned),
            topic_id,
            error_code: error.error.code(),
            error_message: error.message,
        });
    }

    fn invalid(&mut self, name: Option<&str>, topic_id: Uuid, message: &str) {
        self.push(name, topic_id, ApiError::new(ErrorCode::InvalidRequest, message));
    }
}

/// `committed` is what names and ids mean: a topic that is not there yet cannot be named.
pub(super) fn decide(
    view: &View<'_>,
    committed: &TopicsImage,
    rights: &TopicRights<'_>,
    request: &DeleteTopicsRequest,
    version: i16,
    rng: &mut dyn Rng,
) -> Result<Decision<DeleteTopicsResponse>, ApiError> {
    if !view.settings.topics.delete_enable {
        return Err(match version {
            ..3 => ApiError::new(ErrorCode::InvalidRequest, "This version does not support topic deletion."),
            _ => ApiError::bare(ErrorCode::TopicDeletionDisabled),
        });
    }
    let mut answers = Answers(Vec::new());
    let named = named(request, &mut answers);
    let mut doomed = by_id(committed, rights, &named, &mut answers);
    by_name(committed, rights, &named, &mut doomed, &mut answers);
    let mut records = Vec::new();
    for (topic_id, name) in doomed {
        let error = match view.image.topics.by_id(topic_id) {
            Some(_) => {
                records.push(VersionedRecord::new(RemoveTopicRecord { topic_id }, 0));
                ApiError::bare(ErrorCode::None)
            }
            None => unknown_id(),
        };
        answers.push(Some(&name), topic_id, error);
    }
    check_fits_one_batch(&records)?;
    // The order must not tell topics that do not exist from those the client may not see.
    let mut responses = answers.0;
    for last in (1..responses.len()).rev() {
        responses.swap(last, rng.below(last as u64 + 1) as usize);
    }
    Ok(Decision::atomic(records, DeleteTopicsResponse { responses, ..DeleteTopicsResponse::default() }))
}

fn unknown_id() -> ApiError {
    ApiError::new(ErrorCode::UnknownTopicId, "There is no topic with this id.")
}

fn denied() -> ApiError {
    ApiError::new(ErrorCode::TopicAuthorizationFailed, "Not allowed for this topic.")
}

fn named(request: &DeleteTopicsRequest, answers: &mut Answers) -> Named {
    let mut names = Vec::new();
    let mut ids = Vec::new();
    for topic in &request.topics {
        match (&topic.name, topic.topic_id) {
            (None, Uuid::ZERO) => {
                answers.invalid(None, Uuid::ZERO, "Neither topic name nor id were specified.");
            }
            (None, id) => ids.push(id),
            (Some(name), Uuid::ZERO) => names.push(name.clone()),
            (Some(name), id) => {
                answers.invalid(Some(name), id, "You may not specify both topic name and topic id.");
            }
        }
    }
    names.extend(request.topic_names.iter().cloned());
    let (names, duplicate_names) = once_and_more(names);
    let (ids, duplicate_ids) = once_and_more(ids);
    duplicate_names.iter().for_each(|name| answers.invalid(Some(name), Uuid::ZERO, "Duplicate topic name."));
    duplicate_ids.iter().for_each(|&id| answers.invalid(None, id, "Duplicate topic id."));
    Named { names, ids, duplicate_ids }
}

/// What stands once in the list, and what stands there more often.
fn once_and_more<T: Ord + Clone>(list: Vec<T>) -> (BTreeSet<T>, BTreeSet<T>) {
    let mut once = BTreeSet::new();
    let more: BTreeSet<T> = list.into_iter().filter(|item| !once.insert(item.clone())).collect();
    once.retain(|item| !more.contains(item));
    (once, more)
}

fn by_id(
    committed: &TopicsImage,
    rights: &TopicRights<'_>,
    named: &Named,
    answers: &mut Answers,
) -> BTreeMap<Uuid, Arc<str>> {
    let mut doomed = BTreeMap::new();
    for &id in &named.ids {
        match committed.name(id) {
            None => answers.push(None, id, unknown_id()),
            Some(name) if !(rights.may_change)(name) => {
                let shown = (rights.may_describe)(name).then_some(&**name);
                answers.push(shown, id, denied());
            }
            Some(name) => {
                doomed.insert(id, name.clone());
            }
        }
    }
    doomed
}

fn by_name(
    committed: &TopicsImage,
    rights: &TopicRights<'_>,
    named: &Named,
    doomed: &mut BTreeMap<Uuid, Arc<str>>,
    answers: &mut Answers,
) {
    let mut supplied_twice = named.duplicate_ids.clone();
    for name in &named.names {
        if !(rights.may_describe)(name) {
            answers.push(Some(name), Uuid::ZERO, denied());
            continue;
        }
        let Some(topic) = committed.by_name(name) else {
            let message = "There is no topic of this name.";
            answers.push(Some(name), Uuid::ZERO, ApiError::new(ErrorCode::UnknownTopicOrPartition, message));
            continue;
        };
        if !(rights.may_change)(name) {
            answers.push(Some(name), Uuid::ZERO, denied());
        } else if supplied_twice.contains(&topic.id) || doomed.insert(topic.id, topic.name.clone()).is_some()
        {
            supplied_twice.insert(topic.id);
            doomed.remove(&topic.id);
            let message = "The provided topic name maps to an ID that was already supplied.";
            answers.invalid(Some(name), topic.id, message);
        }
    }
}
