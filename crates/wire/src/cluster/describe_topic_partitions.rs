//! DescribeTopicPartitions (key 75): partitions of topics page by page, with their eligible leader
//! replicas (KIP-966).

pub use request::DescribeTopicPartitionsRequest;
pub use response::DescribeTopicPartitionsResponse;

pub mod request {
    //! The request.

    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(request = 75, versions = "0", flexible = "0+", listeners = "broker")]
    pub struct DescribeTopicPartitionsRequest {
        pub topics: Vec<TopicRequest>,
        #[kafka(default = 2000)]
        pub response_partition_limit: i32,
        #[kafka(nullable = "0+", default = null)]
        pub cursor: Option<Cursor>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicRequest {
        pub name: String,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct Cursor {
        pub topic_name: String,
        pub partition_index: i32,
    }
}

pub mod response {
    //! The response.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(response = 75, versions = "0", flexible = "0+")]
    pub struct DescribeTopicPartitionsResponse {
        #[kafka(ignorable)]
        pub throttle_time_ms: i32,
        pub topics: Vec<DescribeTopicPartitionsResponseTopic>,
        #[kafka(nullable = "0+", default = null)]
        pub next_cursor: Option<Cursor>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct DescribeTopicPartitionsResponseTopic {
        pub error_code: i16,
        #[kafka(nullable = "0+", key)]
        pub name: Option<String>,
        #[kafka(ignorable)]
        pub topic_id: Uuid,
        #[kafka(ignorable)]
        pub is_internal: bool,
        pub partitions: Vec<DescribeTopicPartitionsResponsePartition>,
        /// A bit for each operation that the client may do; `i32::MIN` when it did not ask.
        #[kafka(default = i32::MIN)]
        pub topic_authorized_operations: i32,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct DescribeTopicPartitionsResponsePartition {
        pub error_code: i16,
        pub partition_index: i32,
        pub leader_id: i32,
        #[kafka(default = -1, ignorable)]
        pub leader_epoch: i32,
        pub replica_nodes: Vec<i32>,
        pub isr_nodes: Vec<i32>,
        #[kafka(nullable = "0+", default = null)]
        pub eligible_leader_replicas: Option<Vec<i32>>,
        #[kafka(nullable = "0+", default = null)]
        pub last_known_elr: Option<Vec<i32>>,
        #[kafka(ignorable)]
        pub offline_replicas: Vec<i32>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct Cursor {
        pub topic_name: String,
        pub partition_index: i32,
    }
}
