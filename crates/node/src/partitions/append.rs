//! Appending one client's batch to one partition (Kafka: `Partition.appendRecordsToLeader`).

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use klamm_base::{ErrorCode, Now};
use klamm_config::TopicConfig;
use klamm_config::topic::{CompressionType as TopicCompression, TimestampType as TopicTimestampType};
use klamm_log::{AppendContext, AppendOrigin, Appended};
use klamm_records::{
    BatchHeader, BatchView, CodecFault, Compression, CompressionType, Limits, ProduceRules, RecordFault,
    Refusal, Scratch, TimestampType, Validated, patch, recompress,
};
use klamm_replica::{Acknowledge, Acks};

use super::partition::Counters;
use super::{Owner, Partition, Sleeper};

/// One batch on its way into a partition.
pub struct Append<'a> {
    pub records: Bytes,
    pub acks: Acks,
    /// False below version 7 of Produce.
    pub zstd_allowed: bool,
    pub now: Now,
    /// Most bytes that it may decompress to.
    pub decompressed_max: u64,
    /// Who waits for the end of the append.
    pub sleeper: &'a Sleeper,
}

/// Most bytes that a batch of so many may decompress to before it is looked at elsewhere: few enough for a shard to
/// go through at once, enough for what producers send.
fn decompressed_here(size: usize) -> u64 {
    const LEAST: u64 = 1 << 20;
    const MOST: u64 = 8 << 20;
    (4 * size as u64).clamp(LEAST, MOST)
}

/// A batch that was looked at and is as the topic wants it.
#[derive(Debug)]
pub struct Ready {
    header: BatchHeader,
    batch: Bytes,
    record_count: i32,
}

/// Where a batch has come to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Landed {
    pub base_offset: i64,
    /// The timestamp that the leader gave all records; -1 when they kept their own.
    pub log_append_time: i64,
    pub log_start_offset: i64,
    /// The end that must be reached before the answer.
    pub required_offset: i64,
    /// What the append came to; `None`: the sleeper will be told.
    pub outcome: Option<ErrorCode>,
}

/// Why a batch was not appended.
#[derive(Debug)]
pub enum AppendFailure {
    /// The partition cannot take it, or the producer is out of order.
    Code { error: ErrorCode, log_start_offset: i64 },
    /// The bytes are not what they should be.
    Refused { refusal: Refusal, log_start_offset: i64 },
    /// Looking at it takes too long for a shard: [`Partition::examine`] must be called elsewhere.
    Slow,
}

