//! Produce (key 0), versions 3-13; 0-2 are advertised and refused (KAFKA-18659).
//!
//! | version | adds |
//! |---|---|
//! | 4 | nothing but the error KAFKA_STORAGE_ERROR |
//! | 5 | log start offset in the answer |
//! | 7 | zstd (KIP-110) |
//! | 8 | record errors and a message (KIP-467) |
//! | 9 | flexible |
//! | 10 | current leader and node endpoints (KIP-951) |
//! | 11, 12 | transactions of version 2 (KIP-890) |
//! | 13 | topic ids (KIP-516) |
//!
//! Differences from Kafka: null records are refused with INVALID_RECORD, Kafka's handler dies on them. A batch of an unknown
//! magic fails its partition, not the whole request. A partition named twice takes both batches, Kafka drops the first.
//! Transactional batches are refused as long as there is no transaction coordinator.

use std::sync::Arc;

use bytes::Bytes;
use klamm_base::ErrorCode;
use klamm_base::codec::Records;
use klamm_records::{BatchHeader, RecordError, RecordErrorKind, RecordErrors, Refusal, Scratch};
use klamm_replica::Acks;
use klamm_wire::produce::{
    BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse, TopicProduceData,
    TopicProduceResponse,
};
use klamm_wire::{ApiKey, ProduceRequest, ProduceResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::gather::Gather;
use crate::image::CurrentLeader;
use crate::partitions::{Append, AppendFailure, Landed, Partition, Sleeper};
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::Produce,
    versions: 3..=13,
    owner: Owner::PartitionLeader,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::Write, ResourceType::Topic)],
    quota: QuotaClass::Produce,
};

/// The client that may write internal topics (Kafka: `AdminUtils.ADMIN_CLIENT_ID`).
const ADMIN_CLIENT_ID: &str = "__admin_client";

/// What a Produce request comes to.
pub enum Produced {
    Response(ProduceResponse),
    /// acks=0 and all is well.
    NoReply,
    /// acks=0, and a partition failed with this.
    Failed(ErrorCode),
}

/// One partition of the request that was appended and whose end is not known yet, or is.
struct Part {
    topic: usize,
    partition: usize,
    target: Arc<Partition>,
    landed: Landed,
}

/// A batch that is looked at elsewhere, and where its answer goes.
struct Slow {
    topic: usize,
    partition: usize,
    target: Arc<Partition>,
    records: Bytes,
}

pub async fn handle(broker: &Broker, context: &RequestContext, request: ProduceRequest) -> Produced {
    let acks = match request.acks {
        0 => Ok(Acks::None),
        1 => Ok(Acks::Leader),
        -1 => Ok(Acks::All),
        _ => Err(ErrorCode::InvalidRequiredAcks),
    };
    let is_transactional =
        request.topic_data.iter().flat_map(|topic| &topic.partition_data).any(|partition| {
            BatchHeader::parse(bytes_of(&partition.records))
                .is_ok_and(|header| header.attributes.is_transactional())
        });
    let acks = match is_transactional {
        true => Err(transactional_error(&request)),
        false => acks,
    };
    let mut append = Appending::new(broker, context, request.topic_data);
    match acks {
        Err(ErrorCode::InvalidRequiredAcks) => append.refuse_known(ErrorCode::InvalidRequiredAcks),
        Err(error) => append.refuse_all(error),
        Ok(acks) => {
            context.connection.produce_order.pass().await;
            append.append_all(acks);
            append.append_slow(acks).await;
            append.settle();
            broker.partitions.bound_producers();
            append.wait(acks, request.timeout_ms).await;
        }
    }
    append.add_current_leaders();
    match request.acks {
        0 => append.first_error().map_or(Produced::NoReply, Produced::Failed),
        _ => Produced::Response(append.response),
    }
}

/// What a transactional batch is told: without a transactional id it has no authority; with one, no coordinator can be
/// asked whether its partition is in the transaction, which Kafka tells by an error that producers retry.
fn transactional_error(request: &ProduceRequest) -> ErrorCode {
    match &request.transactional_id {
        None => ErrorCode::TransactionalIdAuthorizationFailed,
        Some(_) => ErrorCode::NotEnoughReplicas,
    }
}

/// The work on one request: the answer grows in the shape of the request.
struct Appending<'a> {
    broker: &'a Broker,
    context: &'a RequestContext,
    gather: Arc<Gather>,
    /// The records of each partition of the answer, in the same order.
    records: Vec<Vec<Records>>,
    response: ProduceResponse,
    parts: Vec<Part>,
    /// Batches that are looked at elsewhere before they are appended.
    slow: Vec<Slow>,
    /// So many single records may still be named as the ones at fault.
    record_errors_left: usize,
}

