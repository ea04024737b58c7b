//! Why a record cannot be applied to an image.

use std::fmt;

use klamm_base::Uuid;

/// A record that contradicts the records before it. The log is damaged or written by somebody else's
/// rules; either way the image can no longer be trusted and the node stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayFault {
    UnknownTopic {
        topic_id: Uuid,
    },
    UnknownTopicName {
        name: String,
    },
    UnknownPartition {
        topic_id: Uuid,
        partition: i32,
    },
    DuplicateTopic {
        name: String,
        existing: Uuid,
        new: Uuid,
    },
    DirectoryCount {
        replicas: usize,
        directories: usize,
    },
    UnknownBroker {
        id: i32,
    },
    BrokerEpoch {
        id: i32,
        epoch: i64,
        registered: i64,
    },
    UnknownController {
        id: i32,
    },
    /// A feature or a level of it that this build does not know.
    FeatureLevel {
        name: String,
        level: i16,
    },
    ProducerIdsBackwards {
        current: i64,
        next: i64,
    },
    UnknownAcl {
        id: Uuid,
    },
    FieldValue {
        field: &'static str,
        value: i64,
    },
    TransactionInTransaction {
        started_at: i64,
    },
    NoTransaction,
    /// Begin, end and abort of transactions make no sense in a snapshot.
    TransactionInSnapshot,
    /// The batch does not begin where the one before it ended.
    OffsetGap {
        expected: i64,
        base_offset: i64,
    },
}

impl fmt::Display for ReplayFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayFault::UnknownTopic { topic_id } => write!(f, "no topic has the id {topic_id}"),
            ReplayFault::UnknownTopicName { name } => write!(f, "no topic is called {name}"),
            ReplayFault::UnknownPartition { topic_id, partition } => {
                write!(f, "the topic with the id {topic_id} has no partition {partition}")
            }
            ReplayFault::DuplicateTopic { name, existing, new } => {
                write!(f, "topic {name} is made twice, with the ids {existing} and {new}")
            }
            ReplayFault::DirectoryCount { replicas, directories } => {
                write!(f, "{directories} log directories for {replicas} replicas")
            }
            ReplayFault::UnknownBroker { id } => write!(f, "broker {id} is not registered"),
            ReplayFault::BrokerEpoch { id, epoch, registered } => {
                write!(f, "broker {id} is registered with epoch {registered}, not {epoch}")
            }
            ReplayFault::UnknownController { id } => write!(f, "controller {id} is not registered"),
            ReplayFault::FeatureLevel { name, level } => {
                write!(f, "level {level} of the feature {name} is not supported by this version")
            }
            ReplayFault::ProducerIdsBackwards { current, next } => {
                write!(f, "the next producer id goes back from {current} to {next}")
            }
            ReplayFault::UnknownAcl { id } => write!(f, "no access control entry has the id {id}"),
            ReplayFault::FieldValue { field, value } => write!(f, "{field} cannot be {value}"),
            ReplayFault::TransactionInTransaction { started_at } => {
                write!(f, "the metadata transaction begun at offset {started_at} is still open")
            }
            ReplayFault::NoTransaction => f.write_str("there is no open metadata transaction"),
            ReplayFault::TransactionInSnapshot => {
                f.write_str("a snapshot contains part of a metadata transaction")
            }
            ReplayFault::OffsetGap { expected, base_offset } => {
                write!(f, "a batch begins at offset {base_offset} instead of {expected}")
            }
        }
    }
}

impl std::error::Error for ReplayFault {}
