//! Vote (key 52): a candidate asks for votes; from v2 also before it stands (KIP-996).

pub use request::VoteRequest;
pub use response::VoteResponse;

pub mod request {
    //! The request.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(request = 52, versions = "0-2", flexible = "0+", listeners = "controller")]
    pub struct VoteRequest {
        #[kafka(nullable = "0+", default = null)]
        pub cluster_id: Option<String>,
        #[kafka(versions = "1+", default = -1, ignorable)]
        pub voter_id: i32,
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
        pub replica_epoch: i32,
        pub replica_id: i32,
        #[kafka(versions = "1+", ignorable)]
        pub replica_directory_id: Uuid,
        #[kafka(versions = "1+", ignorable)]
        pub voter_directory_id: Uuid,
        pub last_offset_epoch: i32,
        pub last_offset: i64,
        #[kafka(versions = "2+")]
        pub pre_vote: bool,
    }
}

pub mod response {
    //! The response.

    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(response = 52, versions = "0-2", flexible = "0+")]
    pub struct VoteResponse {
        pub error_code: i16,
        pub topics: Vec<TopicData>,
        #[kafka(tag = 0, tagged = "1+")]
        pub node_endpoints: Vec<NodeEndpoint>,
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
        pub leader_id: i32,
        pub leader_epoch: i32,
        pub vote_granted: bool,
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
