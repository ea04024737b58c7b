//! Loading a partition's log from its directory (Kafka: `LogLoader`).
//!
//! 1. [`temp_files`]: finish or undo what a crash has interrupted.
//! 2. [`segments`]: find the segments; indexes without a log go.
//! 3. After an unclean stop, [`scan`] every batch from the segment of the recovery point on; the first bad one ends the
//!    log. After a clean one, and where nothing was written since the recovery point, look at the [`end`] only.
//! 4. [`snapshots`]: producer state from the newest usable snapshot and the batches behind it.
//!
//! What had been synced and must be given up all the same is kept [`aside`].
//!
//! Every step can be interrupted and begun again with the same result. What is found damaged is cut off durably before
//! the log takes new batches, else a later crash could mix old and new ones.

mod aside;
mod end;
mod promised;
mod scan;
mod segments;
mod snapshots;
mod temp_files;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::config::LogConfig;
use crate::epochs::EpochCache;
use crate::fault::{LogFault, Malformed};
use crate::format::leader_epoch_checkpoint;
use crate::format::text_checkpoint;
use crate::home::{LogHome, read_counted_file};
use crate::log::{Log, Parts};
use crate::producer::ProducerState;
use crate::segment::Segment;
use crate::writer::Lane;
use klamm_base::{TopicPartition, Uuid};

/// What opening a log needs from the outside.
#[derive(Clone, Debug)]
pub struct OpenLog {
    pub config: LogConfig,
    /// The directory was left clean: recovery is skipped.
    pub clean: bool,
    /// From the recovery-point checkpoint, 0 when absent.
    pub recovery_point: i64,
    /// From the log-start checkpoint, 0 when absent.
    pub log_start: i64,
    pub now_ms: i64,
    /// Seeds the roll jitter.
    pub seed: u64,
    /// Sync what recovery has found, so that the durable end is the log end. Such a log is synced with every batch: damage
    /// to what was left clean is refused, and what a crash has torn is kept aside.
    pub sync_recovered: bool,
}

/// What loading had to do beyond looking; for the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Segments whose every batch was checked.
    pub scanned_segments: u32,
    /// Where the log was cut and why: base offset of the segment, bytes kept in it.
    pub truncated: Option<Truncation>,
    /// Segments dropped behind the cut.
    pub dropped_segments: u32,
    /// Producer snapshots that could not be used.
    pub bad_snapshots: u32,
    /// The leader-epoch checkpoint was malformed and made anew from the log.
    pub rebuilt_epochs: bool,
    /// All segments ended below the log start and went.
    pub restarted_at_log_start: bool,
    /// Files that hold what was given up although it had been synced.
    pub kept_aside: u32,
}

/// A cut at the first bad batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truncation {
    pub segment_base_offset: i64,
    pub kept_bytes: u32,
    pub cut_bytes: u32,
    pub why: Malformed,
}

/// A log on its way from the disk to memory.
struct Loading {
    home: Arc<LogHome>,
    lane: Arc<Lane>,
    open: OpenLog,
    /// Everything below had been synced before this start.
    known_synced: i64,
    /// And there is nothing else.
    is_untouched: bool,
    /// An index is not what it must be, so that the end alone says too little.
    must_scan: bool,
    segments: Vec<Arc<Segment>>,
    producers: ProducerState,
    epochs: EpochCache,
    /// What the checkpoint file says; `None` when it says nothing that can be read.
    epochs_on_disk: Option<EpochCache>,
    /// Largest timestamp of a segment's first batch, by the segment's base offset: of the last one looked at.
    first_timestamp: Option<(i64, i64)>,
    report: Recovery,
}

/// Who a directory belongs to.
pub(crate) struct Identity {
    pub topic_partition: TopicPartition,
    pub topic_id: Option<Uuid>,
    pub lane_id: u64,
    /// The directory was just made: its name is not durable yet.
    pub is_new: bool,
    /// The log is refused, and left alone, when it lacks anything below.
    pub promised: i64,
    /// The owner does what `OpenLog::sync_recovered` asks for.
    pub sync_later: bool,
}

pub(crate) fn load(
    home: Arc<LogHome>,
    identity: Identity,
    open: OpenLog,
) -> Result<(Log, Recovery), LogFault> {
    let lane = Arc::new(Lane::new(identity.lane_id, home.clone()));
    let mut loading = Loading::new(home, lane, open);
    let (end, durable, recovery_point) = if identity.is_new {
        loading.lane.directory_changed();
        (loading.open.log_start, loading.open.log_start, loading.open.log_start)
    } else {
        let end = loading.load_directory(identity.promised)?;
        let (durable, recovery_point) = loading.settle(end, identity.sync_later)?;
        (end, durable, recovery_point)
    };
    let first_timestamp = loading.last_first_timestamp()?;
    let first_base = loading.segments.first().map_or(end, |segment| segment.base_offset());
    let log = Log::assemble(Parts {
        topic_partition: identity.topic_partition,
        topic_id: identity.topic_id,
        config: loading.open.config,
        lane: loading.lane,
        segments: loading.segments,
        first_timestamp,
        log_start: loading.open.log_start.max(first_base),
        end,
        durable,
        recovery_point,
        producers: loading.producers,
        epochs_changed: loading.epochs_on_disk.as_ref() != Some(&loading.epochs),
        epochs: loading.epochs,
        now_ms: loading.open.now_ms,
        seed: loading.open.seed,
    })?;
    Ok((log, loading.report))
}

