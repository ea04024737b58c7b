//! One partition's log (Kafka: `UnifiedLog` with its `LocalLog`), a plain struct that the node keeps under the
//! partition's own short lock. Appending touches memory only: it checks, takes offsets and a place, and
//! returns the [`WriteOp`] that the directory's [`Writer`](crate::Writer) carries out.
//!
//! * [`append`] – one batch to the end, rolling when the segment is full.
//! * [`retention`] – what may be deleted, and its deletion.
//! * [`truncation`] – taking the end back.
//! * [`exchange`] – segments in the place of others.
//! * [`close`] – the clean end.

pub mod append;
mod close;
mod exchange;
pub mod retention;
mod truncation;

use std::sync::Arc;

use klamm_base::rng::{Rng, SeededRng};
use klamm_base::{TopicPartition, Uuid};

use crate::config::LogConfig;
use crate::epochs::{EpochCache, EpochEntry};
use crate::home::LogHome;
use crate::offset::{LogEnds, LogOffset};
use crate::producer::{ProducerEntry, ProducerState, ProducerTally};
use crate::segment::Segment;
use crate::segment::index::EntryCounts;
use crate::view::LogView;
use crate::writer::{Lane, OpKind, Progress, WriteOp};

/// A partition's log. See the module for who may call what.
pub struct Log {
    topic_partition: TopicPartition,
    topic_id: Option<Uuid>,
    config: LogConfig,
    lane: Arc<Lane>,
    /// Ascending by base offset, never empty; the last one is appended to.
    segments: Arc<Vec<Arc<Segment>>>,
    active: ActiveSegment,
    ends: LogEnds,
    producers: ProducerState,
    epochs: EpochCache,
    /// The epochs have changed since they were last on their way to the disk.
    epochs_changed: bool,
    /// Where read_committed readers stop.
    first_unstable: Option<LogOffset>,
    /// Records since the last sync was asked for.
    unflushed_records: u64,
    jitter: SeededRng,
}

/// What rolling needs to know about the last segment, as far as it was assigned.
#[derive(Debug)]
struct ActiveSegment {
    size: u32,
    counts: EntryCounts,
    created_ms: i64,
    /// Largest timestamp of the first batch, once there is one (Kafka: `rollingBasedTimestamp`).
    first_timestamp: Option<i64>,
    jitter_ms: i64,
}

/// What loading has found, for [`Log::assemble`].
pub(crate) struct Parts {
    pub topic_partition: TopicPartition,
    pub topic_id: Option<Uuid>,
    pub config: LogConfig,
    pub lane: Arc<Lane>,
    /// May be empty: then the first segment begins at `end`.
    pub segments: Vec<Arc<Segment>>,
    /// Largest timestamp of the last segment's first batch.
    pub first_timestamp: Option<i64>,
    pub log_start: i64,
    pub end: i64,
    pub durable: i64,
    pub recovery_point: i64,
    pub producers: ProducerState,
    pub epochs: EpochCache,
    pub epochs_changed: bool,
    pub now_ms: i64,
    pub seed: u64,
}

impl Log {
    pub(crate) fn assemble(parts: Parts) -> Result<Log, crate::LogFault> {
        let mut segments = parts.segments;
        let mut jitter = SeededRng::new(parts.seed);
        if segments.is_empty() {
            segments.push(new_segment(parts.lane.home(), parts.end, &parts.config));
        }
        let last = &segments[segments.len() - 1];
        // Appending must find both in memory.
        let counts = last.with_index(|state| state.counts())?;
        last.with_aborted(|_| ())?;
        let active = ActiveSegment {
            size: last.size(),
            counts,
            created_ms: parts.now_ms,
            first_timestamp: parts.first_timestamp,
            jitter_ms: roll_jitter(&parts.config, &mut jitter),
        };
        let end =
            LogOffset { offset: parts.end, segment_base_offset: last.base_offset(), position: last.size() };
        let ends = LogEnds {
            log_start: parts.log_start,
            local_log_start: parts.log_start,
            assigned: end,
            written: end,
            durable: parts.durable,
            recovery_point: parts.recovery_point,
        };
        let mut log = Log {
            topic_partition: parts.topic_partition,
            topic_id: parts.topic_id,
            config: parts.config,
            lane: parts.lane,
            segments: Arc::new(segments),
            active,
            ends,
            producers: parts.producers,
            epochs: parts.epochs,
            epochs_changed: parts.epochs_changed,
            first_unstable: None,
            unflushed_records: 0,
            jitter,
        };
        log.update_first_unstable();
        log.validate();
        Ok(log)
    }

