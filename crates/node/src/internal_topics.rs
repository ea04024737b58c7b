//! Topics that the cluster keeps for itself (Kafka: `Topic.isInternal`).

/// Clients are shown them as internal, and may not write them.
pub fn is_internal(topic: &str) -> bool {
    matches!(topic, "__consumer_offsets" | "__transaction_state" | "__share_group_state")
}