impl<'a> Appending<'a> {
    fn new(broker: &'a Broker, context: &'a RequestContext, topics: Vec<TopicProduceData>) -> Appending<'a> {
        let mut response = ProduceResponse::default();
        let mut records = Vec::with_capacity(topics.len());
        response.responses.reserve_exact(topics.len());
        let mut count = 0;
        for topic in topics {
            count += topic.partition_data.len();
            let (answers, batches) = topic
                .partition_data
                .into_iter()
                .map(|partition| (unanswered(partition.index), partition.records))
                .unzip();
            records.push(batches);
            response.responses.push(TopicProduceResponse {
                name: topic.name,
                topic_id: topic.topic_id,
                partition_responses: answers,
            });
        }
        let gather = Gather::new(count as u64);
        let parts = Vec::with_capacity(count);
        let record_errors_left = RecordErrors::KEPT_MAX;
        let slow = Vec::new();
        Appending { broker, context, gather, records, response, parts, slow, record_errors_left }
    }

    /// Appends every partition's batch but those that take long; all of it happens before anything is awaited.
    fn append_all(&mut self, acks: Acks) {
        let mut scratch = self.broker.partitions.take_scratch();
        for topic in 0..self.records.len() {
            for partition in 0..self.records[topic].len() {
                self.append_one(acks, topic, partition, &mut scratch);
            }
        }
        self.broker.partitions.give_scratch(scratch);
    }

    /// Appends the batches that take long. Whatever the connection sends meanwhile waits behind them.
    async fn append_slow(&mut self, acks: Acks) {
        if self.slow.is_empty() {
            return;
        }
        let _closed = self.context.connection.produce_order.close();
        for Slow { topic, partition, target, records } in std::mem::take(&mut self.slow) {
            let examine = {
                let (target, records) = (target.clone(), records.clone());
                let (zstd_allowed, now) = (self.is_zstd_allowed(), self.context.now);
                let max = self.broker.decompressed_max;
                move |scratch: &mut Scratch| target.examine(&records, zstd_allowed, now, max, scratch)
            };
            let ready = self.broker.slow_lane.run(examine).await;
            let sleeper = self.sleeper();
            let append = self.append_of(acks, records, &sleeper);
            let landed = ready.and_then(|ready| target.append_ready(ready, &append));
            self.landed(topic, partition, target, landed);
        }
    }

    /// Takes off what has come to its end already.
    fn settle(&self) {
        let waiting = self.parts.iter().filter(|part| part.landed.outcome.is_none()).count();
        let total: usize = self.records.iter().map(Vec::len).sum();
        self.gather.settle((total - waiting) as u64);
    }

    fn append_one(&mut self, acks: Acks, topic: usize, partition: usize, scratch: &mut Scratch) {
        let target = match self.target(topic, partition) {
            Ok(target) => target,
            Err(error) => return self.answer_mut(topic, partition).error_code = error.code(),
        };
        let records = match std::mem::take(&mut self.records[topic][partition]) {
            Records::Bytes(bytes) => bytes,
            Records::Null | Records::Gap(_) => Bytes::new(),
        };
        let sleeper = self.sleeper();
        let append = self.append_of(acks, records, &sleeper);
        match target.append(&append, scratch) {
            Err(AppendFailure::Slow) => {
                self.slow.push(Slow { topic, partition, target, records: append.records });
            }
            landed => self.landed(topic, partition, target, landed),
        }
    }

    /// Who waits for the next part.
    fn sleeper(&self) -> Sleeper {
        Sleeper { gather: self.gather.clone(), part: self.parts.len() as u32 }
    }

    fn is_zstd_allowed(&self) -> bool {
        self.context.api_version >= 7
    }

    fn append_of<'s>(&self, acks: Acks, records: Bytes, sleeper: &'s Sleeper) -> Append<'s> {
        Append {
            records,
            acks,
            zstd_allowed: self.is_zstd_allowed(),
            now: self.context.now,
            decompressed_max: self.broker.decompressed_max,
            sleeper,
        }
    }

    /// Answers what an append has come to, and keeps it in mind while it must wait.
    fn landed(
        &mut self,
        topic: usize,
        partition: usize,
        target: Arc<Partition>,
        landed: Result<Landed, AppendFailure>,
    ) {
        match landed {
            Ok(landed) => {
                let answer = self.answer_mut(topic, partition);
                answer.base_offset = landed.base_offset;
                answer.log_append_time_ms = landed.log_append_time;
                answer.log_start_offset = landed.log_start_offset;
                if let Some(error) = landed.outcome {
                    answer.error_code = error.code();
                }
                self.parts.push(Part { topic, partition, target, landed });
            }
            Err(failure) => self.failed(topic, partition, &target, failure),
        }
    }

    /// Where a partition of the request goes, or why nowhere.
    fn target(&self, topic: usize, partition: usize) -> Result<Arc<Partition>, ErrorCode> {
        let TopicProduceResponse { name, topic_id, partition_responses, .. } =
            &self.response.responses[topic];
        let index = partition_responses[partition].index;
        let by_id = self.context.api_version >= 13;
        let found = match by_id {
            true => self.broker.partitions.by_id(*topic_id, index),
            false => self.broker.partitions.by_name(name, index),
        };
        let Some(target) = found else {
            return Err(self.broker.image.get().why_not_here(by_id.then_some(*topic_id), name, index));
        };
        if target.is_internal && self.context.client_id.as_deref() != Some(ADMIN_CLIENT_ID) {
            return Err(ErrorCode::InvalidTopicException);
        }
        Ok(target)
    }

    /// Sleeps until every append has come to its end, then fills in those that came to an error.
    async fn wait(&mut self, acks: Acks, timeout_ms: i32) {
        if self.gather.is_complete() {
            return;
        }
        let places = Places { acks, gather: &self.gather, parts: &self.parts };
        let is_slow = acks == Acks::All && self.parts.iter().any(|part| part.target.has_followers());
        let deadline = is_slow.then(|| {
            let at = self.context.now.mono.plus_ms(timeout_ms.into());
            self.broker.timers.arm(at, self.gather.clone())
        });
        self.gather.wait().await;
        drop(deadline);
        let timed_out = places.take_back();
        drop(places);
        for (part, error) in self.gather.take_failed().into_iter().chain(timed_out) {
            let Part { topic, partition, .. } = self.parts[part as usize];
            let index = self.answer_mut(topic, partition).index;
            *self.answer_mut(topic, partition) =
                PartitionProduceResponse { error_code: error.code(), ..unanswered(index) };
        }
    }

    /// Answers the partitions that exist here with `error`, the others with their own.
    fn refuse_known(&mut self, error: ErrorCode) {
        for topic in 0..self.records.len() {
            for partition in 0..self.records[topic].len() {
                let error = self.target(topic, partition).err().unwrap_or(error);
                self.answer_mut(topic, partition).error_code = error.code();
            }
        }
    }

    fn refuse_all(&mut self, error: ErrorCode) {
        let no_coordinator = error == ErrorCode::NotEnoughReplicas;
        for answer in self.response.responses.iter_mut().flat_map(|topic| &mut topic.partition_responses) {
            answer.error_code = error.code();
            answer.error_message =
                no_coordinator.then(|| "no coordinator of transactions is available".to_owned());
        }
    }

    fn failed(&mut self, topic: usize, partition: usize, target: &Partition, failure: AppendFailure) {
        target.count_failed_produce();
        let named_max = self.record_errors_left;
        let answer = self.answer_mut(topic, partition);
        match failure {
            AppendFailure::Code { error, log_start_offset } => {
                answer.error_code = error.code();
                answer.log_start_offset = log_start_offset_with(error, log_start_offset);
            }
            AppendFailure::Slow => unreachable!("what is slow is not answered yet"),
            AppendFailure::Refused { refusal, log_start_offset } => {
                let error = refusal_code(&refusal);
                answer.error_code = error.code();
                if is_about_records(&refusal) {
                    answer.log_start_offset = log_start_offset;
                }
                if let Refusal::RecordErrors(errors) = &refusal {
                    let named = errors.errors.iter().take(named_max);
                    answer.record_errors = named.map(|error| record_error(target, error)).collect();
                    answer.error_message =
                        Some(format!("{} records of the batch were refused", errors.total));
                    // Small compressed batches can hold very many records.
                    let named = answer.record_errors.len();
                    self.record_errors_left -= named;
                }
            }
        }
    }

    /// Tells clients of version 10 and later where the leader is now (KIP-951).
    fn add_current_leaders(&mut self) {
        if self.context.api_version < 10 {
            return;
        }
        let mut endpoints: Vec<NodeEndpoint> = Vec::new();
        for topic in &mut self.response.responses {
            for answer in &mut topic.partition_responses {
                if answer.error_code != ErrorCode::NotLeaderOrFollower.code() {
                    continue;
                }
                let image = self.broker.image.get();
                let id = if topic.topic_id.is_zero() { image.topic_id(&topic.name) } else { topic.topic_id };
                let CurrentLeader { leader_id, leader_epoch, endpoint } =
                    image.current_leader(id, answer.index, &self.context.connection.listener);
                answer.current_leader = LeaderIdAndEpoch { leader_id, leader_epoch };
                if let Some(endpoint) =
                    endpoint.filter(|_| endpoints.iter().all(|known| known.node_id != leader_id))
                {
                    let (host, port, rack) = endpoint;
                    endpoints.push(NodeEndpoint { node_id: leader_id, host, port, rack });
                }
            }
        }
        self.response.node_endpoints = endpoints;
    }

    fn first_error(&self) -> Option<ErrorCode> {
        let answers = self.response.responses.iter().flat_map(|topic| &topic.partition_responses);
        answers.map(|answer| ErrorCode::from_code(answer.error_code)).find(|error| !error.is_none())
    }

    fn answer_mut(&mut self, topic: usize, partition: usize) -> &mut PartitionProduceResponse {
        &mut self.response.responses[topic].partition_responses[partition]
    }
}