    pub fn topic_partition(&self) -> &TopicPartition {
        &self.topic_partition
    }

    /// The id in `partition.metadata`; `None` only in directories from before KIP-516.
    pub fn topic_id(&self) -> Option<Uuid> {
        self.topic_id
    }

    pub fn config(&self) -> &LogConfig {
        &self.config
    }

    /// Takes effect with the next append; nothing is rewritten.
    pub fn update_config(&mut self, config: LogConfig) {
        self.config = config;
    }

    pub fn ends(&self) -> LogEnds {
        self.ends
    }

    /// Moves the ends by what the writer reports. Late reports change nothing.
    pub fn advance(&mut self, progress: &Progress) {
        if progress.generation != self.lane.key().1 {
            return;
        }
        if let Some(written) = progress.written
            && written.offset > self.ends.written.offset
        {
            self.ends.written = written;
        }
        self.ends.durable = self.ends.durable.max(progress.durable.unwrap_or(0));
        self.ends.recovery_point = self.ends.recovery_point.max(progress.recovery_point.unwrap_or(0));
        self.validate();
    }

    /// True after a failed write or sync: every append is refused, reads below the written end go on.
    pub fn is_offline(&self) -> bool {
        self.lane.home().fault().is_some()
    }

    /// Notes that this replica leads from now on with `epoch`, whose first offset is the assigned end.
    pub fn begin_leader_epoch(&mut self, epoch: i32) {
        self.epochs.assign(epoch, self.ends.assigned.offset);
    }

    /// The newest leader epoch of the log (Kafka: `LeaderEpochFileCache.latestEpoch`).
    pub fn latest_epoch(&self) -> Option<i32> {
        self.epochs.latest().map(|entry| entry.epoch)
    }

    /// All known epochs with their first offsets.
    pub fn epochs(&self) -> &[EpochEntry] {
        self.epochs.entries()
    }

    /// Answers OffsetForLeaderEpoch: the largest known epoch not above `epoch`, and where it ends; (-1, -1) when
    /// unknown (Kafka: `LeaderEpochFileCache.endOffsetFor`).
    pub fn end_offset_for_epoch(&self, epoch: i32) -> (i32, i64) {
        self.epochs.end_offset_for(epoch, self.ends.assigned.offset)
    }

    /// The leader epoch under which `offset` was written, as far as the epoch cache knows.
    pub fn epoch_for_offset(&self, offset: i64) -> Option<i32> {
        self.epochs.epoch_for_offset(offset)
    }

    /// Transactions completed below the high watermark no longer hold back the last stable offset.
    pub fn on_high_watermark(&mut self, high_watermark: i64) {
        if self.first_unstable.is_some() {
            self.producers.on_high_watermark(high_watermark);
            self.update_first_unstable();
        }
    }

    /// Where read_committed readers stop: the first unstable offset if it lies below the high watermark.
    pub fn last_stable_offset(&self, high_watermark: LogOffset) -> LogOffset {
        match self.first_unstable {
            Some(unstable) if unstable.offset < high_watermark.offset => unstable,
            _ => high_watermark,
        }
    }

    /// Producers that the log remembers, by id.
    pub fn producers(&self) -> impl ExactSizeIterator<Item = (i64, &ProducerEntry)> {
        self.producers.producers()
    }

