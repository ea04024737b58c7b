//! Batches from records (Kafka: `MemoryRecordsBuilder`), for the metadata log, coordinators, tools, clients
//! and tests.

use bytes::{Bytes, BytesMut};

use crate::header::{Attributes, BatchHeader, position};
use crate::record::{RecordBody, put_record};
use crate::varint::VARINT_SIZE_MAX;
use crate::{
    Compression, CompressionType, Header, NO_PARTITION_LEADER_EPOCH, NO_PRODUCER_EPOCH, NO_PRODUCER_ID,
    NO_SEQUENCE, NO_TIMESTAMP, Scratch, TimestampType, codec, crc,
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
            log_append_time_ms: NO_TIMESTAMP,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            base_sequence: NO_SEQUENCE,
            transactional: false,
            control: false,
            delete_horizon_ms: None,
        }
    }
}

impl BatchOptions {
    /// The fields of an existing batch, to write its records again.
    pub(crate) fn of(header: &BatchHeader, compression: Compression) -> BatchOptions {
        let attributes = header.attributes;
        BatchOptions {
            base_offset: header.base_offset,
            partition_leader_epoch: header.partition_leader_epoch,
            compression,
            timestamp_type: attributes.timestamp_type(),
            log_append_time_ms: header.max_timestamp,
            producer_id: header.producer_id,
            producer_epoch: header.producer_epoch,
            base_sequence: header.base_sequence,
            transactional: attributes.is_transactional(),
            control: attributes.is_control(),
            delete_horizon_ms: header.delete_horizon_ms(),
        }
    }

    fn attributes(&self) -> Attributes {
        let mut bits = i16::from(self.compression.codec.id());
        for (set, bit) in [
            (self.timestamp_type == TimestampType::LogAppendTime, Attributes::LOG_APPEND_TIME),
            (self.transactional, Attributes::TRANSACTIONAL),
            (self.control, Attributes::CONTROL),
            (self.delete_horizon_ms.is_some(), Attributes::DELETE_HORIZON),
        ] {
            if set {
                bits |= bit;
            }
        }
        Attributes(bits)
    }
}

/// Why a record does not fit into a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildFault {
    /// The batch would pass 2 GiB.
    TooLarge,
    /// An offset not above the one before, or more than an int32 above the base offset.
    BadOffset { offset: i64 },
}

impl std::fmt::Display for BuildFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge => write!(f, "batch would pass 2 GiB"),
            Self::BadOffset { offset } => write!(f, "offset {offset} does not fit the batch"),
        }
    }
}

impl std::error::Error for BuildFault {}

/// Collects records and writes one batch.
#[derive(Debug)]
pub struct BatchBuilder {
    options: BatchOptions,
    /// Room for the header, then the records uncompressed.
    batch: BytesMut,
    count: i32,
    last_offset: Option<i64>,
    base_timestamp: i64,
    max_timestamp: i64,
}

/// Most bytes of a batch before compression. The length field allows 2 GiB; a thousandth less leaves room
/// for what a codec adds to bytes that do not shrink.
const BATCH_BYTES_MAX: usize = i32::MAX as usize / 1024 * 1023;

impl BatchBuilder {
    pub fn new(options: BatchOptions) -> BatchBuilder {
        let mut batch = BytesMut::with_capacity(512);
        batch.resize(BatchHeader::SIZE, 0);
        BatchBuilder {
            options,
            batch,
            count: 0,
            last_offset: None,
            base_timestamp: NO_TIMESTAMP,
            max_timestamp: NO_TIMESTAMP,
        }
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
        let next = self.last_offset.map_or(Some(self.options.base_offset), |last| last.checked_add(1));
        let offset = next.ok_or(BuildFault::BadOffset { offset: i64::MAX })?;
        self.append_at(offset, timestamp, key, value, headers)
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
        let offset_delta = self.delta_of(offset)?;
        if self.last_offset.is_some_and(|last| offset <= last) {
            return Err(BuildFault::BadOffset { offset });
        }
        let base = self.base_of(timestamp);
        let timestamp_delta = timestamp.wrapping_sub(base);
        let body_size = RecordBody::size(timestamp_delta, offset_delta, key, value, headers);
        if body_size > BATCH_BYTES_MAX.saturating_sub(self.batch.len() + VARINT_SIZE_MAX) {
            return Err(BuildFault::TooLarge);
        }

        put_record(&mut self.batch, body_size, timestamp_delta, offset_delta, key, value, headers);
        self.count += 1;
        self.last_offset = Some(offset);
        self.base_timestamp = base;
        self.max_timestamp = self.max_timestamp.max(timestamp);
        Ok(())
    }

