//! One request to one leader, and its answer as records (Kafka: `FetchCollector`, `CompletedFetch`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use klamm_base::codec::Records;
use klamm_base::{ErrorCode, TopicPartition, Uuid};
use klamm_records::{AnyBatch, BatchView, Batches, ControlRecordType, Limits, Record, Scratch};
use klamm_wire::FetchRequest;
use klamm_wire::fetch::{AbortedTransaction, FetchPartition, FetchTopic, PartitionData};

use super::{ConsumedRecord, ConsumerOptions, IsolationLevel};
use crate::{ClientFault, Cluster};

/// From this version on topics go by id.
const FIRST_VERSION_WITH_IDS: i16 = 13;

/// A request under construction.
pub struct Fetch {
    leader: i32,
    assignment: u64,
    options: ConsumerOptions,
    partitions: BTreeMap<TopicPartition, (Uuid, i64)>,
}

/// What came of a request.
pub struct Fetched {
    pub leader: i32,
    /// The assignment it was made for.
    pub assignment: u64,
    pub partitions: Vec<TopicPartition>,
    pub result: Result<Answers, ClientFault>,
}

/// What was answered for each partition.
pub type Answers = Vec<(TopicPartition, Result<Read, ClientFault>)>;

/// What was read of one partition.
#[derive(Debug)]
pub struct Read {
    pub records: Vec<ConsumedRecord>,
    /// Behind everything that was looked at, visible or not.
    pub next_offset: i64,
    pub last_epoch: Option<i32>,
}

impl Fetch {
    pub fn new(leader: i32, assignment: u64, options: ConsumerOptions) -> Fetch {
        Fetch { leader, assignment, options, partitions: BTreeMap::new() }
    }

    pub fn add(&mut self, partition: TopicPartition, topic_id: Uuid, offset: i64) {
        self.partitions.insert(partition, (topic_id, offset));
    }

    pub async fn run(self, cluster: Cluster) -> Fetched {
        let result = self.exchange(&cluster).await;
        Fetched {
            leader: self.leader,
            assignment: self.assignment,
            partitions: self.partitions.into_keys().collect(),
            result,
        }
    }

    async fn exchange(&self, cluster: &Cluster) -> Result<Answers, ClientFault> {
        let connection = cluster.node(self.leader).await?;
        let has_ids = self.partitions.values().all(|(topic_id, _)| *topic_id != Uuid::ZERO);
        let version_max = if has_ids { i16::MAX } else { FIRST_VERSION_WITH_IDS - 1 };
        let timeout = cluster.options().connection.request_timeout + self.options.fetch_max_wait;
        let (answer, _) = connection.call_within(&self.request(), version_max, timeout).await?;
        ClientFault::check(answer.error_code, None)?;
        let mut all = Vec::new();
        for topic in answer.responses {
            for data in topic.partitions {
                let found = self.partitions.iter().find(|(partition, (topic_id, _))| {
                    partition.partition == data.partition_index
                        && (*partition.topic == *topic.topic
                            || (topic.topic.is_empty() && topic.topic_id == *topic_id))
                });
                if let Some((partition, (_, offset))) = found {
                    all.push((partition.clone(), self.read(partition, *offset, data)));
                }
            }
        }
        Ok(all)
    }

    fn request(&self) -> FetchRequest {
        let mut topics: Vec<FetchTopic> = Vec::new();
        for (partition, (topic_id, offset)) in &self.partitions {
            let asked = FetchPartition {
                partition: partition.partition,
                current_leader_epoch: -1,
                fetch_offset: *offset,
                last_fetched_epoch: -1,
                log_start_offset: -1,
                partition_max_bytes: self.options.max_partition_fetch_bytes,
                ..FetchPartition::default()
            };
            match topics.last_mut().filter(|last| *last.topic == *partition.topic) {
                Some(last) => last.partitions.push(asked),
                None => topics.push(FetchTopic {
                    topic: partition.topic.to_string(),
                    topic_id: *topic_id,
                    partitions: vec![asked],
                }),
            }
        }
        FetchRequest {
            replica_id: -1,
            max_wait_ms: millis(self.options.fetch_max_wait),
            min_bytes: self.options.fetch_min_bytes,
            max_bytes: self.options.fetch_max_bytes,
            isolation_level: self.options.isolation_level as i8,
            session_id: 0,
            session_epoch: -1,
            topics,
            rack_id: self.options.rack.clone(),
            ..FetchRequest::default()
        }
    }

    fn read(
        &self,
        partition: &TopicPartition,
        offset: i64,
        data: PartitionData,
    ) -> Result<Read, ClientFault> {
        ClientFault::check(data.error_code, None)?;
        let bytes = match data.records {
            Records::Bytes(bytes) => bytes,
            _ => Bytes::new(),
        };
        let aborted = match self.options.isolation_level {
            IsolationLevel::ReadCommitted => data.aborted_transactions.unwrap_or_default(),
            IsolationLevel::ReadUncommitted => Vec::new(),
        };
        read_batches(partition, offset, &bytes, aborted, self.options.check_crcs)
    }
}

fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

/// The records from `offset` on, without markers and without those of aborted transactions. A batch that the size of
/// the answer has cut off is left for the next one.
fn read_batches(
    partition: &TopicPartition,
    offset: i64,
    bytes: &Bytes,
    aborted: Vec<AbortedTransaction>,
    check_crcs: bool,
) -> Result<Read, ClientFault> {
    let corrupt = || ClientFault::refused(ErrorCode::CorruptMessage);
    let mut read = Read { records: Vec::new(), next_offset: offset, last_epoch: None };
    let mut aborted = Aborted::new(aborted);
    for batch in Batches::new(bytes) {
        let batch = match batch {
            Ok(AnyBatch::V2(batch)) => batch,
            // Kafka 4 hands out no older formats, and down-converts none.
            Ok(AnyBatch::Legacy(_)) => {
                return Err(ClientFault::refused(ErrorCode::UnsupportedForMessageFormat));
            }
            Err(klamm_records::BatchFault::Truncated { .. }) => break,
            Err(_) => return Err(corrupt()),
        };
        if check_crcs {
            batch.check_crc().map_err(|_| corrupt())?;
        }
        let is_hidden = aborted.hides(&batch).ok_or_else(corrupt)?;
        if !is_hidden && !batch.header().attributes.is_control() {
            read_records(partition, offset, &batch, &mut read.records).ok_or_else(corrupt)?;
        }
        read.next_offset = read.next_offset.max(batch.header().last_offset() + 1);
        read.last_epoch = Some(batch.header().partition_leader_epoch);
    }
    Ok(read)
}

fn read_records(
    partition: &TopicPartition,
    offset: i64,
    batch: &BatchView<'_>,
    records: &mut Vec<ConsumedRecord>,
) -> Option<()> {
    let header = batch.header();
    let (mut scratch, limits) = (Scratch::default(), Limits::default());
    let mut reader = batch.records(&mut scratch, &limits).ok()?;
    while let Some(record) = reader.next() {
        let record = record.ok()?;
        if record.offset >= offset {
            let mut consumed = consumed(partition, &record);
            consumed.timestamp_type = header.attributes.timestamp_type();
            consumed.leader_epoch = header.partition_leader_epoch;
            records.push(consumed);
        }
    }
    Some(())
}

fn consumed(partition: &TopicPartition, record: &Record<'_>) -> ConsumedRecord {
    let headers = record.headers.iter();
    ConsumedRecord {
        partition: partition.clone(),
        offset: record.offset,
        timestamp_type: klamm_records::TimestampType::CreateTime,
        timestamp_ms: record.timestamp,
        leader_epoch: -1,
        key: record.key.map(Bytes::copy_from_slice),
        value: record.value.map(Bytes::copy_from_slice),
        headers: headers
            .map(|header| (Bytes::copy_from_slice(header.key), header.value.map(Bytes::copy_from_slice)))
            .collect(),
    }
}

/// Which transactions of an answer were aborted (Kafka: `CompletedFetch.isBatchAborted`).
struct Aborted {
    /// Those that begin further on, the nearest last.
    ahead: Vec<AbortedTransaction>,
    /// Producers inside an aborted transaction.
    open: BTreeSet<i64>,
}

impl Aborted {
    fn new(mut ahead: Vec<AbortedTransaction>) -> Aborted {
        ahead.sort_by_key(|transaction| std::cmp::Reverse(transaction.first_offset));
        Aborted { ahead, open: BTreeSet::new() }
    }

    /// Whether the batch belongs to an aborted transaction; `None` when its marker cannot be read.
    fn hides(&mut self, batch: &BatchView<'_>) -> Option<bool> {
        let header = batch.header();
        if !header.has_producer_id() {
            return Some(false);
        }
        while let Some(next) = self.ahead.pop_if(|next| next.first_offset <= header.last_offset()) {
            self.open.insert(next.producer_id);
        }
        if header.attributes.is_control() {
            if is_abort(batch)? {
                self.open.remove(&header.producer_id);
            }
            return Some(true);
        }
        Some(header.attributes.is_transactional() && self.open.contains(&header.producer_id))
    }
}

/// Whether a control batch ends its transaction in vain; `None` when it cannot be read.
fn is_abort(batch: &BatchView<'_>) -> Option<bool> {
    if batch.header().record_count == 0 {
        return Some(false);
    }
    let (mut scratch, limits) = (Scratch::default(), Limits::default());
    let mut reader = batch.records(&mut scratch, &limits).ok()?;
    let marker = reader.next()?.ok()?;
    Some(ControlRecordType::from_key(marker.key) == Some(ControlRecordType::Abort))
}
