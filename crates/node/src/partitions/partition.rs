//! One partition of this broker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use klamm_base::owned::{Mutex, MutexGuard, RwLock};
use klamm_base::{ErrorCode, TopicIdPartition, Uuid};
use klamm_config::TopicConfig;
use klamm_log::{Log, LogFault, LogOffset, PartitionDir, Progress};
use klamm_replica::{
    Acknowledge, LeaderTerm, LogOffsetMetadata, NewBytes, PartitionState, Released, Role, VisibleEnds,
};

use super::directory::Directory;
use crate::fault::is_out_of_descriptors;
use crate::gather::{Gather, Wakes};

/// A sleeping request as its partition knows it.
#[derive(Clone, Debug)]
pub struct Sleeper {
    pub gather: Arc<Gather>,
    /// Which part of the request this partition is.
    pub part: u32,
}

/// One partition. Everything that changes together is under one lock, held for memory work only.
pub struct Partition {
    pub topic: Arc<str>,
    pub id: TopicIdPartition,
    /// `__consumer_offsets` and its kin, which clients may not write.
    pub is_internal: bool,
    pub directory: Arc<Directory>,
    local_id: i32,
    config: RwLock<Arc<TopicConfig>>,
    pub(super) state: Mutex<State>,
    is_starved: AtomicBool,
    pub counters: Counters,
}

/// What is under the lock.
pub(super) struct State {
    pub log: Log,
    pub replica: PartitionState<Sleeper>,
    pub acknowledge: Acknowledge,
    /// Where the log shall begin once the checkpoint says so.
    pub claimed_start: i64,
    /// When the log was last flushed because of its age, wall clock in ms.
    pub flushed_ms: Option<i64>,
    /// It holds what cannot be read, so the cleaner leaves it alone.
    pub uncleanable: bool,
    /// The topic is gone; the log's directory has been given up.
    pub deleted: bool,
}

/// What the partition's owner counts (Kafka: `BrokerTopicMetrics`).
#[derive(Debug, Default)]
pub struct Counters {
    pub messages_in: AtomicU64,
    pub bytes_in: AtomicU64,
    pub bytes_out: AtomicU64,
    pub produce_requests: AtomicU64,
    pub fetch_requests: AtomicU64,
    pub failed_produce_requests: AtomicU64,
    pub failed_fetch_requests: AtomicU64,
}

impl Counters {
    pub fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }
}

impl Partition {
    /// A partition with its opened log, leading nothing yet. `high_watermark` comes from the checkpoint.
    pub fn new(
        topic: Arc<str>,
        id: TopicIdPartition,
        directory: Arc<Directory>,
        local_id: i32,
        config: Arc<TopicConfig>,
        log: Log,
        high_watermark: i64,
    ) -> Partition {
        let acknowledge = acknowledge(&config);
        let end = acknowledged_end(&log, acknowledge);
        let high_watermark = high_watermark.max(log.ends().log_start);
        let replica = PartitionState::new(high_watermark, end, config.min_insync_replicas);
        Partition {
            is_internal: crate::internal_topics::is_internal(&topic),
            topic,
            id,
            directory,
            local_id,
            config: RwLock::new(config),
            state: Mutex::new(State::new(log, replica, acknowledge)),
            is_starved: AtomicBool::new(false),
            counters: Counters::default(),
        }
    }

    pub fn topic_id(&self) -> Uuid {
        self.id.topic_id
    }

    /// The topic's settings as of now.
    pub fn config(&self) -> Arc<TopicConfig> {
        self.config.read().clone()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// This broker leads the partition from now on, or goes on to.
    pub fn lead(&self, term: LeaderTerm, wakes: &mut Wakes) {
        let mut state = self.lock();
        if state.deleted {
            return;
        }
        let epoch = term.leader_epoch;
        let log_end = metadata(state.log.ends().assigned);
        let new_epoch = state.replica.lead(self.local_id, term, log_end, |news| tell(news, wakes));
        if new_epoch {
            state.log.begin_leader_epoch(epoch);
        }
        state.tell_readers(wakes);
    }

    /// Another broker leads, or nobody: who waits is told `error`.
    pub fn resign(&self, error: ErrorCode, wakes: &mut Wakes) {
        self.lock().replica.resign(error, |news| tell(news, wakes));
    }

    /// The directory has failed.
    pub fn fail(&self, wakes: &mut Wakes) {
        self.lock().replica.fail(|news| tell(news, wakes));
    }

    /// The topic is gone: gives up the log and renames its folder, unless the directory has failed. Blocks on the disk
    /// under the lock, which nobody needs any more: the partition has left the table.
    pub fn delete(&self, unique: Uuid, wakes: &mut Wakes) -> Result<Option<PartitionDir>, LogFault> {
        let mut state = self.lock();
        state.deleted = true;
        state.replica.resign(ErrorCode::UnknownTopicOrPartition, |news| tell(news, wakes));
        if self.directory.is_offline() {
            return Ok(None);
        }
        self.directory.log_dir.mark_deleted(&mut state.log, unique).map(Some)
    }

    /// The writer of the directory has come further, or has failed.
    pub fn on_progress(&self, progress: &Progress, wakes: &mut Wakes) {
        let mut state = self.lock();
        state.log.advance(progress);
        if let Some(fault) = &progress.fault {
            self.is_starved.fetch_or(is_out_of_descriptors(fault), Ordering::Release);
            state.replica.fail(|news| tell(news, wakes));
            return;
        }
        let end = acknowledged_end(&state.log, state.acknowledge);
        state.replica.local_end_moved(self.local_id, end);
        self.directory.offsets_moved();
        state.tell_readers(wakes);
    }

    /// The log was given up for want of a descriptor only: it can be opened again.
    pub fn is_starved(&self) -> bool {
        self.is_starved.load(Ordering::Acquire)
    }

    /// The topic's settings have changed.
    pub fn set_config(&self, config: Arc<TopicConfig>, log_config: klamm_log::LogConfig, wakes: &mut Wakes) {
        *self.config.write() = config.clone();
        let mut state = self.lock();
        state.log.update_config(log_config);
        state.acknowledge = acknowledge(&config);
        state.replica.set_min_insync_replicas(config.min_insync_replicas, |news| tell(news, wakes));
        state.tell_readers(wakes);
    }

    /// What the checkpoints of the directory say about this partition: nothing once it has been deleted.
    pub fn checkpointed(&self) -> Option<Checkpointed> {
        let state = self.lock();
        let ends = state.log.ends();
        (!state.deleted).then(|| Checkpointed {
            recovery_point: ends.recovery_point,
            log_start: ends.log_start.max(state.claimed_start),
            high_watermark: state.replica.high_watermark().offset,
        })
    }

    /// Bytes of all segments.
    pub fn size_in_bytes(&self) -> u64 {
        self.lock().log.size_in_bytes()
    }

    pub fn count_failed_produce(&self) {
        Counters::add(&self.counters.failed_produce_requests, 1);
    }

    pub fn count_bytes_out(&self, bytes: u32) {
        Counters::add(&self.counters.bytes_out, bytes.into());
    }

    /// Requests sleeping here: appends and fetches.
    pub fn waiting(&self) -> (usize, usize) {
        self.lock().replica.waiting()
    }
}

/// Offsets that survive a restart beside the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpointed {
    pub recovery_point: i64,
    pub log_start: i64,
    pub high_watermark: i64,
}

