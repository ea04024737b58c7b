//! DescribeQuorum (key 55): leader, voters and observers with their progress.

pub use request::DescribeQuorumRequest;
pub use response::DescribeQuorumResponse;

pub mod request {
    //! The request.

    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(request = 55, versions = "0-2", flexible = "0+", listeners = "broker, controller")]
    pub struct DescribeQuorumRequest {
        pub topics: Vec<TopicData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicData {
        pub topic_name: String,
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
    #[kafka(response = 55, versions = "0-2", flexible = "0+")]
    pub struct DescribeQuorumResponse {
        pub error_code: i16,
        #[kafka(versions = "2+", nullable = "2+", ignorable)]
        pub error_message: Option<String>,
        pub topics: Vec<TopicData>,
        #[kafka(versions = "2+")]
        pub nodes: Vec<Node>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicData {
        pub topic_name: String,
        pub partitions: Vec<PartitionData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct PartitionData {
        pub partition_index: i32,
        pub error_code: i16,
        #[kafka(versions = "2+", nullable = "2+", ignorable)]
        pub error_message: Option<String>,
        pub leader_id: i32,
        pub leader_epoch: i32,
        pub high_watermark: i64,
        pub current_voters: Vec<ReplicaState>,
        pub observers: Vec<ReplicaState>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct ReplicaState {
        pub replica_id: i32,
        #[kafka(versions = "2+")]
        pub replica_directory_id: Uuid,
        pub log_end_offset: i64,
        #[kafka(versions = "1+", default = -1, ignorable)]
        pub last_fetch_timestamp: i64,
        #[kafka(versions = "1+", default = -1, ignorable)]
        pub last_caught_up_timestamp: i64,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct Node {
        #[kafka(versions = "2+", key)]
        pub node_id: i32,
        #[kafka(versions = "2+")]
        pub listeners: Vec<Listener>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct Listener {
        #[kafka(versions = "2+", key)]
        pub name: String,
        #[kafka(versions = "2+")]
        pub host: String,
        #[kafka(versions = "2+")]
        pub port: u16,
    }
}
