//! The metadata log `__cluster_metadata-0` as its leader writes it: every batch is synced before it counts.

use std::sync::Arc;

use bytes::Bytes;
use klamm_base::TopicPartition;
use klamm_log::{
    AppendContext, AppendError, AppendOrigin, Appended as LogAppended, DeletedSegments, Log, LogFault,
    MetadataDir, Progress,
};
use klamm_metadata::batch::{self, Stamp};
use klamm_metadata::{LogBatch, MetadataRecord, VersionedRecord};
use klamm_raft::{ControlRecord, ElectionState};
use klamm_records::BatchHeader;

use super::quorum_state_file;
use crate::fault::LoadFault;
use crate::partitions::{Directory, Owner};

/// The topic of the metadata log.
pub const METADATA_TOPIC: &str = "__cluster_metadata";

/// Its only partition.
pub fn metadata_partition() -> TopicPartition {
    TopicPartition::new(METADATA_TOPIC, 0)
}

/// The log and the directory that writes it.
pub struct MetadataLog {
    log: Log,
    files: MetadataDir,
    directory: Arc<Directory>,
}

/// A batch that was put at the end.
pub struct Appended {
    pub base_offset: i64,
    pub last_offset: i64,
    pub bytes: u64,
    epoch: i32,
    append_time_ms: i64,
    records: Vec<MetadataRecord>,
}

impl Appended {
    /// The batch as the controller replays it; a control batch has no records for it.
    pub fn as_log_batch(&self) -> LogBatch<'_> {
        LogBatch {
            base_offset: self.base_offset,
            last_offset: self.last_offset,
            epoch: self.epoch,
            append_time_ms: self.append_time_ms,
            records: &self.records,
        }
    }
}

impl MetadataLog {
    pub fn new(log: Log, files: MetadataDir, directory: Arc<Directory>) -> MetadataLog {
        MetadataLog { log, files, directory }
    }

    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Vote and snapshots, beside the log.
    pub fn files(&self) -> &MetadataDir {
        &self.files
    }

    pub fn start(&self) -> i64 {
        self.log.ends().log_start
    }

    pub fn size_in_bytes(&self) -> u64 {
        self.log.size_in_bytes()
    }

    /// Moves the start up to `offset`, which a snapshot covers; returns the segments that are no longer needed. The one
    /// that is appended to stays.
    pub fn begin_at(&mut self, offset: i64, now_ms: i64) -> Option<DeletedSegments> {
        let active = self.log.segment_base_offsets().last().unwrap_or(0);
        self.log.advance_log_start(offset);
        let (deleted, roll) = self.log.delete_below(offset.min(active), now_ms)?;
        assert!(roll.is_none(), "the segment at {active} was given up, and records go there");
        Some(deleted)
    }

    /// Everything below survives a power cut.
    pub fn durable_end(&self) -> i64 {
        self.log.ends().durable
    }

    pub fn advance(&mut self, progress: &Progress) {
        self.log.advance(progress);
    }

    /// Appends records of the controller.
    ///
    /// # Errors
    /// [`Offline`]: the disk has failed.
    pub fn append_data(
        &mut self,
        epoch: i32,
        records: &[VersionedRecord],
        now_ms: i64,
    ) -> Result<Appended, Offline> {
        let bytes = batch::encode_data(self.stamp(epoch, now_ms), records);
        self.append(epoch, bytes, now_ms, records.iter().map(|versioned| versioned.record.clone()).collect())
    }

    /// Appends records of the quorum itself.
    ///
    /// # Errors
    /// [`Offline`]: the disk has failed.
    pub fn append_control(
        &mut self,
        epoch: i32,
        records: &[ControlRecord],
        now_ms: i64,
    ) -> Result<Appended, Offline> {
        let bytes = batch::encode_control(self.stamp(epoch, now_ms), records);
        self.log.begin_leader_epoch(epoch);
        self.append(epoch, bytes, now_ms, Vec::new())
    }

    /// Keeps epoch and vote on the disk before anything is said about them.
    pub fn persist_election(&self, election: &ElectionState, version: i16) -> Result<(), LoadFault> {
        quorum_state_file::write(&self.files, election, version).map_err(LoadFault::Log)
    }

    /// Closes the log in good order; the writer has nothing left to do for it.
    pub fn close(&mut self) -> Result<(), LogFault> {
        self.log.close()
    }

    fn stamp(&self, epoch: i32, append_time_ms: i64) -> Stamp {
        Stamp { base_offset: self.log.ends().assigned.offset, epoch, append_time_ms }
    }

    fn append(
        &mut self,
        epoch: i32,
        bytes: Bytes,
        append_time_ms: i64,
        records: Vec<MetadataRecord>,
    ) -> Result<Appended, Offline> {
        let header =
            BatchHeader::parse(&bytes).unwrap_or_else(|fault| panic!("an own batch does not parse: {fault}"));
        let context = AppendContext {
            origin: AppendOrigin::RaftLeader,
            leader_epoch: epoch,
            now_ms: append_time_ms,
            sync: true,
        };
        let len = bytes.len() as u64;
        let (base_offset, last_offset, op) = match self.log.append(&header, bytes, &context) {
            Ok(LogAppended::New { base_offset, last_offset, op }) => (base_offset, last_offset, op),
            Ok(LogAppended::Duplicate { base_offset, .. }) => {
                panic!("a batch without producer repeats {base_offset}")
            }
            Err(AppendError::Offline) => return Err(Offline),
            Err(error) => panic!("the metadata log refuses an own batch: {error:?}"),
        };
        self.directory.writer.submit(op, Owner::Metadata);
        Ok(Appended { base_offset, last_offset, bytes: len, epoch, append_time_ms, records })
    }
}

/// The log's disk has failed, and so has the node: nothing is decided any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offline;
