//! AddRaftVoter (key 80): makes a controller a voter.

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 80, versions = "0-1", flexible = "0+", listeners = "controller, broker")]
pub struct AddRaftVoterRequest {
    #[kafka(nullable = "0+")]
    pub cluster_id: Option<String>,
    pub timeout_ms: i32,
    pub voter_id: i32,
    pub voter_directory_id: Uuid,
    pub listeners: Vec<Listener>,
    #[kafka(versions = "1+", default = true)]
    pub ack_when_committed: bool,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct Listener {
    #[kafka(key)]
    pub name: String,
    pub host: String,
    pub port: u16,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 80, versions = "0-1", flexible = "0+")]
pub struct AddRaftVoterResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(nullable = "0+", ignorable)]
    pub error_message: Option<String>,
}