impl Loading {
    fn new(home: Arc<LogHome>, lane: Arc<Lane>, open: OpenLog) -> Loading {
        Loading {
            home,
            lane,
            known_synced: if open.clean { i64::MAX } else { open.recovery_point },
            open,
            must_scan: false,
            is_untouched: false,
            segments: Vec::new(),
            producers: ProducerState::default(),
            epochs: EpochCache::default(),
            epochs_on_disk: Some(EpochCache::default()),
            first_timestamp: None,
            report: Recovery::default(),
        }
    }

    /// The largest timestamp of the last segment's first batch.
    fn last_first_timestamp(&self) -> Result<Option<i64>, LogFault> {
        let Some(last) = self.segments.last() else { return Ok(None) };
        match self.first_timestamp {
            Some((base_offset, timestamp)) if base_offset == last.base_offset() => Ok(Some(timestamp)),
            _ => last.first_timestamp(),
        }
    }

    /// Returns the log's end offset.
    fn load_directory(&mut self, promised: i64) -> Result<i64, LogFault> {
        let names = temp_files::clean(&self.home)?;
        self.find_segments(&names)?;
        if promised > 0 {
            self.check_promised(promised)?;
        }
        self.load_epochs()?;
        let end = match self.clean_end()? {
            Some(end) => end,
            None => match self.untouched_end()? {
                Some(end) => {
                    self.is_untouched = true;
                    end
                }
                None => self.recover()?,
            },
        };
        if end < self.open.log_start {
            self.restart_at_log_start()?;
            return Ok(self.open.log_start);
        }
        self.epochs.truncate_from_end(end);
        self.epochs.truncate_from_start(self.open.log_start);
        if self.producers.end_offset() != end || self.open.clean {
            self.load_producers(end)?;
        }
        Ok(end)
    }

    fn load_epochs(&mut self) -> Result<(), LogFault> {
        let path = self.home.dir().join(leader_epoch_checkpoint::FILE_NAME);
        let bytes = read_counted_file(&**self.home.disk(), &path, text_checkpoint::MAX_BYTES)?;
        match leader_epoch_checkpoint::decode(&bytes.unwrap_or_default()) {
            Ok(entries) => {
                self.epochs = EpochCache::new(entries);
                self.epochs_on_disk = Some(self.epochs.clone());
                Ok(())
            }
            Err(_) => {
                self.epochs_on_disk = None;
                self.rebuild_epochs()
            }
        }
    }

    /// All epochs from the batches' headers.
    fn rebuild_epochs(&mut self) -> Result<(), LogFault> {
        self.report.rebuilt_epochs = true;
        // What lies below the log start may be half deleted.
        let below = self.segments.partition_point(|segment| segment.base_offset() <= self.open.log_start);
        for segment in &self.segments[below.saturating_sub(1)..] {
            let walked = segment.walk(0, segment.size(), |head| {
                scan::note_epoch(&mut self.epochs, head.leader_epoch, head.base_offset);
                Ok(true)
            });
            match walked {
                // A bad batch is recovery's business.
                Err(LogFault::Malformed { .. }) => break,
                walked => walked?,
            }
        }
        Ok(())
    }

    /// The segment files were removed from outside, or everything was deleted: begin anew where the log may begin.
    fn restart_at_log_start(&mut self) -> Result<(), LogFault> {
        self.is_untouched = false;
        self.report.restarted_at_log_start = !self.segments.is_empty();
        let all = std::mem::take(&mut self.segments);
        // Legitimate after a power cut; but one wrong digit in a checkpoint looks the same.
        self.remove_segments(&all, true)?;
        self.epochs.clear();
        self.producers.reset(self.open.log_start);
        let snapshots = self.producers.drop_snapshots(|_| true);
        self.lane.snapshots_are_stale(&snapshots);
        Ok(())
    }

    /// Durable end and recovery point of the loaded log.
    fn settle(&mut self, end: i64, sync_later: bool) -> Result<(i64, i64), LogFault> {
        if self.open.clean {
            return Ok((end, end));
        }
        self.lane.directory_changed();
        if self.open.sync_recovered && !self.is_untouched && !sync_later {
            let changed = self.epochs_on_disk.as_ref() != Some(&self.epochs);
            self.lane.finish_all(None, changed.then(|| self.epochs.entries()))?;
            self.epochs_on_disk = Some(self.epochs.clone());
            // The last segment's time index has its last entry only when it is rolled or closed.
            let last_base = self.segments.last().map_or(end, |last| last.base_offset());
            return Ok((end, last_base.min(end)));
        }
        let known = self.open.recovery_point.clamp(0, end);
        Ok((known, known))
    }
}
