//! The task that sends batches and deals with what comes back (Kafka: `Sender`).
//!
//! | Answer | Next |
//! |---|---|
//! | NONE; DUPLICATE_SEQUENCE_NUMBER | appended |
//! | MESSAGE_TOO_LARGE, more than one record | in two parts |
//! | OUT_OF_ORDER_SEQUENCE_NUMBER, an earlier batch has to be sent again | again, behind it |
//! | OUT_OF_ORDER_SEQUENCE_NUMBER, UNKNOWN_PRODUCER_ID, or any fault under an old number | again, counted anew |
//! | no answer, another leader, or anything else that may pass, in time | again |
//! | anything else | failed |

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use klamm_base::codec::Records;
use klamm_base::{ErrorCode, TopicPartition, Uuid};
use klamm_records::Scratch;
use klamm_wire::produce::{PartitionProduceData, PartitionProduceResponse, TopicProduceData};
use klamm_wire::{InitProducerIdRequest, ProduceRequest, ProduceResponse};

use super::accumulator::Outcome;
use super::batch::{Appended, Batch};
use super::numbers::Numbers;
use super::{Acks, ProduceFault, Shared};
use crate::ClientFault;
use crate::fault::is_retriable;

/// From this version on topics go by id.
const FIRST_VERSION_WITH_IDS: i16 = 13;
const UNANSWERED: Appended = Appended { base_offset: -1, append_time_ms: -1 };

#[derive(Clone)]
pub struct Sender {
    shared: Arc<Shared>,
    numbers: Arc<Mutex<Numbers>>,
}

/// Batches of one request, with the ids of their topics.
type Batches = Vec<(Batch, Uuid)>;

impl Sender {
    pub fn new(shared: Arc<Shared>) -> Sender {
        Sender { shared, numbers: Arc::default() }
    }

