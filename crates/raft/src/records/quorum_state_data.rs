//! The voter's memory across restarts: epoch, vote, leader. Kept as JSON in the file `quorum-state`; v1
//! has directory ids (KIP-853).

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(data, versions = "0-1", flexible = "0+")]
pub struct QuorumStateData {
    #[kafka(versions = "0")]
    pub cluster_id: String,
    #[kafka(default = -1)]
    pub leader_id: i32,
    #[kafka(default = -1)]
    pub leader_epoch: i32,
    #[kafka(default = -1)]
    pub voted_id: i32,
    #[kafka(versions = "1+")]
    pub voted_directory_id: Uuid,
    #[kafka(versions = "0")]
    pub applied_offset: i64,
    #[kafka(versions = "0", nullable = "0")]
    pub current_voters: Option<Vec<Voter>>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct Voter {
    #[kafka(versions = "0")]
    pub voter_id: i32,
}
