//! What classic consumers put into their group's opaque bytes: subscriptions of members, assignments of
//! the leader.
//!
//! Both begin with their version as 16 bits, outside of the message.

pub use consumer_protocol_assignment::ConsumerProtocolAssignment;
pub use consumer_protocol_subscription::ConsumerProtocolSubscription;

pub mod consumer_protocol_subscription {
    //! What a member reads and owns.

    use bytes::Bytes;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(data, versions = "0-3", flexible = "none")]
    pub struct ConsumerProtocolSubscription {
        pub topics: Vec<String>,
        #[kafka(nullable = "0+", default = null)]
        pub user_data: Option<Bytes>,
        #[kafka(versions = "1+", ignorable)]
        pub owned_partitions: Vec<TopicPartition>,
        #[kafka(versions = "2+", default = -1, ignorable)]
        pub generation_id: i32,
        #[kafka(versions = "3+", nullable = "3+", default = null, ignorable)]
        pub rack_id: Option<String>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicPartition {
        #[kafka(versions = "1+", key)]
        pub topic: String,
        #[kafka(versions = "1+")]
        pub partitions: Vec<i32>,
    }
}

pub mod consumer_protocol_assignment {
    //! What a member shall read.

    use bytes::Bytes;
    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(data, versions = "0-3", flexible = "none")]
    pub struct ConsumerProtocolAssignment {
        pub assigned_partitions: Vec<TopicPartition>,
        #[kafka(nullable = "0+", default = null)]
        pub user_data: Option<Bytes>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct TopicPartition {
        #[kafka(key)]
        pub topic: String,
        pub partitions: Vec<i32>,
    }
}