impl Partition {
    /// Validates a batch outside any lock, then appends it under the partition's own. If it must wait, the sleeper
    /// is kept until the end of the append is known.
    pub fn append(
        self: &Arc<Self>,
        append: &Append<'_>,
        scratch: &mut Scratch,
    ) -> Result<Landed, AppendFailure> {
        Counters::add(&self.counters.produce_requests, 1);
        let here = decompressed_here(append.records.len());
        let max = append.decompressed_max.min(here);
        let too_large = Refusal::Records(RecordFault::Codec(CodecFault::TooLarge { limit: here }));
        let is_too_large = |failure: &AppendFailure| matches!(failure, AppendFailure::Refused { refusal, .. } if *refusal == too_large);
        match self.examine(&append.records, append.zstd_allowed, append.now, max, scratch) {
            Ok(ready) => self.append_ready(ready, append),
            Err(failure) if max < append.decompressed_max && is_too_large(&failure) => {
                Err(AppendFailure::Slow)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Validates a batch and gives it the form that the topic wants. Touches nothing else; may take seconds and a lot
    /// of memory if `decompressed_max` says so.
    pub fn examine(
        &self,
        records: &Bytes,
        zstd_allowed: bool,
        now: Now,
        decompressed_max: u64,
        scratch: &mut Scratch,
    ) -> Result<Ready, AppendFailure> {
        let config = self.config();
        let rules = rules(&config, zstd_allowed, now, decompressed_max);
        let validated = klamm_records::validate(records, &rules, scratch)
            .map_err(|refusal| AppendFailure::Refused { refusal, log_start_offset: self.log_start() })?;
        let (header, batch) = prepare(&config, &validated, records, now, scratch)
            .map_err(|error| AppendFailure::Code { error, log_start_offset: self.log_start() })?;
        Ok(Ready { header, batch, record_count: validated.record_count })
    }

    /// Appends what [`Partition::examine`] has looked at.
    pub fn append_ready(
        self: &Arc<Self>,
        ready: Ready,
        append: &Append<'_>,
    ) -> Result<Landed, AppendFailure> {
        let Ready { header, batch, record_count } = ready;
        let landed = self.append_prepared(&header, batch, append)?;
        Counters::add(&self.counters.messages_in, record_count as u64);
        Counters::add(&self.counters.bytes_in, append.records.len() as u64);
        Ok(landed)
    }

    /// Gives up waiting: the sleeper of an append hears nothing more. Returns what the append has come to by now.
    pub fn give_up_append(&self, acks: Acks, landed: &Landed, sleeper: &Sleeper) -> ErrorCode {
        let mut state = self.lock();
        let is_mine =
            |other: &Sleeper| Arc::ptr_eq(&other.gather, &sleeper.gather) && other.part == sleeper.part;
        state.replica.forget_append(acks, landed.required_offset, is_mine);
        state.replica.append_outcome(acks, landed.required_offset).unwrap_or(ErrorCode::RequestTimedOut)
    }

    /// True when an append may wait for other brokers, and so needs a deadline.
    pub fn has_followers(&self) -> bool {
        self.lock().replica.has_followers()
    }

    fn append_prepared(
        self: &Arc<Self>,
        header: &BatchHeader,
        batch: Bytes,
        append: &Append<'_>,
    ) -> Result<Landed, AppendFailure> {
        let mut state = self.lock();
        let log_start_offset = state.log.ends().log_start;
        let failure = |error| AppendFailure::Code { error, log_start_offset };
        if state.deleted {
            return Err(failure(ErrorCode::UnknownTopicOrPartition));
        }
        let leader_epoch = state.replica.check_append(append.acks).map_err(failure)?;
        let context = AppendContext {
            origin: AppendOrigin::Client,
            leader_epoch,
            now_ms: append.now.wall_ms,
            sync: state.acknowledge == Acknowledge::Durable,
        };
        let appended = state.log.append(header, batch, &context).map_err(|error| failure(error.code()))?;
        let (base_offset, last_offset, log_append_time) = match appended {
            Appended::New { base_offset, last_offset, op } => {
                self.directory.writer.submit(op, Owner::Partition(self.clone()));
                (base_offset, last_offset, log_append_time(header))
            }
            Appended::Duplicate { base_offset, last_offset, timestamp_ms } => {
                (base_offset, last_offset, timestamp_ms)
            }
        };
        let required_offset = last_offset + 1;
        let outcome = state.replica.append_outcome(append.acks, required_offset);
        if outcome.is_none() {
            state.replica.wait_for_append(append.acks, required_offset, append.sleeper.clone());
        }
        Ok(Landed { base_offset, log_append_time, log_start_offset, required_offset, outcome })
    }
}

/// The bytes to append: those of the client, unless the topic wants another codec or the leader's time, or the header
/// tells a wrong largest timestamp.
fn prepare(
    config: &TopicConfig,
    validated: &Validated,
    records: &Bytes,
    now: Now,
    scratch: &mut Scratch,
) -> Result<(BatchHeader, Bytes), ErrorCode> {
    let mut batch = records.slice(..validated.header.size_in_bytes());
    if let Some(target) = target_compression(config, &validated.header) {
        batch = written_again(config, &batch, target, scratch)?;
    }
    let (kind, max_timestamp) = match config.message_timestamp_type {
        TopicTimestampType::LogAppendTime => (TimestampType::LogAppendTime, now.wall_ms),
        TopicTimestampType::CreateTime => (TimestampType::CreateTime, validated.max_timestamp),
    };
    let header = BatchHeader::parse(&batch).map_err(|_| ErrorCode::CorruptMessage)?;
    if header.attributes.timestamp_type() == kind && header.max_timestamp == max_timestamp {
        return Ok((header, batch));
    }
    let mut patched = BytesMut::from(&batch[..]);
    patch::set_max_timestamp(&mut patched, kind, max_timestamp);
    let header = BatchHeader::parse(&patched).map_err(|_| ErrorCode::CorruptMessage)?;
    Ok((header, patched.freeze()))
}

/// The batch with the codec that the topic demands. All of its records are held meanwhile, so there may not be any
/// number of bytes of them; and as it is then, it must still be small enough for the topic.
fn written_again(
    config: &TopicConfig,
    batch: &Bytes,
    target: Compression,
    scratch: &mut Scratch,
) -> Result<Bytes, ErrorCode> {
    const HELD_BYTES: u64 = 16 << 20;
    let max_message_bytes = config.max_message_bytes.max(0) as usize;
    let held = HELD_BYTES.max(4 * max_message_bytes as u64);
    let limits = Limits { decompressed_bytes_max: held, ..Limits::default() };
    let view = BatchView::parse(batch).map_err(|_| ErrorCode::CorruptMessage)?;
    match recompress(&view, target, &limits, scratch) {
        Ok(again) if again.len() <= max_message_bytes => Ok(again),
        Ok(_) | Err(RecordFault::Codec(CodecFault::TooLarge { .. })) => Err(ErrorCode::MessageTooLarge),
        Err(_) => Err(ErrorCode::InvalidRecord),
    }
}

fn rules(config: &TopicConfig, zstd_allowed: bool, now: Now, decompressed_max: u64) -> ProduceRules {
    ProduceRules {
        max_message_bytes: config.max_message_bytes.max(0) as usize,
        timestamp_type: match config.message_timestamp_type {
            TopicTimestampType::CreateTime => TimestampType::CreateTime,
            TopicTimestampType::LogAppendTime => TimestampType::LogAppendTime,
        },
        timestamp_before_max_ms: config.message_timestamp_before_max_ms,
        timestamp_after_max_ms: config.message_timestamp_after_max_ms,
        now_ms: now.wall_ms,
        compacted: config.cleanup_compact,
        zstd_allowed,
        limits: Limits {
            record_bytes_max: config.max_decompressed_message_bytes.max(0) as usize,
            decompressed_bytes_max: decompressed_max,
            ..Limits::default()
        },
    }
}

/// The codec that the topic demands, when the batch has another one.
fn target_compression(config: &TopicConfig, header: &BatchHeader) -> Option<Compression> {
    let (codec, level) = match config.compression_type {
        TopicCompression::Producer => return None,
        TopicCompression::Uncompressed => (CompressionType::None, 0),
        TopicCompression::Gzip => (CompressionType::Gzip, config.compression_gzip_level),
        TopicCompression::Snappy => (CompressionType::Snappy, 0),
        TopicCompression::Lz4 => (CompressionType::Lz4, config.compression_lz4_level),
        TopicCompression::Zstd => (CompressionType::Zstd, config.compression_zstd_level),
    };
    (header.codec() != Some(codec)).then_some(Compression { codec, level })
}

fn log_append_time(header: &BatchHeader) -> i64 {
    match header.attributes.timestamp_type() {
        TimestampType::LogAppendTime => header.max_timestamp,
        TimestampType::CreateTime => -1,
    }
}
