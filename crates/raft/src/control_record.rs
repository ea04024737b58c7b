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

#[cfg(test)]
mod tests {
    use klamm_base::Uuid;

    use super::*;
    use crate::records::leader_change_message::Voter;

    fn again(record: &ControlRecord) -> ControlRecord {
        ControlRecord::decode(&record.key(), record.value()).expect("just written")
    }

    #[test]
    fn records_survive_their_bytes() {
        let voter = Voter { voter_id: 1, ..Voter::default() };
        let change = LeaderChangeMessage {
            version: 0,
            leader_id: 1,
            voters: vec![voter.clone()],
            granting_voters: vec![voter],
        };
        for record in [
            ControlRecord::LeaderChange(change),
            ControlRecord::SnapshotHeader(SnapshotHeaderRecord {
                version: 0,
                last_contained_log_timestamp: 5,
            }),
            ControlRecord::SnapshotFooter(SnapshotFooterRecord { version: 0 }),
            ControlRecord::KRaftVersion(KRaftVersionRecord { version: 0, k_raft_version: 1 }),
            ControlRecord::KRaftVoters(VotersRecord { version: 0, voters: vec![] }),
        ] {
            assert_eq!(again(&record), record);
        }
    }

    #[test]
    fn a_leader_change_of_version_1_is_read_too() {
        let voter = Voter { voter_id: 1, voter_directory_id: Uuid([7; 16]) };
        let change =
            LeaderChangeMessage { version: 1, leader_id: 1, voters: vec![voter], granting_voters: vec![] };
        let record = ControlRecord::LeaderChange(change);
        assert_eq!(again(&record), record);
    }

    #[test]
    fn what_cannot_be_read_is_a_fault() {
        let decode = |key: &[u8], value: &[u8]| ControlRecord::decode(key, Bytes::copy_from_slice(value));
        assert!(matches!(decode(&[0, 0], &[]), Err(ControlRecordFault::Key { length: 2 })));
        // 0 and 1 are the markers of transactions, which have no place in this log.
        for record_type in [0, 1, 7] {
            let fault = decode(&[0, 0, 0, record_type], &[0, 0]).expect_err("not of this log");
            assert!(
                matches!(fault, ControlRecordFault::UnknownType { record_type: found } if found == i16::from(record_type))
            );
        }
        assert!(matches!(
            decode(&[0, 0, 0, 5], &[0, 0]),
            Err(ControlRecordFault::Message { record_type: 5, .. })
        ));
        assert!(matches!(
            decode(&[0, 0, 0, 5], &[0, 9, 0, 1, 0]),
            Err(ControlRecordFault::Version { record_type: 5, version: 9 })
        ));
    }
}