impl State {
    fn new(log: Log, replica: PartitionState<Sleeper>, acknowledge: Acknowledge) -> State {
        State {
            log,
            replica,
            acknowledge,
            claimed_start: 0,
            flushed_ms: None,
            uncleanable: false,
            deleted: false,
        }
    }

    /// Whether there is a log to ask, whoever leads.
    ///
    /// # Errors
    /// `UNKNOWN_TOPIC_OR_PARTITION` when it was given up, `KAFKA_STORAGE_ERROR` when it has failed.
    pub fn check_log(&self) -> Result<(), ErrorCode> {
        match self.replica.role() {
            _ if self.deleted => Err(ErrorCode::UnknownTopicOrPartition),
            Role::Offline => Err(ErrorCode::KafkaStorageError),
            Role::NoRole | Role::Leader(_) => Ok(()),
        }
    }

    /// How far readers of each kind may see.
    pub fn visible_ends(&self) -> VisibleEnds {
        let high_watermark = self.replica.high_watermark();
        VisibleEnds {
            log_end: metadata(self.log.ends().written),
            last_stable: metadata(self.log.last_stable_offset(log_offset(high_watermark))),
        }
    }

    /// The high watermark may have moved, or something else that readers see.
    fn tell_readers(&mut self, wakes: &mut Wakes) {
        let high_watermark = self.replica.high_watermark().offset;
        // Also when a leader begins where it ended: transactions found by recovery are complete then.
        self.log.on_high_watermark(high_watermark);
        let ends = self.visible_ends();
        // Nobody may see, or be told of, what the file system does not have (invariant 9).
        assert!(
            high_watermark <= ends.log_end.offset && ends.last_stable.offset <= high_watermark,
            "{}: last stable {} <= high watermark {high_watermark} <= written {} does not hold",
            self.log.topic_partition(),
            ends.last_stable.offset,
            ends.log_end.offset
        );
        self.replica.tell_readers(ends, |news| tell(news, wakes));
    }
}

pub(super) fn tell(news: Released<'_, Sleeper>, wakes: &mut Wakes) {
    match news {
        Released::Append(sleeper, error) | Released::LogStart(sleeper, error) => {
            sleeper.gather.ended(sleeper.part, error, wakes)
        }
        Released::Fetch(sleeper, NewBytes::Counted(bytes)) => sleeper.gather.arrived(bytes.into(), wakes),
        Released::Fetch(sleeper, NewBytes::ReadAgain) => sleeper.gather.interrupt(wakes),
    }
}

/// `flush.messages=1` asks for the disk; larger numbers only for a sync now and then.
pub fn acknowledge(config: &TopicConfig) -> Acknowledge {
    if config.flush_messages == 1 { Acknowledge::Durable } else { Acknowledge::Written }
}

fn acknowledged_end(log: &Log, acknowledge: Acknowledge) -> LogOffsetMetadata {
    let ends = log.ends();
    match acknowledge {
        Acknowledge::Durable if ends.durable < ends.written.offset => {
            LogOffsetMetadata::offset_only(ends.durable)
        }
        Acknowledge::Durable | Acknowledge::Written => metadata(ends.written),
    }
}

/// The log room's offsets and the replica room's are the same three numbers.
pub(super) fn metadata(offset: LogOffset) -> LogOffsetMetadata {
    let LogOffset { offset, segment_base_offset, position } = offset;
    LogOffsetMetadata { offset, segment_base_offset, position }
}

pub(super) fn log_offset(offset: LogOffsetMetadata) -> LogOffset {
    let LogOffsetMetadata { offset, segment_base_offset, position } = offset;
    LogOffset { offset, segment_base_offset, position }
}
