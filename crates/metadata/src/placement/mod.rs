//! Which brokers get the replicas of new partitions. Kafka: `ReplicaPlacer`, `StripedReplicaPlacer`.

mod broker_list;
mod striped;

use std::fmt;

pub use striped::place;

/// A broker that may take replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsableBroker {
    pub id: i32,
    pub rack: Option<String>,
    pub fenced: bool,
}

/// How many partitions with how many replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacementSpec {
    pub num_partitions: i32,
    pub replication_factor: i16,
}

/// Why the replicas cannot be placed: INVALID_REPLICATION_FACTOR for the client, with this text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacementFault {
    NotPositive { replication_factor: i16 },
    AllFenced,
    TooFewBrokers { replication_factor: i16, brokers: usize },
}

impl fmt::Display for PlacementFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlacementFault::NotPositive { replication_factor } => write!(
                f,
                "Invalid replication factor {replication_factor}: the replication factor must be positive."
            ),
            PlacementFault::AllFenced => {
                f.write_str("All brokers are currently fenced, or have all their log directories cordoned.")
            }
            PlacementFault::TooFewBrokers { replication_factor, brokers } => write!(
                f,
                "The target replication factor of {replication_factor} cannot be reached because only {brokers} broker(s) are registered or some brokers have all their log directories cordoned."
            ),
        }
    }
}
