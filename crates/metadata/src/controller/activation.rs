//! The first records of a new active controller. Kafka: `ActivationRecordsGenerator`, KIP-868.
//!
//! ```text
//! log                                  records
//! empty                                the bootstrap records, in a transaction from 3.6-IV1 on
//! the bootstrap was cut off            AbortTransaction, then as for an empty log
//! a transaction was cut off            AbortTransaction
//! otherwise                            none
//! ```

use std::fmt;

use super::decision::Decision;
use crate::MetadataVersion;
use crate::bootstrap::BootstrapMetadata;
use crate::feature;
use crate::record::VersionedRecord;
use crate::records::{AbortTransactionRecord, BeginTransactionRecord, ConfigRecord, EndTransactionRecord};

/// What the decision depends on.
pub(super) struct Activation<'a> {
    /// Finalized level; `None` while no bootstrap is complete.
    pub metadata_version: Option<MetadataVersion>,
    pub transaction_start_offset: Option<i64>,
    pub bootstrap: &'a BootstrapMetadata,
    /// `min.insync.replicas` of the static configuration.
    pub min_insync_replicas: i32,
}

/// A log that only a later version can have written, with a transaction that must not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivationFault {
    pub transaction_start_offset: i64,
    pub metadata_version: MetadataVersion,
}

impl fmt::Display for ActivationFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a metadata transaction is open since offset {}, but metadata.version {} has no transactions",
            self.transaction_start_offset, self.metadata_version
        )
    }
}

impl std::error::Error for ActivationFault {}

pub(super) fn decide(activation: &Activation<'_>) -> Result<Decision<()>, ActivationFault> {
    let is_empty = activation.metadata_version.is_none();
    let metadata_version = activation.metadata_version.unwrap_or(activation.bootstrap.metadata_version());
    let transactions = metadata_version.is_metadata_transaction_supported();
    let mut records = Vec::new();
    if let Some(transaction_start_offset) = activation.transaction_start_offset {
        if !transactions {
            return Err(ActivationFault { transaction_start_offset, metadata_version });
        }
        let abort = AbortTransactionRecord { reason: Some("Controller failover".to_owned()) };
        records.push(VersionedRecord::new(abort, 0));
    }
    if !is_empty {
        return Ok(Decision::atomic(records, ()));
    }
    if transactions {
        let begin = BeginTransactionRecord { name: Some("Bootstrap records".to_owned()) };
        records.push(VersionedRecord::new(begin, 0));
    }
    records.extend_from_slice(activation.bootstrap.records());
    if activation.bootstrap.feature_level(feature::ELIGIBLE_LEADER_REPLICAS_VERSION.name) > 0 {
        records.push(cluster_min_insync_replicas(activation.min_insync_replicas));
    }
    if !transactions {
        return Ok(Decision::atomic(records, ()));
    }
    records.push(VersionedRecord::new(EndTransactionRecord {}, 0));
    Ok(Decision::sequence(records, ()))
}

/// With ELR on, every controller must know how large an ISR has to be: the value moves from the
/// files of the brokers into the log.
fn cluster_min_insync_replicas(value: i32) -> VersionedRecord {
    let record = ConfigRecord {
        resource_type: crate::image::ConfigResourceType::Broker.id(),
        resource_name: String::new(),
        name: "min.insync.replicas".to_owned(),
        value: Some(value.to_string()),
    };
    VersionedRecord::new(record, 0)
}
