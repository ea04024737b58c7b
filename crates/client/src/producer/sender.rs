//! The task that sends batches and deals with what comes back (Kafka: `Sender`, `TransactionManager`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use klamm_base::codec::Records;
use klamm_base::{ErrorCode, TopicPartition, Uuid};
use klamm_records::Scratch;
use klamm_wire::produce::{PartitionProduceData, PartitionProduceResponse, TopicProduceData};
use klamm_wire::{InitProducerIdRequest, ProduceRequest, ProduceResponse};

use super::accumulator::{Batch, Outcome, Sequence};
use super::{Acks, ProduceFault, Shared};
use crate::fault::is_retriable;
use crate::{ClientFault, Connection};

/// From this version on topics go by id.
const FIRST_VERSION_WITH_IDS: i16 = 13;

pub struct Sender {
    shared: Arc<Shared>,
    producer: Arc<Mutex<ProducerIdentity>>,
}

/// The producer's number and how far each partition has come.
#[derive(Default)]
struct ProducerIdentity {
    id: Option<(i64, i16)>,
    next_sequence: BTreeMap<TopicPartition, i32>,
}

impl Sender {
    pub fn new(shared: Arc<Shared>) -> Sender {
        Sender { shared, producer: Arc::default() }
    }

    /// Sends what is ready, until the task is aborted.
    pub async fn run(self) {
        loop {
            let woken = self.shared.ready.notified();
            let (batches, next) = self.shared.accumulator.take_ready(self.shared.options.linger);
            if !batches.is_empty() {
                self.send_all(batches).await;
                continue;
            }
            match next {
                Some(next) => tokio::select! {
                    () = woken => {}
                    () = tokio::time::sleep_until(next) => {}
                },
                None => woken.await,
            }
        }
    }

    /// Gives each leader its batches, in one request each, and does not wait for the answers.
    async fn send_all(&self, batches: Vec<Batch>) {
        let mut by_leader = BTreeMap::<i32, Vec<(Batch, Uuid)>>::new();
        for mut batch in batches {
            match self.prepare(&mut batch).await {
                Ok((leader, topic_id)) => by_leader.entry(leader).or_default().push((batch, topic_id)),
                Err(fault) => self.failed(batch, fault),
            }
        }
        for (leader, batches) in by_leader {
            let sender = Sender { shared: self.shared.clone(), producer: self.producer.clone() };
            tokio::spawn(async move { sender.send_to(leader, batches).await });
        }
    }

    /// Finds the leader and gives the batch its sequence.
    async fn prepare(&self, batch: &mut Batch) -> Result<(i32, Uuid), ClientFault> {
        let TopicPartition { topic, partition } = &batch.partition;
        let topic = self.shared.cluster.topic(topic, false).await?;
        let leader = topic.partition(*partition).and_then(|partition| partition.leader);
        let Some(leader) = leader else {
            self.shared.cluster.forget_topic(&topic.name);
            return Err(ClientFault::refused(ErrorCode::LeaderNotAvailable));
        };
        if self.shared.options.idempotent && batch.sequence.is_none() {
            let (producer_id, producer_epoch) = self.producer_id().await?;
            let mut producer = self.identity();
            let next = producer.next_sequence.entry(batch.partition.clone()).or_insert(0);
            batch.sequence = Some(Sequence { producer_id, producer_epoch, base_sequence: *next });
            *next = add_to_sequence(*next, batch.len());
        }
        Ok((leader, topic.id))
    }

    fn identity(&self) -> std::sync::MutexGuard<'_, ProducerIdentity> {
        self.producer.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    async fn producer_id(&self) -> Result<(i64, i16), ClientFault> {
        if let Some(id) = self.identity().id {
            return Ok(id);
        }
        let request = InitProducerIdRequest {
            transactional_id: None,
            transaction_timeout_ms: i32::MAX,
            ..InitProducerIdRequest::default()
        };
        let answer = self.shared.cluster.any().await?.call(&request).await?;
        ClientFault::check(answer.error_code, None)?;
        let id = (answer.producer_id, answer.producer_epoch);
        *self.identity() = ProducerIdentity { id: Some(id), next_sequence: BTreeMap::new() };
        Ok(id)
    }

    async fn send_to(self, leader: i32, batches: Vec<(Batch, Uuid)>) {
        match self.exchange(leader, &batches).await {
            Ok(Some(answer)) => self.settle(batches, &answer),
            Ok(None) => batches.into_iter().for_each(|(batch, _)| {
                let outcome = Outcome::Delivered { base_offset: -1, append_time_ms: -1 };
                self.shared.accumulator.settle(batch, outcome);
            }),
            Err(fault) => batches.into_iter().for_each(|(batch, _)| self.failed(batch, fault.clone())),
        }
        self.shared.ready.notify_one();
    }

    /// One request; `None` when no answer was asked for.
    async fn exchange(
        &self,
        leader: i32,
        batches: &[(Batch, Uuid)],
    ) -> Result<Option<ProduceResponse>, ClientFault> {
        let options = &self.shared.options;
        let connection = self.shared.cluster.node(leader).await?;
        let mut scratch = Scratch::default();
        let mut topics: Vec<TopicProduceData> = Vec::new();
        for (batch, topic_id) in batches {
            let TopicPartition { topic, partition } = &batch.partition;
            let records = Records::Bytes(batch.encode(options.compression, &mut scratch));
            let data = PartitionProduceData { index: *partition, records };
            match topics.last_mut().filter(|last| *last.name == **topic) {
                Some(last) => last.partition_data.push(data),
                None => topics.push(TopicProduceData {
                    name: topic.to_string(),
                    topic_id: *topic_id,
                    partition_data: vec![data],
                }),
            }
        }
        let timeout_ms = self.shared.cluster.options().connection.request_timeout.as_millis();
        let request = ProduceRequest {
            acks: options.acks as i16,
            timeout_ms: i32::try_from(timeout_ms).unwrap_or(i32::MAX),
            topic_data: topics,
            ..ProduceRequest::default()
        };
        self.put(&connection, &request).await
    }