    /// Drops producers idle for longer than `producer.id.expiration.ms`.
    pub fn remove_expired_producers(&mut self, now_ms: i64) {
        self.producers.remove_expired(now_ms, self.config.producer_id_expiration_ms);
    }

    /// From now on its producers count together with those of other logs.
    pub fn count_producers_in(&mut self, tally: Arc<ProducerTally>) {
        self.producers.count_in(tally);
    }

    /// When each producer that may be forgotten was last heard of, as [`Log::forget_silent_producers`] takes it.
    pub fn producers_silent_since(&self) -> impl Iterator<Item = u64> {
        self.producers.silent_since()
    }

    /// Forgets producers that were heard of before `mark`, and of those at that very mark at most so many; returns how many
    /// of the latter.
    pub fn forget_silent_producers(&mut self, mark: u64, at_mark: usize) -> usize {
        self.producers.forget_silent(mark, at_mark)
    }

    /// A snapshot for reading, good without the partition's lock and for as long as it is held.
    pub fn view(&self) -> LogView {
        LogView::new(self.segments.clone(), self.ends.log_start, self.ends.written)
    }

    /// Asks the writer to make everything assigned so far durable. `None` when it already is.
    pub fn flush(&mut self) -> Option<WriteOp> {
        self.unflushed_records = 0;
        let end = self.ends.assigned;
        let needed = self.ends.durable < end.offset && !self.is_offline();
        needed.then(|| WriteOp { lane: self.lane.clone(), kind: OpKind::Sync { end } })
    }

    /// Bytes of all segments, those on their way included.
    pub fn size_in_bytes(&self) -> u64 {
        let (_, closed) = self.split_segments();
        let closed: u64 = closed.iter().map(|segment| u64::from(segment.size())).sum();
        closed + u64::from(self.active.size)
    }

    /// Base offsets of all segments, ascending.
    pub fn segment_base_offsets(&self) -> impl Iterator<Item = i64> {
        self.segments.iter().map(|segment| segment.base_offset())
    }

    /// The active segment and all before it.
    fn split_segments(&self) -> (&Arc<Segment>, &[Arc<Segment>]) {
        self.segments.split_last().expect("a log has at least one segment")
    }

    fn update_first_unstable(&mut self) {
        let unstable = self.producers.first_unstable_offset();
        self.first_unstable = unstable.map(|place| {
            // Transactions reach below the log start when DeleteRecords cuts them (Kafka:
            // maybeIncrementFirstUnstableOffset).
            if place.offset < self.ends.log_start {
                LogOffset::offset_only(self.ends.log_start)
            } else {
                place
            }
        });
    }

    /// Invariants of the ends.
    fn validate(&self) {
        let LogEnds { log_start, local_log_start, assigned, written, durable, recovery_point } = self.ends;
        assert!(
            recovery_point <= durable && durable <= written.offset && written.offset <= assigned.offset,
            "recovery point {recovery_point}, durable {durable}, written {written:?}, assigned {assigned:?} of {}",
            self.topic_partition
        );
        assert!(
            log_start <= local_log_start && log_start <= assigned.offset,
            "log start {log_start}, local {local_log_start}, assigned {assigned:?} of {}",
            self.topic_partition
        );
    }
}

fn new_segment(home: &Arc<LogHome>, base_offset: i64, config: &LogConfig) -> Arc<Segment> {
    Arc::new(Segment::new(home.clone(), base_offset, config.index_interval_bytes))
}

/// Spreads rolls by time, so that not all segments of a broker roll at once.
fn roll_jitter(config: &LogConfig, rng: &mut SeededRng) -> i64 {
    let bound = config.segment_jitter_ms.min(config.segment_ms);
    if bound <= 0 { 0 } else { rng.below(bound as u64) as i64 }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Log({}, {:?})", self.topic_partition, self.ends)
    }
}
