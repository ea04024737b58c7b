//! FetchSnapshot (key 59): a piece of a metadata snapshot, by position (KIP-630).

pub use request::FetchSnapshotRequest;
pub use response::FetchSnapshotResponse;

pub mod request {
    //! The request.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(request = 59, versions = "0-1", flexible = "0+", listeners = "controller")]
    pub struct FetchSnapshotRequest {
        #[kafka(nullable = "0+", default = null, tag = 0, tagged = "0+")]
        pub cluster_id: Option<String>,
        #[kafka(default = -1)]
        pub replica_id: i32,
        #[kafka(default = i32::MAX)]
        pub max_bytes: i32,
        pub topics: Vec<TopicSnapshot>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicSnapshot {
        pub name: String,
        pub partitions: Vec<PartitionSnapshot>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct PartitionSnapshot {
        pub partition: i32,
        pub current_leader_epoch: i32,
        pub snapshot_id: SnapshotId,
        pub position: i64,
        #[kafka(tag = 0, tagged = "1+", ignorable)]
        pub replica_directory_id: Uuid,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct SnapshotId {
        pub end_offset: i64,
        pub epoch: i32,
    }
}

pub mod response {
    //! The response.

    use klamm_base::codec::Records;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(response = 59, versions = "0-1", flexible = "0+")]
    pub struct FetchSnapshotResponse {
        #[kafka(ignorable)]
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub topics: Vec<TopicSnapshot>,
        #[kafka(tag = 0, tagged = "1+")]
        pub node_endpoints: Vec<NodeEndpoint>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicSnapshot {
        pub name: String,
        pub partitions: Vec<PartitionSnapshot>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct PartitionSnapshot {
        pub index: i32,
        pub error_code: i16,
        pub snapshot_id: SnapshotId,
        #[kafka(tag = 0, tagged = "0+")]
        pub current_leader: LeaderIdAndEpoch,
        pub size: i64,
        pub position: i64,
        pub unaligned_records: Records,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct SnapshotId {
        pub end_offset: i64,
        pub epoch: i32,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct LeaderIdAndEpoch {
        pub leader_id: i32,
        pub leader_epoch: i32,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct NodeEndpoint {
        #[kafka(versions = "1+", key)]
        pub node_id: i32,
        #[kafka(versions = "1+")]
        pub host: String,
        #[kafka(versions = "1+")]
        pub port: u16,
    }
}
