//! Tiered segments in `__remote_log_metadata` (KIP-405). Their keys count for themselves, apart from
//! those of the metadata log.

pub use remote_log_segment_metadata_record::RemoteLogSegmentMetadataRecord;
pub use remote_log_segment_metadata_snapshot_record::RemoteLogSegmentMetadataSnapshotRecord;
pub use remote_log_segment_metadata_update_record::RemoteLogSegmentMetadataUpdateRecord;
pub use remote_partition_delete_metadata_record::RemotePartitionDeleteMetadataRecord;

pub mod remote_log_segment_metadata_record {
    //! A segment that is on its way to remote storage.

    use bytes::Bytes;
    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(metadata = 0, versions = "0", flexible = "0+")]
    pub struct RemoteLogSegmentMetadataRecord {
        pub remote_log_segment_id: RemoteLogSegmentIdEntry,
        pub start_offset: i64,
        pub end_offset: i64,
        pub broker_id: i32,
        pub max_timestamp_ms: i64,
        pub event_timestamp_ms: i64,
        pub segment_leader_epochs: Vec<SegmentLeaderEpochEntry>,
        pub segment_size_in_bytes: i32,
        #[kafka(nullable = "0+", default = null)]
        pub custom_metadata: Option<Bytes>,
        pub remote_log_segment_state: i8,
        #[kafka(tag = 0, tagged = "0+")]
        pub txn_index_empty: bool,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct RemoteLogSegmentIdEntry {
        pub topic_id_partition: TopicIdPartitionEntry,
        pub id: Uuid,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicIdPartitionEntry {
        pub name: String,
        pub id: Uuid,
        pub partition: i32,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct SegmentLeaderEpochEntry {
        pub leader_epoch: i32,
        pub offset: i64,
    }
}

pub mod remote_log_segment_metadata_update_record {
    //! A new state of such a segment.

    use bytes::Bytes;
    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(metadata = 1, versions = "0", flexible = "0+")]
    pub struct RemoteLogSegmentMetadataUpdateRecord {
        pub remote_log_segment_id: RemoteLogSegmentIdEntry,
        pub broker_id: i32,
        pub event_timestamp_ms: i64,
        #[kafka(nullable = "0+", default = null)]
        pub custom_metadata: Option<Bytes>,
        pub remote_log_segment_state: i8,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct RemoteLogSegmentIdEntry {
        pub topic_id_partition: TopicIdPartitionEntry,
        pub id: Uuid,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicIdPartitionEntry {
        pub name: String,
        pub id: Uuid,
        pub partition: i32,
    }
}

pub mod remote_partition_delete_metadata_record {
    //! How far the removal of a partition has come.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(metadata = 2, versions = "0", flexible = "0+")]
    pub struct RemotePartitionDeleteMetadataRecord {
        pub topic_id_partition: TopicIdPartitionEntry,
        pub broker_id: i32,
        pub event_timestamp_ms: i64,
        pub remote_partition_delete_state: i8,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicIdPartitionEntry {
        pub name: String,
        pub id: Uuid,
        pub partition: i32,
    }
}

pub mod remote_log_segment_metadata_snapshot_record {
    //! A segment as it stands, in the snapshot file that each broker keeps.

    use bytes::Bytes;
    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(metadata = 3, versions = "0", flexible = "0+")]
    pub struct RemoteLogSegmentMetadataSnapshotRecord {
        pub segment_id: Uuid,
        pub start_offset: i64,
        pub end_offset: i64,
        pub broker_id: i32,
        pub max_timestamp_ms: i64,
        pub event_timestamp_ms: i64,
        pub segment_leader_epochs: Vec<SegmentLeaderEpochEntry>,
        pub segment_size_in_bytes: i32,
        #[kafka(nullable = "0+", default = null)]
        pub custom_metadata: Option<Bytes>,
        pub remote_log_segment_state: i8,
        #[kafka(tag = 0, tagged = "0+")]
        pub txn_index_empty: bool,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct SegmentLeaderEpochEntry {
        pub leader_epoch: i32,
        pub offset: i64,
    }
}
