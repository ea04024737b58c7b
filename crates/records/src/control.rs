//! Keys and values of control records (Kafka: `ControlRecordType`, `EndTransactionMarker`).
//!
//! Key: int16 version, int16 type. The raft types' values are encoded by the raft room.

use bytes::{BufMut, Bytes, BytesMut};

use crate::{BatchBuilder, BatchOptions, NO_SEQUENCE, Scratch};

/// The type in a control record's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlRecordType {
    Abort,
    Commit,
    LeaderChange,
    SnapshotHeader,
    SnapshotFooter,
    KRaftVersion,
    KRaftVoters,
    /// A type of a later version; readers skip such records.
    Unknown(i16),
}

impl ControlRecordType {
    pub fn from_id(id: i16) -> ControlRecordType {
        match id {
            0 => Self::Abort,
            1 => Self::Commit,
            2 => Self::LeaderChange,
            3 => Self::SnapshotHeader,
            4 => Self::SnapshotFooter,
            5 => Self::KRaftVersion,
            6 => Self::KRaftVoters,
            other => Self::Unknown(other),
        }
    }

    pub fn id(self) -> i16 {
        match self {
            Self::Abort => 0,
            Self::Commit => 1,
            Self::LeaderChange => 2,
            Self::SnapshotHeader => 3,
            Self::SnapshotFooter => 4,
            Self::KRaftVersion => 5,
            Self::KRaftVoters => 6,
            Self::Unknown(id) => id,
        }
    }

    /// Reads a control record's key; `None` when it is missing, shorter than four bytes, or of a
    /// negative version. Later versions may append fields, which are ignored.
    pub fn from_key(key: Option<&[u8]>) -> Option<ControlRecordType> {
        let head = key?.first_chunk::<4>()?;
        let version = i16::from_be_bytes([head[0], head[1]]);
        (version >= 0).then(|| Self::from_id(i16::from_be_bytes([head[2], head[3]])))
    }

    /// The key, version 0.
    pub fn key(self) -> [u8; 4] {
        let id = self.id().to_be_bytes();
        [0, 0, id[0], id[1]]
    }
}

/// The value of an ABORT or COMMIT marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndTxnMarker {
    pub coordinator_epoch: i32,
}

impl EndTxnMarker {
    const VERSION: i16 = 0;

    /// Reads a marker's value; `None` when it is missing, too short, or of a negative version.
    pub fn from_value(value: Option<&[u8]>) -> Option<EndTxnMarker> {
        let head = value?.first_chunk::<6>()?;
        let version = i16::from_be_bytes([head[0], head[1]]);
        let coordinator_epoch = i32::from_be_bytes([head[2], head[3], head[4], head[5]]);
        (version >= 0).then_some(EndTxnMarker { coordinator_epoch })
    }

    pub fn to_value(self) -> Bytes {
        let mut value = BytesMut::with_capacity(6);
        value.put_i16(Self::VERSION);
        value.put_i32(self.coordinator_epoch);
        value.freeze()
    }
}

/// The batch that ends a transaction in a partition: one control record, no sequence, 78 bytes
/// (Kafka: `MemoryRecords.withEndTransactionMarker`). `committed` tells COMMIT from ABORT.
pub fn end_txn_batch(
    producer_id: i64,
    producer_epoch: i16,
    timestamp: i64,
    committed: bool,
    marker: EndTxnMarker,
) -> Bytes {
    let kind = if committed { ControlRecordType::Commit } else { ControlRecordType::Abort };
    let mut builder = BatchBuilder::new(BatchOptions {
        producer_id,
        producer_epoch,
        base_sequence: NO_SEQUENCE,
        transactional: true,
        control: true,
        ..BatchOptions::default()
    });
    builder
        .append(timestamp, Some(&kind.key()), Some(&marker.to_value()), &[])
        .expect("one record of ten bytes fits a batch");
    builder.build(&mut Scratch::new())
}
