//! AssignReplicasToDirs (key 73): a broker says which directory holds which replica (KIP-858).

pub use request::AssignReplicasToDirsRequest;
pub use response::AssignReplicasToDirsResponse;

pub mod request {
    //! The request.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(request = 73, versions = "0", flexible = "0+", listeners = "controller")]
    pub struct AssignReplicasToDirsRequest {
        pub broker_id: i32,
        #[kafka(default = -1)]
        pub broker_epoch: i64,
        pub directories: Vec<DirectoryData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct DirectoryData {
        pub id: Uuid,
        pub topics: Vec<TopicData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicData {
        pub topic_id: Uuid,
        pub partitions: Vec<PartitionData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct PartitionData {
        pub partition_index: i32,
    }
}

pub mod response {
    //! The response.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(response = 73, versions = "0", flexible = "0+")]
    pub struct AssignReplicasToDirsResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub directories: Vec<DirectoryData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct DirectoryData {
        pub id: Uuid,
        pub topics: Vec<TopicData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicData {
        pub topic_id: Uuid,
        pub partitions: Vec<PartitionData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct PartitionData {
        pub partition_index: i32,
        pub error_code: i16,
    }
}