    /// Sends what is ready, until the task is aborted.
    pub async fn run(self) {
        let mut scratch = Scratch::default();
        loop {
            let woken = self.shared.ready.notified();
            let (batches, next) = self.shared.accumulator.take_ready();
            if !batches.is_empty() {
                self.send_all(batches, &mut scratch).await;
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

    /// Gives each leader its batches and does not wait for the answers. Requests leave from here alone, so that those
    /// of a partition leave in their order.
    async fn send_all(&self, batches: Vec<Batch>, scratch: &mut Scratch) {
        let mut by_leader = BTreeMap::<i32, Vec<Batches>>::new();
        for mut batch in batches {
            match self.prepare(&mut batch).await {
                Ok((leader, topic_id)) => {
                    batch.seal(scratch);
                    self.add(by_leader.entry(leader).or_default(), batch, topic_id);
                }
                Err(fault) => self.failed(batch, fault),
            }
        }
        for (leader, requests) in by_leader {
            for batches in requests {
                self.send_to(leader, batches, scratch).await;
            }
        }
    }

    /// Puts the batch into the last request, or a new one when that would become too large.
    fn add(&self, requests: &mut Vec<Batches>, batch: Batch, topic_id: Uuid) {
        let size_of = |batches: &Batches| batches.iter().map(|(batch, _)| batch.size()).sum::<usize>();
        let max = self.shared.options.request_size_max;
        match requests.last_mut().filter(|last| size_of(last) + batch.size() <= max) {
            Some(last) => last.push((batch, topic_id)),
            None => requests.push(vec![(batch, topic_id)]),
        }
    }

    /// Finds the leader and gives the batch its number.
    async fn prepare(&self, batch: &mut Batch) -> Result<(i32, Uuid), ClientFault> {
        let TopicPartition { topic, partition } = &batch.partition;
        let topic = self.shared.cluster.topic(topic, false).await?;
        let leader = topic.partition(*partition).and_then(|partition| partition.leader);
        let Some(leader) = leader else {
            self.shared.cluster.forget_topic(&topic.name);
            return Err(ClientFault::refused(ErrorCode::LeaderNotAvailable));
        };
        if self.shared.options.idempotent {
            let is_old = |given| !self.numbers().is_current(&batch.partition, given);
            if batch.sequence.is_none_or(is_old) {
                self.ask_producer_id().await?;
                if let Some(number) = self.numbers().next(&batch.partition, batch.len()) {
                    batch.number(number);
                }
            }
        }
        Ok((leader, topic.id))
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    async fn ask_producer_id(&self) -> Result<(), ClientFault> {
        if self.numbers().has_producer() {
            return Ok(());
        }
        let request = InitProducerIdRequest {
            transactional_id: None,
            transaction_timeout_ms: i32::MAX,
            ..InitProducerIdRequest::default()
        };
        let answer = self.shared.cluster.any().await?.call(&request).await?;
        ClientFault::check(answer.error_code, None)?;
        self.numbers().set_producer(answer.producer_id, answer.producer_epoch);
        Ok(())
    }

    /// Puts a request on the wire; a task waits for the answer.
    async fn send_to(&self, leader: i32, mut batches: Batches, scratch: &mut Scratch) {
        let options = &self.shared.options;
        let connection = match self.shared.cluster.node(leader).await {
            Ok(connection) => connection,
            Err(fault) => return self.all_failed(batches, &fault),
        };
        let request = self.request(&mut batches, scratch);
        if options.acks == Acks::None {
            return match connection.send_only(&request) {
                Ok(()) => batches.into_iter().for_each(|(batch, _)| {
                    self.shared.accumulator.settle(batch, Outcome::Appended(UNANSWERED));
                }),
                Err(fault) => self.all_failed(batches, &fault),
            };
        }
        let has_ids = request.topic_data.iter().all(|topic| topic.topic_id != Uuid::ZERO);
        let version_max = if has_ids { i16::MAX } else { FIRST_VERSION_WITH_IDS - 1 };
        match connection.begin(&request, version_max) {
            Ok(answer) => {
                let sender = self.clone();
                tokio::spawn(async move {
                    match answer.await {
                        Ok(answer) => sender.answered_all(batches, &answer),
                        Err(fault) => sender.all_failed(batches, &fault),
                    }
                    sender.shared.ready.notify_one();
                });
            }
            Err(fault) => self.all_failed(batches, &fault),
        }
    }

    fn request(&self, batches: &mut Batches, scratch: &mut Scratch) -> ProduceRequest {
        let mut topics: Vec<TopicProduceData> = Vec::new();
        for (batch, topic_id) in batches {
            let records = Records::Bytes(batch.seal(scratch));
            let TopicPartition { topic, partition } = &batch.partition;
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
        ProduceRequest {
            acks: self.shared.options.acks as i16,
            timeout_ms: i32::try_from(timeout_ms).unwrap_or(i32::MAX),
            topic_data: topics,
            ..ProduceRequest::default()
        }
    }

    fn all_failed(&self, batches: Batches, fault: &ClientFault) {
        batches.into_iter().for_each(|(batch, _)| self.failed(batch, fault.clone()));
    }

    fn answered_all(&self, batches: Batches, answer: &ProduceResponse) {
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
        let appended =
            Appended { base_offset: response.base_offset, append_time_ms: response.log_append_time_ms };
        let accumulator = &self.shared.accumulator;
        match ErrorCode::from_code(response.error_code) {
            ErrorCode::None => accumulator.settle(batch, Outcome::Appended(appended)),
            // An earlier try has arrived, long ago.
            ErrorCode::DuplicateSequenceNumber => accumulator.settle(batch, Outcome::Appended(UNANSWERED)),
            ErrorCode::MessageTooLarge if batch.len() > 1 => {
                self.free_number(&batch);
                accumulator.settle(batch, Outcome::Split);
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
    fn failed(&self, mut batch: Batch, fault: ClientFault) {
        let Shared { cluster, options, accumulator, .. } = &*self.shared;
        let pause = cluster.options().retry_backoff;
        let in_time = batch.age() + pause < options.delivery_timeout && batch.tries < options.retries;
        if let Some(number) = batch.sequence
            && in_time
            && fault.error_code().is_some_and(is_about_numbers)
        {
            // Behind a batch that is to be sent again it is no wonder.
            if !accumulator.has_earlier(&batch) {
                self.numbers().restart(&batch.partition, number);
                batch.tries += 1;
            }
            return accumulator.settle(batch, Outcome::Again { pause: Duration::ZERO });
        }
        if !matches!(fault, ClientFault::Refused { error, .. } if !is_misplaced(error)) {
            cluster.forget_topic(&batch.partition.topic);
        }
        let is_definite = matches!(fault, ClientFault::Refused { error, .. } if !is_retriable(error) && !is_about_numbers(error));
        let outcome = match (fault.is_retriable(), in_time) {
            (true, true) => {
                batch.tries += 1;
                Outcome::Again { pause }
            }
            (true, false) if batch.age() + pause >= options.delivery_timeout => {
                Outcome::Failed(ProduceFault::Expired)
            }
            _ => Outcome::Failed(fault.into()),
        };
        if let Outcome::Failed(_) = outcome {
            match is_definite {
                true => self.free_number(&batch),
                false => self.restart(&batch),
            }
        }
        accumulator.settle(batch, outcome);
    }

    /// The batch was refused whole: the next one takes its number, or all behind it count anew.
    fn free_number(&self, batch: &Batch) {
        if let Some(number) = batch.sequence {
            let mut numbers = self.numbers();
            if !numbers.take_back(&batch.partition, number, batch.len()) {
                numbers.restart(&batch.partition, number);
            }
        }
    }

    /// Nobody knows what the partition has.
    fn restart(&self, batch: &Batch) {
        if let Some(number) = batch.sequence {
            self.numbers().restart(&batch.partition, number);
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

fn is_about_numbers(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::OutOfOrderSequenceNumber | ErrorCode::InvalidProducerEpoch | ErrorCode::UnknownProducerId
    )
}
