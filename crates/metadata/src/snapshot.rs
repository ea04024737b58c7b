//! Snapshots of the metadata log, bytes both ways. Kafka: `RecordsSnapshotWriter`,
//! `RecordsSnapshotReader`, `ImageWriter`, KIP-630.
//!
//! ```text
//! control batch   SnapshotHeader; above kraft.version 0 also KRaftVersion and the voters
//! data batches    the records that make the image from an empty one
//! control batch   SnapshotFooter: without it the file is no snapshot
//! ```
//! Offsets count from 0 within the file; every batch has the epoch of the snapshot's name.

use std::fmt;

use bytes::{Bytes, BytesMut};
use klamm_raft::{ControlRecord, VoterSet};

use crate::batch::{self, Content, MetadataBatchFault, Stamp};
use crate::image::MetadataImage;
use crate::record::VersionedRecord;

/// Records in one batch of a snapshot.
const RECORDS_PER_BATCH: usize = 1_024;

/// What the first batch says.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// Epoch of the last record in the snapshot.
    pub epoch: i32,
    pub last_contained_log_time_ms: i64,
    pub kraft_version: i16,
    /// In force at the end of the snapshot; empty below kraft.version 1.
    pub voters: &'a VoterSet,
    /// Now, for the batches themselves.
    pub now_ms: i64,
}

/// The whole file with the given records.
pub fn write(head: Head<'_>, records: &[VersionedRecord]) -> Bytes {
    let mut file = BytesMut::new();
    let mut base_offset = 0;
    let mut push = |batch: &dyn Fn(Stamp) -> Bytes, count: usize| {
        let stamp = Stamp { base_offset, epoch: head.epoch, append_time_ms: head.now_ms };
        file.extend_from_slice(&batch(stamp));
        base_offset += count as i64;
    };
    let first = klamm_raft::snapshot::head(head.last_contained_log_time_ms, head.kraft_version, head.voters);
    push(&|stamp| batch::encode_control(stamp, &first), first.len());
    for chunk in records.chunks(RECORDS_PER_BATCH) {
        push(&|stamp| batch::encode_data(stamp, chunk), chunk.len());
    }
    push(&|stamp| batch::encode_control(stamp, &[klamm_raft::snapshot::foot()]), 1);
    file.freeze()
}

/// The records that make `image` from an empty one.
pub fn records_of(image: &MetadataImage) -> Vec<VersionedRecord> {
    let mut records = Vec::new();
    image.write(&mut |record| records.push(record));
    records
}

/// What a snapshot says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SnapshotContent {
    /// Of the quorum: header, kraft.version, voters.
    pub control: Vec<ControlRecord>,
    pub records: Vec<VersionedRecord>,
}

/// Why a file is no snapshot.
#[derive(Debug)]
pub enum SnapshotFault {
    Batch {
        position: usize,
        source: MetadataBatchFault,
    },
    /// The first record is not a SnapshotHeader.
    NoHeader,
    /// The last record is not a SnapshotFooter: writing it was cut off.
    NoFooter,
    /// Bytes after the footer.
    AfterFooter {
        position: usize,
    },
}

impl fmt::Display for SnapshotFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnapshotFault::Batch { position, source } => write!(f, "at byte {position}: {source}"),
            SnapshotFault::NoHeader => f.write_str("the snapshot does not begin with its header"),
            SnapshotFault::NoFooter => f.write_str("the snapshot does not end with its footer"),
            SnapshotFault::AfterFooter { position } => {
                write!(f, "the snapshot goes on after its footer at byte {position}")
            }
        }
    }
}

impl std::error::Error for SnapshotFault {}

/// Reads a whole file.
pub fn read(file: &[u8]) -> Result<SnapshotContent, SnapshotFault> {
    let mut content = SnapshotContent::default();
    let mut position = 0;
    let mut is_complete = false;
    while position < file.len() {
        if is_complete {
            return Err(SnapshotFault::AfterFooter { position });
        }
        let decoded = batch::decode(&file[position..]);
        let (batch, length) = decoded.map_err(|source| SnapshotFault::Batch { position, source })?;
        match batch.content {
            Content::Data(_) if position == 0 => return Err(SnapshotFault::NoHeader),
            Content::Data(records) => content.records.extend(records),
            Content::Control(records) => {
                is_complete = matches!(records.last(), Some(ControlRecord::SnapshotFooter(_)));
                content.control.extend(records);
            }
        }
        position += length;
    }
    match content.control.first() {
        Some(ControlRecord::SnapshotHeader(_)) if is_complete => Ok(content),
        Some(ControlRecord::SnapshotHeader(_)) => Err(SnapshotFault::NoFooter),
        _ => Err(SnapshotFault::NoHeader),
    }
}