/// The places that a waiting request holds in its partitions. Dropped before the end, it takes them back.
struct Places<'a> {
    acks: Acks,
    gather: &'a Arc<Gather>,
    parts: &'a [Part],
}

impl Places<'_> {
    /// Takes back what is still waiting; returns what those appends have come to.
    fn take_back(&self) -> Vec<(u32, ErrorCode)> {
        if self.gather.is_complete() {
            return Vec::new();
        }
        let waiting = self.parts.iter().enumerate().filter(|(_, part)| part.landed.outcome.is_none());
        let given_up = waiting.filter_map(|(at, part)| {
            let sleeper = Sleeper { gather: self.gather.clone(), part: at as u32 };
            let error = part.target.give_up_append(self.acks, &part.landed, &sleeper);
            (!error.is_none()).then_some((at as u32, error))
        });
        given_up.collect()
    }
}

impl Drop for Places<'_> {
    fn drop(&mut self) {
        self.take_back();
    }
}

fn bytes_of(records: &Records) -> &[u8] {
    match records {
        Records::Bytes(bytes) => bytes,
        Records::Null | Records::Gap(_) => &[],
    }
}

fn unanswered(index: i32) -> PartitionProduceResponse {
    PartitionProduceResponse { index, base_offset: -1, ..PartitionProduceResponse::default() }
}