    async fn put(
        &self,
        connection: &Connection,
        request: &ProduceRequest,
    ) -> Result<Option<ProduceResponse>, ClientFault> {
        if self.shared.options.acks == Acks::None {
            return connection.send_only(request).map(|()| None);
        }
        let has_ids = request.topic_data.iter().all(|topic| topic.topic_id != Uuid::ZERO);
        let version_max = if has_ids { i16::MAX } else { FIRST_VERSION_WITH_IDS - 1 };
        connection.call_at_most(request, version_max).await.map(|(answer, _)| Some(answer))
    }

    fn settle(&self, batches: Vec<(Batch, Uuid)>, answer: &ProduceResponse) {
        for (batch, topic_id) in batches {
            let TopicPartition { topic, partition } = &batch.partition;
            let of_topic = answer.responses.iter().filter(|response| {
                *response.name == **topic || (response.name.is_empty() && response.topic_id == topic_id)
            });
            let mut found = of_topic.flat_map(|response| &response.partition_responses);
            match found.find(|response| response.index == *partition) {
                Some(response) => self.answered(batch, response),
                None => self.failed(batch, ClientFault::refused(ErrorCode::UnknownServerError)),
            }
        }
    }

    fn answered(&self, batch: Batch, response: &PartitionProduceResponse) {
        let delivered = Outcome::Delivered {
            base_offset: response.base_offset,
            append_time_ms: response.log_append_time_ms,
        };
        match ErrorCode::from_code(response.error_code) {
            ErrorCode::None => self.shared.accumulator.settle(batch, delivered),
            // An earlier try has arrived, long ago.
            ErrorCode::DuplicateSequenceNumber => self
                .shared
                .accumulator
                .settle(batch, Outcome::Delivered { base_offset: -1, append_time_ms: -1 }),
            ErrorCode::MessageTooLarge if batch.len() > 1 => {
                self.take_back_sequence(&batch);
                self.shared.accumulator.settle(batch, Outcome::Split);
            }
            error => {
                let own_words =
                    response.record_errors.iter().find_map(|e| e.batch_index_error_message.clone());
                let message = response.error_message.clone().or(own_words);
                self.failed(batch, ClientFault::Refused { error, message });
            }
        }
    }

    /// Sends the batch again, as long as that may help and there is time.
    fn failed(&self, batch: Batch, fault: ClientFault) {
        if !matches!(fault, ClientFault::Refused { error, .. } if !is_misplaced(error)) {
            self.shared.cluster.forget_topic(&batch.partition.topic);
        }
        let pause = self.shared.cluster.options().retry_backoff;
        let in_time = batch.age() + pause < self.shared.options.delivery_timeout;
        let retriable = fault.is_retriable();
        let outcome = match (retriable, in_time) {
            (true, true) => Outcome::Again { pause },
            (true, false) => Outcome::Failed(ProduceFault::Expired),
            (false, _) => Outcome::Failed(fault.clone().into()),
        };
        if let Outcome::Failed(_) = outcome {
            match fault {
                ClientFault::Refused { error, .. } if !is_retriable(error) && !is_about_sequences(error) => {
                    self.take_back_sequence(&batch);
                }
                // Nobody knows what the partition has: the numbers begin anew under another id.
                _ => *self.identity() = ProducerIdentity::default(),
            }
        }
        self.shared.accumulator.settle(batch, outcome);
    }

    /// The batch was refused whole: the next one takes its numbers.
    fn take_back_sequence(&self, batch: &Batch) {
        if let Some(sequence) = batch.sequence {
            let mut identity = self.identity();
            if identity.id == Some((sequence.producer_id, sequence.producer_epoch)) {
                identity.next_sequence.insert(batch.partition.clone(), sequence.base_sequence);
            }
        }
    }
}

/// The leader may be another one now.
fn is_misplaced(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::NotLeaderOrFollower
            | ErrorCode::LeaderNotAvailable
            | ErrorCode::UnknownTopicOrPartition
            | ErrorCode::UnknownTopicId
            | ErrorCode::InconsistentTopicId
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::UnknownLeaderEpoch
            | ErrorCode::KafkaStorageError
    )
}

fn is_about_sequences(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::OutOfOrderSequenceNumber
            | ErrorCode::InvalidProducerEpoch
            | ErrorCode::UnknownProducerId
            | ErrorCode::ProducerFenced
    )
}

/// Sequences wrap to 0 behind the largest int (Kafka: `DefaultRecordBatch.incrementSequence`).
fn add_to_sequence(sequence: i32, count: usize) -> i32 {
    ((i64::from(sequence) + count as i64) & i64::from(i32::MAX)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_wrap_to_zero() {
        assert_eq!(add_to_sequence(0, 3), 3);
        assert_eq!(add_to_sequence(i32::MAX, 1), 0);
        assert_eq!(add_to_sequence(i32::MAX - 1, 5), 3);
    }
}
