//! Records of `__consumer_offsets`, one file per kind of group.
//!
//! A key begins with its record type as 16 bits, a value with its version; both stand outside of the
//! message. Kafka: `group-coordinator/src/main/resources/common/message`, `CoordinatorRecordType`.

pub mod classic;
pub mod consumer;
pub mod offsets;
pub mod share;
pub mod streams;

pub use classic::{GroupMetadataKey, GroupMetadataValue};
pub use consumer::{
    ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue,
    ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataKey,
    ConsumerGroupMetadataValue, ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataValue,
    ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue,
    ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue,
};
pub use offsets::{LegacyOffsetCommitKey, LegacyOffsetCommitValue, OffsetCommitKey, OffsetCommitValue};
pub use share::{
    ShareGroupCurrentMemberAssignmentKey, ShareGroupCurrentMemberAssignmentValue,
    ShareGroupMemberMetadataKey, ShareGroupMemberMetadataValue, ShareGroupMetadataKey,
    ShareGroupMetadataValue, ShareGroupStatePartitionMetadataKey, ShareGroupStatePartitionMetadataValue,
    ShareGroupTargetAssignmentMemberKey, ShareGroupTargetAssignmentMemberValue,
    ShareGroupTargetAssignmentMetadataKey, ShareGroupTargetAssignmentMetadataValue,
};
pub use streams::{
    StreamsGroupCurrentMemberAssignmentKey, StreamsGroupCurrentMemberAssignmentValue,
    StreamsGroupMemberMetadataKey, StreamsGroupMemberMetadataValue, StreamsGroupMetadataKey,
    StreamsGroupMetadataValue, StreamsGroupTargetAssignmentMemberKey,
    StreamsGroupTargetAssignmentMemberValue, StreamsGroupTargetAssignmentMetadataKey,
    StreamsGroupTargetAssignmentMetadataValue, StreamsGroupTopologyKey, StreamsGroupTopologyValue,
};

use klamm_base::codec::MessageType;

/// Every record type of the group coordinator, keys and values.
pub fn registry() -> &'static [MessageType] {
    static MESSAGES: &[MessageType] = &[
        MessageType::of::<LegacyOffsetCommitKey>(),
        MessageType::of::<LegacyOffsetCommitValue>(),
        MessageType::of::<OffsetCommitKey>(),
        MessageType::of::<OffsetCommitValue>(),
        MessageType::of::<GroupMetadataKey>(),
        MessageType::of::<GroupMetadataValue>(),
        MessageType::of::<ConsumerGroupMetadataKey>(),
        MessageType::of::<ConsumerGroupMetadataValue>(),
        MessageType::of::<ConsumerGroupPartitionMetadataKey>(),
        MessageType::of::<ConsumerGroupPartitionMetadataValue>(),
        MessageType::of::<ConsumerGroupMemberMetadataKey>(),
        MessageType::of::<ConsumerGroupMemberMetadataValue>(),
        MessageType::of::<ConsumerGroupTargetAssignmentMetadataKey>(),
        MessageType::of::<ConsumerGroupTargetAssignmentMetadataValue>(),
        MessageType::of::<ConsumerGroupTargetAssignmentMemberKey>(),
        MessageType::of::<ConsumerGroupTargetAssignmentMemberValue>(),
        MessageType::of::<ConsumerGroupCurrentMemberAssignmentKey>(),
        MessageType::of::<ConsumerGroupCurrentMemberAssignmentValue>(),
        MessageType::of::<ConsumerGroupRegularExpressionKey>(),
        MessageType::of::<ConsumerGroupRegularExpressionValue>(),
        MessageType::of::<ShareGroupMetadataKey>(),
        MessageType::of::<ShareGroupMetadataValue>(),
        MessageType::of::<ShareGroupMemberMetadataKey>(),
        MessageType::of::<ShareGroupMemberMetadataValue>(),
        MessageType::of::<ShareGroupTargetAssignmentMetadataKey>(),
        MessageType::of::<ShareGroupTargetAssignmentMetadataValue>(),
        MessageType::of::<ShareGroupTargetAssignmentMemberKey>(),
        MessageType::of::<ShareGroupTargetAssignmentMemberValue>(),
        MessageType::of::<ShareGroupCurrentMemberAssignmentKey>(),
        MessageType::of::<ShareGroupCurrentMemberAssignmentValue>(),
        MessageType::of::<ShareGroupStatePartitionMetadataKey>(),
        MessageType::of::<ShareGroupStatePartitionMetadataValue>(),
        MessageType::of::<StreamsGroupMetadataKey>(),
        MessageType::of::<StreamsGroupMetadataValue>(),
        MessageType::of::<StreamsGroupMemberMetadataKey>(),
        MessageType::of::<StreamsGroupMemberMetadataValue>(),
        MessageType::of::<StreamsGroupTargetAssignmentMetadataKey>(),
        MessageType::of::<StreamsGroupTargetAssignmentMetadataValue>(),
        MessageType::of::<StreamsGroupTargetAssignmentMemberKey>(),
        MessageType::of::<StreamsGroupTargetAssignmentMemberValue>(),
        MessageType::of::<StreamsGroupCurrentMemberAssignmentKey>(),
        MessageType::of::<StreamsGroupCurrentMemberAssignmentValue>(),
        MessageType::of::<StreamsGroupTopologyKey>(),
        MessageType::of::<StreamsGroupTopologyValue>(),
    ];
    MESSAGES
}

#[cfg(test)]
mod tests;
