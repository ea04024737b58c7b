//! A run from one seed: topics, producers with retries, readers, stops, kills and power cuts.

use bytes::Bytes;
use klamm_base::codec::Records;
use klamm_base::rng::Rng;
use klamm_log::disk::sim::Faults;
use klamm_node::CloseReason;
use klamm_records::{BatchBuilder, BatchOptions, BatchView, Compression, CompressionType, Limits, Scratch};
use klamm_wire::create_topics::{CreatableTopic, CreatableTopicConfig};
use klamm_wire::fetch::{FetchPartition, FetchTopic};
use klamm_wire::produce::{PartitionProduceData, TopicProduceData};
use klamm_wire::{
    ApiKey, CreateTopicsRequest, CreateTopicsResponse, FetchRequest, FetchResponse, InitProducerIdRequest,
    InitProducerIdResponse, ProduceRequest, ProduceResponse,
};

use crate::client::{Client, Pending};
use crate::model::{End, PartitionModel, RecordId};
use crate::trace::Trace;
use crate::world::{DIR, World};

/// The topics: one acknowledges from the page cache, one syncs first.
const TOPICS: [(&str, &[(&str, &str)]); 2] = [
    ("cached", &[("segment.bytes", "1048576")]),
    ("synced", &[("flush.messages", "1"), ("segment.bytes", "1048576")]),
];
const PARTITIONS: i32 = 2;
const PRODUCERS: usize = 3;
/// Batches that a broker remembers of a producer.
const REMEMBERED: usize = 5;

/// What came of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub trace: u64,
    pub events: u64,
    pub records: usize,
    pub restarts: u32,
    /// Acknowledged records that a power cut took from topics without syncs.
    pub lost: usize,
    /// Repeats that were answered with the offset of the original.
    pub repeats: u32,
}

/// Runs `steps` steps of `seed`. Panics with the seed when something is not as it must be.
pub fn run(seed: u64, steps: u32) -> Outcome {
    let mut run = Run::new(seed);
    for _ in 0..steps {
        run.step();
    }
    run.finish()
}

/// A batch that was sent.
#[derive(Clone, Debug)]
struct Sent {
    partition: usize,
    base_offset: i64,
    count: usize,
    base_sequence: i32,
    batch: Bytes,
}

/// A produce request on its way.
struct InFlight {
    pending: Pending,
    producer: usize,
    sent: Sent,
    acks: i16,
    is_repeat: bool,
}

/// An idempotent producer; sequences and memory by partition.
#[derive(Default)]
struct Producer {
    id: i64,
    next_sequence: Vec<i32>,
    remembered: Vec<Vec<Sent>>,
}

struct Run {
    world: World,
    client: Client,
    partitions: Vec<PartitionModel>,
    producers: Vec<Producer>,
    in_flight: Vec<InFlight>,
    next_id: RecordId,
    trace: Trace,
    restarts: u32,
    lost: usize,
    repeats: u32,
}

impl Run {
    fn new(seed: u64) -> Run {
        let mut world = World::started(seed, &[("auto.create.topics.enable", "false")]);
        let mut client = Client::new(&world);
        for (name, configs) in TOPICS {
            create_topic(&mut world, &mut client, name, configs);
        }
        let count = TOPICS.len() * PARTITIONS as usize;
        let model = |at: usize| PartitionModel::new(topic_of(at).0 == "synced");
        let mut run = Run {
            world,
            client,
            partitions: (0..count).map(model).collect(),
            producers: Vec::new(),
            in_flight: Vec::new(),
            next_id: 0,
            trace: Trace::default(),
            restarts: 0,
            lost: 0,
            repeats: 0,
        };
        run.producers = (0..PRODUCERS).map(|_| run.new_producer()).collect();
        run
    }

    fn step(&mut self) {
        match self.world.rng.below(100) {
            0..=49 => self.produce(),
            50..=57 => self.repeat(),
            58..=69 => self.run_world(),
            70..=81 => self.read(),
            82..=89 => self.pass_time(),
            90..=93 => self.world.background(),
            94..=95 => self.restart(End::Killed),
            96..=97 => self.restart(End::PowerCut),
            98 => self.cut_in_the_middle(),
            _ => self.restart(End::Stopped),
        }
    }

