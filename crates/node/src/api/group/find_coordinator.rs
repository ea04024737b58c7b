//! FindCoordinator (key 10), versions 0-6: which broker coordinates a group, a transaction or a share partition.
//!
//! | version | adds |
//! |---|---|
//! | 1 | key types, throttling, a message |
//! | 3 | flexible |
//! | 4 | many keys at once (KIP-699) |
//! | 5 | TRANSACTION_ABORTABLE (KIP-890) |
//! | 6 | share partitions (KIP-932) |
//!
//! `__consumer_offsets` is created when the first client asks for the coordinator of a group; until it is there the answer
//! is COORDINATOR_NOT_AVAILABLE, and clients ask again. There are no coordinators of transactions and of share partitions
//! yet: whoever asks for them is told the same, and no topic is created for them.

use klamm_base::{ErrorCode, Uuid};
use klamm_wire::find_coordinator::Coordinator;
use klamm_wire::{ApiKey, CreateTopicsRequest, FindCoordinatorRequest, FindCoordinatorResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::coordinators::GROUP_METADATA_TOPIC;
use crate::image::CurrentLeader;
use crate::internal_topics;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::FindCoordinator,
    versions: 0..=6,
    owner: Owner::Node,
    listeners: Listeners::BROKER,
    authorisation: &[
        Authorisation::All(Operation::Describe, ResourceType::Group),
        Authorisation::All(Operation::Describe, ResourceType::TransactionalId),
    ],
    quota: QuotaClass::Request,
};

/// The first version that asks for many keys.
const FIRST_BATCHED: i16 = 4;
/// The first version that knows share partitions.
const FIRST_WITH_SHARE: i16 = 6;

/// What is looked for (Kafka: `FindCoordinatorRequest.CoordinatorType`).
mod key_type {
    pub const GROUP: i8 = 0;
    pub const TRANSACTION: i8 = 1;
    pub const SHARE: i8 = 2;
}

/// A broker's id, host and port.
type Place = (i32, String, i32);

pub fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    let key_type = request.key_type;
    if key_type == key_type::GROUP {
        create_missing(broker, context);
    }
    if context.api_version >= FIRST_BATCHED {
        let keys = request.coordinator_keys.into_iter();
        let coordinators = keys.map(|key| {
            let (error, (node_id, host, port)) = told(find(broker, context, key_type, &key));
            // Kafka says something only where the request as a whole cannot be meant.
            let is_known = (key_type::GROUP..=key_type::SHARE).contains(&key_type);
            let error_message = Some(if is_known { String::new() } else { message(error).to_owned() });
            Coordinator { key, node_id, host, port, error_code: error.code(), error_message }
        });
        return FindCoordinatorResponse {
            coordinators: coordinators.collect(),
            ..FindCoordinatorResponse::default()
        };
    }
    let (error, (node_id, host, port)) = told(find(broker, context, key_type, &request.key));
    FindCoordinatorResponse {
        error_code: error.code(),
        error_message: Some(message(error).to_owned()),
        node_id,
        host,
        port,
        ..FindCoordinatorResponse::default()
    }
}

fn told(found: Result<Place, ErrorCode>) -> (ErrorCode, Place) {
    match found {
        Ok(place) => (ErrorCode::None, place),
        Err(error) => (error, (-1, String::new(), -1)),
    }
}

fn message(error: ErrorCode) -> &'static str {
    match error {
        ErrorCode::CoordinatorNotAvailable => "no coordinator is there, or not yet",
        ErrorCode::InvalidRequest => "no such kind of coordinator, or no such key",
        _ => error.name(),
    }
}

fn find(broker: &Broker, context: &RequestContext, key_type: i8, key: &str) -> Result<Place, ErrorCode> {
    match key_type {
        key_type::GROUP => of_group(broker, context, key),
        key_type::TRANSACTION => Err(ErrorCode::CoordinatorNotAvailable),
        key_type::SHARE if context.api_version >= FIRST_WITH_SHARE && is_share_partition(key) => {
            Err(ErrorCode::CoordinatorNotAvailable)
        }
        _ => Err(ErrorCode::InvalidRequest),
    }
}

/// The topic of the offsets comes into being when somebody looks for a coordinator.
fn create_missing(broker: &Broker, context: &RequestContext) {
    if broker.image.get().topic(GROUP_METADATA_TOPIC).is_none() {
        let topic = internal_topics::creatable(GROUP_METADATA_TOPIC, &broker.settings().internal_topics);
        let request = CreateTopicsRequest { topics: vec![topic], ..CreateTopicsRequest::default() };
        broker.create_topics_in_passing(&request, context);
    }
}

fn of_group(broker: &Broker, context: &RequestContext, group_id: &str) -> Result<Place, ErrorCode> {
    let (image, settings) = (broker.image.get(), broker.settings());
    let Some(topic) = image.topic(GROUP_METADATA_TOPIC) else {
        return Err(ErrorCode::CoordinatorNotAvailable);
    };
    let partition = broker.group_coordinators.partition_for(&settings, group_id);
    let leader = image.current_leader(topic.id, partition, &context.connection.listener);
    let CurrentLeader { leader_id, endpoint, .. } = leader;
    let (host, port, _) = endpoint.ok_or(ErrorCode::CoordinatorNotAvailable)?;
    Ok((leader_id, host, port))
}

/// `group:topic id:partition`; the group may have colons of its own, and Java drops those at the end
/// (Kafka: `SharePartitionKey.validate`).
fn is_share_partition(key: &str) -> bool {
    let mut parts = key.trim_end_matches(':').rsplitn(3, ':');
    let [partition, topic_id, group_id] = [parts.next(), parts.next(), parts.next()];
    partition.is_some_and(|partition| partition.parse::<i32>().is_ok())
        && topic_id.is_some_and(|id| id.parse::<Uuid>().is_ok())
        && group_id.is_some_and(|group_id| !group_id.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_share_partitions_are_read_from_behind() {
        let id = Uuid([7; 16]);
        for good in [format!("g:{id}:0"), format!("a:b:{id}:12"), format!("g:{id}:3::")] {
            assert!(is_share_partition(&good), "{good}");
        }
        for bad in ["", "g:0", "g:x:0", &format!("g:{id}:x"), &format!(" :{id}:0"), &format!("{id}:0")] {
            assert!(!is_share_partition(bad), "{bad}");
        }
    }
}
