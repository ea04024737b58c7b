//! RemoveRaftVoter (key 81): takes a voter out of the quorum.

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 81, versions = "0", flexible = "0+", listeners = "controller, broker")]
pub struct RemoveRaftVoterRequest {
    #[kafka(nullable = "0+")]
    pub cluster_id: Option<String>,
    pub voter_id: i32,
    pub voter_directory_id: Uuid,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 81, versions = "0", flexible = "0+")]
pub struct RemoveRaftVoterResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(nullable = "0+", ignorable)]
    pub error_message: Option<String>,
}
