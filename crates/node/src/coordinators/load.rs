//! A shard's log read from its start to its end, a slice at a time (Kafka: `CoordinatorLoaderImpl`).
//!
//! What is no record of ours is left out and told: anybody with the right may have written it. A batch without its place
//! ends the load, as Kafka's ends with every record that it cannot read.

use bytes::Bytes;
use klamm_base::{ErrorCode, Now};
use klamm_coordinator::group::record::GroupRecord;
use klamm_coordinator::group::shard::GroupShard;
use klamm_log::{DiskFault, DiskOp, FileSlice};
use klamm_records::{
    AnyBatch, BatchFault, BatchView, Batches, ControlRecordType, Limits, Record, RecordFault, Scratch,
};
use klamm_replica::ReadBound;

use super::GROUP_METADATA_TOPIC;
use crate::fault::GroupLogFault;
use crate::partitions::{Partition, Read};

/// A shard on its way.
#[derive(Debug, Default)]
pub struct Loading {
    pub shard: GroupShard,
    /// The next offset to be read; below the log's start at first.
    pub position: i64,
    pub tally: Tally,
}

/// What was read so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub records: u64,
    pub bytes: u64,
    /// Records and batches that were left out, and the first of them.
    pub left_out: u64,
    pub first_left_out: Option<i64>,
}

/// How a slice ended.
#[derive(Debug)]
pub enum LoadEnd {
    /// There is more.
    More,
    /// The rest is not written yet: the log's progress brings the load on.
    Unwritten,
    /// The shard has all of the log.
    Complete,
    /// Another broker leads, or the disk has failed: whoever found that out gives up the shard.
    NotHere,
    /// The log cannot be read from this offset on.
    Unreadable(i64, GroupLogFault),
}

impl Loading {
    /// Reads and replays one slice. Blocks on the disk.
    pub fn slice(
        &mut self,
        partition: &Partition,
        bytes_max: u32,
        scratch: &mut Scratch,
        now: Now,
    ) -> LoadEnd {
        // Nobody appends behind it while the coordinator that would is still being loaded.
        let ends = partition.log_ends();
        self.position = self.position.max(ends.log_start);
        if self.position >= ends.assigned.offset {
            return LoadEnd::Complete;
        }
        let read = Read {
            fetch_offset: self.position,
            current_leader_epoch: -1,
            last_fetched_epoch: -1,
            bound: ReadBound::LogEnd,
            max_bytes: bytes_max,
            min_one_batch: true,
        };
        let found = match partition.read(&read, None) {
            Ok(found) => found,
            // The log's start has moved meanwhile.
            Err(ErrorCode::OffsetOutOfRange) if self.position < partition.log_start() => {
                return LoadEnd::More;
            }
            Err(
                ErrorCode::NotLeaderOrFollower
                | ErrorCode::UnknownTopicOrPartition
                | ErrorCode::KafkaStorageError,
            ) => return LoadEnd::NotHere,
            Err(error) => return LoadEnd::Unreadable(self.position, GroupLogFault::Refused(error)),
        };
        let Some(slice) = &found.slice else {
            // Compaction may have taken what was last.
            let is_written = ends.written.offset >= ends.assigned.offset;
            return if is_written { LoadEnd::Complete } else { LoadEnd::Unwritten };
        };
        let replayed = read_bytes(slice).map_err(GroupLogFault::Disk).and_then(|bytes| {
            let replayed = self.replay_batches(&bytes, found.high_watermark, scratch, now);
            replayed.map_err(GroupLogFault::Batch)
        });
        replayed.map_or_else(|why| LoadEnd::Unreadable(self.position, why), |()| LoadEnd::More)
    }

    /// Replays the whole batches of a slice, of which the last may be cut.
    fn replay_batches(
        &mut self,
        bytes: &[u8],
        committed: i64,
        scratch: &mut Scratch,
        now: Now,
    ) -> Result<(), BatchFault> {
        for (at, batch) in Batches::new(bytes).enumerate() {
            let batch = match batch {
                Err(BatchFault::Truncated { .. }) if at > 0 => break,
                batch => batch?,
            };
            // The first one may begin before what was asked for, after compaction or a moved log start.
            if batch.last_offset() >= self.position {
                self.replay_batch(&batch, scratch, now);
                self.position = batch.last_offset() + 1;
                // What is committed needs no way back.
                self.shard.commit(committed);
            }
        }
        Ok(())
    }

    fn replay_batch(&mut self, batch: &AnyBatch<'_>, scratch: &mut Scratch, now: Now) {
        self.tally.bytes += batch.size_in_bytes() as u64;
        match batch {
            AnyBatch::V2(view) if view.check_crc().is_ok() => {
                if self.replay_records(view, scratch, now).is_err() {
                    self.leave_out(view.header().base_offset);
                }
            }
            // Brokers have written no others since long before there was KRaft.
            other => self.leave_out(other.last_offset()),
        }
    }

    fn replay_records(
        &mut self,
        view: &BatchView<'_>,
        scratch: &mut Scratch,
        now: Now,
    ) -> Result<(), RecordFault> {
        let header = view.header();
        let producer_id = header.attributes.is_transactional().then_some(header.producer_id);
        let mut records = view.records(scratch, &Limits::default())?;
        while let Some(record) = records.next() {
            let record = record?;
            if record.offset < self.position {
                continue;
            }
            self.tally.records += 1;
            match (header.attributes.is_control(), ControlRecordType::from_key(record.key)) {
                (true, Some(kind @ (ControlRecordType::Commit | ControlRecordType::Abort))) => {
                    let is_commit = kind == ControlRecordType::Commit;
                    self.shard.replay_end_of_transaction(record.offset, header.producer_id, is_commit);
                }
                (true, _) => self.leave_out(record.offset),
                (false, _) => self.replay_record(&record, producer_id, now),
            }
        }
        Ok(())
    }

    fn replay_record(&mut self, record: &Record<'_>, producer_id: Option<i64>, now: Now) {
        let [key, value] = [record.key, record.value].map(|bytes| bytes.map(Bytes::copy_from_slice));
        match GroupRecord::decode(key.as_ref(), value.as_ref()) {
            Ok(decoded) => self.shard.replay(record.offset, producer_id, decoded, now.wall_ms),
            Err(_) => self.leave_out(record.offset),
        }
    }

    fn leave_out(&mut self, offset: i64) {
        self.tally.left_out += 1;
        self.tally.first_left_out.get_or_insert(offset);
    }
}

fn read_bytes(slice: &FileSlice) -> Result<Vec<u8>, DiskFault> {
    let mut bytes = vec![0; slice.len as usize];
    let read = slice.file.read_exact_at(&mut bytes, slice.position);
    read.map_err(|source| DiskFault::new(DiskOp::Read, GROUP_METADATA_TOPIC, source))?;
    Ok(bytes)
}
