//! Batches from records (Kafka: `MemoryRecordsBuilder`), for the metadata log, coordinators, tools and tests.

use bytes::Bytes;

use crate::{
    Compression, Header, NO_PARTITION_LEADER_EPOCH, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE,
    TimestampType,
};

/// Everything in a batch's header that does not follow from its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchOptions {
    pub base_offset: i64,
    pub partition_leader_epoch: i32,
    pub compression: Compression,
    /// Under `LogAppendTime` the max timestamp is `log_append_time_ms`.
    pub timestamp_type: TimestampType,
    pub log_append_time_ms: i64,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub base_sequence: i32,
    pub transactional: bool,
    pub control: bool,
    /// KIP-534: the time at which compaction may drop this batch's tombstones and markers.
    pub delete_horizon_ms: Option<i64>,
}

impl Default for BatchOptions {
    /// What a plain producer sends: offset 0, no codec, CreateTime, no producer id.
    fn default() -> BatchOptions {
        BatchOptions {
            base_offset: 0,
            partition_leader_epoch: NO_PARTITION_LEADER_EPOCH,
            compression: Compression::NONE,
            timestamp_type: TimestampType::CreateTime,
            log_append_time_ms: crate::NO_TIMESTAMP,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            base_sequence: NO_SEQUENCE,
            transactional: false,
            control: false,
            delete_horizon_ms: None,
        }
    }
}

/// Why a record does not fit into a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildFault {
    /// The batch would pass 2 GiB, or the record's own length would.
    TooLarge,
    /// An offset not above the one before, or more than an int32 above the base offset.
    BadOffset { offset: i64 },
}

/// Collects records and writes one batch.
#[derive(Debug)]
pub struct BatchBuilder {
    options: BatchOptions,
}

impl BatchBuilder {
    pub fn new(options: BatchOptions) -> BatchBuilder {
        BatchBuilder { options }
    }

    /// Appends a record at the next offset.
    ///
    /// # Errors
    /// [`BuildFault`]; the batch is as before.
    pub fn append(
        &mut self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) -> Result<(), BuildFault> {
        let _ = (&self.options, timestamp, key, value, headers);
        unimplemented!()
    }

    /// Appends a record at a given offset; compaction leaves gaps.
    ///
    /// # Errors
    /// [`BuildFault`]; the batch is as before.
    pub fn append_at(
        &mut self,
        offset: i64,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) -> Result<(), BuildFault> {
        let _ = (offset, timestamp, key, value, headers);
        unimplemented!()
    }

    /// Records so far.
    pub fn count(&self) -> i32 {
        unimplemented!()
    }

    /// Bytes the batch takes if it stays uncompressed.
    pub fn uncompressed_size(&self) -> usize {
        unimplemented!()
    }

    /// The batch. Without records it is an empty batch, as compaction leaves behind.
    pub fn build(self) -> Bytes {
        unimplemented!()
    }
}
