//! Records of the metadata log, one file per concern, and those of tiered segments.
//!
//! On the log each stands behind three varints: frame version, record type (the `api_key` of its
//! schema) and record version. Kafka: `metadata/src/main/resources/common/metadata`,
//! `MetadataRecordType`.

pub mod access_control;
pub mod broker;
pub mod config;
pub mod controller;
pub mod delegation_token;
pub mod feature;
pub mod migration;
pub mod no_op;
pub mod partition;
pub mod producer_ids;
pub mod quota;
pub mod remote_log;
pub mod scram;
pub mod topic;
pub mod transaction;

pub use access_control::*;
pub use broker::*;
pub use config::*;
pub use controller::*;
pub use delegation_token::*;
pub use feature::*;
pub use migration::*;
pub use no_op::*;
pub use partition::*;
pub use producer_ids::*;
pub use quota::*;
pub use remote_log::{
    RemoteLogSegmentMetadataRecord, RemoteLogSegmentMetadataSnapshotRecord,
    RemoteLogSegmentMetadataUpdateRecord, RemotePartitionDeleteMetadataRecord,
};
pub use scram::*;
pub use topic::*;
pub use transaction::*;

use klamm_base::codec::MessageType;

/// Every record type of this room; those of tiered segments count their keys for themselves.
pub fn registry() -> &'static [MessageType] {
    static MESSAGES: &[MessageType] = &[
        MessageType::of::<TopicRecord>(),
        MessageType::of::<RemoveTopicRecord>(),
        MessageType::of::<PartitionRecord>(),
        MessageType::of::<PartitionChangeRecord>(),
        MessageType::of::<ClearElrRecord>(),
        MessageType::of::<RegisterBrokerRecord>(),
        MessageType::of::<UnregisterBrokerRecord>(),
        MessageType::of::<FenceBrokerRecord>(),
        MessageType::of::<UnfenceBrokerRecord>(),
        MessageType::of::<BrokerRegistrationChangeRecord>(),
        MessageType::of::<RegisterControllerRecord>(),
        MessageType::of::<UnregisterControllerRecord>(),
        MessageType::of::<ConfigRecord>(),
        MessageType::of::<FeatureLevelRecord>(),
        MessageType::of::<ClientQuotaRecord>(),
        MessageType::of::<ProducerIdsRecord>(),
        MessageType::of::<AccessControlEntryRecord>(),
        MessageType::of::<RemoveAccessControlEntryRecord>(),
        MessageType::of::<UserScramCredentialRecord>(),
        MessageType::of::<RemoveUserScramCredentialRecord>(),
        MessageType::of::<DelegationTokenRecord>(),
        MessageType::of::<RemoveDelegationTokenRecord>(),
        MessageType::of::<BeginTransactionRecord>(),
        MessageType::of::<EndTransactionRecord>(),
        MessageType::of::<AbortTransactionRecord>(),
        MessageType::of::<ZkMigrationStateRecord>(),
        MessageType::of::<NoOpRecord>(),
        MessageType::of::<RemoteLogSegmentMetadataRecord>(),
        MessageType::of::<RemoteLogSegmentMetadataUpdateRecord>(),
        MessageType::of::<RemotePartitionDeleteMetadataRecord>(),
        MessageType::of::<RemoteLogSegmentMetadataSnapshotRecord>(),
    ];
    MESSAGES
}
