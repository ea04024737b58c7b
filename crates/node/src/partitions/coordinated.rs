//! What coordinators do to their partition (Kafka: `CoordinatorPartitionWriter`).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use klamm_base::{ErrorCode, Now};
use klamm_log::{AppendContext, AppendOrigin, Appended, LogEnds};
use klamm_records::BatchHeader;
use klamm_replica::{Acknowledge, Acks};

use super::{Owner, Partition};

impl Partition {
    /// Appends a batch that a coordinator of this node has built; returns its first offset. Nobody is left waiting in the
    /// partition: the coordinator is told whenever the high watermark moves.
    ///
    /// # Errors
    /// As an append with acks=all; nothing was appended then.
    pub fn append_as_coordinator(self: &Arc<Self>, batch: Bytes, now: Now) -> Result<i64, ErrorCode> {
        let header = BatchHeader::parse(&batch).map_err(|_| ErrorCode::CorruptMessage)?;
        let size = batch.len() as u64;
        let mut state = self.lock();
        if state.deleted {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        let context = AppendContext {
            origin: AppendOrigin::Coordinator,
            leader_epoch: state.replica.check_append(Acks::All)?,
            now_ms: now.wall_ms,
            sync: state.acknowledge == Acknowledge::Durable,
        };
        let appended = state.log.append(&header, batch, &context).map_err(|error| error.code())?;
        let base_offset = match appended {
            Appended::New { base_offset, op, .. } => {
                self.directory.writer.submit(op, Owner::Partition(self.clone()));
                base_offset
            }
            Appended::Duplicate { base_offset, .. } => base_offset,
        };
        self.counters.messages_in.fetch_add(header.record_count.max(0) as u64, Ordering::Relaxed);
        self.counters.bytes_in.fetch_add(size, Ordering::Relaxed);
        Ok(base_offset)
    }

    /// Everything below it is committed.
    pub fn high_watermark(&self) -> i64 {
        self.lock().replica.high_watermark().offset
    }

    /// Where the log begins and ends, in every sense.
    pub fn log_ends(&self) -> LogEnds {
        self.lock().log.ends()
    }
}
