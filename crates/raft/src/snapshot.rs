//! The control records that open and close a snapshot of the metadata log.
//! Kafka: `RecordsSnapshotWriter`.
//!
//! A snapshot is a file of batches: one control batch with the head, data batches, one control
//! batch with the foot. A file without a foot is no snapshot.

use crate::records::{KRaftVersionRecord, SnapshotFooterRecord, SnapshotHeaderRecord};
use crate::{ControlRecord, KRAFT_VERSION_0, VoterSet};

/// The records of the first batch. Above kraft.version 0 the version is written down, and the
/// voters if there are any.
pub fn head(last_contained_log_timestamp: i64, kraft_version: i16, voters: &VoterSet) -> Vec<ControlRecord> {
    let header = SnapshotHeaderRecord { version: 0, last_contained_log_timestamp };
    let mut records = vec![ControlRecord::SnapshotHeader(header)];
    if kraft_version > KRAFT_VERSION_0 {
        records.push(ControlRecord::KRaftVersion(KRaftVersionRecord {
            version: 0,
            k_raft_version: kraft_version,
        }));
        if !voters.is_empty() {
            records.push(ControlRecord::KRaftVoters(voters.to_record()));
        }
    }
    records
}

/// The record of the last batch.
pub fn foot() -> ControlRecord {
    ControlRecord::SnapshotFooter(SnapshotFooterRecord { version: 0 })
}