    fn finish(mut self) -> Outcome {
        self.restart(End::Stopped);
        for (path, bytes) in self.world.disk.image(std::path::Path::new(DIR)) {
            self.trace.note(&path.display().to_string());
            self.trace.bytes(&bytes);
        }
        Outcome {
            trace: self.trace.hash(),
            events: self.trace.events(),
            records: self.partitions.iter().map(PartitionModel::len).sum(),
            restarts: self.restarts,
            lost: self.lost,
            repeats: self.repeats,
        }
    }

    /// A new batch, not waited for.
    fn produce(&mut self) {
        let producer = self.world.rng.below(PRODUCERS as u64) as usize;
        let partition = self.world.rng.below(self.partitions.len() as u64) as usize;
        let count = 1 + self.world.rng.below(4) as usize;
        let size = self.world.rng.below(20_000) as usize;
        let ids = self.next_id..self.next_id + count as u64;
        self.next_id += count as u64;
        let base_sequence = self.producers[producer].next_sequence[partition];
        self.producers[producer].next_sequence[partition] += count as i32;
        let codec = [CompressionType::None, CompressionType::Lz4][self.world.rng.below(2) as usize];
        let options = BatchOptions {
            producer_id: self.producers[producer].id,
            producer_epoch: 0,
            base_sequence,
            compression: Compression { codec, level: 1 },
            ..BatchOptions::default()
        };
        let batch = batch(options, ids.clone(), size, self.world.now.wall_ms);
        let base_offset = self.partitions[partition].append(ids);
        let sent = Sent { partition, base_offset, count, base_sequence, batch };
        let memory = &mut self.producers[producer].remembered[partition];
        memory.push(sent.clone());
        if memory.len() > REMEMBERED {
            memory.remove(0);
        }
        let acks = [-1, -1, 1, 0][self.world.rng.below(4) as usize];
        self.send(producer, sent, acks, false);
    }

    /// One of the last batches of a producer once more, as after a lost answer.
    fn repeat(&mut self) {
        let producer = self.world.rng.below(PRODUCERS as u64) as usize;
        let partition = self.world.rng.below(self.partitions.len() as u64) as usize;
        let memory = &self.producers[producer].remembered[partition];
        if memory.is_empty() {
            return;
        }
        let at = self.world.rng.below(memory.len() as u64) as usize;
        let sent = self.producers[producer].remembered[partition][at].clone();
        self.send(producer, sent, -1, true);
    }

    fn send(&mut self, producer: usize, sent: Sent, acks: i16, is_repeat: bool) {
        let (topic, index) = topic_of(sent.partition);
        let request = ProduceRequest {
            acks,
            timeout_ms: 30_000,
            topic_data: vec![TopicProduceData {
                name: topic.to_owned(),
                partition_data: vec![PartitionProduceData {
                    index,
                    records: Records::Bytes(sent.batch.clone()),
                }],
                ..TopicProduceData::default()
            }],
            ..ProduceRequest::default()
        };
        let pending = self.client.send(&mut self.world, ApiKey::Produce, 9, &request);
        self.in_flight.push(InFlight { pending, producer, sent, acks, is_repeat });
    }

    /// Lets writes happen, then looks at the answers.
    fn run_world(&mut self) {
        self.world.run();
        self.collect();
        assert!(self.in_flight.is_empty(), "{} produces wait although all is written", self.in_flight.len());
    }

    /// Takes the answers that are there.
    fn collect(&mut self) {
        for flight in std::mem::take(&mut self.in_flight) {
            if self.world.is_waiting(flight.pending.task) {
                self.in_flight.push(flight);
                continue;
            }
            match flight.acks {
                0 => self.world.give_up(flight.pending.task),
                _ => self.answered(&flight),
            }
        }
    }

    fn answered(&mut self, flight: &InFlight) {
        let answer: Result<ProduceResponse, CloseReason> =
            self.client.receive(&mut self.world, flight.pending).expect("it does not wait");
        let answer = &answer.expect("a produce with acks is answered").responses[0].partition_responses[0];
        self.trace.note(&format!("{} {answer:?}", flight.producer));
        let Sent { partition, base_offset, count, .. } = flight.sent;
        match answer.error_code {
            0 => {
                assert_eq!(
                    answer.base_offset, base_offset,
                    "partition {partition}, repeat {}",
                    flight.is_repeat
                );
                self.partitions[partition].ack(base_offset, count);
                self.repeats += u32::from(flight.is_repeat);
            }
            // The disk has failed: the node goes down, and nothing is known.
            56 => {}
            error => panic!("a batch of producer {} is answered with {error}", flight.producer),
        }
    }

