//! EndQuorumEpoch (key 54): a leader resigns and names who should follow.

pub use request::EndQuorumEpochRequest;
pub use response::EndQuorumEpochResponse;

pub mod request {
    //! The request.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(request = 54, versions = "0-1", flexible = "1+", listeners = "controller")]
    pub struct EndQuorumEpochRequest {
        #[kafka(nullable = "0+", default = null)]
        pub cluster_id: Option<String>,
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
        pub leader_id: i32,
        pub leader_epoch: i32,
        #[kafka(versions = "0", ignorable)]
        pub preferred_successors: Vec<i32>,
        #[kafka(versions = "1+", ignorable)]
        pub preferred_candidates: Vec<ReplicaInfo>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct ReplicaInfo {
        #[kafka(versions = "1+")]
        pub candidate_id: i32,
        #[kafka(versions = "1+")]
        pub candidate_directory_id: Uuid,
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
    #[kafka(response = 54, versions = "0-1", flexible = "1+")]
    pub struct EndQuorumEpochResponse {
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
