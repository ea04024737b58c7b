//! BeginQuorumEpoch (key 53): a new leader announces itself to the voters.

pub use request::BeginQuorumEpochRequest;
pub use response::BeginQuorumEpochResponse;

pub mod request {
    //! The request.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(request = 53, versions = "0-1", flexible = "1+", listeners = "controller")]
    pub struct BeginQuorumEpochRequest {
        #[kafka(nullable = "0+", default = null)]
        pub cluster_id: Option<String>,
        #[kafka(versions = "1+", default = -1, ignorable)]
        pub voter_id: i32,
        pub topics: Vec<TopicData>,
        #[kafka(versions = "1+", ignorable)]
        pub leader_endpoints: Vec<LeaderEndpoint>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicData {
        pub topic_name: String,
        pub partitions: Vec<PartitionData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct PartitionData {
        pub partition_index: i32,
        #[kafka(versions = "1+", ignorable)]
        pub voter_directory_id: Uuid,
        pub leader_id: i32,
        pub leader_epoch: i32,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct LeaderEndpoint {
        #[kafka(versions = "1+", key)]
        pub name: String,
        #[kafka(versions = "1+")]
        pub host: String,
        #[kafka(versions = "1+")]
        pub port: u16,
    }
}

pub mod response {
    //! The response.

    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(response = 53, versions = "0-1", flexible = "1+")]
    pub struct BeginQuorumEpochResponse {
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
