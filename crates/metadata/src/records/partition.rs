//! Partitions: all of one, what changed of one, and the end of eligible leader replicas of a topic.
//!
//! v1 has directories (KIP-858), v2 eligible leader replicas (KIP-966).

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 3, versions = "0-2", flexible = "0+")]
pub struct PartitionRecord {
    #[kafka(default = -1)]
    pub partition_id: i32,
    pub topic_id: Uuid,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    pub removing_replicas: Vec<i32>,
    pub adding_replicas: Vec<i32>,
    /// -1 when there is none.
    #[kafka(default = -1)]
    pub leader: i32,
    /// 0 recovered, 1 recovering from an unclean election.
    #[kafka(tag = 0, tagged = "0+")]
    pub leader_recovery_state: i8,
    #[kafka(default = -1)]
    pub leader_epoch: i32,
    #[kafka(default = -1)]
    pub partition_epoch: i32,
    #[kafka(versions = "1+")]
    pub directories: Vec<Uuid>,
    #[kafka(nullable = "2+", default = null, tag = 1, tagged = "2+")]
    pub eligible_leader_replicas: Option<Vec<i32>>,
    #[kafka(nullable = "2+", default = null, tag = 2, tagged = "2+")]
    pub last_known_elr: Option<Vec<i32>>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 5, versions = "0-2", flexible = "0+")]
pub struct PartitionChangeRecord {
    #[kafka(default = -1)]
    pub partition_id: i32,
    pub topic_id: Uuid,
    #[kafka(nullable = "0+", default = null, tag = 0, tagged = "0+")]
    pub isr: Option<Vec<i32>>,
    /// -1 when there is none, -2 when it stays.
    #[kafka(default = -2, tag = 1, tagged = "0+")]
    pub leader: i32,
    #[kafka(nullable = "0+", default = null, tag = 2, tagged = "0+")]
    pub replicas: Option<Vec<i32>>,
    #[kafka(nullable = "0+", default = null, tag = 3, tagged = "0+")]
    pub removing_replicas: Option<Vec<i32>>,
    #[kafka(nullable = "0+", default = null, tag = 4, tagged = "0+")]
    pub adding_replicas: Option<Vec<i32>>,
    /// 0 recovered, 1 recovering from an unclean election, -1 when it stays.
    #[kafka(default = -1, tag = 5, tagged = "0+")]
    pub leader_recovery_state: i8,
    #[kafka(nullable = "1+", default = null, tag = 8, tagged = "1+")]
    pub directories: Option<Vec<Uuid>>,
    #[kafka(nullable = "2+", default = null, tag = 6, tagged = "2+")]
    pub eligible_leader_replicas: Option<Vec<i32>>,
    #[kafka(nullable = "2+", default = null, tag = 7, tagged = "2+")]
    pub last_known_elr: Option<Vec<i32>>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 28, versions = "0", flexible = "0+")]
pub struct ClearElrRecord {
    pub topic_name: String,
}
