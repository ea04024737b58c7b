//! OffsetForLeaderEpoch (key 23), versions 2-4: where an epoch ended, so that readers notice truncation (KIP-320).
//!
//! | version | adds |
//! |---|---|
//! | 3 | replica id |
//! | 4 | flexible |

use klamm_base::ErrorCode;
use klamm_wire::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderPartition, OffsetForLeaderTopicResult,
};
use klamm_wire::{ApiKey, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;

pub const API: Api = Api {
    key: ApiKey::OffsetForLeaderEpoch,
    versions: 2..=4,
    owner: Owner::PartitionLeader,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::Either(
        (Operation::ClusterAction, ResourceType::Cluster),
        (Operation::Describe, ResourceType::Topic),
    )],
    quota: QuotaClass::Request,
};

pub fn handle(broker: &Broker, request: OffsetForLeaderEpochRequest) -> OffsetForLeaderEpochResponse {
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| answer(broker, &topic.topic, asked)).collect();
        OffsetForLeaderTopicResult { topic: topic.topic, partitions }
    });
    OffsetForLeaderEpochResponse { topics: topics.collect(), ..OffsetForLeaderEpochResponse::default() }
}

fn answer(broker: &Broker, topic: &str, asked: &OffsetForLeaderPartition) -> EpochEndOffset {
    let index = asked.partition;
    let found = match broker.partitions.by_name(topic, index) {
        Some(partition) => partition.end_offset_for_epoch(asked.current_leader_epoch, asked.leader_epoch),
        None => Err(broker.image.get().why_not_here(None, topic, index)),
    };
    let (error, (leader_epoch, end_offset)) = match found {
        Ok(found) => (ErrorCode::None, found),
        Err(error) => (error, (-1, -1)),
    };
    EpochEndOffset { error_code: error.code(), partition: index, leader_epoch, end_offset }
}
