//! The control record that opens a leader's epoch, with the voters and those who voted for it.

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(data, versions = "0-1", flexible = "0+")]
pub struct LeaderChangeMessage {
    pub version: i16,
    pub leader_id: i32,
    pub voters: Vec<Voter>,
    pub granting_voters: Vec<Voter>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct Voter {
    pub voter_id: i32,
    #[kafka(versions = "1+")]
    pub voter_directory_id: Uuid,
}
