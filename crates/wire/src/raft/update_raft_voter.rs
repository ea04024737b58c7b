//! UpdateRaftVoter (key 82): a voter reports new endpoints or versions to the leader.

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 82, versions = "0", flexible = "0+", listeners = "controller")]
pub struct UpdateRaftVoterRequest {
    #[kafka(nullable = "0+")]
    pub cluster_id: Option<String>,
    pub current_leader_epoch: i32,
    pub voter_id: i32,
    pub voter_directory_id: Uuid,
    pub listeners: Vec<Listener>,
    pub k_raft_version_feature: KRaftVersionFeature,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct Listener {
    #[kafka(key)]
    pub name: String,
    pub host: String,
    pub port: u16,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct KRaftVersionFeature {
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 82, versions = "0", flexible = "0+")]
pub struct UpdateRaftVoterResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(tag = 0, tagged = "0+")]
    pub current_leader: CurrentLeader,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct CurrentLeader {
    #[kafka(default = -1)]
    pub leader_id: i32,
    #[kafka(default = -1)]
    pub leader_epoch: i32,
    pub host: String,
    pub port: i32,
}
