//! A classic group with its generation and members, in one record of `__consumer_offsets`.

use bytes::Bytes;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_key = 2, versions = "0", flexible = "none")]
pub struct GroupMetadataKey {
    #[kafka(name = "group", versions = "0")]
    pub group: String,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(coordinator_value = 2, versions = "0-4", flexible = "4+")]
pub struct GroupMetadataValue {
    #[kafka(name = "protocolType")]
    pub protocol_type: String,
    #[kafka(name = "generation")]
    pub generation: i32,
    #[kafka(name = "protocol", nullable = "0+")]
    pub protocol: Option<String>,
    #[kafka(name = "leader", nullable = "0+")]
    pub leader: Option<String>,
    #[kafka(name = "currentStateTimestamp", versions = "2+", default = -1, ignorable)]
    pub current_state_timestamp: i64,
    #[kafka(name = "members")]
    pub members: Vec<MemberMetadata>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct MemberMetadata {
    #[kafka(name = "memberId")]
    pub member_id: String,
    #[kafka(name = "groupInstanceId", versions = "3+", nullable = "3+", default = null, ignorable)]
    pub group_instance_id: Option<String>,
    #[kafka(name = "clientId")]
    pub client_id: String,
    #[kafka(name = "clientHost")]
    pub client_host: String,
    #[kafka(name = "rebalanceTimeout", versions = "1+", default = -1, ignorable)]
    pub rebalance_timeout: i32,
    #[kafka(name = "sessionTimeout")]
    pub session_timeout: i32,
    #[kafka(name = "subscription")]
    pub subscription: Bytes,
    #[kafka(name = "assignment")]
    pub assignment: Bytes,
}
