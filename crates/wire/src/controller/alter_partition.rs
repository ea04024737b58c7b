//! AlterPartition (key 56): a partition leader asks for another in-sync set (KIP-497).

pub use request::AlterPartitionRequest;
pub use response::AlterPartitionResponse;

pub mod request {
    //! The request.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(request = 56, versions = "2-3", flexible = "0+", listeners = "controller")]
    pub struct AlterPartitionRequest {
        pub broker_id: i32,
        #[kafka(default = -1)]
        pub broker_epoch: i64,
        pub topics: Vec<TopicData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicData {
        #[kafka(versions = "2+", ignorable)]
        pub topic_id: Uuid,
        pub partitions: Vec<PartitionData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct PartitionData {
        pub partition_index: i32,
        pub leader_epoch: i32,
        #[kafka(versions = "0-2")]
        pub new_isr: Vec<i32>,
        #[kafka(versions = "3+")]
        pub new_isr_with_epochs: Vec<BrokerState>,
        /// 0 recovered, 1 recovering from an unclean election.
        #[kafka(versions = "1+")]
        pub leader_recovery_state: i8,
        pub partition_epoch: i32,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct BrokerState {
        #[kafka(versions = "3+")]
        pub broker_id: i32,
        #[kafka(versions = "3+", default = -1)]
        pub broker_epoch: i64,
    }
}

pub mod response {
    //! The response.

    use klamm_base::Uuid;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(response = 56, versions = "2-3", flexible = "0+")]
    pub struct AlterPartitionResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub topics: Vec<TopicData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicData {
        #[kafka(versions = "2+", ignorable)]
        pub topic_id: Uuid,
        pub partitions: Vec<PartitionData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct PartitionData {
        pub partition_index: i32,
        pub error_code: i16,
        pub leader_id: i32,
        pub leader_epoch: i32,
        pub isr: Vec<i32>,
        #[kafka(versions = "1+", ignorable)]
        pub leader_recovery_state: i8,
        pub partition_epoch: i32,
    }
}