/// Errors that say nothing about the log do not tell its start either.
fn log_start_offset_with(error: ErrorCode, log_start_offset: i64) -> i64 {
    use ErrorCode as E;
    match error {
        E::UnknownTopicOrPartition
        | E::NotLeaderOrFollower
        | E::MessageTooLarge
        | E::RecordListTooLarge
        | E::CorruptMessage
        | E::KafkaStorageError => -1,
        _ => log_start_offset,
    }
}

fn refusal_code(refusal: &Refusal) -> ErrorCode {
    match refusal {
        Refusal::Corrupt(_) => ErrorCode::CorruptMessage,
        Refusal::ZstdNotAllowed => ErrorCode::UnsupportedCompressionType,
        Refusal::TooLarge { .. } => ErrorCode::MessageTooLarge,
        Refusal::RecordErrors(errors) if errors.about_timestamp => ErrorCode::InvalidTimestamp,
        Refusal::NoBatch
        | Refusal::SeveralBatches
        | Refusal::OldMagic { .. }
        | Refusal::BadBaseOffset { .. }
        | Refusal::BadCount { .. }
        | Refusal::ControlBatch
        | Refusal::BadSequence { .. }
        | Refusal::Records(_)
        | Refusal::RecordErrors(_) => ErrorCode::InvalidRecord,
    }
}

/// Found while looking into the batch, rather than before the log was asked: then Kafka tells the log's start.
fn is_about_records(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::BadBaseOffset { .. }
            | Refusal::BadCount { .. }
            | Refusal::ControlBatch
            | Refusal::BadSequence { .. }
            | Refusal::Records(_)
            | Refusal::RecordErrors(_)
    )
}

fn record_error(target: &Partition, error: &RecordError) -> BatchIndexAndErrorMessage {
    let place = format!("{}-{}", target.topic, target.id.partition);
    let text = match error.kind {
        RecordErrorKind::MissingKey => format!("{place} is compacted, and the record has no key"),
        RecordErrorKind::TimestampOutOfRange { timestamp } => {
            format!("the timestamp {timestamp} is too far from the time at {place}")
        }
        RecordErrorKind::LogAppendTimeFromClient => {
            format!("only {place} itself may give timestamps of the kind LogAppendTime")
        }
    };
    BatchIndexAndErrorMessage { batch_index: error.index, batch_index_error_message: Some(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_the_code_of_kafka() {
        assert_eq!(refusal_code(&Refusal::NoBatch), ErrorCode::InvalidRecord);
        assert_eq!(refusal_code(&Refusal::TooLarge { size: 2, max: 1 }), ErrorCode::MessageTooLarge);
        assert_eq!(refusal_code(&Refusal::ZstdNotAllowed), ErrorCode::UnsupportedCompressionType);
    }
}
