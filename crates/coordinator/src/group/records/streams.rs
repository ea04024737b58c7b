//! Streams groups (KIP-1071): epoch, members, assigned tasks, and the topology.

pub use streams_group_current_member_assignment::{
    StreamsGroupCurrentMemberAssignmentKey, StreamsGroupCurrentMemberAssignmentValue,
};
pub use streams_group_member_metadata::{StreamsGroupMemberMetadataKey, StreamsGroupMemberMetadataValue};
pub use streams_group_metadata::{StreamsGroupMetadataKey, StreamsGroupMetadataValue};
pub use streams_group_target_assignment_member::{
    StreamsGroupTargetAssignmentMemberKey, StreamsGroupTargetAssignmentMemberValue,
};
pub use streams_group_target_assignment_metadata::{
    StreamsGroupTargetAssignmentMetadataKey, StreamsGroupTargetAssignmentMetadataValue,
};
pub use streams_group_topology::{StreamsGroupTopologyKey, StreamsGroupTopologyValue};

pub mod streams_group_metadata {
    //! The group itself: epoch and what it has validated.

    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_key = 17, versions = "0", flexible = "none")]
    pub struct StreamsGroupMetadataKey {
        #[kafka(versions = "0")]
        pub group_id: String,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_value = 17, versions = "0", flexible = "0+")]
    pub struct StreamsGroupMetadataValue {
        pub epoch: i32,
        pub metadata_hash: i64,
        #[kafka(default = -1, tag = 0, tagged = "0+")]
        pub validated_topology_epoch: i32,
        #[kafka(nullable = "0+", tag = 1, tagged = "0+")]
        pub last_assignment_configs: Option<Vec<LastAssignmentConfig>>,
        #[kafka(default = -1, tag = 2, tagged = "0+")]
        pub stored_description_topology_epoch: i32,
        #[kafka(default = -1, tag = 3, tagged = "0+")]
        pub failed_description_topology_epoch: i32,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct LastAssignmentConfig {
        pub key: String,
        pub value: String,
    }
}

pub mod streams_group_member_metadata {
    //! A member: its process, endpoint, tags and topology epoch.

    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_key = 19, versions = "0", flexible = "none")]
    pub struct StreamsGroupMemberMetadataKey {
        #[kafka(versions = "0")]
        pub group_id: String,
        #[kafka(versions = "0")]
        pub member_id: String,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_value = 19, versions = "0", flexible = "0+")]
    pub struct StreamsGroupMemberMetadataValue {
        #[kafka(nullable = "0+")]
        pub instance_id: Option<String>,
        #[kafka(nullable = "0+")]
        pub rack_id: Option<String>,
        pub client_id: String,
        pub client_host: String,
        #[kafka(default = -1)]
        pub rebalance_timeout_ms: i32,
        pub topology_epoch: i32,
        pub process_id: String,
        #[kafka(nullable = "0+", default = null)]
        pub user_endpoint: Option<Endpoint>,
        pub client_tags: Vec<KeyValue>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct Endpoint {
        pub host: String,
        pub port: u16,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct KeyValue {
        pub key: String,
        pub value: String,
    }
}

pub mod streams_group_target_assignment_metadata {
    //! The epoch of the target assignment.

    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_key = 20, versions = "0", flexible = "none")]
    pub struct StreamsGroupTargetAssignmentMetadataKey {
        #[kafka(versions = "0")]
        pub group_id: String,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_value = 20, versions = "0", flexible = "0+")]
    pub struct StreamsGroupTargetAssignmentMetadataValue {
        pub assignment_epoch: i32,
        #[kafka(tag = 0, tagged = "0+", ignorable)]
        pub assignment_timestamp: i64,
    }
}

pub mod streams_group_target_assignment_member {
    //! The tasks that a member shall have.

    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_key = 21, versions = "0", flexible = "none")]
    pub struct StreamsGroupTargetAssignmentMemberKey {
        #[kafka(versions = "0")]
        pub group_id: String,
        #[kafka(versions = "0")]
        pub member_id: String,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_value = 21, versions = "0", flexible = "0+")]
    pub struct StreamsGroupTargetAssignmentMemberValue {
        pub active_tasks: Vec<TaskIds>,
        pub standby_tasks: Vec<TaskIds>,
        pub warmup_tasks: Vec<TaskIds>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TaskIds {
        pub subtopology_id: String,
        pub partitions: Vec<i32>,
    }
}

pub mod streams_group_current_member_assignment {
    //! The tasks that a member has, and those it gives back.

    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_key = 22, versions = "0", flexible = "none")]
    pub struct StreamsGroupCurrentMemberAssignmentKey {
        #[kafka(versions = "0")]
        pub group_id: String,
        #[kafka(versions = "0")]
        pub member_id: String,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_value = 22, versions = "0", flexible = "0+")]
    pub struct StreamsGroupCurrentMemberAssignmentValue {
        pub member_epoch: i32,
        pub previous_member_epoch: i32,
        pub state: i8,
        pub active_tasks: Vec<TaskIds>,
        pub standby_tasks: Vec<TaskIds>,
        pub warmup_tasks: Vec<TaskIds>,
        pub active_tasks_pending_revocation: Vec<TaskIds>,
        pub standby_tasks_pending_revocation: Vec<TaskIds>,
        pub warmup_tasks_pending_revocation: Vec<TaskIds>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TaskIds {
        pub subtopology_id: String,
        pub partitions: Vec<i32>,
        #[kafka(nullable = "0+", tag = 0, tagged = "0+")]
        pub assignment_epochs: Option<Vec<i32>>,
    }
}

pub mod streams_group_topology {
    //! The subtopologies with their source, sink and internal topics.

    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_key = 23, versions = "0", flexible = "none")]
    pub struct StreamsGroupTopologyKey {
        #[kafka(versions = "0")]
        pub group_id: String,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(coordinator_value = 23, versions = "0", flexible = "0+")]
    pub struct StreamsGroupTopologyValue {
        pub epoch: i32,
        pub subtopologies: Vec<Subtopology>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct Subtopology {
        pub subtopology_id: String,
        pub source_topics: Vec<String>,
        pub source_topic_regex: Vec<String>,
        pub state_changelog_topics: Vec<TopicInfo>,
        pub repartition_sink_topics: Vec<String>,
        pub repartition_source_topics: Vec<TopicInfo>,
        pub copartition_groups: Vec<CopartitionGroup>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicInfo {
        pub name: String,
        pub partitions: i32,
        pub replication_factor: i16,
        pub topic_configs: Vec<TopicConfig>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicConfig {
        #[kafka(name = "key")]
        pub key: String,
        #[kafka(name = "value")]
        pub value: String,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct CopartitionGroup {
        pub source_topics: Vec<i16>,
        pub source_topic_regex: Vec<i16>,
        pub repartition_source_topics: Vec<i16>,
    }
}
