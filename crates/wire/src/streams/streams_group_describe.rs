//! StreamsGroupDescribe (key 89): state, topology, members and tasks of streams groups.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 89, versions = "0-1", flexible = "0+", listeners = "broker")]
pub struct StreamsGroupDescribeRequest {
    pub group_ids: Vec<String>,
    pub include_authorized_operations: bool,
    #[kafka(versions = "1+")]
    pub include_topology_description: bool,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 89, versions = "0-1", flexible = "0+")]
pub struct StreamsGroupDescribeResponse {
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribedGroup>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct DescribedGroup {
    pub error_code: i16,
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<String>,
    pub group_id: String,
    pub group_state: String,
    pub group_epoch: i32,
    pub assignment_epoch: i32,
    #[kafka(nullable = "0+", default = null)]
    pub topology: Option<Topology>,
    pub members: Vec<Member>,
    #[kafka(default = i32::MIN)]
    pub authorized_operations: i32,
    #[kafka(versions = "1+", nullable = "1+", default = null)]
    pub topology_description: Option<TopologyDescription>,
    #[kafka(versions = "1+")]
    pub topology_description_status: i8,
    #[kafka(versions = "1+", nullable = "1+", default = null, ignorable)]
    pub assignor_name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct Topology {
    pub epoch: i32,
    #[kafka(nullable = "0+", default = null)]
    pub subtopologies: Option<Vec<Subtopology>>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct Subtopology {
    pub subtopology_id: String,
    pub source_topics: Vec<String>,
    pub repartition_sink_topics: Vec<String>,
    pub state_changelog_topics: Vec<TopicInfo>,
    pub repartition_source_topics: Vec<TopicInfo>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TopicInfo {
    pub name: String,
    pub partitions: i32,
    pub replication_factor: i16,
    pub topic_configs: Vec<KeyValue>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct KeyValue {
    pub key: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct Member {
    pub member_id: String,
    pub member_epoch: i32,
    #[kafka(nullable = "0+", default = null)]
    pub instance_id: Option<String>,
    #[kafka(nullable = "0+", default = null)]
    pub rack_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub topology_epoch: i32,
    pub process_id: String,
    #[kafka(nullable = "0+", default = null)]
    pub user_endpoint: Option<Endpoint>,
    pub client_tags: Vec<KeyValue>,
    pub task_offsets: Vec<TaskOffset>,
    pub task_end_offsets: Vec<TaskOffset>,
    pub assignment: Assignment,
    pub target_assignment: Assignment,
    pub is_classic: bool,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TaskOffset {
    pub subtopology_id: String,
    pub partition: i32,
    pub offset: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct Assignment {
    pub active_tasks: Vec<TaskIds>,
    pub standby_tasks: Vec<TaskIds>,
    pub warmup_tasks: Vec<TaskIds>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TaskIds {
    pub subtopology_id: String,
    pub partitions: Vec<i32>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TopologyDescription {
    #[kafka(versions = "1+")]
    pub subtopologies: Vec<TopologyDescriptionSubtopology>,
    #[kafka(versions = "1+")]
    pub global_stores: Vec<TopologyDescriptionGlobalStore>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TopologyDescriptionSubtopology {
    #[kafka(versions = "1+")]
    pub subtopology_id: String,
    #[kafka(versions = "1+")]
    pub nodes: Vec<TopologyDescriptionNode>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TopologyDescriptionNode {
    #[kafka(versions = "1+")]
    pub name: String,
    #[kafka(versions = "1+")]
    pub node_type: i8,
    #[kafka(versions = "1+")]
    pub source_topics: Vec<String>,
    #[kafka(versions = "1+", nullable = "1+", default = null)]
    pub sink_topic: Option<String>,
    #[kafka(versions = "1+")]
    pub stores: Vec<String>,
    #[kafka(versions = "1+")]
    pub successors: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct TopologyDescriptionGlobalStore {
    #[kafka(versions = "1+")]
    pub source: TopologyDescriptionNode,
    #[kafka(versions = "1+")]
    pub processor: TopologyDescriptionNode,
}
