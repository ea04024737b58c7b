//! One partition's log (Kafka: `UnifiedLog` with its `LocalLog`), a plain struct that the node keeps under the
//! partition's own short lock. Appending touches memory only: it checks, takes offsets and a place, and
//! returns the [`WriteOp`] that the directory's [`Writer`](crate::Writer) carries out.

pub mod append;

use klamm_base::{TopicPartition, Uuid};

use crate::config::LogConfig;
use crate::fault::LogFault;
use crate::offset::{LogEnds, LogOffset};
use crate::view::LogView;
use crate::writer::{Progress, WriteOp};

/// A partition's log. See the module for who may call what.
pub struct Log {
    topic_partition: TopicPartition,
    topic_id: Option<Uuid>,
    config: LogConfig,
    ends: LogEnds,
}

impl Log {
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

    /// Moves the written and durable ends by what the writer reports. Late reports change nothing.
    pub fn advance(&mut self, progress: &Progress) {
        let _ = progress;
        unimplemented!()
    }

    /// True after a failed write or sync: every append is refused, reads below the written end go on.
    pub fn is_offline(&self) -> bool {
        unimplemented!()
    }

    /// Notes that this replica leads from now on with `epoch`, whose first offset is the assigned end.
    pub fn begin_leader_epoch(&mut self, epoch: i32) {
        let _ = epoch;
        unimplemented!()
    }

    /// The newest leader epoch of the log (Kafka: `LeaderEpochFileCache.latestEpoch`).
    pub fn latest_epoch(&self) -> Option<i32> {
        unimplemented!()
    }

    /// Answers OffsetForLeaderEpoch: the largest known epoch not above `epoch`, and where it ends; (-1, -1) when
    /// unknown (Kafka: `LeaderEpochFileCache.endOffsetFor`).
    pub fn end_offset_for_epoch(&self, epoch: i32) -> (i32, i64) {
        let _ = epoch;
        unimplemented!()
    }

    /// The leader epoch under which `offset` was written, as far as the epoch cache knows.
    pub fn epoch_for_offset(&self, offset: i64) -> Option<i32> {
        let _ = offset;
        unimplemented!()
    }

    /// Transactions completed below the high watermark no longer hold back the last stable offset.
    pub fn on_high_watermark(&mut self, high_watermark: i64) {
        let _ = high_watermark;
        unimplemented!()
    }

    /// Where read_committed readers stop: the first unstable offset if it lies below the high watermark.
    pub fn last_stable_offset(&self, high_watermark: LogOffset) -> LogOffset {
        let _ = high_watermark;
        unimplemented!()
    }

    /// A snapshot for reading, good without the partition's lock and for as long as it is held.
    pub fn view(&self) -> LogView {
        unimplemented!()
    }

    /// Asks the writer to make everything assigned so far durable. `None` when it already is.
    pub fn flush(&mut self) -> Option<WriteOp> {
        unimplemented!()
    }

    /// Bytes of all segments (`assigned`).
    pub fn size_in_bytes(&self) -> u64 {
        unimplemented!()
    }

    /// Raises the log start (DeleteRecords); lower values change nothing. Returns true when it moved. Never above
    /// the high watermark: the caller checks.
    pub fn advance_log_start(&mut self, offset: i64) -> bool {
        let _ = offset;
        unimplemented!()
    }

    /// Drops producers idle for longer than `producer.id.expiration.ms`.
    pub fn remove_expired_producers(&mut self, now_ms: i64) {
        let _ = now_ms;
        unimplemented!()
    }

    /// Clean close: everything written and synced, indexes trimmed, producer snapshot and epochs on the disk.
    /// The directory's writer must have no work for this log any more.
    pub fn close(&mut self) -> Result<(), LogFault> {
        unimplemented!()
    }
}
