//! Records of control batches in the metadata log and its snapshots, bytes both ways.
//! Kafka: `ControlRecordType`, `ControlRecordUtils`.
//!
//! ```text
//! key    int16 version 0, int16 type
//! value  the message of that type in the version of its own first field, written as 0
//! ```

use std::fmt;

use bytes::Bytes;
use klamm_base::codec::{DecodeError, Message};

use crate::records::{
    KRaftVersionRecord, LeaderChangeMessage, SnapshotFooterRecord, SnapshotHeaderRecord, VotersRecord,
};

const LEADER_CHANGE: i16 = 2;
const SNAPSHOT_HEADER: i16 = 3;
const SNAPSHOT_FOOTER: i16 = 4;
const KRAFT_VERSION: i16 = 5;
const KRAFT_VOTERS: i16 = 6;

#[derive(Clone, Debug, PartialEq)]
pub enum ControlRecord {
    LeaderChange(LeaderChangeMessage),
    SnapshotHeader(SnapshotHeaderRecord),
    SnapshotFooter(SnapshotFooterRecord),
    KRaftVersion(KRaftVersionRecord),
    KRaftVoters(VotersRecord),
}

/// Why the bytes of a control record make no sense.
#[derive(Debug)]
pub enum ControlRecordFault {
    Key {
        length: usize,
    },
    /// Not a control record of the metadata log.
    UnknownType {
        record_type: i16,
    },
    Message {
        record_type: i16,
        source: DecodeError,
    },
    Version {
        record_type: i16,
        version: i16,
    },
}

impl fmt::Display for ControlRecordFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ControlRecordFault::Key { length } => {
                write!(f, "a control record's key has {length} bytes instead of 4")
            }
            ControlRecordFault::UnknownType { record_type } => {
                write!(f, "a control record of type {record_type} has no place in the metadata log")
            }
            ControlRecordFault::Message { record_type, source } => {
                write!(f, "unreadable control record of type {record_type}: {source}")
            }
            ControlRecordFault::Version { record_type, version } => {
                write!(f, "a control record of type {record_type} has the unknown version {version}")
            }
        }
    }
}

impl std::error::Error for ControlRecordFault {}

impl ControlRecord {
    /// The number in the record's key.
    pub fn record_type(&self) -> i16 {
        match self {
            ControlRecord::LeaderChange(_) => LEADER_CHANGE,
            ControlRecord::SnapshotHeader(_) => SNAPSHOT_HEADER,
            ControlRecord::SnapshotFooter(_) => SNAPSHOT_FOOTER,
            ControlRecord::KRaftVersion(_) => KRAFT_VERSION,
            ControlRecord::KRaftVoters(_) => KRAFT_VOTERS,
        }
    }

    pub fn key(&self) -> Bytes {
        let mut key = [0; 4];
        key[2..].copy_from_slice(&self.record_type().to_be_bytes());
        Bytes::copy_from_slice(&key)
    }

    pub fn value(&self) -> Bytes {
        match self {
            ControlRecord::LeaderChange(message) => encode(message, message.version),
            ControlRecord::SnapshotHeader(message) => encode(message, message.version),
            ControlRecord::SnapshotFooter(message) => encode(message, message.version),
            ControlRecord::KRaftVersion(message) => encode(message, message.version),
            ControlRecord::KRaftVoters(message) => encode(message, message.version),
        }
    }

    /// Reads one record of a control batch.
    pub fn decode(key: &[u8], value: Bytes) -> Result<ControlRecord, ControlRecordFault> {
        let &[_, _, high, low] = key else { return Err(ControlRecordFault::Key { length: key.len() }) };
        let record_type = i16::from_be_bytes([high, low]);
        match record_type {
            LEADER_CHANGE => decode(record_type, value, 1).map(ControlRecord::LeaderChange),
            SNAPSHOT_HEADER => decode(record_type, value, 0).map(ControlRecord::SnapshotHeader),
            SNAPSHOT_FOOTER => decode(record_type, value, 0).map(ControlRecord::SnapshotFooter),
            KRAFT_VERSION => decode(record_type, value, 0).map(ControlRecord::KRaftVersion),
            KRAFT_VOTERS => decode(record_type, value, 0).map(ControlRecord::KRaftVoters),
            _ => Err(ControlRecordFault::UnknownType { record_type }),
        }
    }
}

fn encode<M: Message>(message: &M, version: i16) -> Bytes {
    message.to_bytes(version).expect("the message is written in the version of its own first field")
}

/// The message says its version in its own first field.
fn decode<M: Message>(record_type: i16, value: Bytes, newest: i16) -> Result<M, ControlRecordFault> {
    let version = match value[..] {
        [high, low, ..] => i16::from_be_bytes([high, low]),
        _ => 0,
    };
    if !(0..=newest).contains(&version) {
        return Err(ControlRecordFault::Version { record_type, version });
    }
    M::from_bytes(value, version).map_err(|source| ControlRecordFault::Message { record_type, source })
}