    /// Reads somewhere and compares.
    fn read(&mut self) {
        self.run_world();
        let partition = self.world.rng.below(self.partitions.len() as u64) as usize;
        let acked = self.partitions[partition].acked();
        let from = self.world.rng.below(acked as u64 + 1) as i64;
        let max_bytes = 1 + self.world.rng.below(200_000) as i32;
        let (ids, first, high_watermark) = self.fetch(partition, from, max_bytes);
        assert!(first <= from || ids.is_empty(), "asked from {from}, got from {first}");
        self.partitions[partition].check_read(first, &ids, high_watermark);
        self.trace.note(&format!("read {partition} from {from}: {} records", ids.len()));
    }

    /// Records from the batch that holds `from`, the offset of the first one, and the high watermark.
    fn fetch(&mut self, partition: usize, from: i64, max_bytes: i32) -> (Vec<RecordId>, i64, i64) {
        let (topic, index) = topic_of(partition);
        let asked = FetchPartition {
            partition: index,
            fetch_offset: from,
            partition_max_bytes: max_bytes,
            ..FetchPartition::default()
        };
        let request = FetchRequest {
            max_wait_ms: 0,
            min_bytes: 1,
            max_bytes,
            session_epoch: -1,
            topics: vec![FetchTopic {
                topic: topic.to_owned(),
                partitions: vec![asked],
                ..FetchTopic::default()
            }],
            ..FetchRequest::default()
        };
        let answer: FetchResponse = self.client.call(&mut self.world, ApiKey::Fetch, 11, &request);
        let answer = &answer.responses[0].partitions[0];
        assert_eq!(answer.error_code, 0, "fetch of partition {partition} from {from}");
        let (first, ids) = record_ids(&answer.records, from);
        (ids, first, answer.high_watermark)
    }

    fn pass_time(&mut self) {
        // Now and then long enough for every periodic chore.
        let max_ms = if self.world.rng.below(4) == 0 { 90_000 } else { 3_000 };
        let ms = self.world.rng.below(max_ms) as i64;
        self.world.advance(ms);
        self.collect();
    }

    /// The plug is pulled during one of the next disk operations.
    fn cut_in_the_middle(&mut self) {
        let at = self.world.disk.operations() + 1 + self.world.rng.below(30);
        self.world.disk.set_faults(Faults { power_cut_at: Some(at), ..Faults::default() });
        for _ in 0..10 {
            self.produce();
            self.world.run();
            self.world.background();
            self.collect();
            if self.world.node().fault().is_some() {
                break;
            }
        }
        self.restart(End::PowerCut);
    }

    /// Ends the node one way or another, starts it again, and compares what is left.
    fn restart(&mut self, end: End) {
        match end {
            End::Stopped => {
                self.run_world();
                self.world.stop();
            }
            End::Killed => self.world.kill(),
            End::PowerCut => self.world.power_cut(),
        }
        self.restarts += 1;
        self.world.now.mono = self.world.now.mono.plus_ms(50);
        self.world.start().unwrap_or_else(|fault| panic!("no start after {end:?}: {fault}"));
        self.client = Client::new(&self.world);
        let unanswered = std::mem::take(&mut self.in_flight);
        for partition in 0..self.partitions.len() {
            let found = self.read_all(partition);
            self.trace.note(&format!("{end:?}: partition {partition} has {} records", found.len()));
            let lost = self.partitions[partition].restarted(end, &found);
            self.lost += lost;
            let left = found.len() as i64;
            for producer in 0..self.producers.len() {
                self.forget_lost(producer, partition, left);
            }
        }
        drop(unanswered);
    }

