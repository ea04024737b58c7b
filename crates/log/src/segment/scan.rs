//! Walking over the headers of a segment's batches without reading their records.

use std::io;

use klamm_records::{BatchFault, BatchHeader, BatchPrefix};

use crate::disk::DiskFile;

/// Bytes read at a time: a few headers of small batches, or one of a large batch.
const CHUNK: usize = 4096;

/// What a batch's header says, for any magic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHead {
    /// Where the batch starts in the file.
    pub position: u32,
    pub size: u32,
    pub magic: i8,
    /// At magic 0 and 1 the same as `last_offset`: only decompression would tell.
    pub base_offset: i64,
    pub last_offset: i64,
    pub max_timestamp: i64,
    /// -1 at magic 0 and 1.
    pub leader_epoch: i32,
    /// -1 without a producer, and at magic 0 and 1.
    pub producer_id: i64,
}

impl BatchHead {
    pub fn end(&self) -> u32 {
        self.position + self.size
    }
}

/// Why a walk ended early.
#[derive(Debug)]
pub enum ScanFault {
    Disk(io::Error),
    /// No batch starts here.
    Bad {
        position: u32,
        why: BatchFault,
    },
}

/// Yields the batches of `file` from a batch's start up to `limit`; ends after a fault.
pub struct HeaderScan<'a> {
    file: &'a dyn DiskFile,
    position: u32,
    limit: u32,
    chunk: [u8; CHUNK],
    chunk_start: u32,
    chunk_len: usize,
    failed: bool,
}

impl<'a> HeaderScan<'a> {
    pub fn new(file: &'a dyn DiskFile, position: u32, limit: u32) -> HeaderScan<'a> {
        HeaderScan { file, position, limit, chunk: [0; CHUNK], chunk_start: 0, chunk_len: 0, failed: false }
    }

    /// Where the next batch begins.
    pub fn position(&self) -> u32 {
        self.position
    }

    /// Goes on with the batch at `position`; what has been read is not read again.
    pub fn go_to(&mut self, position: u32) {
        self.position = position;
        self.failed = false;
    }

    fn read_head(&mut self) -> Result<BatchHead, ScanFault> {
        let position = self.position;
        let left = (self.limit - position) as usize;
        let bytes = self.bytes(left.min(BatchHeader::SIZE)).map_err(ScanFault::Disk)?;
        let head = parse(bytes, position).map_err(|why| ScanFault::Bad { position, why })?;
        if head.size as usize > left {
            let why = BatchFault::Truncated { needed: head.size as usize, available: left };
            return Err(ScanFault::Bad { position, why });
        }
        Ok(head)
    }

    /// At least `wanted` bytes from the current position, if the file has them.
    fn bytes(&mut self, wanted: usize) -> io::Result<&[u8]> {
        let cached = self.position.checked_sub(self.chunk_start).map(|skip| skip as usize);
        let skip = match cached {
            Some(skip) if skip + wanted <= self.chunk_len => skip,
            _ => {
                let room = (self.limit - self.position) as usize;
                let chunk = &mut self.chunk[..room.min(CHUNK)];
                self.chunk_len = self.file.read_full_at(chunk, u64::from(self.position))?;
                self.chunk_start = self.position;
                0
            }
        };
        Ok(&self.chunk[skip..self.chunk_len])
    }
}

impl Iterator for HeaderScan<'_> {
    type Item = Result<BatchHead, ScanFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.position >= self.limit {
            return None;
        }
        let head = self.read_head();
        match &head {
            Ok(head) => self.position = head.end(),
            Err(_) => self.failed = true,
        }
        Some(head)
    }
}

/// Reads the header at the start of `bytes`, which need not hold the whole batch.
pub fn parse(bytes: &[u8], position: u32) -> Result<BatchHead, BatchFault> {
    let prefix = BatchPrefix::parse(bytes)?;
    let size = u32::try_from(prefix.size_in_bytes).unwrap_or(u32::MAX);
    if prefix.magic == 2 {
        let header = BatchHeader::parse(bytes)?;
        return Ok(BatchHead {
            position,
            size,
            magic: prefix.magic,
            base_offset: header.base_offset,
            last_offset: header.last_offset(),
            max_timestamp: header.max_timestamp,
            leader_epoch: header.partition_leader_epoch,
            producer_id: header.producer_id,
        });
    }
    Ok(BatchHead {
        position,
        size,
        magic: prefix.magic,
        base_offset: prefix.offset,
        last_offset: prefix.offset,
        max_timestamp: legacy_timestamp(bytes, prefix.magic),
        leader_epoch: klamm_records::NO_PARTITION_LEADER_EPOCH,
        producer_id: klamm_records::NO_PRODUCER_ID,
    })
}

/// Magic 1 carries its timestamp behind magic and attributes, magic 0 has none.
fn legacy_timestamp(bytes: &[u8], magic: i8) -> i64 {
    const TIMESTAMP: usize = 18;
    match bytes.get(TIMESTAMP..).and_then(|rest| rest.first_chunk::<8>()) {
        Some(field) if magic == 1 => i64::from_be_bytes(*field),
        _ => klamm_records::NO_TIMESTAMP,
    }
}
