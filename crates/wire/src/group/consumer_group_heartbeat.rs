//! ConsumerGroupHeartbeat (key 68): the one call of the new consumer protocol: joining, living, owning,
//! leaving (KIP-848).

pub use request::ConsumerGroupHeartbeatRequest;
pub use response::ConsumerGroupHeartbeatResponse;

pub mod request {
    //! The request.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(request = 68, versions = "0-1", flexible = "0+", listeners = "broker")]
    pub struct ConsumerGroupHeartbeatRequest {
        pub group_id: String,
        pub member_id: String,
        /// 0 joins, -1 leaves, -2 leaves and lets a static member return.
        pub member_epoch: i32,
        #[kafka(nullable = "0+", default = null)]
        pub instance_id: Option<String>,
        #[kafka(nullable = "0+", default = null)]
        pub rack_id: Option<String>,
        #[kafka(default = -1)]
        pub rebalance_timeout_ms: i32,
        #[kafka(nullable = "0+", default = null)]
        pub subscribed_topic_names: Option<Vec<String>>,
        #[kafka(versions = "1+", nullable = "1+", default = null)]
        pub subscribed_topic_regex: Option<String>,
        #[kafka(nullable = "0+", default = null)]
        pub server_assignor: Option<String>,
        #[kafka(nullable = "0+", default = null)]
        pub topic_partitions: Option<Vec<TopicPartitions>>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicPartitions {
        pub topic_id: Uuid,
        pub partitions: Vec<i32>,
    }
}

pub mod response {
    //! The response.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(response = 68, versions = "0-1", flexible = "0+")]
    pub struct ConsumerGroupHeartbeatResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        #[kafka(nullable = "0+", default = null)]
        pub error_message: Option<String>,
        #[kafka(nullable = "0+", default = null)]
        pub member_id: Option<String>,
        pub member_epoch: i32,
        pub heartbeat_interval_ms: i32,
        #[kafka(nullable = "0+", default = null)]
        pub assignment: Option<Assignment>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct Assignment {
        pub topic_partitions: Vec<TopicPartitions>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicPartitions {
        pub topic_id: Uuid,
        pub partitions: Vec<i32>,
    }
}