    /// A producer whose last batches are gone goes on behind those that are left.
    fn forget_lost(&mut self, producer: usize, partition: usize, left: i64) {
        let Producer { next_sequence, remembered, .. } = &mut self.producers[producer];
        let memory = &mut remembered[partition];
        let first_lost = memory.iter().position(|sent| sent.base_offset >= left);
        if let Some(at) = first_lost {
            next_sequence[partition] = memory[at].base_sequence;
            memory.truncate(at);
            if at == 0 {
                // More is gone than it remembers: a new identity, as a real client takes.
                self.producers[producer] = self.new_producer();
                return;
            }
        }
        // A producer snapshot holds the last batch only, so older repeats may not be recognised any more.
        let older = memory.len().saturating_sub(1);
        memory.drain(..older);
    }

    fn read_all(&mut self, partition: usize) -> Vec<RecordId> {
        let mut all: Vec<RecordId> = Vec::new();
        loop {
            let from = all.len() as i64;
            let (ids, first, high_watermark) = self.fetch(partition, from, 1 << 20);
            if ids.is_empty() {
                assert_eq!(high_watermark, from, "partition {partition}: nothing more to read below the end");
                return all;
            }
            assert_eq!(first, from, "partition {partition}: a gap");
            all.extend(ids);
        }
    }

    fn new_producer(&mut self) -> Producer {
        let request = InitProducerIdRequest {
            transactional_id: None,
            producer_id: -1,
            producer_epoch: -1,
            ..Default::default()
        };
        let answer: InitProducerIdResponse =
            self.client.call(&mut self.world, ApiKey::InitProducerId, 4, &request);
        assert_eq!(answer.error_code, 0, "a producer id is given");
        let partitions = TOPICS.len() * PARTITIONS as usize;
        let known = self.producers.iter().any(|producer| producer.id == answer.producer_id);
        assert!(!known, "producer id {} is given twice", answer.producer_id);
        Producer {
            id: answer.producer_id,
            next_sequence: vec![0; partitions],
            remembered: vec![Vec::new(); partitions],
        }
    }
}

fn topic_of(partition: usize) -> (&'static str, i32) {
    let per_topic = PARTITIONS as usize;
    (TOPICS[partition / per_topic].0, (partition % per_topic) as i32)
}

fn create_topic(world: &mut World, client: &mut Client, name: &str, configs: &[(&str, &str)]) {
    let config = |(name, value): &(&str, &str)| CreatableTopicConfig {
        name: (*name).to_owned(),
        value: Some((*value).to_owned()),
    };
    let topic = CreatableTopic {
        name: name.to_owned(),
        num_partitions: PARTITIONS,
        replication_factor: 1,
        configs: configs.iter().map(config).collect(),
        ..CreatableTopic::default()
    };
    let request = CreateTopicsRequest { topics: vec![topic], timeout_ms: 1000, ..Default::default() };
    let answer: CreateTopicsResponse = client.call(world, ApiKey::CreateTopics, 5, &request);
    assert_eq!(answer.topics[0].error_code, 0, "{answer:?}");
}

/// Each record's key is its id, its value some bytes.
fn batch(options: BatchOptions, ids: std::ops::Range<RecordId>, size: usize, now_ms: i64) -> Bytes {
    let mut builder = BatchBuilder::new(options);
    let value: Vec<u8> = (0..size).map(|at| (at * 31 + ids.start as usize) as u8).collect();
    for id in ids {
        builder.append(now_ms, Some(&id.to_be_bytes()), Some(&value), &[]).expect("a small record fits");
    }
    builder.build(&mut Scratch::new())
}

/// Ids of the whole batches in an answer, and the offset of the first record.
fn record_ids(records: &Records, from: i64) -> (i64, Vec<RecordId>) {
    let Records::Bytes(bytes) = records else { return (from, Vec::new()) };
    let (mut rest, mut first, mut ids) = (&bytes[..], None, Vec::new());
    while let Ok(batch) = BatchView::parse(rest) {
        batch.check_crc().expect("served batches are whole");
        let mut scratch = Scratch::new();
        let limits = Limits::default();
        let mut reader = batch.records(&mut scratch, &limits).expect("served batches can be read");
        while let Some(record) = reader.next() {
            let record = record.expect("served records can be read");
            let expected = *first.get_or_insert(record.offset) + ids.len() as i64;
            assert_eq!(record.offset, expected, "a gap inside an answer");
            let key = record.key.and_then(|key| key.try_into().ok()).expect("every record has its id as key");
            ids.push(u64::from_be_bytes(key));
        }
        rest = &rest[batch.bytes().len()..];
    }
    (first.unwrap_or(from), ids)
}
