//! Records of `__share_group_state`: a snapshot of a share partition, and changes since (KIP-932).

pub use share_snapshot::{ShareSnapshotKey, ShareSnapshotValue};
pub use share_update::{ShareUpdateKey, ShareUpdateValue};

use klamm_base::codec::MessageType;

/// Every record type of the share coordinator, keys and values.
pub fn registry() -> &'static [MessageType] {
    static MESSAGES: &[MessageType] = &[
        MessageType::of::<ShareSnapshotKey>(),
        MessageType::of::<ShareSnapshotValue>(),
        MessageType::of::<ShareUpdateKey>(),
        MessageType::of::<ShareUpdateValue>(),
    ];
    MESSAGES
}

pub mod share_snapshot {
    //! All state of a share partition.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_key = 0, versions = "0", flexible = "none")]
    pub struct ShareSnapshotKey {
        #[kafka(versions = "0")]
        pub group_id: String,
        #[kafka(versions = "0")]
        pub topic_id: Uuid,
        #[kafka(versions = "0")]
        pub partition: i32,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_value = 0, versions = "0", flexible = "0+")]
    pub struct ShareSnapshotValue {
        pub snapshot_epoch: i32,
        pub state_epoch: i32,
        pub leader_epoch: i32,
        pub start_offset: i64,
        #[kafka(default = -1, tag = 0, tagged = "0+")]
        pub delivery_complete_count: i32,
        pub create_timestamp: i64,
        pub write_timestamp: i64,
        pub state_batches: Vec<StateBatch>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct StateBatch {
        pub first_offset: i64,
        pub last_offset: i64,
        pub delivery_state: i8,
        pub delivery_count: i16,
    }
}

pub mod share_update {
    //! What changed since the last snapshot.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_key = 1, versions = "0", flexible = "none")]
    pub struct ShareUpdateKey {
        #[kafka(versions = "0")]
        pub group_id: String,
        #[kafka(versions = "0")]
        pub topic_id: Uuid,
        #[kafka(versions = "0")]
        pub partition: i32,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_value = 1, versions = "0", flexible = "0+")]
    pub struct ShareUpdateValue {
        pub snapshot_epoch: i32,
        pub leader_epoch: i32,
        pub start_offset: i64,
        #[kafka(default = -1, tag = 0, tagged = "0+")]
        pub delivery_complete_count: i32,
        pub state_batches: Vec<StateBatch>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct StateBatch {
        pub first_offset: i64,
        pub last_offset: i64,
        pub delivery_state: i8,
        pub delivery_count: i16,
    }
}