    /// Numbers the batch, as an idempotent producer does when it sends it.
    pub fn set_producer(&mut self, producer_id: i64, producer_epoch: i16, base_sequence: i32) {
        self.options.producer_id = producer_id;
        self.options.producer_epoch = producer_epoch;
        self.options.base_sequence = base_sequence;
    }

    /// Lets the batch reach to `offset` although no record is there, as compaction does
    /// (Kafka: `MemoryRecordsBuilder.overrideLastOffset`).
    ///
    /// # Errors
    /// [`BuildFault::BadOffset`] before the last record or too far from the base offset.
    pub fn override_last_offset(&mut self, offset: i64) -> Result<(), BuildFault> {
        self.delta_of(offset)?;
        if self.last_offset.is_some_and(|last| offset < last) {
            return Err(BuildFault::BadOffset { offset });
        }
        self.last_offset = Some(offset);
        Ok(())
    }

    fn delta_of(&self, offset: i64) -> Result<i32, BuildFault> {
        let delta = offset.checked_sub(self.options.base_offset);
        let delta = delta.and_then(|delta| i32::try_from(delta).ok()).filter(|delta| *delta >= 0);
        delta.ok_or(BuildFault::BadOffset { offset })
    }

    /// What the next record's timestamp delta counts from.
    fn base_of(&self, timestamp: i64) -> i64 {
        match self.options.delete_horizon_ms {
            Some(horizon) => horizon,
            None if self.count == 0 => timestamp,
            None => self.base_timestamp,
        }
    }

    /// Records so far.
    pub fn count(&self) -> i32 {
        self.count
    }

    /// Bytes the batch takes if it stays uncompressed.
    pub fn uncompressed_size(&self) -> usize {
        self.batch.len()
    }

    /// The batch. Without a codec this copies nothing.
    ///
    /// # Panics
    /// Without records: Kafka has no such batch outside of compaction.
    pub fn build(self, scratch: &mut Scratch) -> Bytes {
        let header = self.header();
        let mut batch = self.batch;
        if self.options.compression.codec != CompressionType::None {
            let plain = batch.split_off(position::RECORDS);
            codec::compress(self.options.compression, &plain, scratch, &mut batch);
        }
        seal(&mut batch, header);
        batch.freeze()
    }

    /// The header, without length and CRC.
    fn header(&self) -> BatchHeader {
        assert!(self.count > 0, "a batch of {} records was to be built", self.count);
        let last_offset = self.last_offset.unwrap_or(self.options.base_offset);
        BatchHeader {
            base_offset: self.options.base_offset,
            length: 0,
            partition_leader_epoch: self.options.partition_leader_epoch,
            magic: 2,
            crc: 0,
            attributes: self.options.attributes(),
            last_offset_delta: (last_offset - self.options.base_offset) as i32,
            base_timestamp: self.base_timestamp,
            max_timestamp: match self.options.timestamp_type {
                TimestampType::CreateTime => self.max_timestamp,
                TimestampType::LogAppendTime => self.options.log_append_time_ms,
            },
            producer_id: self.options.producer_id,
            producer_epoch: self.options.producer_epoch,
            base_sequence: self.options.base_sequence,
            record_count: self.count,
        }
    }
}

/// A batch that is only a header.
pub(crate) fn sealed_header(header: BatchHeader) -> Bytes {
    let mut batch = BytesMut::zeroed(BatchHeader::SIZE);
    seal(&mut batch, header);
    batch.freeze()
}

/// Writes `header` to the front of a batch whose records are complete, with their length and CRC.
pub(crate) fn seal(batch: &mut [u8], mut header: BatchHeader) {
    header.length = i32::try_from(batch.len() - BatchHeader::LOG_OVERHEAD)
        .expect("no codec adds a thousandth to what does not shrink");
    let mut head = [0; BatchHeader::SIZE];
    header.write(&mut head);
    batch[..BatchHeader::SIZE].copy_from_slice(&head);
    let crc = crc::crc32c(&batch[position::ATTRIBUTES..]);
    batch[position::CRC..position::ATTRIBUTES].copy_from_slice(&crc.to_be_bytes());
}
