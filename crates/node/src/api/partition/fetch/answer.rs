//! What a fetch answers, partition by partition.

use std::sync::Arc;

use klamm_base::codec::Records;
use klamm_base::{ErrorCode, Uuid};
use klamm_log::FileSlice;
use klamm_replica::fetch_session::{Answered, FetchKey, FetchTopic, PartitionFetch, PartitionNews};
use klamm_wire::fetch::{
    AbortedTransaction, EpochEndOffset, FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
};
use klamm_wire::{FetchRequest, FetchResponse};

use super::{Part, TOPIC_IDS, Target};
use crate::broker::Broker;
use crate::image::CurrentLeader;
use crate::partitions::{Partition, PartitionRead};
use crate::request::RequestContext;

/// The same error for the whole request; before topic ids each partition says it too
/// (Kafka: `FetchRequest.getErrorResponse`).
pub(super) fn refuse(version: i16, request: &FetchRequest, error: ErrorCode) -> FetchResponse {
    let partition = |index: i32| PartitionData {
        partition_index: index,
        error_code: error.code(),
        high_watermark: -1,
        records: Records::Gap(0),
        ..PartitionData::default()
    };
    let topics = request.topics.iter().filter(|_| version < TOPIC_IDS).map(|topic| FetchableTopicResponse {
        topic: topic.topic.clone(),
        topic_id: topic.topic_id,
        partitions: topic.partitions.iter().map(|asked| partition(asked.partition)).collect(),
    });
    FetchResponse { error_code: error.code(), responses: topics.collect(), ..FetchResponse::default() }
}

/// One partition's answer, before the session has decided whether it is sent.
pub(super) struct Answer {
    key: FetchKey,
    fetch: PartitionFetch,
    data: PartitionData,
    slice: Option<FileSlice>,
    target: Option<Arc<Partition>>,
}

impl Answer {
    pub(super) fn new(version: i16, part: Part, found: Result<PartitionRead, ErrorCode>) -> Answer {
        let Part { key, fetch, target } = part;
        let mut data = PartitionData {
            partition_index: key.partition,
            high_watermark: -1,
            aborted_transactions: None,
            records: Records::Gap(0),
            ..PartitionData::default()
        };
        let mut slice = None;
        match found {
            Ok(found) => {
                data.high_watermark = found.high_watermark;
                data.last_stable_offset = found.last_stable_offset;
                data.log_start_offset = found.log_start_offset;
                if let Some((epoch, end_offset)) = found.diverging_epoch {
                    data.diverging_epoch = EpochEndOffset { epoch, end_offset };
                }
                data.records = Records::Gap(found.size_in_bytes());
                data.aborted_transactions = found.aborted.map(|aborted| {
                    let transaction = |aborted: klamm_log::AbortedTransaction| AbortedTransaction {
                        producer_id: aborted.producer_id,
                        first_offset: aborted.first_offset,
                    };
                    aborted.into_iter().map(transaction).collect()
                });
                slice = found.slice;
            }
            Err(error) => data.error_code = down_convert(version, error).code(),
        }
        let target = match target {
            Target::Here(partition) => Some(partition),
            Target::NotReadable(_) => None,
            Target::Unknown(_) => {
                // Kafka makes these answers elsewhere, and leaves the list at its default.
                data.aborted_transactions = Some(Vec::new());
                None
            }
        };
        Answer { key, fetch, data, slice, target }
    }
}

impl Answered for Answer {
    fn key(&self) -> &FetchKey {
        &self.key
    }

    fn fetch(&self) -> &PartitionFetch {
        &self.fetch
    }

    fn news(&self) -> PartitionNews {
        PartitionNews {
            error: ErrorCode::from_code(self.data.error_code),
            high_watermark: self.data.high_watermark,
            log_start_offset: self.data.log_start_offset,
            has_records: self.slice.is_some(),
            must_tell: self.data.diverging_epoch.epoch >= 0,
        }
    }
}

/// Clients before version 6 take a storage error for final; they shall look for another leader.
fn down_convert(version: i16, error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::KafkaStorageError if version <= 5 => ErrorCode::NotLeaderOrFollower,
        error => error,
    }
}

pub(super) fn respond(
    broker: &Broker,
    context: &RequestContext,
    session_id: i32,
    error: ErrorCode,
    answers: Vec<Answer>,
) -> (FetchResponse, Vec<FileSlice>) {
    let mut response = FetchResponse { error_code: error.code(), session_id, ..FetchResponse::default() };
    let mut slices = Vec::new();
    for mut answer in answers {
        if context.api_version >= 16 {
            add_current_leader(broker, context, &mut answer, &mut response.node_endpoints);
        }
        if let Some(slice) = answer.slice {
            if let Some(target) = &answer.target {
                target.count_bytes_out(slice.len);
            }
            slices.push(slice);
        }
        let (topic, topic_id) = match answer.key.topic {
            FetchTopic::Id(id) => (String::new(), id),
            FetchTopic::Name(name) => (name.to_string(), Uuid::ZERO),
        };
        match response.responses.last_mut() {
            Some(last) if last.topic == topic && last.topic_id == topic_id => {
                last.partitions.push(answer.data)
            }
            _ => response.responses.push(FetchableTopicResponse {
                topic,
                topic_id,
                partitions: vec![answer.data],
            }),
        }
    }
    (response, slices)
}

/// Tells where the leader is now, where that is the client's question (KIP-951).
fn add_current_leader(
    broker: &Broker,
    context: &RequestContext,
    answer: &mut Answer,
    endpoints: &mut Vec<NodeEndpoint>,
) {
    let error = ErrorCode::from_code(answer.data.error_code);
    if !matches!(error, ErrorCode::NotLeaderOrFollower | ErrorCode::FencedLeaderEpoch) {
        return;
    }
    let image = broker.image.get();
    let id = match &answer.key.topic {
        FetchTopic::Id(id) => *id,
        FetchTopic::Name(name) => image.topic_id(name),
    };
    let CurrentLeader { leader_id, leader_epoch, endpoint } =
        image.current_leader(id, answer.key.partition, &context.connection.listener);
    answer.data.current_leader = LeaderIdAndEpoch { leader_id, leader_epoch };
    if let Some((host, port, rack)) =
        endpoint.filter(|_| endpoints.iter().all(|known| known.node_id != leader_id))
    {
        endpoints.push(NodeEndpoint { node_id: leader_id, host, port, rack });
    }
}
